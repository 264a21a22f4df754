# A fault that comes, is mended and comes back, at packet time: the lines for
# people and the log for programs say opened, counted, cleared, opened again.

. tests/lib.sh

command -v python3 >/dev/null || skip "needs python3"
command -v jq >/dev/null || skip "needs jq"

run_ks -q --events "$TMP/bad" tests/rules/acct-bad-password/bad-password-samba.pcap
run_ks -q --events "$TMP/good" "$healthy"
sed 's/"anna"/"dag"/g' "$TMP/good" >"$TMP/dag"
python3 tests/live/later.py "$TMP/bad" 0 20 3 >"$TMP/a.jsonl"
python3 tests/live/later.py "$TMP/dag" 540 7 8 >"$TMP/b.jsonl"
python3 tests/live/later.py "$TMP/bad" 500 20 2 >"$TMP/c.jsonl"
set -- "$TMP/a.jsonl" "$TMP/b.jsonl" "$TMP/c.jsonl"

# --- for programs
run_ks live --json-log "$TMP/log" "$@"
want_status 1
mv "$TMP/out" "$TMP/lines"
jq -e . "$TMP/log" >/dev/null || fail "a line of the log is no JSON"
jq -c 'select(.impact == "breaks") | [.time, .change, .rule,
    .subject.account, .occurrences, .again, .ok_since]' "$TMP/log" \
    >"$TMP/actual"
cat >"$TMP/expected" <<'END'
["2026-11-21T21:50:22.000000Z","opened","acct-bad-password","dag@FJORD.TEST",1,null,null]
["2026-11-21T21:50:42.000000Z","counted","acct-bad-password","dag@FJORD.TEST",2,null,null]
["2026-11-21T21:51:02.000000Z","counted","acct-bad-password","dag@FJORD.TEST",3,null,null]
["2026-11-21T21:52:10.000000Z","cleared","acct-bad-password","dag@FJORD.TEST",3,null,1]
END
diff "$TMP/expected" "$TMP/actual" | grep '^<' && fail "the log differs"
jq -se '
    (.[0] | .change == "started" and .schema == "kerbscope.log/1"
	and has("version")) and
    (.[-1] | .change == "stopped" and .broken == 5) and
    ([.[] | select(.change == "opened" and .again)] | length == 1) and
    (.[] | select(.change == "opened" and .impact == "breaks") |
	has("title") and has("certainty") and has("first") and has("last")
	and has("who") and (.evidence[0] | has("frame") and has("says"))
	and (.fix[0] | has("for") and has("run")))' "$TMP/log" >/dev/null ||
    fail "keys are missing"

# --- for people
for words in ' opened    breaks \(likely\): Wrong password for dag@FJORD' \
    '^  *who:   dag@FJORD.TEST' '^  *proof: frame [0-9]*: ' \
    '^  *fix:   cmdkey /list' '^21:50:42 counted   2 log-ons by now' \
    '^21:52:10 cleared   not seen since 21:50:58, 1 log-on ok since' \
    'opened    breaks \(likely\), again: '; do
	grep -qE -- "$words" "$TMP/lines" || fail "no line has: $words"
done
[ "$(grep -v '^  kerbscope collect' "$TMP/lines" | wc -L)" -le 80 ] ||
    fail "a line has more than 80 columns"

# --- always the same
run_ks live --json-log "$TMP/again" "$@"
cmp "$TMP/log" "$TMP/again" || fail "a second run gives another log"
cmp "$TMP/lines" "$TMP/out" || fail "a second run gives other lines"

# --- a log that is there goes on
run_ks live -q --json-log "$TMP/again" "$@"
[ ! -s "$TMP/out" ] || fail "-q is not quiet"
[ "$(wc -l <"$TMP/again")" -eq $((2 * $(wc -l <"$TMP/log"))) ] ||
    fail "the log was not appended to"

# --- on standard output there is nothing else
run_ks live --json-log - "$@"
cmp "$TMP/log" "$TMP/out" || fail "--json-log - differs"

# --- a filter is for what is told, too
run_ks live --filter 'principal == "carla@FJORD.TEST"' --json-log - "$@"
jq -se '([.[] | .rule // empty] | length > 0) and
    all(.[]; .subject.account // "" | . != "dag@FJORD.TEST")' "$TMP/out" \
    >/dev/null || fail "--filter"

# --- names cannot move a terminal
sed 's/"dag"/"d\\u001b]0;x\\u0007\\u202eg"/g; s/"carla"/"c\\nopened"/g' \
    "$TMP/a.jsonl" >"$TMP/evil.jsonl"
run_ks live --json-log "$TMP/evil" "$TMP/evil.jsonl"
has_controls "$TMP/out" "$TMP/evil" && fail "a control character"
jq -e . "$TMP/evil" >/dev/null || fail "it broke the log"
grep -q 'opened    breaks' "$TMP/out" || fail "the evil one was not found"

# --- the end, by packet time and by packets
run_ks live --duration 30 --json-log - "$@"
jq -se '.[-1].broken == 2' "$TMP/out" >/dev/null || fail "--duration"
run_ks live --packets 100 -f json "$broken"
jq -e '.captures[0].packets == 100' "$TMP/out" >/dev/null || fail "--packets"
