/*
 * evidence.c - see evidence.h.
 *
 * ring.c has the frames, evidence-pick.c says which are a log-on's, folder.c
 * has the files, pcapng.c the format.  Here is what was written already.
 */
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "evidence-pick.h"
#include "evidence.h"
#include "folder.h"
#include "pcapng.h"
#include "ring.h"
#include "sensor-inside.h"
#include "table.h"
#include "text.h"

#define TOLD_MOST 3 /* causes of a log-on that are remembered */

/* A log-on that failed, as long as results show it. */
struct done {
	uint64_t id;
	uint64_t told[TOLD_MOST]; /* keys of causes that were written */
	uint8_t ntold;
	bool written;
};

struct evidence_ring {
	struct ring *ring;
	struct folder *folder;
	char **names; /* of the interfaces, by capture */
	size_t nnames;
	int64_t began; /* time of the first frame */
	uint64_t file; /* that the faces are of */
	struct face {
		int capture, link;
	} faces[EVIDENCE_MAX_FACES];
	size_t nfaces;
	struct done *done, *before; /* by id: now, and as it was */
	size_t ndone, room, before_room;
	struct pcapng blocks;
	uint64_t lost; /* log-ons whose frames were gone */
};

struct evidence_ring *
evidence_new(const char *dir, uint64_t size)
{
	struct folder *folder = folder_open(dir, size);
	struct evidence_ring *r;

	if (folder == NULL)
		return NULL;
	r = must_calloc(1, sizeof(*r));
	r->folder = folder;
	r->ring = ring_new(EVIDENCE_MAX_RING);
	return r;
}

void
evidence_give(struct evidence_ring *r, const char *user)
{
	struct confine_user u;

	if (confine_find_user(user, &u) && u.change)
		folder_give(r->folder, u.uid, u.gid);
}

bool
evidence_ready(const struct evidence_ring *r)
{
	return folder_ready(r->folder);
}

void
evidence_frame(struct evidence_ring *r, const struct frame *f)
{
	if (r->began == 0)
		r->began = f->time;
	ring_put(r->ring, f);
}

void
evidence_interface(struct evidence_ring *r, int capture, const char *name)
{
	size_t i = (size_t)capture;

	if (capture < 0 || capture >= EVIDENCE_MAX_FACES)
		return;
	if (i >= r->nnames) {
		r->names = must_realloc(r->names, i + 1, sizeof(*r->names));
		while (r->nnames <= i)
			r->names[r->nnames++] = NULL;
	}
	free(r->names[i]);
	r->names[i] = must_text((struct str){ name, strlen(name) });
}

uint64_t
evidence_lost(const struct evidence_ring *r)
{
	return r->lost;
}

/* --- what is due ------------------------------------------------------ */

static bool
was_told(const struct done *d, uint64_t key)
{
	for (size_t i = 0; i < d->ntold; i++)
		if (d->told[i] == key)
			return true;
	return d->ntold == TOLD_MOST;
}

/* Whether D lacks a cause that result R gives for kept story I. */
static bool
has_news(const struct done *d, const struct result *r, size_t i)
{
	for (size_t j = 0; j < r->nfindings_of[i]; j++) {
		const struct cause *c = &r->causes[r->findings_of[i][j]];

		if (c->cause && !was_told(d, c->key))
			return true;
	}
	return false;
}

static void
done_tell(struct done *d, const struct result *r, const struct due *due)
{
	d->written = true;
	for (size_t j = 0; j < due->nfindings; j++) {
		const struct cause *c = &r->causes[due->findings[j]];

		if (c->cause && !was_told(d, c->key))
			d->told[d->ntold++] = c->key;
	}
}

/* Exchanges what is done for what was: the list is made anew. */
static size_t
done_begin(struct evidence_ring *r)
{
	struct done *list = r->done;
	size_t room = r->room, n = r->ndone;

	r->done = r->before;
	r->room = r->before_room;
	r->before = list;
	r->before_room = room;
	r->ndone = 0;
	return n;
}

