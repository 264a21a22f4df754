/*
 * seeds.c - cuts captures into seeds for the fuzz drivers.
 *
 * usage: seeds FOLDER CAPTURE...
 *
 * Writes FOLDER/frames (frames.c), FOLDER/sensor (sensor.c), FOLDER/CARRIER
 * (carrier.c, a flow a file), FOLDER/token and FOLDER/der (what looks like a
 * token in a message), one file after the other.  Not a fuzz driver itself:
 * it has a main().
 */
#include <pcap.h>
#include <string.h>
#include <sys/stat.h>

#include "flow.h"
#include "fuzz.h"
#include "krb.h"
#include "sensor-record.h"

#define SEED_MAX 16384
#define CARRIERS 32

#define CARRIER(id) #id,
static const char *const ids[] = {
#include "carriers.def"
	NULL
};
#undef CARRIER

static const char *folder;
static struct carrier wrapped[CARRIERS];
static const struct carrier *list[CARRIERS + 1];
static unsigned files;

/* What one flow has said so far. */
struct said {
	uint64_t flow;
	const char *id; /* of its carrier */
	size_t len;
	uint8_t text[SEED_MAX];
	struct said *next;
};

static struct said *all;

static FILE *
seed_open(const char *kind)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, kind);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/%05u", folder, kind, files++);
	if ((f = fopen(path, "w")) == NULL) {
		perror(path);
		exit(1);
	}
	return f;
}

static void
seed_token(const uint8_t *p, size_t n, int dir)
{
	FILE *f = seed_open("token");
	unsigned kind = p[0] == 0x60 ? 5 : p[0] == 'N' ? 1 : 0;

	if (n > SEED_MAX)
		n = SEED_MAX;
	fputc((int)(kind | (unsigned)dir << 7), f);
	fputc(0, f);
	fputc((int)(n >> 8), f);
	fputc((int)(n & 255), f);
	fwrite(p, 1, n, f);
	fclose(f);
}

static void
seed_der(const uint8_t *p, size_t n)
{
	static const int which[] = { 0, 1, 0, 1, 3, 4 };
	FILE *f = seed_open("der");

	fputc(p[0] == KRB_ERROR ? 2 : which[(p[0] - 0x6a) % 6], f);
	fputc(0, f);
	/* The shells get what is inside the application tag. */
	n = n > SEED_MAX ? SEED_MAX : n;
	fwrite(p + (p[1] & 0x80 ? 2 + (p[1] & 3) : 2), 1,
	    n - (p[1] & 0x80 ? 2 + (p[1] & 3) : 2), f);
	fclose(f);
}

static void
seed_tokens(const uint8_t *p, size_t n, int dir)
{
	for (size_t i = 0; i + 16 < n; i++) {
		if (memcmp(p + i, "NTLMSSP", 8) == 0 ||
		    (p[i] == 0x60 && p[i + 1] == 0x82 && p[i + 4] == 6) ||
		    (p[i] == 0xa1 && p[i + 1] == 0x82 && p[i + 4] == 0x30))
			seed_token(p + i, n - i, dir);
		if (((p[i] >= 0x6a && p[i] <= 0x6f) || p[i] == KRB_ERROR) &&
		    (p[i + 1] == 0x81 || p[i + 1] == 0x82) &&
		    p[i + 1 + (p[i + 1] & 3) + 1] == 0x30)
			seed_der(p + i, n - i);
	}
}

static struct said *
said_of(const struct flow *f, const char *id)
{
	struct said *s = all;

	while (s != NULL && (s->flow != f->id || s->id != id))
		s = s->next;
	if (s != NULL)
		return s;
	s = must_alloc(sizeof(*s));
	s->flow = f->id;
	s->id = id;
	s->text[s->len++] = f->transport == TRANSPORT_TCP;
	s->next = all;
	return all = s;
}

