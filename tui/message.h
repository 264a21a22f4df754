/*
 * message.h - one message of a log-on in words: its fields, and who cites it.
 */
#ifndef TUI_MESSAGE_H
#define TUI_MESSAGE_H

#include "view.h"

/*
 * Adds to P what is known of step STEP of kept story I of R: what it is, the
 * findings that cite it, the fields of the exchange, log-on, look-up or
 * connection that it belongs to.
 */
void
message_tell(struct sheet *p, const struct result *r, size_t i, size_t step);

/*
 * The finding that cites the step, causes first, as an index of R's causes;
 * false when none does.
 */
bool
message_cited(const struct result *r, size_t i, size_t step, size_t *finding);

#endif
