# A file that is not there, or no file at all: named, exit 2.

. tests/lib.sh

run_ks "$TMP/no-such.pcap"
want_status 2
want_one_line "^kerbscope: $TMP/no-such.pcap: .*[Nn]o such file"

run_ks "$TMP"
want_status 2
want_one_line "^kerbscope: $TMP: "
