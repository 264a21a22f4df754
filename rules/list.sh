#!/bin/sh
# Write rules/rules.mk (the lists of files that Makefile.am reads) and
# rules/registry.c (the table of all rules) from what the folders hold, so
# that adding a source, a rule or a test touches no list. Nothing is written
# when nothing changed: the source folder of `make distcheck` is read-only.
#
# usage: rules/list.sh [TOP]

set -eu
export LC_ALL=C
cd "${1:-$(dirname "$0")/..}"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# Names of the files in folder $1 that end in $2, without folder and ending.
names()
{
	for f in "$1"/*"$2"; do
		[ -f "$f" ] || continue
		f=${f##*/}
		printf '%s\n' "${f%"$2"}"
	done | sort
}

# A make variable $1 with one value a line from stdin.
variable()
{
	printf '%s =' "$1"
	while read -r v; do
		printf ' \\\n\t%s' "$v"
	done
	printf '\n'
}

c_name()
{
	printf '%s\n' "$1" | tr -c 'A-Za-z0-9\n' _
}

makefile()
{
	echo '# Written by rules/list.sh from what the folders hold.'
	for d in . include analyzer dissect rules tui tests tests/*; do
		[ -d "$d" ] && printf '$(srcdir)/%s\n' "$d"
	done | grep -v -x -F '$(srcdir)/.' | variable list_folders
	names analyzer .c | grep -v -x main | sed 's|.*|analyzer/&.c|' |
	    variable analyzer_files
	names dissect .c | sed 's|.*|dissect/&.c|' | variable dissect_files
	names tui .c | sed 's|.*|tui/&.c|' | variable tui_files
	names rules .c | sed 's|.*|rules/&.c|' | grep -v -x rules/registry.c |
	    variable rule_files
	for f in include/*.h include/*.def analyzer/*.h analyzer/*.def dissect/*.h \
	    dissect/*.def rules/*.h tui/*.h tui/*.def tests/unit/*.h \
	    tests/unit/*.txt; do
		[ -f "$f" ] && [ "$f" != include/config.h ] && echo "$f"
	done | sort | variable header_files
	for d in tests/* pcaps; do
		case $d in
		tests/unit) ;;
		*) [ -e "$d" ] && echo "$d" ;;
		esac
	done | variable test_files
	# What tests the terminal is built only where that is.
	names tests/unit .c | grep -v '^tui_' | sed 's|.*|tests/unit/&|' |
	    variable unit_programs
	names tests/unit .c | grep '^tui_' | sed 's|.*|tests/unit/&|' |
	    variable tui_unit_programs
	names tests/unit .c | while read -r t; do
		printf 'tests_unit_%s_SOURCES = tests/unit/%s.c\n' \
		    "$(c_name "$t")" "$t"
		case $t in
		tui_*) printf 'tests_unit_%s_CPPFLAGS = $(tui_test_cppflags)\n' \
		    "$(c_name "$t")" ;;
		esac
	done
}

registry()
{
	echo '/* Written by rules/list.sh from what the folder holds. */'
	printf '\n#include <stddef.h>\n\n#include "rule.h"\n\n'
	ids=$(names rules .c | grep -v -x registry || :)
	for id in $ids; do
		printf 'extern const struct rule rule_%s;\n' "$(c_name "$id")"
	done
	printf '\nconst struct rule *const rules_all[] = {\n'
	for id in $ids; do
		printf '\t&rule_%s,\n' "$(c_name "$id")"
	done
	printf '\tNULL,\n};\n\n'
	printf 'const unsigned rules_count = %d;\n' \
	    "$(printf '%s\n' "$ids" | grep -c . || :)"
}

makefile >"$tmp/rules.mk"
registry >"$tmp/registry.c"
for f in rules.mk registry.c; do
	cmp -s "$tmp/$f" "rules/$f" || cat "$tmp/$f" >"rules/$f"
done
