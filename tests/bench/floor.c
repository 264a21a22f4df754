/*
 * floor.c - reads captures with a bare pcap_loop() and looks at nothing: no
 * program that reads them by libpcap can be faster.
 */
#include <pcap/pcap.h>
#include <stdio.h>

static unsigned long long packets, octets;

static void
count(u_char *arg, const struct pcap_pkthdr *h, const u_char *data)
{
	(void)arg;
	(void)data;
	packets++;
	octets += h->caplen;
}

int
main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap;

	for (int i = 1; i < argc; i++) {
		pcap = pcap_open_offline(argv[i], error);
		if (pcap == NULL || pcap_loop(pcap, -1, count, NULL) != 0) {
			fprintf(stderr, "floor: %s: cannot be read\n", argv[i]);
			return 1;
		}
		pcap_close(pcap);
	}
	printf("%llu packets %llu octets\n", packets, octets);
	return 0;
}
