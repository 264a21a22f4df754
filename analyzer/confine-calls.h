/*
 * confine-calls.h - the system calls that are left.
 */
#ifndef ANALYZER_CONFINE_CALLS_H
#define ANALYZER_CONFINE_CALLS_H

#include <stdbool.h>

/* What a process may call, bits: the CONFINE_* of sensor.h and these. */
enum {
	CALLS_ANALYZER = 256, /* memory, time, reading what is open */
	CALLS_GRABBER = 512   /* an open interface, a socket */
};

/*
 * From here on any other system call ends the process.  False with errno
 * set; true as well when the program was built without libseccomp.
 */
bool calls_limit(unsigned able);

#endif
