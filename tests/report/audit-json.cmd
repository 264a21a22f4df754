# the same for scripts
audit -f json --ldif tests/report/audit-north.ldif --ldif tests/report/audit-south.ldif
