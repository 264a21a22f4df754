# fits 80x24: three lines
pcaps/healthy-logon.pcap
