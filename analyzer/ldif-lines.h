/*
 * ldif-lines.h - the lines of an LDIF file, folded ones joined (RFC 2849).
 */
#ifndef ANALYZER_LDIF_LINES_H
#define ANALYZER_LDIF_LINES_H

#include "event.h"

struct ldif_lines;

/* NULL: it cannot be read; errno says why. */
struct ldif_lines *ldif_lines_open(const char *path);
/*
 * The next line, without its end; valid until the next call.  False at the
 * end.  TOO_LONG: its end was dropped.
 */
bool ldif_lines_next(struct ldif_lines *l, struct str *line, bool *too_long);
/* The number of that line: its first, when it was folded. */
size_t ldif_lines_number(const struct ldif_lines *l);
/* Octets were read; the last line had an end; reading failed (errno). */
bool ldif_lines_any(const struct ldif_lines *l);
bool ldif_lines_ended(const struct ldif_lines *l);
int ldif_lines_error(const struct ldif_lines *l);
void ldif_lines_close(struct ldif_lines *l);

#endif
