#!/bin/sh
# The KEYS section of doc/kerbscope.1 from tui/keys.def, the table that the
# terminal itself is made of.
#
# usage: doc/keys.sh [--write]       print it, or put it in its place

set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."

# Rows as one line each: its name, group or keys, help.
rows()
{
	awk '
	{ text = text " " $0 }
	END {
		while (match(text, /(GROUP|COMMAND)\(/)) {
			name = substr(text, RSTART, RLENGTH - 1)
			text = substr(text, RSTART + RLENGTH)
			n = 0
			while (text !~ /^[ \t]*\)/) {
				if (match(text, /^[ \t]*"(\\.|[^"\\])*"/)) {
					s = substr(text, 1, RLENGTH)
					text = substr(text, RLENGTH + 1)
					sub(/^[ \t]*"/, "", s)
					sub(/"$/, "", s)
					gsub(/\\"/, "\"", s)
					gsub(/\\\\/, "\\", s)
					field[n] = field[n] s
				} else {
					if (substr(text, 1, 1) == ",")
						field[++n] = ""
					text = substr(text, 2)
				}
			}
			if (name == "GROUP")
				print "GROUP\t" field[0] "\t"
			else
				print "COMMAND\t" field[1] "\t" field[n]
			for (; n >= 0; n--)
				field[n] = ""
		}
	}'
}

# No echo of what may have a backslash: some take \e for an escape.
section()
{
	echo '.\" Written by doc/keys.sh from tui/keys.def.'
	sed '/^ \* /d' tui/keys.def | rows | sed 's/\\/\\e/g' |
	while IFS='	' read -r what first help; do
		case $what in
		GROUP) printf '.PP\n%s:\n' "$first" ;;
		*) printf '.TP\n.B %s\n%s\n' \
		    "$(printf '%s\n' "$first" | sed "s/ /\\\\fR, \\\\fB/g; s/-/\\\\-/g; s/'/\\\\(aq/g; s/\\^/\\\\(ha/g")" \
		    "$(printf '%s\n' "$help" | sed "s/'/\\\\(aq/g; s/\\^/\\\\(ha/g")" ;;
		esac
	done
}

if [ "${1:-}" != --write ]; then
	section
	exit
fi
new=$(mktemp)
trap 'rm -f "$new"' EXIT
{
	sed '/^\.SH KEYS/q' doc/kerbscope.1
	section
	sed -n '/^\.SH KEYS/,$p' doc/kerbscope.1 | sed 1d | sed -n '/^\.SH /,$p'
} >"$new"
cat "$new" >doc/kerbscope.1
