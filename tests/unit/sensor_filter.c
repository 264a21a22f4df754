/*
 * sensor_filter.c - the kernel's filter: which frames it takes, under every
 * kind of tag, and those that only look like it.
 */
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "sensor-inside.h"

enum { TCP = 6, UDP = 17, ICMP = 1, ICMP6 = 58, ESP = 50 };

/* What stands between the Ethernet addresses and the IP header. */
static const struct head {
	const char *name;
	const char *octets; /* up to the type of IP */
	size_t len;
	bool mpls, ppp; /* the type is not that of Ethernet */
} heads[] = {
	{ "untagged", "", 0, false, false },
	{ "vlan", "\x81\x00\x00\x05", 4, false, false },
	{ "two vlans", "\x81\x00\x00\x05\x81\x00\x00\x06", 8, false, false },
	{ "802.1ad", "\x88\xa8\x00\x05\x81\x00\x00\x06", 8, false, false },
	{ "mpls", "\x88\x47\x00\x01\x01\x40", 6, true, false },
	{ "two labels", "\x88\x47\x00\x01\x00\x40\x00\x02\x01\x40", 10, true,
	    false },
	{ "vlan, mpls", "\x81\x00\x00\x05\x88\x47\x00\x01\x01\x40", 10, true,
	    false },
	{ "pppoe", "\x88\x64\x11\x00\x00\x01\x00\x30", 8, false, true },
	{ "vlan, pppoe", "\x81\x00\x00\x05\x88\x64\x11\x00\x00\x01\x00\x30", 12,
	    false, true },
};

#define NHEADS (sizeof(heads) / sizeof(*heads))

static uint8_t frame[256];
static size_t frame_len;

static void
add(const void *p, size_t len)
{
	memcpy(frame + frame_len, p, len);
	frame_len += len;
}

static void
add_type(const struct head *h, int version)
{
	const char *type = version == 4 ? "\x08\x00" : "\x86\xdd";
	const char *ppp = version == 4 ? "\x00\x21" : "\x00\x57";

	if (h->ppp)
		add(ppp, 2);
	else if (!h->mpls)
		add(type, 2);
}

/* FIRST: octets behind the IP header, as ports or as type and code. */
static void
make4(const struct head *h, int proto, int fragment, uint32_t first)
{
	uint8_t ip[28] = { 0x45, [3] = 28, [6] = (uint8_t)(fragment >> 8),
		[7] = (uint8_t)fragment, [8] = 64, [9] = (uint8_t)proto,
		[12] = 10, [15] = 1, [16] = 10, [19] = 2,
		[20] = (uint8_t)(first >> 24), [21] = (uint8_t)(first >> 16),
		[22] = (uint8_t)(first >> 8), [23] = (uint8_t)first };

	frame_len = 0;
	memset(frame, 0, sizeof(frame));
	add("\2\0\0\0\0\1\2\0\0\0\0\2", 12);
	add(h->octets, h->len);
	add_type(h, 4);
	add(ip, sizeof(ip));
}

static void
make6(const struct head *h, int proto, uint32_t first)
{
	uint8_t ip[48] = { 0x60, [5] = 8, [6] = (uint8_t)proto, [7] = 64,
		[8] = 0xfd, [23] = 1, [24] = 0xfd, [39] = 2,
		[40] = (uint8_t)(first >> 24), [41] = (uint8_t)(first >> 16),
		[42] = (uint8_t)(first >> 8), [43] = (uint8_t)first };

	frame_len = 0;
	memset(frame, 0, sizeof(frame));
	add("\2\0\0\0\0\1\2\0\0\0\0\2", 12);
	add(h->octets, h->len);
	add_type(h, 6);
	add(ip, sizeof(ip));
}

/* --- asking the filter ------------------------------------------------ */

static struct bpf_program program;

static bool
compile(const struct options *opt, int link)
{
	char error[SENSOR_FILTER_ERROR];
	pcap_t *p = pcap_open_dead(link, 65535);
	bool ok = p != NULL && sensor_filter_compile(p, opt, &program, error);

	if (p != NULL)
		pcap_close(p);
	return ok;
}

static bool
taken(void)
{
	struct pcap_pkthdr h = { .caplen = (bpf_u_int32)frame_len,
		.len = (bpf_u_int32)frame_len };

	return pcap_offline_filter(&program, &h, frame) != 0;
}

#define PORTS(from, to) ((uint32_t)(from) << 16 | (to))

static void
want(const struct head *h, const char *what, bool wanted)
{
	if (taken() == wanted)
		return;
	printf("%s, %s: %s\n", h->name, what, wanted ? "refused" : "taken");
	failures++;
}