static struct done *
done_add(struct evidence_ring *r, uint64_t id)
{
	struct done *d;

	if (r->ndone == r->room) {
		r->room = r->room * 2 + 64;
		r->done = must_realloc(r->done, r->room, sizeof(*r->done));
	}
	d = &r->done[r->ndone++];
	*d = (struct done){ .id = id };
	return d;
}

/*
 * The log-ons of RESULT that have failed and are over: which of them were
 * written is carried on, both lists are by id.  At most MAX that were not, or
 * that have a new cause, are due; AT[] are their places.
 */
static size_t
due_find(struct evidence_ring *r, const struct result *result, struct due *due,
    size_t *at, size_t max)
{
	size_t i, n = 0, old = 0, nbefore = done_begin(r);

	for (i = 0; i + result->nopen < result->nkept; i++) {
		const struct story *s = result->kept[i];
		struct done *d;

		if (s->outcome != OUTCOME_BROKEN &&
		    s->outcome != OUTCOME_DEGRADED)
			continue;
		while (old < nbefore && r->before[old].id < s->id)
			old++;
		d = done_add(r, s->id);
		if (old < nbefore && r->before[old].id == s->id)
			*d = r->before[old];
		if (n == max || (d->written && !has_news(d, result, i)))
			continue;
		at[n] = r->ndone - 1;
		due[n++] = (struct due){
			.story = s,
			.findings = result->findings_of[i],
			.nfindings = result->nfindings_of[i],
			.again = d->written,
		};
	}
	return n;
}

/* --- blocks ----------------------------------------------------------- */

/* The interface block of F in the file, made when it is not there yet. */
static bool
face_of(struct evidence_ring *r, const struct frame *f, uint32_t *interface)
{
	const char *name = NULL;
	size_t i;

	for (i = 0; i < r->nfaces; i++)
		if (r->faces[i].capture == f->capture &&
		    r->faces[i].link == f->link)
			break;
	*interface = (uint32_t)i;
	if (i < r->nfaces)
		return true;
	if (i == EVIDENCE_MAX_FACES)
		return false;
	if (f->capture >= 0 && (size_t)f->capture < r->nnames)
		name = r->names[f->capture];
	pcapng_interface(&r->blocks, name, f->link, 0);
	r->faces[r->nfaces++] = (struct face){ f->capture, f->link };
	return true;
}

static char *
story_says(const struct story *s)
{
	char addr[ADDR_TEXT];

	return text_printf("kerbscope: log-on %llu of %s (%s) to %s: %s",
	    (unsigned long long)s->id,
	    s->principal == NULL ? "somebody" : s->principal,
	    addr_text(&s->client, addr),
	    s->spn != NULL         ? s->spn :
		s->host != NULL    ? s->host :
		s->carrier != NULL ? s->carrier :
				     "a service",
	    outcome_names[s->outcome]);
}

/* What a frame was written as: in which file, and with how many comments. */
#define MARK(file, comments) ((file) * (FINDING_MAX_EVIDENCE + 1) + (comments))

/*
 * Adds F to the blocks, but for what the file has already: a frame comes a
 * second time only with a comment that it did not have.  STORY (NULL once it
 * was said) is for the first.
 */
static bool
put_frame(struct evidence_ring *r, const struct picker *p, struct ring_frame *f,
    const char *story)
{
	const char *say[FINDING_MAX_EVIDENCE + 1] = { story };
	size_t first = story != NULL, n = first;
	char *text;
	uint32_t face;
	bool put;

	while (n - first < FINDING_MAX_EVIDENCE &&
	    (text = picker_says(p, f, n - first)) != NULL)
		say[n++] = text;
	put = f->written < MARK(r->file, 0) ||
	    f->written < MARK(r->file, n - first);
	if (put && face_of(r, &f->f, &face)) {
		pcapng_packet(&r->blocks, face, &f->f, say, n);
		f->adding = MARK(r->file, n - first);
	}
	while (n > first)
		free((char *)(uintptr_t)say[--n]);
	return f->adding != 0;
}

