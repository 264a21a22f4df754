# two accounts, and nothing says which is the service's: a command for each
tests/rules/spn-duplicate/spn-duplicate-samba.pcap --ldif tests/rules/spn-duplicate/spn-duplicate-samba.ldif