static void
check_head(const struct head *h)
{
	make4(h, UDP, 0, PORTS(40000, 88));
	want(h, "to a KDC", true);
	make4(h, UDP, 0, PORTS(88, 40000));
	want(h, "from a KDC", true);
	make4(h, TCP, 0, PORTS(40000, 445));
	want(h, "TCP 445", true);
	make4(h, UDP, 0, PORTS(40000, 53));
	want(h, "UDP 53", true);
	make4(h, TCP, 0, PORTS(53, 40000));
	want(h, "TCP 53", true);
	make4(h, TCP, 0, PORTS(40000, 80));
	want(h, "TCP 80", false);
	make4(h, UDP, 0, PORTS(40000, 445));
	want(h, "UDP 445", false);
	make4(h, UDP, 0x00b9, 0);
	want(h, "a later fragment, UDP", true);
	make4(h, TCP, 0x00b9, 0);
	want(h, "a later fragment, TCP", true);
	make4(h, ESP, 0x00b9, 0);
	want(h, "a later fragment, ESP", false);
	make4(h, UDP, 0x2000, PORTS(88, 40000));
	want(h, "a first fragment", true);
	make4(h, UDP, 0x2000, PORTS(80, 40000));
	want(h, "a first fragment of others", false);
	make4(h, ICMP, 0, 0x03030000);
	want(h, "unreachable", true);
	make4(h, ICMP, 0, 0x08000000);
	want(h, "an echo", false);
}

static void
check_head_ipv6(const struct head *h)
{
	make6(h, UDP, PORTS(88, 40000));
	want(h, "IPv6, from a KDC", true);
	make6(h, TCP, PORTS(40000, 88));
	want(h, "IPv6, to a KDC", true);
	make6(h, TCP, PORTS(40000, 80));
	want(h, "IPv6, TCP 80", false);
	make6(h, 44, 0);
	want(h, "IPv6, a fragment", true);
	make6(h, ICMP6, 0x01040000);
	want(h, "IPv6, unreachable", true);
	make6(h, ICMP6, 0x87000000);
	want(h, "IPv6, a neighbour asks", false);
	make6(h, ESP, PORTS(40000, 88));
	want(h, "IPv6, ESP", false);
}

static void
check_decode(void)
{
	struct options opt = { .decodes = { { TRANSPORT_TCP, 4445, "smb" },
				   { TRANSPORT_UDP, 8888, "kdc" } },
		.ndecodes = 2 };

	CHECK(compile(&opt, DLT_EN10MB));
	make4(&heads[1], TCP, 0, PORTS(40000, 4445));
	CHECK(taken());
	make4(&heads[1], UDP, 0, PORTS(8888, 40000));
	CHECK(taken());
	make4(&heads[1], UDP, 0, PORTS(4445, 40000));
	CHECK(!taken());
	sensor_filter_free(&program);
}

/* --bpf takes away, and is meant for what stands behind the tags too. */
static void
check_bpf(void)
{
	struct options opt = { .bpf = "host 10.0.0.1 or host 10.0.0.9" };

	CHECK(compile(&opt, DLT_EN10MB));
	for (size_t i = 0; i < NHEADS; i++) {
		make4(&heads[i], UDP, 0, PORTS(40000, 88));
		want(&heads[i], "--bpf host", true);
		make4(&heads[i], UDP, 0, PORTS(40000, 80));
		want(&heads[i], "--bpf host, port 80", false);
		make6(&heads[i], UDP, PORTS(40000, 88));
		want(&heads[i], "--bpf host, another", false);
	}
	sensor_filter_free(&program);
	opt.bpf = "vlan 5";
	CHECK(compile(&opt, DLT_EN10MB));
	make4(&heads[1], UDP, 0, PORTS(40000, 88));
	want(&heads[1], "--bpf vlan 5", true);
	make4(&heads[0], UDP, 0, PORTS(40000, 88));
	want(&heads[0], "--bpf vlan 5", false);
	sensor_filter_free(&program);
	opt.bpf = "hos 10.0.0.1";
	CHECK(!compile(&opt, DLT_EN10MB));
	CHECK(program.bf_insns == NULL);
}

/* Link types without tags have what is left of it. */
static void
check_links(void)
{
	static const int links[] = { DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_RAW,
		DLT_NULL, DLT_PPP };
	struct options opt = { 0 };

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		CHECK(compile(&opt, links[i]));
		sensor_filter_free(&program);
	}
	CHECK(compile(&opt, DLT_RAW));
	make4(&heads[0], UDP, 0, PORTS(40000, 88));
	memmove(frame, frame + 14, frame_len -= 14);
	CHECK(taken());
	sensor_filter_free(&program);
}

int
main(void)
{
	struct options opt = { 0 };
	char *text = sensor_filter_text(&opt);

	CHECK(strstr(text, "udp port 88 ") != NULL);
	CHECK(strstr(text, "tcp port 88 ") != NULL);
	free(text);
	CHECK(compile(&opt, DLT_EN10MB));
	CHECK(program.bf_len < 4096);
	for (size_t i = 0; i < NHEADS; i++) {
		check_head(&heads[i]);
		check_head_ipv6(&heads[i]);
	}
	sensor_filter_free(&program);
	check_decode();
	check_bpf();
	check_links();
	return failures != 0;
}
