/*
 * sensor-self.c - what the host knows of itself, without asking anybody:
 * what asks DNS would be seen in the capture, and might wait.
 *
 * hosts(5), proc(5): /proc/net/tcp.
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "sensor-inside.h"

#define NAME_SIZE 256
#define ADDRESSES_MAX 64
#define PORTS_MAX 256
#define PORT_CHOSEN 32768 /* from here on the system chooses: a client */

struct self {
	char name[NAME_SIZE];
	char texts[ADDRESSES_MAX][ADDR_TEXT];
	struct str addresses[ADDRESSES_MAX];
	size_t naddresses;
	int64_t tcp[PORTS_MAX], udp[PORTS_MAX];
	size_t ntcp, nudp;
};

/* --- the name --------------------------------------------------------- */

/* FULL is NAME with a domain behind it. */
static bool
is_full_name(const char *full, const char *name)
{
	size_t len = strlen(name);

	return strncasecmp(full, name, len) == 0 && full[len] == '.' &&
	    full[len + 1] != '\0';
}

/* Looks through one line of the table for the full form of NAME. */
static bool
hosts_line(char *line, const char *name, char full[NAME_SIZE])
{
	char *word, *save = NULL;

	line[strcspn(line, "#\n")] = '\0';
	(void)strtok_r(line, " \t", &save); /* the address */
	while ((word = strtok_r(NULL, " \t", &save)) != NULL)
		if (is_full_name(word, name) && strlen(word) < NAME_SIZE) {
			snprintf(full, NAME_SIZE, "%s", word);
			return true;
		}
	return false;
}

/* "fs1.corp.com" where /etc/hosts knows it, as most installers write it. */
static void
find_name(struct self *s)
{
	char line[1024], full[NAME_SIZE];
	FILE *f;
	bool found = false;

	if (gethostname(s->name, sizeof(s->name) - 1) != 0 ||
	    strchr(s->name, '.') != NULL)
		return;
	f = fopen("/etc/hosts", "re");
	if (f == NULL)
		return;
	while (
	    !found && *s->name != '\0' && fgets(line, sizeof(line), f) != NULL)
		found = hosts_line(line, s->name, full);
	fclose(f);
	if (found)
		memcpy(s->name, full, sizeof(s->name));
}

/* --- addresses -------------------------------------------------------- */

/* Not those that every host has. */
static bool
own_address(const struct sockaddr *sa, struct addr *a)
{
	const struct in_addr *v4;
	const struct in6_addr *v6;
	uint32_t n;

	*a = (struct addr){ 0 };
	if (sa != NULL && sa->sa_family == AF_INET) {
		v4 = &((const struct sockaddr_in *)(const void *)sa)->sin_addr;
		n = ntohl(v4->s_addr);
		a->family = 4;
		memcpy(a->b, v4, 4);
		return n >> 24 != 127 && n >> 16 != 0xa9fe && n != 0;
	}
	if (sa == NULL || sa->sa_family != AF_INET6)
		return false;
	v6 = &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
	a->family = 6;
	memcpy(a->b, v6, 16);
	return !IN6_IS_ADDR_LOOPBACK(v6) && !IN6_IS_ADDR_LINKLOCAL(v6) &&
	    !IN6_IS_ADDR_UNSPECIFIED(v6);
}

static void
add_address(struct self *s, const struct addr *a)
{
	char text[ADDR_TEXT];

	addr_text(a, text);
	for (size_t i = 0; i < s->naddresses; i++)
		if (strcmp(s->texts[i], text) == 0)
			return;
	if (s->naddresses == ADDRESSES_MAX)
		return;
	memcpy(s->texts[s->naddresses], text, sizeof(text));
	s->addresses[s->naddresses] = (struct str){
		.p = s->texts[s->naddresses],
		.len = strlen(text),
	};
	s->naddresses++;
}

static void
find_addresses(struct self *s)
{
	struct ifaddrs *all, *i;
	struct addr a;

	if (getifaddrs(&all) != 0)
		return;
	for (i = all; i != NULL; i = i->ifa_next)
		if (own_address(i->ifa_addr, &a))
			add_address(s, &a);
	freeifaddrs(all);
}

/* --- ports ------------------------------------------------------------ */

/* An address as the table has it: words of 32 bits, hexadecimal. */
static bool
is_loopback(const char *hex, size_t len)
{
	uint8_t b[16] = { 0 };
	char word[9] = "";
	uint32_t n;

	for (size_t i = 0; i < len / 8 && i < 4; i++) {
		memcpy(word, hex + i * 8, 8);
		n = (uint32_t)strtoul(word, NULL, 16);
		memcpy(b + i * 4, &n, 4);
	}
	if (len == 8)
		return b[0] == 127;
	return IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)(const void *)b) ||
	    (IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)(const void *)b) &&
		b[12] == 127);
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
add_port(int64_t ports[PORTS_MAX], size_t *n, unsigned port)
{
	for (size_t i = 0; i < *n; i++)
		if (ports[i] == port)
			return;
	if (*n < PORTS_MAX)
		ports[(*n)++] = port;
}

/* A row of /proc/net/tcp and its like; the address is LINE's. */
struct socket_line {
	const char *address;
	size_t len;
	unsigned long port, state;
};

/* "  0: 0100007F:0050 00000000:0000 0A ..." */
static bool
read_line(const char *line, struct socket_line *s)
{
	const char *p = strchr(line, ':');
	char *end;

	if (p == NULL)
		return false;
	s->address = p + 1 + strspn(p + 1, " ");
	s->len = strspn(s->address, "0123456789ABCDEF");
	if (s->len == 0 || s->address[s->len] != ':')
		return false;
	s->port = strtoul(s->address + s->len + 1, &end, 16);
	p = *end == ' ' ? strchr(end + 1, ' ') : NULL;
	if (p == NULL)
		return false;
	s->state = strtoul(p + 1, &end, 16);
	return *end == ' ';
}

/*
 * Sockets of the table PATH in state WANT (10: TCP that listens; 7: UDP that
 * is connected to nobody), whose port is below LESS.
 */
static void
find_ports(const char *path, unsigned want, unsigned less,
    int64_t ports[PORTS_MAX], size_t *n)
{
	struct socket_line s;
	char line[512];
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL)
		if (read_line(line, &s) && s.state == want && s.port != 0 &&
		    s.port < less && !is_loopback(s.address, s.len))
			add_port(ports, n, (unsigned)s.port);
	fclose(f);
	qsort(ports, *n, sizeof(*ports), by_number);
}

void
sensor_self(event_sink sink, void *arg)
{
	static struct self s;
	struct event ev;

	s = (struct self){ 0 };
	find_name(&s);
	find_addresses(&s);
	find_ports("/proc/self/net/tcp", 10, 65536, s.tcp, &s.ntcp);
	find_ports("/proc/self/net/tcp6", 10, 65536, s.tcp, &s.ntcp);
	find_ports("/proc/self/net/udp", 7, PORT_CHOSEN, s.udp, &s.nudp);
	find_ports("/proc/self/net/udp6", 7, PORT_CHOSEN, s.udp, &s.nudp);
	event_init(&ev, EV_self);
	ev.u.self.name = (struct str){ s.name, strlen(s.name) };
	ev.u.self.addresses = (struct strs){ s.addresses, s.naddresses };
	ev.u.self.tcp_ports = (struct ints){ s.tcp, s.ntcp };
	ev.u.self.udp_ports = (struct ints){ s.udp, s.nudp };
	sink(arg, &ev);
}
