# fits 80x24: a stale machine key, two log-ons
pcaps/stale-key-samba.pcap
