# Files of 700 lines and functions of 60 at most, lines of 80 columns.

. tests/lib.sh

for f in analyzer/*.[ch] dissect/*.[ch] include/*.h include/*.def \
    dissect/*.def rules/*.c tests/unit/*.[ch] tests/fuzz/*.[ch]; do
	case $f in
	*'*'* | include/config.h | rules/registry.c) continue ;;
	esac
	expand "$f" | awk -v file="$f" '
	length > 80 { print file ":" NR ": " length " columns" }
	/^{/ { start = NR }
	/^}/ && start {
		if (NR - start + 1 > 60)
			print file ":" start ": a function of " \
			    NR - start + 1 " lines"
		start = 0
	}
	END { if (NR > 700) print file ": " NR " lines" }'
done >"$TMP/long"
cat "$TMP/long"
[ ! -s "$TMP/long" ] || fail "$(wc -l <"$TMP/long") too long"
