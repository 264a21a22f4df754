/*
 * metrics.c - see metrics.h.
 */
#include "metrics.h"
