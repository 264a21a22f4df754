# the same for scripts: indexes lead to what is shown
-f json --filter 'user == anna and outcome == degraded' pcaps/day-three-faults.pcap
