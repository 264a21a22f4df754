# a day of eight clients and five services, all well
pcaps/day-healthy.pcap
