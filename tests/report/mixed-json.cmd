# the same for scripts
-f json pcaps/mixed-morning.pcap
