# The machine fails in the middle: a full disk, no memory. What was found is
# reported all the same, what is lacking is said, and the exit status is 3.

. tests/lib.sh

# --- a full disk: the report goes where it still can
if [ -c /dev/full ]; then
	run_ks -o /dev/full "$broken"
	want_status 3
	want_err '^kerbscope: /dev/full: No space left on device$'
	want_err '^kerbscope: the report follows here instead$'
	want_out '\[spn-wrong-account\]'

	status=0
	ks "$broken" >/dev/full 2>"$TMP/err" || status=$?
	want_status 3
	want_err '^kerbscope: standard output: No space left on device$'
	want_err '\[spn-wrong-account\]'

	run_ks --events /dev/full "$broken"
	want_status 3
	want_one_line '^kerbscope: /dev/full: No space left on device$'
	want_out '\[spn-wrong-account\]'
fi

# --- no memory
if grep -q __asan_init "$KERBSCOPE"; then
	echo "the address sanitizer needs address space without a limit"
	exit 0
fi
python3 tests/cli/many.py "$TMP/many.pcap" "$broken" 1000
run_ks -f json --memory 1G "$TMP/many.pcap"
want_status 1
whole=$(jq .summary.stories "$TMP/out")

# Within MB of address space: $status, out and err.
within()
{
	status=0
	(
		ulimit -v $(($1 * 1024))
		exec timeout 60 "$KERBSCOPE" -f json --memory 1G "$2" \
		    </dev/null >"$TMP/out" 2>"$TMP/err"
	) || status=$?
}

# What the program with its libraries and its reserve takes for a small one.
least=20
while within $least "$healthy" && [ "$status" -ne 0 ]; do
	least=$((least + 2))
	[ $least -lt 400 ] || fail "not even 400 MB are enough"
done
stopped=0
# With less than that there is no reserve, and a line on stderr is all.
for mb in $(seq $((least + 10)) 3 $((least + 200))); do
	within "$mb" "$TMP/many.pcap"
	[ "$status" -ne 1 ] || break
	want_status 3 "$mb MB"
	want_one_line '^kerbscope: out of memory after [0-9]* packets: '
	stopped=$((stopped + 1))
	some=$(jq .summary.stories "$TMP/out") || fail "$mb MB: no report"
	if [ "$some" -eq 0 ] || [ "$some" -ge "$whole" ]; then
		fail "$mb MB: $some log-ons of $whole"
	fi
	[ "$(jq .quality.damaged "$TMP/out")" -eq 1 ] ||
	    fail "$mb MB: quality does not say that it was cut"
	jq -r '.findings[] | select(.cause) | .rule' "$TMP/out" |
	    grep -qx spn-wrong-account ||
	    fail "$mb MB: what was found is not in the report"
done
[ "$status" -eq 1 ] || fail "all of it was never read"
[ "$stopped" -ge 2 ] || fail "memory ran out in $stopped runs only"
