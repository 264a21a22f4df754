# What `make bench` measures look-ups with, small: nothing of it is too much.

. tests/lib.sh

BENCH_SCALE=0.02 timeout 60 python3 tests/bench/lookups.py "$KERBSCOPE" \
    >"$TMP/out" 2>"$TMP/err" || fail "$(cat "$TMP/out" "$TMP/err")"
want_out '^look-ups  *[0-9.]* s'
want_out '^audit  *[0-9.]* s'
