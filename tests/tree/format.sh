# Every source file is as clang-format leaves it.

. tests/lib.sh

command -v clang-format >/dev/null || skip "clang-format is not installed"
for f in analyzer/*.[ch] dissect/*.[ch] include/*.h rules/*.c \
    tests/unit/*.[ch] tests/fuzz/*.[ch] tests/bench/*.[ch]; do
	case $f in
	*'*'* | include/config.h | rules/registry.c) continue ;;
	esac
	clang-format --dry-run -Werror "$f" 2>/dev/null || echo "$f"
done >"$TMP/unformatted"
cat "$TMP/unformatted"
[ ! -s "$TMP/unformatted" ] ||
    fail "$(wc -l <"$TMP/unformatted") files: run clang-format -i"
