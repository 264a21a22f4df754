/*
 * watch.c - see watch.h.
 */
#include "watch.h"
