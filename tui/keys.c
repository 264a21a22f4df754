/*
 * keys.c - from the octets of a keyboard to keys, and from keys to commands.
 *
 * curses could read keys too, but it waits for the rest of an escape sequence
 * inside the call, and takes the first half for the key Esc when the second
 * one is late, as it is over a slow line.  ECMA-48 5.4 (control sequences),
 * xterm's "Mouse Tracking" (1006), and what terminfo says of older terminals.
 */
#include <string.h>
#include <term.h>

#include "keys.h"

#define SEQUENCE_MAX 32 /* octets; a longer one is no key */
#define LEARNT_MAX 24

static const struct key_row rows[] = {
/* clang-format off */
#define GROUP(title) { .group = title },
#define COMMAND(id, k, on, b, w, h) { .keys = k, .where = on, .bar = b, \
    .word = w, .help = h, .command = COMMAND_##id },
#include "keys.def"
#undef GROUP
#undef COMMAND
	/* clang-format on */
};

#define ROWS (sizeof(rows) / sizeof(*rows))

static const struct {
	const char *name;
	int code;
} names[] = {
	{ "Up", PRESS_UP },
	{ "Down", PRESS_DOWN },
	{ "Left", PRESS_LEFT },
	{ "Right", PRESS_RIGHT },
	{ "PgUp", PRESS_PAGE_UP },
	{ "PgDn", PRESS_PAGE_DOWN },
	{ "Home", PRESS_HOME },
	{ "End", PRESS_END },
	{ "Enter", PRESS_ENTER },
	{ "Esc", PRESS_ESC },
	{ "Tab", PRESS_TAB },
	{ "Shift-Tab", PRESS_BACKTAB },
	{ "F1", PRESS_F1 },
	{ "Space", ' ' },
};

/* What terminals send that know nothing of ECMA-48. */
static struct {
	const char *capability;
	int code;
	const char *sent; /* of terminfo's own memory; NULL: not learnt */
} learnt[LEARNT_MAX] = {
	{ "kcuu1", PRESS_UP, NULL },
	{ "kcud1", PRESS_DOWN, NULL },
	{ "kcub1", PRESS_LEFT, NULL },
	{ "kcuf1", PRESS_RIGHT, NULL },
	{ "kpp", PRESS_PAGE_UP, NULL },
	{ "knp", PRESS_PAGE_DOWN, NULL },
	{ "khome", PRESS_HOME, NULL },
	{ "kend", PRESS_END, NULL },
	{ "kdch1", PRESS_DELETE, NULL },
	{ "kent", PRESS_ENTER, NULL },
	{ "kcbt", PRESS_BACKTAB, NULL },
	{ "kf1", PRESS_F1, NULL },
};

void
keys_learn(void)
{
	for (size_t i = 0; i < LEARNT_MAX; i++) {
		const char *s = learnt[i].capability == NULL ?
		    NULL :
		    tigetstr(learnt[i].capability);

		/* A single octet is a control key, and known. */
		learnt[i].sent = s == NULL || s == (char *)-1 ||
			s[0] != '\033' || strlen(s) < 2 ?
		    NULL :
		    s;
	}
}

/* ESC O x, and the last octet of ESC [ x. */
static int
letter_key(unsigned char c)
{
	switch (c) {
	case 'A':
		return PRESS_UP;
	case 'B':
		return PRESS_DOWN;
	case 'C':
		return PRESS_RIGHT;
	case 'D':
		return PRESS_LEFT;
	case 'H':
		return PRESS_HOME;
	case 'F':
		return PRESS_END;
	case 'Z':
		return PRESS_BACKTAB;
	case 'P':
		return PRESS_F1;
	case 'M':
		return PRESS_ENTER;
	default:
		return PRESS_NONE;
	}
}

/* ESC [ N ~ */
static int
number_key(unsigned n)
{
	switch (n) {
	case 1:
	case 7:
		return PRESS_HOME;
	case 4:
	case 8:
		return PRESS_END;
	case 3:
		return PRESS_DELETE;
	case 5:
		return PRESS_PAGE_UP;
	case 6:
		return PRESS_PAGE_DOWN;
	case 11:
		return PRESS_F1;
	default:
		return PRESS_NONE;
	}
}

/* The button of xterm's encodings; a release and a movement are nothing. */
static void
mouse_press(struct press *p, unsigned button, bool down, unsigned y, unsigned x)
{
	p->code = PRESS_NONE;
	/* 4, 8, 16: with a modifier; 32: moved. */
	if (!down || (button & 32) != 0 || y == 0 || x == 0)
		return;
	button &= ~28u;
	if (button == 64)
		p->mouse = MOUSE_WHEEL_UP;
	else if (button == 65)
		p->mouse = MOUSE_WHEEL_DOWN;
	else if (button == 0)
		p->mouse = MOUSE_CLICK;
	else
		return;
	p->code = PRESS_MOUSE;
	p->y = (int)y - 1;
	p->x = (int)x - 1;
}

/* The numbers of a control sequence, at most MANY; 0 for what is not there. */
static void
numbers(const unsigned char *b, size_t n, unsigned *out, size_t many)
{
	size_t at = 0;

	memset(out, 0, many * sizeof(*out));
	for (size_t i = 0; i < n && at < many; i++) {
		if (b[i] == ';')
			at++;
		else if (b[i] >= '0' && b[i] <= '9' && out[at] < 10000)
			out[at] = out[at] * 10 + (b[i] - '0');
	}
}

