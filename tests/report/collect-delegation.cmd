# a delegation: front end, target and user
collect tests/rules/deleg-refused/s4u-target-not-listed.pcap
