# Events that lack a field, which no program of ours writes: each field of an
# event file is taken away in turn, and what is left is told like any other.
# A fuzzer found the first of them, without a carrier and without a name.

. tests/lib.sh

run_ks --events "$TMP/events" pcaps/mixed-morning.pcap
python3 - "$TMP" <<'EOF'
import json, sys
top = sys.argv[1]
events = [json.loads(line) for line in open(top + "/events")]
for key in sorted({k for e in events for k in e} - {"event"}):
    with open(f"{top}/without-{key}", "w") as out:
        for e in events:
            print(json.dumps({k: v for k, v in e.items() if k != key}),
                  file=out)
EOF
tried=0
for f in "$TMP"/without-*; do
	run_ks -v "$f"
	[ "$status" -le 2 ] || want_status 2 "$(basename "$f")"
	tried=$((tried + 1))
done
[ $tried -gt 60 ] || fail "only $tried fields were taken away"
for key in carrier name; do
	run_ks -f json "$TMP/without-$key"
	[ "$status" -le 1 ] || want_status 1 "without $key"
	[ "$(jq .summary.stories "$TMP/out")" -gt 0 ] ||
	    fail "without $key: no log-on was told"
done