/* The blocks of log-on I; false when not all of its frames found room. */
static bool
put_story(struct evidence_ring *r, const struct picker *p,
    const struct story *s, size_t i)
{
	size_t n, j, room = folder_most(r->folder);
	const struct pick *picks = picker_of(p, i, &n);
	char *says = story_says(s);
	bool said = false;

	if (room > EVIDENCE_MAX_STORY)
		room = EVIDENCE_MAX_STORY;
	for (j = 0; j < n; j++) {
		struct ring_frame *f = picks[j].frame;

		if (r->blocks.len + f->size + EVIDENCE_MAX_SAYS > room)
			break;
		said |= put_frame(r, p, f, said ? NULL : says);
	}
	free(says);
	return j == n;
}

/* Remembers that the blocks were written, or that they were not. */
static void
settle(const struct picker *p, size_t i, bool written)
{
	size_t n;
	const struct pick *picks = picker_of(p, i, &n);

	for (; n > 0; n--, picks++) {
		if (written && picks->frame->adding != 0)
			picks->frame->written = picks->frame->adding;
		picks->frame->adding = 0;
	}
}

/* A new file gets its section. */
static bool
section_begin(struct evidence_ring *r, int64_t now)
{
	uint64_t file = folder_file(r->folder, now);
	char time[TIME_TEXT], *comment;

	r->blocks.len = 0;
	if (file == 0)
		return false;
	if (file == r->file)
		return true;
	r->file = file;
	r->nfaces = 0;
	comment = text_printf("packets of log-ons that failed, and why; "
			      "captured since %s",
	    time_text(r->began, time));
	pcapng_section(&r->blocks, PACKAGE_STRING, comment);
	free(comment);
	return true;
}

/* Writes log-on I; false when that has to be tried again. */
static bool
story_write(struct evidence_ring *r, const struct picker *p,
    const struct due *due, size_t i, int64_t now)
{
	size_t n, faces;
	bool all, ok;

	picker_of(p, i, &n);
	if (n == 0) {
		r->lost += !due->again;
		return true;
	}
	if (!section_begin(r, now))
		return false;
	faces = r->nfaces;
	all = put_story(r, p, due->story, i);
	if (r->blocks.len == 0)
		return true;
	ok = folder_add(r->folder, r->blocks.octets, r->blocks.len);
	settle(p, i, ok);
	if (!ok)
		r->nfaces = faces;
	r->lost += ok && !all;
	return ok;
}

void
evidence_view(struct evidence_ring *r, const struct result *result)
{
	/* One will do to see whether the disk is still full. */
	size_t max = folder_failing(r->folder) ? 1 : EVIDENCE_AT_ONCE;
	struct due due[EVIDENCE_AT_ONCE];
	size_t at[EVIDENCE_AT_ONCE], i, n;
	struct picker *p;

	if (result->whole != NULL) /* what is shown is not what failed */
		result = result->whole;
	n = due_find(r, result, due, at, max);
	if (n == 0)
		return;
	p = picker_new(r->ring, result, due, n);
	for (i = 0; i < n; i++) {
		if (!story_write(r, p, &due[i], i, result->now))
			break;
		done_tell(&r->done[at[i]], result, &due[i]);
	}
	picker_free(p);
}

void
evidence_free(struct evidence_ring *r)
{
	if (r == NULL)
		return;
	if (r->lost > 0)
		message("packets of %llu log-ons that failed were not kept, "
			"or not all of them",
		    (unsigned long long)r->lost);
	for (size_t i = 0; i < r->nnames; i++)
		free(r->names[i]);
	free(r->names);
	free(r->done);
	free(r->before);
	pcapng_free(&r->blocks);
	folder_free(r->folder);
	ring_free(r->ring);
	free(r);
}
