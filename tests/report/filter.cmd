# one cause of a day on which other things went wrong, too
--filter 'rule == spn-missing' pcaps/day-three-faults.pcap
