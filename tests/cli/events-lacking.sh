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

# A client is refused at the port for passwords, and then shows a ticket there
# that has no carrier.
python3 - "$TMP/refused" <<'EOF'
import json, sys
folder = "tests/rules/kpasswd-2025-success-in-krb-error"
lines = [json.loads(line)
         for line in open(folder + "/near-refused-in-krb-error.jsonl")]
by_frame = {e.get("frame"): e for e in lines if e["event"] != "kpasswd"}
syn = by_frame[57]
refused = dict(syn, src=syn["dst"], dst=syn["src"], sport=syn["dport"],
               dport=syn["sport"], state="refused", frame=58)
del refused["from_client"]
ticket = {k: v for k, v in by_frame[60].items() if k != "carrier"}
asked = dict(by_frame[9], sname="krbtgt/FJORD.TEST")
with open(sys.argv[1], "w") as out:
    for e in (lines[0], asked, by_frame[10], syn, refused, ticket):
        print(json.dumps(e), file=out)
EOF
run_ks -f json "$TMP/refused"
[ "$status" -le 1 ] || want_status 1 "a ticket without carrier"
