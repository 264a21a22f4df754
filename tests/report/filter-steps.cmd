# a log-on without a cause, step by step, and the numbers of the whole
-v --filter 'id == 3' pcaps/day-three-faults.pcap
