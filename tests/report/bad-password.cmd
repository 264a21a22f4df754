# fits 80x24
tests/rules/acct-bad-password/bad-password-mit.pcap
