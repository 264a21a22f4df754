# what looks odd and is well
audit --ldif tests/report/audit-near.ldif
