/*
 * confine.c - see sensor.h.
 */
#include "sensor.h"
