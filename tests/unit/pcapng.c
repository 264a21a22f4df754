/*
 * pcapng.c: what is written, octet by octet where scripts rely on it, and as
 * libpcap reads it back.
 */
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bounds.h"
#include "check.h"
#include "pcapng.h"

#define ETHERNET 1

static struct pcapng blocks;

static const uint8_t octets[] = "seventeen octets!";

static struct frame
make_frame(int64_t time, uint32_t caplen)
{
	return (struct frame){
		.time = time,
		.link = ETHERNET,
		.caplen = caplen,
		.len = 100,
		.data = octets,
	};
}

/* The block at *AT has TYPE, and is as long as it says twice. */
static bool
is_block(size_t *at, uint32_t type)
{
	uint32_t head[2], tail;

	if (blocks.len - *at < 12)
		return false;
	memcpy(head, blocks.octets + *at, sizeof(head));
	if (head[0] != type || head[1] % 4 != 0 || head[1] > blocks.len - *at)
		return false;
	*at += head[1];
	memcpy(&tail, blocks.octets + *at - 4, 4);
	return tail == head[1];
}

/* Where TEXT stands in the blocks; 0 if nowhere. */
static size_t
find(const char *text)
{
	const uint8_t *p = memmem(blocks.octets, blocks.len, text,
	    strlen(text));

	return p == NULL ? 0 : (size_t)(p - blocks.octets);
}

static void
test_blocks(void)
{
	static const char *const says[] = { "one", "tw\x1bo", "\xff\xfe" };
	struct frame f = make_frame(INT64_C(0x123456789), 17);
	size_t at = 0;

	pcapng_section(&blocks, "kerbscope", "a run");
	pcapng_interface(&blocks, "eth0", ETHERNET, 0);
	pcapng_packet(&blocks, 0, &f, says, 3);
	f.caplen = 0;
	pcapng_packet(&blocks, 0, &f, NULL, 0);
	CHECK(is_block(&at, 0x0a0d0d0a));
	CHECK(is_block(&at, 1));
	CHECK(memcmp(blocks.octets + at,
		  "\6\0\0\0\x58\0\0\0\0\0\0\0\1\0\0\0\x89\x67\x45\x23"
		  "\x11\0\0\0\x64\0\0\0seventeen octets!\0\0\0"
		  "\1\0\3\0one\0\1\0\7\0tw\\x1bo\0\1\0\10\0\\xff\\xfe\0\0\0\0",
		  84) == 0);
	CHECK(is_block(&at, 6));
	CHECK(is_block(&at, 6) && at == blocks.len);
	CHECK(find("a run") > 0 && find("eth0") > 0);
	pcapng_free(&blocks);
	CHECK(blocks.len == 0 && blocks.octets == NULL);
}

/* A text that no option could hold is cut, between two characters. */
static void
test_long(void)
{
	char *text = malloc(200001);
	struct frame f = make_frame(1, 17);
	const char *says = text;
	size_t at = 0;

	for (size_t i = 0; i < 200000; i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	text[200000] = '\0';
	memcpy(text, "x", 1);
	memcpy(text + 1, "y", 1);
	pcapng_section(&blocks, text, text);
	pcapng_interface(&blocks, text, 70000, 0);
	pcapng_packet(&blocks, 0, &f, &says, 1);
	CHECK(is_block(&at, 0x0a0d0d0a) && is_block(&at, 1) &&
	    is_block(&at, 6) && at == blocks.len);
	CHECK(blocks.len < 20000);
	text[1] = 'z';
	memmove(text + 2, text + 3, 199998);
	pcapng_packet(&blocks, 0, &f, &says, 1);
	CHECK(is_block(&at, 6));
	pcapng_free(&blocks);
	free(text);
}

/* As tcpdump and every other reader with libpcap has it. */
static void
test_libpcap(void)
{
	char path[] = "/tmp/kerbscope-pcapng-XXXXXX", why[PCAP_ERRBUF_SIZE];
	static const char *const says[] = { "why" };
	struct frame f = make_frame(1700000000 * SECOND + 123456, 17);
	int fd = mkstemp(path);
	struct pcap_pkthdr *h;
	const uint8_t *data;
	pcap_t *p;

	pcapng_section(&blocks, "kerbscope", NULL);
	pcapng_interface(&blocks, NULL, ETHERNET, 0);
	pcapng_packet(&blocks, 0, &f, says, 1);
	f.time = -5;
	f.caplen = 3;
	f.len = 1; /* less than there is: nonsense is not written on */
	pcapng_packet(&blocks, 0, &f, NULL, 0);
	CHECK(write(fd, blocks.octets, blocks.len) == (ssize_t)blocks.len);
	close(fd);
	p = pcap_open_offline(path, why);
	CHECK(p != NULL && pcap_datalink(p) == DLT_EN10MB);
	CHECK(pcap_next_ex(p, &h, &data) == 1);
	CHECK(h->ts.tv_sec == 1700000000 && h->ts.tv_usec == 123456);
	CHECK(h->caplen == 17 && h->len == 100);
	CHECK(memcmp(data, octets, 17) == 0);
	CHECK(pcap_next_ex(p, &h, &data) == 1);
	CHECK(h->ts.tv_sec == 0 && h->ts.tv_usec == 0);
	CHECK(h->caplen == 3 && h->len == 3);
	CHECK(pcap_next_ex(p, &h, &data) == PCAP_ERROR_BREAK);
	pcap_close(p);
	unlink(path);
	pcapng_free(&blocks);
}

int
main(void)
{
	test_blocks();
	test_long();
	test_libpcap();
	return failures > 0;
}
