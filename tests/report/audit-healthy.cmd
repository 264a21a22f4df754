# a domain in which nothing is wrong, as the lab's Samba makes it: three lines
audit --ldif tests/report/audit-healthy.ldif
