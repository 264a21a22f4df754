# two captures of one incident
pcaps/farm-one-node.pcap pcaps/stale-key-samba.pcap
