/*
 * pcapng.h - blocks of pcapng, made in memory: whoever writes them to a file
 * does so a whole number of blocks at a time.
 */
#ifndef ANALYZER_PCAPNG_H
#define ANALYZER_PCAPNG_H

#include "dissect.h"

/* Octets so far; empty to begin with: { 0 }.  pcapng_free() ends it. */
struct pcapng {
	uint8_t *octets;
	size_t len, size;
};

/*
 * A section begins; its interfaces are numbered from 0.  COMMENT may be NULL.
 * Comments and names are foreign text: they are escaped here, and cut where
 * the format would not hold them.
 */
void
pcapng_section(struct pcapng *p, const char *application, const char *comment);

/* The section's next interface: frames of LINK, times in microseconds. */
void pcapng_interface(struct pcapng *p, const char *name, int link,
    uint32_t snaplen);

/* A frame of INTERFACE of the section, with N comments. */
void pcapng_packet(struct pcapng *p, uint32_t interface, const struct frame *f,
    const char *const *comments, size_t n);

void pcapng_free(struct pcapng *p);

#endif
