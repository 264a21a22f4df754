# What a directory answers to the command that `collect` prints proves the
# cause: tests/cli/collect-answer.ldif is what the lab's Samba domain said to
# it, with FS2$ holding cifs/data, by ldapsearch as it was printed; and as
# ldifde and PowerShell would have written the same.

. tests/lib.sh

capture=pcaps/spn-wrong-account-samba.pcap
answer=tests/cli/collect-answer.ldif

filter_of()
{
	grep -o "(|(objectClass=domainDNS)[^' ]*" "$1" | sort -u
}

# It is the answer to what is printed today.
run_ks collect "$capture"
want_status 0
filter_of "$TMP/out" >"$TMP/asked"
[ "$(wc -l <"$TMP/asked")" -eq 1 ] || fail "not one filter"
filter_of "$answer" | diff "$TMP/asked" - ||
    fail "collect asks otherwise now: record the answer anew (tests/lab)"

proves()
{
	run_ks -f json --ldif "$1" "$capture"
	want_status 1
	jq -r '.findings[] | select(.cause) |
	    "\(.rule) \(.certainty) \(.subject.spn)"' "$TMP/out" >"$TMP/causes"
	echo "spn-wrong-account proven cifs/data.fjord.test" |
	    diff - "$TMP/causes" || fail "$1"
	run_ks collect --ldif "$1" "$capture"
	want_out '^Nothing is open'
}

proves "$answer"
python3 - "$answer" "$TMP/asked" "$TMP/windows.ldf" <<'PY' || fail "no file"
import sys

out = ["# base <DC=fjord,DC=test> with scope subtree",
       "# filter: " + open(sys.argv[2]).read().strip(),
       "# requesting: "]
for line in open(sys.argv[1]):
    line = line.rstrip("\n")
    if line.startswith("# requesting: "):
        out[2] = line.rstrip() + "\n"
    elif line.startswith("dn: "):
        out += [line, "changetype: add"]
    elif line.startswith("ref: ") or line.startswith("# search result"):
        break
    elif not line.startswith("#"):
        out.append(line)
open(sys.argv[3], "wb").write(
    b"\xff\xfe" + "\r\n".join(out).encode("utf-16-le"))
PY
proves "$TMP/windows.ldf"

# A search that failed leaves what was asked alone: it proves nothing.
sed '/^dn: /,$d' "$answer" >"$TMP/nothing.ldf"
run_ks -f json --ldif "$TMP/nothing.ldf" "$capture"
want_status 2
[ "$(jq '[.findings[] | select(.certainty == "proven")] | length' \
    "$TMP/out")" -eq 0 ] || fail "an empty answer proves something"

# The directory of another domain, or a part of the right one, was no answer.
sed 's/DC=fjord/DC=other/' "$answer" >"$TMP/other.ldf"
run_ks collect --ldif "$TMP/other.ldf" "$capture"
want_out '^ldapsearch .*fjord'
run_ks collect --ldif tests/rules/spn-wrong-account/host-alone.ldif \
    tests/rules/spn-wrong-account/spn-wrong-account-windows.pcap
want_out '^ldapsearch .*fjord'

# A name is nobody's only when HOST/ is nobody's, with the same port, and when
# the alias that led to the host has no name of its own.
run_ks collect tests/rules/spn-port-variant/spn-port-added.pcap
want_out '\(servicePrincipalName=host/app1\.fjord\.test:8080\)'
run_ks collect tests/rules/dns-cname-canonicalised-away/farm-canonicalised.pcap
want_out '\(servicePrincipalName=HTTP/intranet\.fjord\.test\)'

# An NT-ENTERPRISE name has its @ escaped in the report, not in a directory.
run_ks collect tests/rules/acct-upn-duplicate/upn-duplicate.pcap
want_out '\(userPrincipalName=sales@fjord\.test\)'
