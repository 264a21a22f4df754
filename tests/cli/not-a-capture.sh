# Files that are no captures are refused by name; two formats that carry
# capture names (.cap, .enc) are called what they are.

. tests/lib.sh

refused()
{
	run_ks "$TMP/$1"
	want_status 2 "$1"
	want_one_line "^kerbscope: $TMP/$1: .*$2"
	[ ! -s "$TMP/out" ] || fail "$1: a report although nothing was read"
}

cp README "$TMP/text.pcap"
refused text.pcap 'not a capture'
: >"$TMP/empty.pcap"
refused empty.pcap 'empty'
{ printf 'GMBU\002\003\000\000' && head -c 200 /dev/zero; } >"$TMP/netmon.cap"
refused netmon.cap 'Network Monitor|NetMon'
{ printf 'XCP\000' && head -c 200 /dev/zero; } >"$TMP/sniffer.cap"
refused sniffer.cap 'Sniffer'
gzip -c README >"$TMP/text.gz"
refused text.gz 'not a capture'
{ printf '\324\303\262\241\002\000\004\000'; } >"$TMP/header-cut.pcap"
refused header-cut.pcap '.'
