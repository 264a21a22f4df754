/*
 * sensor-self.c - what the host knows of itself, without asking anybody.
 */
#include "sensor-inside.h"

void
sensor_self(event_sink sink, void *arg)
{
	struct event ev;

	event_init(&ev, EV_self);
	sink(arg, &ev);
}
