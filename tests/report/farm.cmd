# fits 80x24: one node of a farm
pcaps/farm-one-node.pcap
