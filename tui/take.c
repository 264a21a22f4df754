/*
 * take.c - what is taken away from the screen: commands and display filters,
 * by the clipboard of the terminal (xterm's "Operating System Command" 52).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "core.h"
#include "terminal.h"
#include "text.h"

#define TAKE_MAX 65536 /* octets: terminals take no more */
#define FRAMES_MAX 64
#define SCREEN_CHUNK 512 /* octets that GNU screen passes on at a time */

char *
take_base64(const char *text, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+/";
	char *out = view_alloc(NULL, (n + 2) / 3 * 4 + 1);
	size_t k = 0;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = 0;

		for (size_t j = 0; j < 3; j++)
			v = v << 8 |
			    (i + j < n ? (unsigned char)text[i + j] : 0u);
		for (size_t j = 0; j < 4; j++)
			out[k++] = i + j > n ? '=' :
					       digits[v >> (18 - 6 * j) & 63];
	}
	out[k] = '\0';
	return out;
}

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Terminals that would print what they do not know, or drop it. */
static bool
has_clipboard(void)
{
	static const char *const without[] = { "linux", "vt", "ansi", "cons",
		"sun", "wy", "pcansi" };
	const char *kind = terminal_kind();

	for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++)
		if (begins(kind, without[i]))
			return false;
	return true;
}

static void
send(const char *before, const char *text, const char *after)
{
	char *all = text_printf("%s%s%s", before, text, after);

	terminal_send(all, strlen(all));
	free(all);
}

/*
 * tmux takes the sequence itself where set-clipboard is on, and hands on what
 * is wrapped where allow-passthrough is: both are sent.  sudo takes TMUX out
 * of the environment; TERM is still there.
 */
static void
send_clipboard(const char *code)
{
	if (getenv("TMUX") != NULL || begins(terminal_kind(), "tmux")) {
		send("\033]52;c;", code, "\a");
		send("\033Ptmux;\033\033]52;c;", code, "\a\033\\");
	} else if (getenv("STY") != NULL) {
		char chunk[SCREEN_CHUNK + 1];

		terminal_send("\033P\033]52;c;\033\\", 11);
		for (size_t n; *code != '\0'; code += n) {
			n = strnlen(code, SCREEN_CHUNK);
			memcpy(chunk, code, n);
			chunk[n] = '\0';
			send("\033P", chunk, "\033\\");
		}
		terminal_send("\033P\a\033\\", 5);
	} else {
		send("\033]52;c;", code, "\a");
	}
}

static size_t
count_lines(const char *text)
{
	size_t n = *text != '\0';

	for (; *text != '\0'; text++)
		n += *text == '\n' && text[1] != '\0';
	return n;
}

void
view_copy(struct tui *t, const char *what, const char *text)
{
	size_t n = strlen(text), lines = count_lines(text);
	char *code;

	if (n == 0 || n > TAKE_MAX) {
		view_notice(t, THEME_ERROR, "%s: %s", what,
		    n == 0 ? "there is nothing to copy" :
			     "too long for a clipboard");
		return;
	}
	if (!has_clipboard()) {
		view_notice(t, THEME_ERROR,
		    "this terminal has no clipboard; w writes a report");
		return;
	}
	code = take_base64(text, n);
	send_clipboard(code);
	free(code);
	if (lines == 1)
		view_notice(t, THEME_NOTICE, "copied %s: %s", what, text);
	else
		view_notice(t, THEME_NOTICE, "copied %s: %zu lines", what,
		    lines);
}

void
take_fix(struct tui *t)
{
	const struct cause *c = view_cause(t, NULL);
	char *text;

	if (c == NULL) {
		view_notice(t, THEME_NOTICE, "there is no cause yet");
		return;
	}
	text = cause_fix_text(c);
	view_copy(t, "the fix", text);
	free(text);
}

/* --- display filters --------------------------------------------------------- */

/* Adds FRAME to the N sorted numbers, if it is new and has room. */
static size_t
add_frame(uint64_t *frames, size_t n, uint64_t frame)
{
	size_t i = 0;

	while (i < n && frames[i] < frame)
		i++;
	if (n == FRAMES_MAX || frame == 0 || (i < n && frames[i] == frame))
		return n;
	memmove(frames + i + 1, frames + i, (n - i) * sizeof(*frames));
	frames[i] = frame;
	return n + 1;
}

/* All frames of a story in the capture in which it begins. */
static char *
frames_filter(const struct story *s)
{
	uint64_t frames[FRAMES_MAX];
	size_t n = 0;
	char *text = text_printf("frame.number in {"), *more;

	for (size_t i = 0; i < s->nsteps; i++)
		if (s->steps[i].ref.capture == s->steps[0].ref.capture)
			n = add_frame(frames, n, s->steps[i].ref.frame);
	for (size_t i = 0; i < n; i++) {
		more = text_printf("%s%s%" PRIu64, text, i == 0 ? "" : ", ",
		    frames[i]);
		free(text);
		text = more;
	}
	more = text_printf("%s}", text);
	free(text);
	return more;
}

/* " || (ip.addr == A && ip.addr == B && tcp.port == P)" */
static char *
add_pair(char *text, const struct story *s, const struct addr *server,
    unsigned port, const char *transport)
{
	char a[ADDR_TEXT], b[ADDR_TEXT];
	const char *ip = s->client.family == 6 ? "ipv6" : "ip";
	char *pair, *more;

	if (s->client.family == 0 || server->family != s->client.family)
		return text;
	pair = text_printf("(%s.addr == %s && %s.addr == %s", ip,
	    addr_text(&s->client, a), ip, addr_text(server, b));
	if (port != 0) {
		more = text_printf("%s && %s.port == %u", pair, transport,
		    port);
		free(pair);
		pair = more;
	}
	if (strstr(text, pair) != NULL) {
		free(pair);
		return text;
	}
	more = text_printf("%s%s%s)", text, *text == '\0' ? "" : " || ", pair);
	free(text);
	free(pair);
	return more;
}

/* Live there are no numbers of frames: who spoke with whom. */
static char *
flows_filter(const struct story *s)
{
	char *text = text_printf("%s", "");

	for (size_t i = 0; i < s->nexchanges; i++)
		text = add_pair(text, s, &s->exchanges[i].kdc,
		    s->exchanges[i].kdc_port,
		    s->exchanges[i].transport == TRANSPORT_UDP ? "udp" : "tcp");
	for (size_t i = 0; i < s->nattempts; i++)
		text = add_pair(text, s, &s->attempts[i].server,
		    s->attempts[i].server_port, "tcp");
	if (*text == '\0')
		text = add_pair(text, s, &s->server, s->server_port, "tcp");
	return text;
}

char *
take_filter(const struct story *s, bool live)
{
	return live || s->nsteps == 0 ? flows_filter(s) : frames_filter(s);
}

void
take_wireshark(struct tui *t)
{
	const struct story *s = view_story(t, NULL);
	char *text;

	if (s == NULL) {
		view_notice(t, THEME_NOTICE, "no log-on is selected");
		return;
	}
	text = take_filter(s, t->st.live);
	view_copy(t, "the display filter", text);
	free(text);
}
