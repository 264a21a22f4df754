# a fix of its own: the name of the domain is nobody's to register
tests/rules/spn-missing/domain-as-server.pcap
