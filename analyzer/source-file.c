/*
 * source-file.c - frames from pcap and pcapng files, and events from files
 * of events.
 *
 * libpcap reads both capture formats: pcap and pcapng, IETF drafts
 * draft-ietf-opsawg-pcap and -pcapng.  It limits what it allocates for a
 * record (a quarter of a megabyte for nearly every link type, 16 MB for a
 * pcapng block), and cannot read a pcapng file whose interfaces have
 * different link types: such a file counts as damaged at that place.
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "dissect.h"
#include "event-json.h"
#include "source-record.h"
#include "source-stream.h"
#include "source.h"
#include "table.h"

#define LINKTYPE_RAW 101

struct source {
	struct source_desc desc;
	/* frames, events, or nothing but why */
	enum source_kind (*next)(struct source *s, struct frame *frame,
	    struct event *ev, char error[SOURCE_ERROR]);
	char format[32];
	int capture;
	struct stream *stream;
	pcap_t *pcap;
	struct records *records; /* NULL: libpcap reads them */
	int link;
	uint64_t frames;
	FILE *lines; /* of an event file */
	struct event_reader *reader;
	char *line;
	size_t line_size;
};

/* Files that carry capture names and are none. */
static const struct stranger {
	const char *magic;
	size_t at, len;
	const char *what;
} strangers[] = {
	{ "GMBU", 0, 4,
	    "is a Network Monitor capture; convert it with: "
	    "editcap -F pcapng OLD.cap NEW.pcapng" },
	{ "RTSS", 0, 4,
	    "is a Network Monitor 1 capture; convert it with: "
	    "editcap -F pcapng OLD.cap NEW.pcapng" },
	{ "XCP", 0, 4,
	    "is a Sniffer (NetXRay) capture; convert it with: "
	    "editcap -F pcapng OLD.cap NEW.pcapng" },
	{ "TRSNIFF data    \x1a", 0, 17,
	    "is a Sniffer (DOS) capture; convert it with: "
	    "editcap -F pcapng OLD.enc NEW.pcapng" },
	{ "snoop\0\0", 0, 8,
	    "is a snoop capture; convert it with: "
	    "editcap -F pcapng OLD.snoop NEW.pcapng" },
	/* TRACE_LOGFILE_HEADER after the buffer's: pktmon, netsh trace. */
	{ "\x02\0\x01\xc0", 0x48, 4,
	    "is an ETL trace; convert it with: pktmon etl2pcap OLD.etl, "
	    "or etl2pcapng OLD.etl NEW.pcapng" },
	{ "\x02\0\x02\xc0", 0x48, 4,
	    "is an ETL trace; convert it with: pktmon etl2pcap OLD.etl, "
	    "or etl2pcapng OLD.etl NEW.pcapng" },
	{ "PK\x03\x04", 0, 4, "is a ZIP archive; unpack it first" },
	{ NULL, 0, 0, NULL },
};

/* Why what begins with HEAD is no capture; REASON is libpcap's. */
static const char *
not_a_capture(const uint8_t *head, size_t len, const char *reason,
    char error[SOURCE_ERROR])
{
	const struct stranger *s;

	for (s = strangers; s->magic != NULL; s++)
		if (len >= s->at + s->len &&
		    memcmp(head + s->at, s->magic, s->len) == 0)
			return s->what;
	if (len == 0)
		return "is empty";
	if (strcmp(reason, "unknown file format") == 0)
		return "is not a capture (pcap, pcapng) nor an event file";
	snprintf(error, SOURCE_ERROR, "is not a capture: %.200s", reason);
	return error;
}

/* {"event": at the very start, with any space between. */
static bool
is_events(const uint8_t *head, size_t len)
{
	static const char want[] = "{\"event\":";
	size_t i, n = 0;

	for (i = 0; i < len && want[n] != '\0'; i++) {
		if (head[i] == (uint8_t)want[n])
			n++;
		else if (head[i] == '\0' || strchr(" \t\r\n", head[i]) == NULL)
			return false;
	}
	return want[n] == '\0';
}

