/*
 * ldif.c - fuzz driver: an LDIF file, from its octets to what the directory
 * answers, and to what an audit of it says. What writes messages is built in
 * here without them: a line for each input would fill the disk.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "audit.h"
#include "fuzz.h"
#include "text.h"

#define message(...) ((void)0)
#include "../../analyzer/directory-tell.c"
#include "../../analyzer/probe-ldif.c"

static void
forget(void *arg, const struct event *ev)
{
	(void)arg;
	(void)ev;
}

/* Names as a capture may have them, and one that the input chose. */
static void
ask(struct questions *q, const uint8_t *data, size_t size)
{
	char text[64];
	struct event ev;
	size_t i;

	for (i = 0; i < sizeof(text) && i < size; i++)
		text[i] = (char)(data[i] % 94 + 33);
	event_init(&ev, EV_kdc_req);
	ev.u.kdc_req.msg_type = 12;
	ev.u.kdc_req.sname = (struct str){ "cifs/fs1.corp.test", 18 };
	ev.u.kdc_req.for_user = (struct str){ "anna\\@corp.test", 15 };
	ev.u.kdc_req.tkt_sname = (struct str){ "krbtgt/OTHER", 12 };
	questions_event(q, &ev);
	event_init(&ev, EV_kdc_req);
	ev.u.kdc_req.msg_type = 10;
	ev.u.kdc_req.cname = (struct str){ text, i };
	ev.u.kdc_req.sname = (struct str){ text, i };
	questions_event(q, &ev);
}

static void
report(const struct directory *d)
{
	struct audit *a = audit_run(d);
	static FILE *out;

	if (out == NULL && (out = fopen("/dev/null", "w")) == NULL)
		abort();
	if (!audit_text(a, true, out) || !audit_json(a, out))
		abort();
	audit_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct directory *d = directory_new();
	struct questions *q = questions_new();
	int fd = memfd_create("ldif", 0);
	char path[32];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ldif_read(d, path);
	close(fd);
	ask(q, data, size);
	directory_tell(d, q, forget, NULL);
	report(d);
	questions_free(q);
	directory_free(d);
	return 0;
}
