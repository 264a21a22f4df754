# nothing is open
collect tests/healthy/windows-like-logon.pcap
