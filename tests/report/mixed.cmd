# three causes among eight log-ons
pcaps/mixed-morning.pcap