static void
wrapped_message(struct dissector *d, struct flow *f, int dir, struct reader r)
{
	const struct carrier *real = carriers[f->carrier - wrapped];
	struct reader copy = r;
	size_t n = rd_have(&copy);
	const uint8_t *p = rd_bytes(&copy, n);
	struct said *s = said_of(f, ids[f->carrier - wrapped]);

	if (p != NULL && n <= 65535 && s->len + n + 3 <= SEED_MAX) {
		s->text[s->len++] = (uint8_t)dir;
		s->text[s->len++] = (uint8_t)(n >> 8);
		s->text[s->len++] = (uint8_t)n;
		memcpy(s->text + s->len, p, n);
		s->len += n;
		seed_tokens(p, n, dir);
	}
	real->message(d, f, dir, r);
}

static void
nobody(void *arg, const struct event *ev)
{
	(void)arg;
	(void)ev;
}

static void
flush(void)
{
	struct said *s;
	FILE *f;

	while ((s = all) != NULL) {
		all = s->next;
		f = seed_open(s->id);
		fwrite(s->text, 1, s->len, f);
		fclose(f);
		free(s);
	}
}

/* The first frames of a capture as frames.c reads them. */
static void
frame_add(FILE *out, const struct frame *f, int64_t before, size_t *left)
{
	if (f->caplen + 4 > *left || f->caplen > 65535)
		return;
	fputc((int)(f->caplen >> 8), out);
	fputc((int)(f->caplen & 255), out);
	fputc(0, out);
	fputc(f->time - before > 100000 ? 10 : 1, out);
	fwrite(f->data, 1, f->caplen, out);
	*left -= f->caplen + 4;
}

/* A message of a grabber with one record, as sensor.c reads them. */
static void
message_add(FILE *out, const struct record *r, const uint8_t *octets)
{
	static struct batch b;

	b.used = 0;
	if (!record_put(&b, r, octets) || b.used / 8 > 255)
		return;
	fputc(0, out);
	fputc((int)(b.used / 8), out);
	fwrite(b.octets, 1, b.used, out);
}

static void
message_frame(FILE *out, const struct frame *f)
{
	struct record r = {
		.kind = f->number == 1 ? RECORD_OPEN : RECORD_FRAME,
		.caplen = f->number == 1 ? 0 : f->caplen,
		.len = f->len,
		.link = (uint32_t)f->link,
		.time = f->time * 1000,
	};

	if (ftell(out) < SEED_MAX / 2)
		message_add(out, &r, f->data);
}

static void
read_capture(const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_open_offline(path, error);
	struct dissector *d = dissect_new(nobody, NULL);
	struct pcap_pkthdr *h;
	struct frame f = { .number = 0 };
	size_t left = SEED_MAX;
	int64_t before;
	FILE *out, *messages;

	if (p == NULL) {
		fprintf(stderr, "seeds: %s: %s\n", path, error);
		exit(1);
	}
	dissect_set_carriers(d, list);
	f.link = pcap_datalink(p);
	messages = seed_open("sensor");
	out = seed_open("frames");
	fputc(f.link == 113   ? 3 :
		f.link == 276 ? 4 :
		f.link == 101 ? 2 :
				0,
	    out);
	while (pcap_next_ex(p, &h, &f.data) == 1) {
		before = f.time;
		f.number++;
		f.time = (int64_t)h->ts.tv_sec * SECOND + h->ts.tv_usec;
		f.caplen = h->caplen;
		f.len = h->len;
		dissect_frame(d, &f);
		frame_add(out, &f, before, &left);
		message_frame(messages, &f);
	}
	fclose(messages);
	fclose(out);
	dissect_finish(d);
	dissect_free(d);
	flush();
	pcap_close(p);
}

int
main(int argc, char **argv)
{
	if (argc < 3) {
		fputs("usage: seeds FOLDER CAPTURE...\n", stderr);
		return 2;
	}
	folder = argv[1];
	mkdir(folder, 0777);
	for (size_t i = 0; carriers[i] != NULL && i < CARRIERS; i++) {
		wrapped[i] = *carriers[i];
		wrapped[i].message = wrapped_message;
		list[i] = &wrapped[i];
	}
	for (int i = 2; i < argc; i++)
		read_capture(argv[i]);
	return 0;
}
