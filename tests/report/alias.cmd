# fits 80x24: an alias without an SPN, NTLM after it
pcaps/alias-a-record.pcap
