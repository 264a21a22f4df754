# a name that no account holds: the directory is asked, nothing else
collect tests/rules/spn-missing/spn-missing-two-forms.pcap