/*
 * libpcap gives the DLT_ number of this system, which differs from the
 * LINKTYPE_ number of the file for raw IP, and files of old OpenBSD (14) and
 * Linux (12) have those in the file.
 */
static int
linktype(int dlt)
{
	return dlt == 12 || dlt == 14 ? LINKTYPE_RAW : dlt;
}

const char *
source_link_name(int link)
{
	return pcap_datalink_val_to_description(
	    link == LINKTYPE_RAW ? DLT_RAW : link);
}

static void
describe(struct source *s, const char *format)
{
	const char *how = stream_compression(s->stream);

	snprintf(s->format, sizeof(s->format), how == NULL ? "%s" : "%s (%s)",
	    format, how);
	s->desc.format = s->format;
	s->desc.size = stream_size(s->stream);
}

/* Bounded, so that no difference of two times overflows. */
static int64_t
packet_time(const struct pcap_pkthdr *h)
{
	int64_t t;

	if (h->ts.tv_sec < 0)
		return 0;
	if (h->ts.tv_sec >= EVENT_TIME_MAX / SECOND)
		return EVENT_TIME_MAX;
	t = (int64_t)h->ts.tv_sec * SECOND + h->ts.tv_usec;
	return t < 0 ? 0 : t > EVENT_TIME_MAX ? EVENT_TIME_MAX : t;
}

static enum source_kind
damaged(const struct source *s, const char *why, char error[SOURCE_ERROR])
{
	const char *inner = stream_error(s->stream);

	snprintf(error, SOURCE_ERROR, "%.240s", inner != NULL ? inner : why);
	return SOURCE_DAMAGED;
}

/* Of an input that was cut before its first octets came out. */
static enum source_kind
next_nothing(struct source *s, struct frame *frame, struct event *ev,
    char error[SOURCE_ERROR])
{
	(void)frame;
	(void)ev;
	return damaged(s, "nothing can be read", error);
}

static enum source_kind
take_frame(struct source *s, const struct pcap_pkthdr *h, const u_char *data,
    struct frame *frame)
{
	frame->capture = s->capture;
	frame->number = ++s->frames;
	frame->time = packet_time(h);
	frame->link = s->link;
	frame->caplen = h->caplen;
	frame->len = h->len < h->caplen ? h->caplen : h->len;
	frame->data = data;
	return SOURCE_FRAME;
}

static enum source_kind
next_frame(struct source *s, struct frame *frame, struct event *ev,
    char error[SOURCE_ERROR])
{
	struct pcap_pkthdr *h;
	const u_char *data;

	(void)ev;
	switch (pcap_next_ex(s->pcap, &h, &data)) {
	case 1:
		return take_frame(s, h, data, frame);
	case PCAP_ERROR_BREAK:
		return SOURCE_END;
	default:
		return damaged(s, pcap_geterr(s->pcap), error);
	}
}

/* The same, as long as that is easy. */
static enum source_kind
next_record(struct source *s, struct frame *frame, struct event *ev,
    char error[SOURCE_ERROR])
{
	struct pcap_pkthdr h;
	const u_char *data;

	if (records_next(s->records, &h, &data))
		return take_frame(s, &h, data, frame);
	records_close(s->records);
	s->records = NULL;
	s->next = next_frame;
	return next_frame(s, frame, ev, error);
}

static void
keep_octet(struct source *s, size_t n, int c)
{
	if (n >= EVENT_LINE_MAX)
		return;
	if (n == s->line_size) {
		s->line_size = n == 0 ? 4096 : n * 2;
		s->line = must_realloc(s->line, s->line_size, 1);
	}
	s->line[n] = (char)c;
}

/*
 * Length of the next line; of a longer one than EVENT_LINE_MAX only the
 * first octets are kept.  False at the end.
 */
