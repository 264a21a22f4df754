# what Samba could be brought to hold
audit --ldif tests/report/audit-faults.ldif
