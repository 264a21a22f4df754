# fits 80x24: one missing SPN, three users
pcaps/several-faults.pcap