static bool
next_line(struct source *s, size_t *len)
{
	int c;
	size_t n = 0;

	while ((c = getc_unlocked(s->lines)) != EOF && c != '\n')
		keep_octet(s, n++, c);
	*len = n;
	s->desc.line++;
	return c != EOF || n > 0;
}

static bool
is_blank(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
			return false;
	return true;
}

static enum source_kind
next_event(struct source *s, struct frame *frame, struct event *ev,
    char error[SOURCE_ERROR])
{
	size_t len;

	(void)frame;
	while (next_line(s, &len)) {
		if (len <= EVENT_LINE_MAX && is_blank(s->line, len))
			continue;
		if (!event_reader_line(s->reader, s->line, len, ev, error))
			return ferror(s->lines) ?
			    damaged(s, strerror(EIO), error) :
			    SOURCE_SKIPPED;
		if (ev->kind != EV_NONE)
			return SOURCE_EVENT;
	}
	if (ferror(s->lines))
		return damaged(s, strerror(EIO), error);
	return SOURCE_END;
}

/*
 * Microseconds whatever the file has: events carry no more, and libpcap
 * divides nanoseconds itself.
 */
static bool
open_pcap(struct source *s, char error[SOURCE_ERROR])
{
	static const uint8_t ng[] = { 0x0a, 0x0d, 0x0d, 0x0a };
	char reason[PCAP_ERRBUF_SIZE] = "";
	const uint8_t *head;
	const char *why;
	size_t len = stream_head(s->stream, &head);
	FILE *f = stream_file(s->stream);

	if (f == NULL) {
		snprintf(error, SOURCE_ERROR, "%s", strerror(errno));
		return false;
	}
	s->pcap = pcap_fopen_offline_with_tstamp_precision(f,
	    PCAP_TSTAMP_PRECISION_MICRO, reason);
	if (s->pcap != NULL) {
		s->records = records_open(s->pcap, head, len);
		s->next = s->records != NULL ? next_record : next_frame;
		s->link = linktype(pcap_datalink(s->pcap));
		describe(s,
		    len >= 4 && memcmp(head, ng, 4) == 0 ? "pcapng" : "pcap");
		return true;
	}
	fclose(f);
	/* Compressed data that was cut: perhaps a capture, see next_nothing. */
	if (len == 0 && stream_error(s->stream) != NULL) {
		s->next = next_nothing;
		describe(s, "unknown");
		return true;
	}
	why = not_a_capture(head, len, reason, error);
	if (why != error)
		snprintf(error, SOURCE_ERROR, "%s", why);
	return false;
}

static bool
source_begin(struct source *s, const char *path, char error[SOURCE_ERROR])
{
	const uint8_t *head;
	size_t len;

	s->stream = stream_open(path, error);
	if (s->stream == NULL)
		return false;
	len = stream_head(s->stream, &head);
	if (!is_events(head, len))
		return open_pcap(s, error);
	s->next = next_event;
	s->lines = stream_file(s->stream);
	s->reader = event_reader_new();
	describe(s, "events");
	return s->lines != NULL;
}

struct source *
source_open(const char *path, int capture, char error[SOURCE_ERROR])
{
	struct source *s = must_calloc(1, sizeof(*s));

	s->desc.path = path;
	s->capture = capture;
	if (source_begin(s, path, error))
		return s;
	source_close(s);
	return NULL;
}

enum source_kind
source_next(struct source *s, struct frame *frame, struct event *ev,
    char error[SOURCE_ERROR])
{
	return s->next(s, frame, ev, error);
}

const struct source_desc *
source_desc(struct source *s)
{
	s->desc.offset = s->records != NULL ? records_offset(s->records) :
					      stream_offset(s->stream);
	return &s->desc;
}

void
source_close(struct source *s)
{
	if (s == NULL)
		return;
	records_close(s->records);
	if (s->pcap != NULL)
		pcap_close(s->pcap);
	if (s->lines != NULL)
		fclose(s->lines);
	event_reader_free(s->reader);
	stream_close(s->stream);
	free(s->line);
	free(s);
}
