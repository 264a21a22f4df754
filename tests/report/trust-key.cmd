tests/rules/key-krbtgt-rolled/trust-key-mismatch.pcap
