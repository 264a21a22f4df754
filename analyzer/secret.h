/*
 * secret.h - a password, from a file, a descriptor or the terminal; never
 * from the command line, which ps(1) shows to everybody.
 */
#ifndef ANALYZER_SECRET_H
#define ANALYZER_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_MAX 1024 /* Windows takes 256 characters */

struct secret {
	size_t len;
	char text[SECRET_MAX + 1]; /* ended by NUL */
};

/*
 * Reads the password of WHAT (as people call it) into OUT, without the end
 * of its line: the first line of FILE, the next line of descriptor N for
 * "fd:N", or, FILE being NULL, from the terminal, without echo.  False when
 * there is none; a line on stderr said so.  Wipe it in any case.
 */
bool secret_read(const char *what, const char *file, struct secret *out);
void secret_wipe(struct secret *s);

/*
 * From now on this process leaves no core file and lets no other of its user
 * look into it: for those who hold keys.  secret_read() calls it.
 */
void secret_guard(void);

#endif
