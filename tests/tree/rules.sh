# Every rule has a folder with a capture in which it fires and a near miss, and
# every such folder has its rule; every rule says how its fix is verified.

. tests/lib.sh

wrong=0
for f in rules/*.c; do
	id=$(basename "$f" .c)
	[ "$id" != registry ] || continue
	for kind in fires near; do
		set -- "tests/rules/$id/$kind"-*.expect
		[ -f "$1" ] && continue
		echo "rules/$id.c: no tests/rules/$id/$kind-*.expect"
		wrong=$((wrong + 1))
	done
	grep -q '\.verify = *"\|\.verify =$' "$f" && continue
	echo "rules/$id.c: no .verify"
	wrong=$((wrong + 1))
done
for d in tests/rules/*/; do
	id=$(basename "$d")
	[ "$id" = '*' ] || [ -f "rules/$id.c" ] && continue
	set -- "$d"*.expect
	[ -f "$1" ] || continue
	echo "$d: there is no rules/$id.c"
	wrong=$((wrong + 1))
done
[ "$wrong" -eq 0 ] || fail "$wrong missing"
