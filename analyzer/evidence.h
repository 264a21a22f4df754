/*
 * evidence.h - the packets of log-ons that fail, kept as pcapng.
 *
 * The latest frames are remembered, EVIDENCE_MAX_RING octets of them
 * (bounds.h); when a view shows that a log-on has failed, its frames are
 * written: those of the conversations of its client with the addresses and
 * ports that it used, from its start to its end, the deciding ones of each
 * finding with a comment.  That is done when it has ended; a finding that
 * comes later adds the frames that it cites.
 */
#ifndef ANALYZER_EVIDENCE_H
#define ANALYZER_EVIDENCE_H

#include "dissect.h"
#include "presenter.h"

struct evidence_ring;

/*
 * DIR is a folder, made if its last part is missing; SIZE what all that is
 * kept there may take, octets: of files of its own name (kerbscope-*.pcapng)
 * the oldest goes first, those of earlier runs too.  NULL after one line on
 * stderr.
 */
struct evidence_ring *evidence_new(const char *dir, uint64_t size);

/*
 * Before confine(USER): a folder that was made just now becomes theirs.
 */
void evidence_give(struct evidence_ring *r, const char *user);

/* After it: false after one line on stderr when nothing can be written. */
bool evidence_ready(const struct evidence_ring *r);

/* A frame has come; copied, see ring.h for what is kept of bulk. */
void evidence_frame(struct evidence_ring *r, const struct frame *f);

/* Interface CAPTURE is called NAME; before its first frame.  Copied. */
void evidence_interface(struct evidence_ring *r, int capture, const char *name);

/*
 * Writes what R shows for the first time.  A disk that is full is said once
 * on stderr, and again when it is not any more; nothing else stops.
 */
void evidence_view(struct evidence_ring *r, const struct result *result);

/* Log-ons that failed whose packets, or some of them, were not written. */
uint64_t evidence_lost(const struct evidence_ring *r);

/* Says how many were lost, if any. */
void evidence_free(struct evidence_ring *r);

#endif
