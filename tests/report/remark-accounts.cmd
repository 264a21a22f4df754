tests/rules/acct-many-failures-one-source/password-spray.pcap
