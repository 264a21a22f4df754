/*
 * sensor.c - the analyzer's side: messages of the grabbers to frames, in the
 * order of their times.
 *
 * Of each interface one message is in memory; the next waits in the socket,
 * what is behind it in the kernel's buffer of that interface.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bounds.h"
#include "memory.h"
#include "sensor-inside.h"
#include "sensor-record.h"

/*
 * How long a frame waits for an older one of another interface: a block of
 * the kernel's buffer is handed over after 50 ms, and then somebody runs.
 */
#define HOLD (3 * SECOND / 20)
#define STOP_WITHIN (2 * SECOND) /* for what the grabbers still have */
#define LOOK_EVERY 64            /* frames between two looks at the clock */
#define TROUBLE_MAX 200

struct face {
	struct sensor_face out;
	int fd;        /* -1: nothing more will come */
	bool said;     /* its grabber said how it is */
	bool hopeless; /* and it was RECORD_FAIL */
	bool last;     /* what is in the socket, and no more */
	char trouble[TROUBLE_MAX];
	uint8_t *message;
	size_t len, at;
	int64_t arrived;    /* the message, CLOCK_MONOTONIC */
	bool has_head;      /* the next frame stands in head */
	struct record head; /* and its octets at */
	const uint8_t *data;
	struct record_stats stats; /* as last told */
};

struct sensor {
	size_t n;
	pid_t monitor; /* 0: there is none */
	struct face *faces;
	sensor_clock clock;
	int64_t last;   /* latest frame given */
	int64_t offset; /* REALTIME - MONOTONIC when last compared */
	bool stopping;  /* nothing is waited for but what the grabbers have */
};

static int64_t
host_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000;
}

struct sensor *
sensor_new(size_t n, const char *const *names, const int *fds,
    sensor_clock clock)
{
	struct sensor *s = memory_zeroed(1, sizeof(*s));

	s->n = n;
	s->clock = clock != NULL ? clock : host_clock;
	s->faces = memory_zeroed(n, sizeof(*s->faces));
	for (size_t i = 0; i < n; i++) {
		s->faces[i].out.name = names[i];
		s->faces[i].out.link = -1;
		s->faces[i].fd = fds[i];
		s->faces[i].message = memory_zeroed(1, SENSOR_MESSAGE);
	}
	s->offset = s->clock(CLOCK_REALTIME) - s->clock(CLOCK_MONOTONIC);
	return s;
}

/* --- what grabbers say ------------------------------------------------ */

static void
face_down(struct face *f, const void *why, size_t len)
{
	if (len >= TROUBLE_MAX)
		len = TROUBLE_MAX - 1;
	memcpy(f->trouble, why, len);
	f->trouble[len] = '\0';
	for (char *p = f->trouble; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	f->out.trouble = f->trouble;
	f->out.up = false;
	f->said = true;
}

static void
face_up(struct face *f, const struct record *r)
{
	f->out.up = true;
	f->out.trouble = NULL;
	f->out.link = (int)r->link;
	f->said = true;
	if (r->kind == RECORD_UP)
		return;
	f->out.opened++;
	f->stats = (struct record_stats){ 0 };
}

/* Of the kernel's counters 32 bits are told, which begin again. */
static void
face_stats(struct face *f, const uint8_t *octets)
{
	struct record_stats now;

	memcpy(&now, octets, sizeof(now));
	f->out.dropped += now.dropped - f->stats.dropped;
	f->out.missed += now.missed - f->stats.missed;
	f->stats = now;
}

/* No more of this one. */
static void
face_end(struct face *f, const char *why)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->len = f->at = 0;
	if (why != NULL)
		face_down(f, why, strlen(why));
}

static void
face_record(struct face *f, const struct record *r, const uint8_t *octets)
{
	switch (r->kind) {
	case RECORD_FRAME:
		f->head = *r;
		f->data = octets;
		f->has_head = true;
		break;
	case RECORD_OPEN:
	case RECORD_UP:
		face_up(f, r);
		break;
	case RECORD_FAIL:
		f->hopeless = true;
		face_down(f, octets, r->caplen);
		break;
	case RECORD_DOWN:
		face_down(f, octets, r->caplen);
		break;
	case RECORD_STATS:
		face_stats(f, octets);
		break;
	case RECORD_END:
		face_end(f, NULL);
		break;
	}
}

/* Goes on to the next frame of the message, if there is one. */
static void
face_read(struct face *f)
{
	struct record r;
	const uint8_t *octets;

	while (!f->has_head) {
		switch (record_next(f->message, f->len, &f->at, &r, &octets)) {
		case RECORD_READ:
			face_record(f, &r, octets);
			continue;
		case RECORD_NONSENSE:
			face_end(f, "its grabber says what makes no sense");
			return;
		case RECORD_NONE:
			return;
		}
	}
}

/* The next message; false when there is none for now. */
static bool
face_receive(const struct sensor *s, struct face *f)
{
	ssize_t n;

	if (f->fd < 0)
		return false;
	n = recv(f->fd, f->message, SENSOR_MESSAGE, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR) && !f->last)
		return false;
	if (n <= 0) {
		face_end(f, f->last ? NULL : "nobody reads it any more");
		return false;
	}
	f->len = (size_t)n;
	f->at = 0;
	f->arrived = s->clock(CLOCK_MONOTONIC);
	return true;
}

static void
face_fill(const struct sensor *s, struct face *f)
{
	while (!f->has_head) {
		face_read(f);
		if (!f->has_head && !face_receive(s, f))
			return;
	}
}

/* --- frames ----------------------------------------------------------- */

