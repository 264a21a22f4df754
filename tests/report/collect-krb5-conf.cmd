# reverse DNS: the client's krb5.conf
collect tests/rules/dns-ptr-wrong-rdns/rdns-wrong.pcap
