# a page of the book
explain key-stale-service-keytab
