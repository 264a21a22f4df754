# fits 80x24: a Samba server whose clock is off
pcaps/skew-service-samba.pcap
