# for programs
collect -f json tests/rules/spn-missing/spn-missing-http.pcap
