/*
 * sensor-filter.c - the kernel's filter: what the dissectors can read, by
 * the ports of their carriers, and nothing else.
 *
 * Language of the expressions: pcap-filter(7).  Classic BPF: McCanne and
 * Jacobson, "The BSD Packet Filter", 1993.
 *
 * A `vlan` in an expression moves all that is to its right, and `mpls` cannot
 * be followed by `vlan`; so one expression for all encapsulations is not to
 * be had. Each is compiled by itself, and the programs are put one behind the
 * other: where one would refuse a frame, the next is asked.
 */
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "sensor-inside.h"
#include "text.h"

#define PROGRAM_MAX 4096 /* instructions: BPF_MAXINSNS of Linux */

/*
 * Adapters and the kernel itself take the outer tag off into a field of its
 * own, where libpcap's `vlan` looks as well, on an interface that is open.
 */
static const char *const wraps[] = {
	"",
	"vlan and ",
	"vlan and vlan and ",
	"mpls and ",
	"mpls and mpls and ",
	"vlan and mpls and ",
	"pppoes and ",
	"vlan and pppoes and ",
};

/* TEXT with MORE at its end, which is freed. */
static char *
append(char *text, char *more)
{
	char *both = text_printf("%s%s", text, more);

	free(text);
	free(more);
	return both;
}

static char *
append_port(char *text, enum transport tp, uint16_t port)
{
	return append(text,
	    text_printf("%s%s port %d", *text == '\0' ? "" : " or ",
		tp == TRANSPORT_TCP ? "tcp" : "udp", port));
}

static char *
append_ports(char *text, const struct options *opt, enum transport tp)
{
	const uint16_t *port;

	for (size_t i = 0; dissect_carrier_name(i) != NULL; i++)
		for (port = dissect_carrier_ports(i, tp); *port != 0; port++)
			text = append_port(text, tp, *port);
	for (size_t i = 0; i < opt->ndecodes; i++)
		if (opt->decodes[i].transport == tp)
			text = append_port(text, tp, opt->decodes[i].port);
	return text;
}

/*
 * Later fragments have no ports: a KDC that answers over UDP with a large
 * ticket sends some, and rules count on them. Nor does libpcap look behind
 * the extension headers of IPv6 (0, 43, 44, 60), which are rare enough to
 * let all of them pass. The errors are those that icmp.c reads.
 */
char *
sensor_filter_text(const struct options *opt)
{
	char *text = text_printf("%s", "");

	text = append_ports(text, opt, TRANSPORT_TCP);
	text = append_ports(text, opt, TRANSPORT_UDP);
	return append(text,
	    text_printf("%s",
		" or (ip[6:2] & 0x1fff != 0 and (ip proto 6 or ip proto 17))"
		" or ip6 proto 44 or ip6 proto 60 or ip6 proto 0"
		" or ip6 proto 43"
		" or (ip proto 1 and ip[6:2] & 0x1fff = 0 and"
		" icmp[0] = 3)"
		" or (ip6 proto 58 and ip6[40] = 1)"));
}

/* --bpf goes first: `vlan 5` in it moves what follows, as it should. */
static char *
wrapped(const char *wrap, const char *builtin, const char *bpf)
{
	if (bpf == NULL)
		return text_printf("%s(%s)", wrap, builtin);
	return text_printf("%s(%s) and (%s)", wrap, bpf, builtin);
}

/* P with MORE behind it, asked for what P would refuse. */
static bool
chain(struct bpf_program *p, const struct bpf_program *more)
{
	unsigned n = p->bf_len + more->bf_len;

	if (n > PROGRAM_MAX)
		return false;
	for (unsigned i = 0; i < p->bf_len; i++)
		if (p->bf_insns[i].code == (BPF_RET | BPF_K) &&
		    p->bf_insns[i].k == 0)
			p->bf_insns[i] = (struct bpf_insn){
				.code = BPF_JMP | BPF_JA,
				.k = p->bf_len - i - 1,
			};
	p->bf_insns = memory_resized(p->bf_insns, n, sizeof(*p->bf_insns));
	memcpy(p->bf_insns + p->bf_len, more->bf_insns,
	    more->bf_len * sizeof(*more->bf_insns));
	p->bf_len = n;
	return true;
}

bool
sensor_filter_compile(pcap_t *pcap, const struct options *opt,
    struct bpf_program *program, char error[SENSOR_FILTER_ERROR])
{
	char *builtin = sensor_filter_text(opt), *text;
	struct bpf_program one;
	bool ok = true;

	*program = (struct bpf_program){ 0 };
	for (size_t i = 0; ok && i < sizeof(wraps) / sizeof(*wraps); i++) {
		text = wrapped(wraps[i], builtin, opt->bpf);
		if (pcap_compile(pcap, &one, text, 1, PCAP_NETMASK_UNKNOWN) ==
		    0) {
			ok = chain(program, &one);
			pcap_freecode(&one);
			snprintf(error, SENSOR_FILTER_ERROR, "is too long");
		} else if (i == 0) {
			snprintf(error, SENSOR_FILTER_ERROR, "%.250s",
			    pcap_geterr(pcap));
			ok = false;
		}
		/* Not all link types have tags, or labels. */
		free(text);
	}
	free(builtin);
	if (!ok)
		sensor_filter_free(program);
	return ok;
}

void
sensor_filter_free(struct bpf_program *program)
{
	free(program->bf_insns);
	*program = (struct bpf_program){ 0 };
}