/* B[0] is what follows ESC [ and N octets are there: how many it has, or 0. */
static size_t
control_sequence(const unsigned char *b, size_t n, struct press *p)
{
	unsigned v[3];
	size_t len = 0;

	if (n > 0 && b[0] == 'M') { /* three octets: button, column, line */
		if (n < 4)
			return 0;
		mouse_press(p, b[1] - 32u, ((b[1] - 32u) & 3) != 3,
		    (b[3] - 32u) & 0xff, (b[2] - 32u) & 0xff);
		return 4;
	}
	if (n > 0 && b[0] == '[') { /* the console of Linux: F1 to F5 */
		if (n < 2)
			return 0;
		p->code = b[1] == 'A' ? PRESS_F1 : PRESS_NONE;
		return 2;
	}
	while (len < n && b[len] >= 0x20 && b[len] <= 0x3f)
		len++;
	if (len >= SEQUENCE_MAX)
		return len;
	if (len == n)
		return 0;
	numbers(b, len, v, 3);
	if (b[0] == '<' && (b[len] == 'M' || b[len] == 'm'))
		mouse_press(p, v[0], b[len] == 'M', v[2], v[1]);
	else if (b[len] == '~')
		p->code = number_key(v[0]);
	else if (b[len] != 'M')
		p->code = letter_key(b[len]);
	/* A control character ends it, and is a key of its own. */
	return b[len] < 0x20 ? len : len + 1;
}

static size_t
escape(const unsigned char *b, size_t n, bool late, struct press *p)
{
	size_t len = 0;
	bool more = n == 1;

	for (size_t i = 0; i < LEARNT_MAX; i++) {
		const char *s = learnt[i].sent;
		size_t want = s == NULL ? 0 : strlen(s);

		if (want == 0)
			continue;
		if (n >= want && memcmp(b, s, want) == 0) {
			p->code = learnt[i].code;
			return want;
		}
		if (n < want && memcmp(b, s, n) == 0)
			more = true;
	}
	if (n >= 2 && b[1] == '[') {
		len = control_sequence(b + 2, n - 2, p);
		more = len == 0;
		len += 2;
	} else if (n >= 2 && b[1] == 'O') {
		more = n < 3;
		p->code = more ? PRESS_NONE : letter_key(b[2]);
		len = 3;
	} else {
		p->code = PRESS_ESC;
		len = 1;
	}
	if (!more)
		return len;
	if (!late)
		return 0;
	p->code = PRESS_ESC;
	return 1;
}

/* Octets of the character that B begins, 1 when it begins none. */
static size_t
character_length(unsigned char b)
{
	return b >= 0xf0 && b <= 0xf4 ? 4 :
	    b >= 0xe0 && b < 0xf0     ? 3 :
	    b >= 0xc2 && b < 0xe0     ? 2 :
					1;
}

/* UTF-8, RFC 3629: no overlong forms, no surrogates. */
static size_t
character(const unsigned char *b, size_t n, bool late, struct press *p)
{
	static const int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = character_length(b[0]), i;
	int code = b[0];

	if (len == 1) {
		p->code = b[0] < 0x80 ? b[0] : PRESS_NONE;
		return 1;
	}
	code &= 0x7f >> len;
	for (i = 1; i < len && i < n; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 1;
		code = code << 6 | (b[i] & 0x3f);
	}
	if (i < len)
		return late ? 1 : 0;
	if (code >= least[len] && code < PRESS_NONE &&
	    (code < 0xd800 || code > 0xdfff))
		p->code = code;
	return len;
}

size_t
keys_decode(const unsigned char *b, size_t n, bool late, struct press *p)
{
	*p = (struct press){ .code = PRESS_NONE };
	if (n == 0)
		return 0;
	switch (b[0]) {
	case '\033':
		return escape(b, n, late, p);
	case '\r':
	case '\n':
		p->code = PRESS_ENTER;
		return 1;
	case '\t':
		p->code = PRESS_TAB;
		return 1;
	case 0x08:
	case 0x7f:
		p->code = PRESS_BACKSPACE;
		return 1;
	default:
		return character(b, n, late, p);
	}
}

/* The code of a name of keys.def, which is LEN long. */
static int
name_code(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i].name) == len &&
		    memcmp(names[i].name, name, len) == 0)
			return names[i].code;
	if (len == 2 && name[0] == '^')
		return name[1] & 0x1f;
	return (unsigned char)name[0];
}

static bool
row_has(const char *keys, int code)
{
	for (size_t len; *keys != '\0'; keys += len + (keys[len] == ' ')) {
		len = strcspn(keys, " ");
		if (name_code(keys, len) == code)
			return true;
	}
	return false;
}

enum command
keys_command(int code, enum screen_id screen)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].group == NULL &&
		    (rows[i].where & 1u << screen) != 0 &&
		    row_has(rows[i].keys, code))
			return rows[i].command;
	return COMMAND_NONE;
}

const struct key_row *
keys_row(size_t i)
{
	return i < ROWS ? &rows[i] : NULL;
}

const char *
keys_first(const struct key_row *row, char buf[16])
{
	size_t len = strcspn(row->keys, " ");

	if (len > 15)
		len = 15;
	memcpy(buf, row->keys, len);
	buf[len] = '\0';
	return buf;
}
