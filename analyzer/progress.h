/*
 * progress.h - one line on a terminal's stderr for work that takes long.
 */
#ifndef ANALYZER_PROGRESS_H
#define ANALYZER_PROGRESS_H

#include <stdint.h>

/* Work begins; nothing is ever shown unless stderr is a terminal. */
void progress_start(void);

/*
 * DONE of TOTAL octets (0: unknown) have been read, PACKETS in all.  Looks
 * at the clock: not for every packet.
 */
void progress_update(uint64_t done, uint64_t total, uint64_t packets);

/* Takes the line away, so that something else can be written. */
void progress_clear(void);

#endif
