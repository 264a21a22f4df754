/*
 * krb5conf-text.h - a krb5.conf and what it includes, as one text.
 */
#ifndef ANALYZER_KRB5CONF_TEXT_H
#define ANALYZER_KRB5CONF_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct conf_line {
	size_t end; /* of the line, in the text */
	unsigned short file;
	unsigned line; /* in that file, from 1 */
};

#define CONF_FILES 64 /* with all that is included */

struct conf_text {
	char *text;
	size_t len;
	struct conf_line *lines;
	size_t nlines, room;
	char *files[CONF_FILES];
	size_t nfiles;
	size_t read;   /* octets of all files */
	bool partial;  /* something included is missing */
	unsigned told; /* lines on stderr */
};

/*
 * Gathers PATH and what it includes.  False when PATH itself cannot be read
 * or is no text; a line on stderr said so.  What it includes and is not here
 * is told alike, and left out.  OUT is to be freed in any case.
 */
bool conf_text_read(const char *path, struct conf_text *out);
void conf_text_free(struct conf_text *t);

#endif
