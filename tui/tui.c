/*
 * tui.c - the terminal taken, fed and given back.
 */
#include "tui.h"
