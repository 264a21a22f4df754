# a refused ticket: keytab and directory
collect tests/rules/service-refused-ticket/refused-samba-once.pcap
