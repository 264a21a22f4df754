# fits 80x24: the SPN is on another account
pcaps/spn-wrong-account-samba.pcap
