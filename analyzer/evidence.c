/*
 * evidence.c - see evidence.h.
 */
#include "evidence.h"
