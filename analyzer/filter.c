/*
 * filter.c - see filter.h.
 */
#include "filter.h"
