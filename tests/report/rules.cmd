# the table of contents
rules
