/*
 * sensor.c - the analyzer's side: messages of the grabbers to frames, in
 * order.
 */
#include "sensor.h"
