/*
 * live-say.c - what the lines for people and the system's log say alike.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "live-say.h"
#include "sensor.h"
#include "text.h"

static char *
opened(const struct change_note *n)
{
	return text_printf("%s (%s)%s: %s [%s]", impact_names[n->impact],
	    certainty_names[n->certainty], n->again ? ", again" : "", n->title,
	    n->rule);
}

static char *
counted(const struct change_note *n)
{
	char *times = text_count(n->occurrences, "log-on", "s"), *text;

	text = text_printf("%s by now, %s (%s): %s [%s]", times,
	    impact_names[n->impact], certainty_names[n->certainty], n->title,
	    n->rule);
	free(times);
	return text;
}

/* "14:02:40", or with its day when that is another. */
static const char *
clock_text(int64_t t, int64_t now, char buf[TIME_TEXT])
{
	char today[TIME_TEXT];

	time_text(t, buf);
	time_text(now, today);
	buf[19] = '\0';
	buf[10] = ' ';
	today[10] = '\0';
	return strncmp(buf, today, 10) == 0 ? buf + 11 : buf;
}

static char *
cleared(const struct change_note *n)
{
	char *ok = text_count(n->cause->ok_since, "log-on", "s"), *text;
	char buf[TIME_TEXT];

	text = text_printf("not seen since %s, %s ok since: %s [%s]",
	    clock_text(n->cause->last, n->time, buf), ok, n->title, n->rule);
	free(ok);
	return text;
}

static char *
retracted(const struct change_note *n)
{
	return text_printf("%s: %s [%s]", n->because, n->title, n->rule);
}

char *
say_change(const struct change_note *n)
{
	static char *(*const texts[])(const struct change_note *n) = {
		[CHANGE_OPENED] = opened,
		[CHANGE_COUNTED] = counted,
		[CHANGE_CLEARED] = cleared,
		[CHANGE_RETRACTED] = retracted,
	};

	return texts[n->change](n);
}

const char *
say_face(const struct sensor_face *f, char buf[SAY_FACE])
{
	const char *why = f->trouble == NULL ? "is down" : f->trouble;

	if (f->up)
		snprintf(buf, SAY_FACE, "%s is up again", f->name);
	else
		snprintf(buf, SAY_FACE, "%s%s %s", f->name,
		    strncmp(why, "is ", 3) == 0 ? "" : ":", why);
	return buf;
}

const struct fix *
say_fix(const struct cause *c)
{
	const struct fix *fix;

	for (fix = c->fix; fix != NULL && fix->platform != NULL; fix++)
		if (fix->run != NULL)
			return fix;
	return NULL;
}