/* The frame that is the oldest; NULL when there is none. */
static struct face *
next_face(struct sensor *s)
{
	struct face *first = NULL, *f;

	for (f = s->faces; f < s->faces + s->n; f++) {
		face_fill(s, f);
		if (f->has_head &&
		    (first == NULL || f->head.time < first->head.time))
			first = f;
	}
	return first;
}

static int64_t
head_time(const struct face *f)
{
	return f->head.time / 1000 + (f->head.time % 1000 >= 500);
}

/*
 * For how long the head of F has to wait; at most HOLD after it arrived,
 * whatever the clock does.
 */
static int64_t
hold(const struct sensor *s, const struct face *f)
{
	const struct face *o;
	int64_t age, waited;

	for (o = s->faces; o < s->faces + s->n; o++)
		if (o != f && !o->has_head && o->fd >= 0 && o->out.up)
			break;
	if (o == s->faces + s->n)
		return 0;
	age = s->clock(CLOCK_REALTIME) - head_time(f);
	waited = s->clock(CLOCK_MONOTONIC) - f->arrived;
	if (age < waited)
		age = waited;
	return age >= HOLD ? 0 : HOLD - age;
}

static void
give(struct sensor *s, struct face *f,
    void (*take)(void *arg, const struct frame *f), void *arg)
{
	struct sensor_face *out = &f->out;
	struct frame frame = {
		.capture = (int)(f - s->faces),
		.number = ++out->packets,
		.time = head_time(f),
		.link = (int)f->head.link,
		.caplen = f->head.caplen,
		.len = f->head.len,
		.data = f->data,
	};

	out->bytes += frame.len;
	if (out->packets == 1 || frame.time < out->first)
		out->first = frame.time;
	if (frame.time > out->last)
		out->last = frame.time;
	s->last = frame.time;
	f->has_head = false;
	take(arg, &frame);
}

int64_t
sensor_step(struct sensor *s, void (*take)(void *arg, const struct frame *f),
    void *arg, int64_t budget)
{
	int64_t until = s->clock(CLOCK_MONOTONIC) + budget, wait;
	struct face *f;

	for (unsigned n = 1;; n++) {
		f = next_face(s);
		if (f == NULL)
			return -1;
		wait = s->n == 1 || s->stopping ? 0 : hold(s, f);
		if (wait > 0)
			return wait;
		give(s, f, take, arg);
		if (n % LOOK_EVERY == 0 && s->clock(CLOCK_MONOTONIC) >= until)
			return 0;
	}
}

/* Who has a frame that waits is not read from: poll() would not wait. */
size_t
sensor_poll(const struct sensor *s, struct pollfd *fds, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n && n < max; i++)
		if (s->faces[i].fd >= 0 && !s->faces[i].has_head)
			fds[n++] = (struct pollfd){ .fd = s->faces[i].fd,
				.events = POLLIN };
	return n;
}

/* --- the clock -------------------------------------------------------- */

/*
 * A frame from far ahead is one from before the clock was set back: it is not
 * waited for.
 */
int64_t
sensor_now(const struct sensor *s)
{
	int64_t now = s->clock(CLOCK_REALTIME);

	return s->last > now && s->last - now < CLOCK_SET_LEAST ? s->last : now;
}

/*
 * CLOCK_MONOTONIC is not set, and stands still while the host sleeps: both
 * show as a change of what lies between it and CLOCK_REALTIME. A slewed clock
 * changes that as well, by half a millisecond a second at most.
 */
int64_t
sensor_clock_shift(struct sensor *s)
{
	int64_t offset = s->clock(CLOCK_REALTIME) - s->clock(CLOCK_MONOTONIC);
	int64_t shift = offset - s->offset;

	s->offset = offset;
	return shift > -CLOCK_SET_LEAST && shift < CLOCK_SET_LEAST ? 0 : shift;
}

/* --- the rest --------------------------------------------------------- */

void
sensor_keep(struct sensor *s, pid_t monitor)
{
	s->monitor = monitor;
}

bool
sensor_orphaned(const struct sensor *s)
{
	return s->monitor != 0 && getppid() != s->monitor;
}

const struct sensor_face *
sensor_face(const struct sensor *s, size_t i)
{
	return i < s->n ? &s->faces[i].out : NULL;
}

bool
sensor_said(struct sensor *s, size_t i, bool *hopeless)
{
	face_fill(s, &s->faces[i]);
	*hopeless = s->faces[i].hopeless;
	return s->faces[i].said;
}

void
sensor_stop(struct sensor *s, void (*take)(void *arg, const struct frame *f),
    void *arg)
{
	int64_t until = s->clock(CLOCK_MONOTONIC) + STOP_WITHIN, left;
	struct pollfd fds[OPTIONS_INTERFACES];
	size_t n;

	/* Any octet asks a grabber to end; of what is down there is none. */
	for (size_t i = 0; i < s->n; i++) {
		s->faces[i].last = !s->faces[i].out.up;
		if (s->faces[i].fd >= 0)
			(void)send(s->faces[i].fd, "", 1,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	for (;;) {
		left = until - s->clock(CLOCK_MONOTONIC);
		(void)sensor_step(s, take, arg, left);
		n = sensor_poll(s, fds, OPTIONS_INTERFACES);
		if (left <= 0 || n == 0)
			break;
		(void)poll(fds, n, (int)(left / 1000) + 1);
	}
	s->stopping = true;
	(void)sensor_step(s, take, arg, STOP_WITHIN);
}

void
sensor_free(struct sensor *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++) {
		if (s->faces[i].fd >= 0)
			close(s->faces[i].fd);
		free(s->faces[i].message);
	}
	free(s->faces);
	free(s);
}
