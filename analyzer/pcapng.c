/*
 * pcapng.c - see pcapng.h.
 *
 * draft-ietf-opsawg-pcapng: 3.1 general block structure, 3.5 options, 4.1
 * section header, 4.2 interface description, 4.3 enhanced packet.  Written
 * with the least significant octet first on every machine, so that the same
 * frames make the same file.
 */
#include <stdlib.h>
#include <string.h>

#include "pcapng.h"
#include "table.h"
#include "text.h"

#define BLOCK_SECTION 0x0a0d0d0a
#define BLOCK_INTERFACE 1
#define BLOCK_PACKET 6
#define BYTE_ORDER_MAGIC 0x1a2b3c4d

#define OPT_END 0
#define OPT_COMMENT 1
#define OPT_APPLICATION 4 /* shb_userappl */
#define OPT_NAME 2        /* if_name */
#define OPT_RESOLUTION 9  /* if_tsresol */
#define MICROSECONDS 6    /* a power of ten */
#define OPTION_MOST 4096  /* octets of a text: more reads nobody */

static uint8_t *
more(struct pcapng *p, size_t n)
{
	uint8_t *at;

	if (n > p->size - p->len) {
		p->size = (p->len + n) * 2;
		p->octets = must_realloc(p->octets, p->size, 1);
	}
	at = p->octets + p->len;
	p->len += n;
	return at;
}

static void
store32(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> 8 * i);
}

static void
put16(struct pcapng *p, unsigned v)
{
	uint8_t *at = more(p, 2);

	at[0] = (uint8_t)v;
	at[1] = (uint8_t)(v >> 8);
}

static void
put32(struct pcapng *p, uint32_t v)
{
	store32(more(p, 4), v);
}

/* Octets, and zeros up to a multiple of four. */
static void
put_padded(struct pcapng *p, const void *octets, size_t n)
{
	size_t pad = -n & 3;
	uint8_t *at = more(p, n + pad);

	if (n > 0)
		memcpy(at, octets, n);
	memset(at + n, 0, pad);
}

/* Where the block begins, for block_end(). */
static size_t
block_begin(struct pcapng *p, uint32_t type)
{
	size_t start = p->len;

	put32(p, type);
	put32(p, 0);
	return start;
}

static void
block_end(struct pcapng *p, size_t start)
{
	uint32_t total = (uint32_t)(p->len - start) + 4;

	put32(p, total);
	store32(p->octets + start + 4, total);
}

static void
put_option(struct pcapng *p, unsigned code, const void *octets, size_t n)
{
	put16(p, code);
	put16(p, (unsigned)n);
	put_padded(p, octets, n);
}

static void
put_text(struct pcapng *p, unsigned code, const char *text)
{
	char *safe;
	size_t n;

	if (text == NULL)
		return;
	safe = text_escaped(text);
	n = strlen(safe);
	if (n > OPTION_MOST)
		for (n = OPTION_MOST; ((uint8_t)safe[n] & 0xc0) == 0x80; n--)
			continue;
	put_option(p, code, safe, n);
	free(safe);
}

void
pcapng_section(struct pcapng *p, const char *application, const char *comment)
{
	size_t start = block_begin(p, BLOCK_SECTION);

	put32(p, BYTE_ORDER_MAGIC);
	put16(p, 1); /* version 1.0 */
	put16(p, 0);
	put32(p, UINT32_MAX); /* length of the section: not known */
	put32(p, UINT32_MAX);
	put_text(p, OPT_COMMENT, comment);
	put_text(p, OPT_APPLICATION, application);
	put_option(p, OPT_END, NULL, 0);
	block_end(p, start);
}

void
pcapng_interface(struct pcapng *p, const char *name, int link, uint32_t snaplen)
{
	const uint8_t resolution = MICROSECONDS;
	size_t start = block_begin(p, BLOCK_INTERFACE);

	put16(p, (unsigned)link);
	put16(p, 0);
	put32(p, snaplen);
	put_text(p, OPT_NAME, name);
	put_option(p, OPT_RESOLUTION, &resolution, 1);
	put_option(p, OPT_END, NULL, 0);
	block_end(p, start);
}

void
pcapng_packet(struct pcapng *p, uint32_t interface, const struct frame *f,
    const char *const *comments, size_t n)
{
	uint64_t time = f->time > 0 ? (uint64_t)f->time : 0;
	size_t start = block_begin(p, BLOCK_PACKET);

	put32(p, interface);
	put32(p, (uint32_t)(time >> 32));
	put32(p, (uint32_t)time);
	put32(p, f->caplen);
	put32(p, f->len > f->caplen ? f->len : f->caplen);
	put_padded(p, f->data, f->caplen);
	for (size_t i = 0; i < n; i++)
		put_text(p, OPT_COMMENT, comments[i]);
	if (n > 0)
		put_option(p, OPT_END, NULL, 0);
	block_end(p, start);
}

void
pcapng_free(struct pcapng *p)
{
	free(p->octets);
	*p = (struct pcapng){ 0 };
}
