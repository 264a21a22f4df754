# Arrows point only to include/. The build of a folder does not find other
# folders' headers; this catches the rest: paths with .., system headers.

. tests/lib.sh

# Lines "FILE HEADER" of the folder's own includes or of the system's.
own()
{
	sed -n 's/^[ 	]*#[ 	]*include[ 	]*"\([^"]*\)".*/\1/p' "$1"
}

system()
{
	sed -n 's/^[ 	]*#[ 	]*include[ 	]*<\([^>]*\)>.*/\1/p' "$1"
}

complain()
{
	echo "$1: $2"
	: >"$TMP/wrong"
}

# FILE may include, in quotes, headers of the folders given and words.
may_include()
{
	file=$1
	shift
	for h in $(own "$file"); do
		for place; do
			[ -f "$place/$h" ] || [ "$place" = "$h" ] && continue 2
		done
		complain "$file" "includes \"$h\""
	done
}

never_system()
{
	system "$1" | grep -E "$2" | while read -r h; do
		complain "$1" "includes <$h>"
	done
}

for f in include/*.h; do
	[ "$f" = include/config.h ] || may_include "$f" include event.def
	never_system "$f" '^(pcap|krb5|ldap|lber|curses|ncurses|archive|jansson)'
done
for f in rules/*.c; do
	may_include "$f" include
	system "$f" | grep -vxE \
	    '(std(arg|bool|def|int|lib)|strings?|ctype|inttypes|limits|time)\.h' |
	while read -r h; do
		complain "$f" "includes <$h>"
	done
done
for f in dissect/*.[ch]; do
	[ -f "$f" ] || continue
	may_include "$f" include dissect config.h
	never_system "$f" '^(pcap|ldap|lber|curses|ncurses|archive|jansson)'
	case $f in
	dissect/krb.c | dissect/krb*.h) ;;
	*) never_system "$f" '^(krb5|gssapi|profile)' ;;
	esac
	# The last words when there is no memory left are no printing.
	grep -nE '(^|[^a-z_])(v?f?printf|f?puts|perror)[ 	]*\(' "$f" |
	    grep -v 'out of memory' >"$TMP/prints" && complain "$f" "prints: $(head -n 1 "$TMP/prints")"
done
for f in analyzer/*.[ch]; do
	[ -f "$f" ] || continue
	may_include "$f" include analyzer dissect.h config.h
	case $f in
	analyzer/probe-*) ;;
	*) never_system "$f" '^(krb5|ldap|lber|gssapi)' ;;
	esac
	never_system "$f" '^(curses|ncurses)'
done
[ ! -f "$TMP/wrong" ] || fail "a border is crossed"
