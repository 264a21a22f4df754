# What the kernel's filter lets through of a real interface: tags, which the
# kernel takes off and libpcap puts back, labels, fragments, both directions;
# and the same of "any", whose frames have another head.

. tests/net.sh

query="python3 tests/live/query.py"
command -v python3 >/dev/null || skip "needs python3"

# An interface with tag $2 on interface $1 of namespace $4, address $3, from
# where $5 is nobody.
add_vlan()
{
	ip -n "$4" link add link "$1" name "$1.$2" type vlan id "$2" \
	    2>/dev/null || return 1
	ip -n "$4" addr add "$3" dev "$1.$2"
	ip -n "$4" link set "$1.$2" up
	ip -n "$4" neigh add "$5" lladdr ff:ff:ff:ff:ff:ff dev "$1.$2"
}

# Not every kernel makes them; tags that it only receives are always there.
tagged=
add_vlan v1 5 10.9.5.2/24 "$THERE" 10.9.5.1 &&
    add_vlan v1.5 6 10.9.6.2/24 "$THERE" 10.9.6.1 &&
    add_vlan v0 7 10.9.7.1/24 "$HERE" 10.9.7.2 && tagged=1

send_all()
{
	there $query udp 10.9.0.1 udp.test
	there $query udp fd09::1 udp6.test
	here $query udp 10.9.0.2 own.test
	for kind in plain vlan vlans ad mpls labels pppoe fragments; do
		there $query raw v1 $kind raw-$kind.test
		here $query raw v0 $kind own-$kind.test
	done
	[ -n "$tagged" ] || return 0
	there $query udp 10.9.5.1 tag.test
	there $query udp 10.9.6.1 tags.test
	here $query udp 10.9.7.2 own-tag.test
}

# The names that a capture on interface $1 has.
names_on()
{
	: >"$TMP/err"
	ip netns exec "$HERE" "$KERBSCOPE" live -v -i "$1" --duration 300 \
	    --events "$TMP/$1.jsonl" >"$TMP/out" 2>"$TMP/err" &
	pid=$!
	wait_for 'listens' "$TMP/out"
	send_all
	sleep 0.5
	kill -TERM "$pid"
	wait "$pid" || fail "status $?: $(cat "$TMP/err")"
	jq -r 'select(.event == "dns-query") | .name' "$TMP/$1.jsonl" |
	    sed 's/\.$//' | sort -u
}

{
	echo own.test
	echo udp.test
	echo udp6.test
	for kind in plain vlan vlans ad mpls labels pppoe fragments; do
		echo "raw-$kind.test"
		echo "own-$kind.test"
	done
	[ -z "$tagged" ] || printf '%s\n' tag.test tags.test own-tag.test
} | sort >"$TMP/expected"
names_on v0 >"$TMP/v0"
diff -u "$TMP/expected" "$TMP/v0" || exit 1
grep -q 'kernel filter: .*udp port 53' "$TMP/err" || fail "-v says no filter"
# There the filter cannot look behind labels, PPP, or a tag that the kernel has
# not taken off; what a VLAN interface takes off is seen on that one.
names_on any >"$TMP/any"
grep -vE -- '-(ad|mpls|labels|pppoe|vlans)|own-vlan' "$TMP/expected" >"$TMP/least"
[ -z "$(comm -23 "$TMP/least" "$TMP/any")" ] ||
    fail "any misses: $(comm -23 "$TMP/least" "$TMP/any")"
