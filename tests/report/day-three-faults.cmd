# the same day with three faults planted: three causes, no more
pcaps/day-three-faults.pcap
