# Real captures in which nothing is wrong (no-fault.list says why each looks
# as if): no finding may break or degrade.

. tests/lib.sh

captures=${KERBSCOPE_CAPTURES:-../shared/captures}
[ -d "$captures" ] || skip "$captures: not here (set KERBSCOPE_CAPTURES)"

: >"$TMP/wrong"
sed 's/[ 	]*#.*//; /^$/d' tests/shared/no-fault.list >"$TMP/list"
while read -r f; do
	[ -f "$captures/$f" ] || continue
	run_ks -f json "$captures/$f"
	jq -r '.findings[] | select(.impact | . == "breaks" or
	    . == "degrades") | "'"$f"': \(.impact) \(.certainty) \(.rule)"' \
	    "$TMP/out" >>"$TMP/wrong"
done <"$TMP/list"
cat "$TMP/wrong"
[ ! -s "$TMP/wrong" ] || fail "$(wc -l <"$TMP/wrong") findings where none is due"
