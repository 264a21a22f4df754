# two domains at once, and what no Samba holds
audit -v --ldif tests/report/audit-north.ldif --ldif tests/report/audit-south.ldif
