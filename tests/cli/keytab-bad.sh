# Keytabs that are none, empty, damaged, unreadable or of another domain: one
# line each, and the analysis goes on. What is in one reaches no output.

. tests/lib.sh

capture=tests/rules/key-stale-service-keytab/stale-keytab-badkeyver.pcap
good=tests/rules/key-stale-service-keytab/stale-keytab-badkeyver.keytab
other=tests/rules/key-keytab-missing-principal/keytab-without-name.keytab

# bad FILE PATTERN: findings as without it, one line, status 2
bad()
{
	run_ks -f json --keytab "$1" "$capture"
	want_status 2
	want_one_line "^kerbscope: $1: $2"
	jq -e '.findings | length > 0' "$TMP/out" >"$TMP/none" ||
	    fail "no findings with $1"
}

: >"$TMP/empty"
bad "$TMP/empty" 'is empty$'
bad "$TMP/absent" 'No such file'
bad "$TMP" 'Is a directory$'
bad "$capture" 'is no keytab$'
bad /dev/zero 'is no keytab$'
printf '\005\002' >"$TMP/bare"
bad "$TMP/bare" 'a keytab without a key'
printf '\005\002\000\000\000\100garbage' >"$TMP/garbage"
bad "$TMP/garbage" 'a keytab without a key'

# Part-way: what is good is used, and proves the cause all the same.
size=$(wc -c <"$good")
head -c $((size - 5)) "$good" >"$TMP/cut"
bad "$TMP/cut" 'is damaged; [0-9]+ keys? of it can be used$'
jq -e '.findings[] | select(.cause and .certainty == "proven")' "$TMP/out" \
    >"$TMP/proven" || fail "the good entries of a damaged keytab prove nothing"

# Of another domain: a word, but nothing is wrong with it.
run_ks --keytab "$other" "$capture"
want_status 1
want_one_line "^kerbscope: $other: no entry is for a service or realm seen"

# Of a pipe, and with a good one beside a bad one.
cat "$good" >"$TMP/copy"
mkfifo "$TMP/pipe"
cat "$TMP/copy" >"$TMP/pipe" &
run_ks -f json --keytab "$TMP/pipe" --keytab "$TMP/absent" "$capture"
wait
want_status 2
jq -e '.findings[] | select(.cause and .certainty == "proven")' "$TMP/out" \
    >"$TMP/proven" || fail "a bad keytab spoils a good one"

# Keys stand in no output.
for format in text json; do
	run_ks -vv -f $format --keytab "$good" --events "$TMP/events.jsonl" \
	    "$capture"
	want_status 1
	cat "$TMP/out" "$TMP/err" "$TMP/events.jsonl" >>"$TMP/all"
done
grep -q '"event":"ticket-key"' "$TMP/all" || fail "no key was tried"
python3 - "$good" >"$TMP/keys" <<'END'
import struct, sys
data = open(sys.argv[1], "rb").read()
at = 2
while at < len(data):
    size, = struct.unpack_from(">i", data, at)
    entry = data[at + 4:at + 4 + size]
    at += 4 + size
    parts, p = struct.unpack_from(">H", entry)[0] + 1, 2
    for _ in range(parts):
        p += 2 + struct.unpack_from(">H", entry, p)[0]
    length, = struct.unpack_from(">H", entry, p + 11)
    print(entry[p + 13:p + 13 + length].hex())
END
[ -s "$TMP/keys" ] || fail "no key was found"
while read -r key; do
	# A key's first eight octets would be more than enough of it.
	if grep -qi "$(printf '%.16s' "$key")" "$TMP/all"; then
		fail "a key stands in the output"
	fi
done <"$TMP/keys"
