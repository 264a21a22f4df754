# every log-on step by step
-v pcaps/spn-wrong-account-samba.pcap
