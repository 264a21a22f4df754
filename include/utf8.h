/*
 * utf8.h - the one decoder of UTF-8 (RFC 3629) for text from anywhere.
 */
#ifndef KERBSCOPE_UTF8_H
#define KERBSCOPE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Length of the UTF-8 character at P with LEN octets left, its number in
 * CODE; 0 when there is none (overlong forms and surrogates are none).
 */
size_t utf8_char(const char *p, size_t len, uint32_t *code);

#endif
