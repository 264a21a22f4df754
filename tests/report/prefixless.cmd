# fits 80x24
tests/rules/spn-prefixless-target/prefixless-target.pcap
