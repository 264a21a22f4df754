# What `collect` prints is taken by a shell as it is meant, whatever names the
# network has sent; and it says of itself how to read it.

. tests/lib.sh

capture=tests/rules/service-refused-ticket/refused-samba-once.pcap

# Stand-ins that write down their words, one a line.
mkdir "$TMP/bin" "$TMP/cwd"
for tool in ldapsearch klist kvno kadmin.local kerbscope; do
	printf '#!/bin/sh\n{ echo "%s"; printf "%%s\\n" "$@"; echo; } >>"%s"\n' \
	    "$tool" "$TMP/words" >"$TMP/bin/$tool"
	chmod +x "$TMP/bin/$tool"
done

# Run the Unix commands of collect -f json "$@" by the stand-ins.
words()
{
	: >"$TMP/words"
	run_ks collect -f json "$@"
	want_status 0
	jq -r '.[] | select(.for != "windows") | .run' "$TMP/out" >"$TMP/run.sh"
	(cd "$TMP/cwd" && PATH=$TMP/bin:$PATH sh "$TMP/run.sh") ||
	    fail "a shell does not take: $(cat "$TMP/run.sh")"
}

has_word()
{
	grep -qxF -- "$1" "$TMP/words" || fail "no word is: $1
$(cat "$TMP/words")"
}

words "$capture"
has_word ldapsearch
has_word '-Y'
has_word ldap:///DC%3Dfjord%2CDC%3Dtest
has_word DC=fjord,DC=test
grep -q '^(|(objectClass=domainDNS)(sAMAccountName=krbtgt).*)$' "$TMP/words" ||
    fail "the filter is no word of its own"
has_word servicePrincipalName
has_word "getprinc cifs/fs1.fjord.test"
has_word cifs/fs1.fjord.test
has_word "$capture"
ls "$TMP/cwd" >"$TMP/files"
echo kerbscope-1.ldf | diff - "$TMP/files" || fail "other files were written"
rm "$TMP/cwd"/*

# Names that a shell, PowerShell or LDAP would obey.
run_ks --events "$TMP/plain" -q "$capture"
evil="cifs/x';touch pwned;'\$(touch pwned)\`touch pwned\`)(cn=*)\"|\\\\&\\n#.fjord.test"
sed "s|cifs/fs1.fjord.test|@EVIL@|g" "$TMP/plain" |
    EVIL=$evil python3 -c '
import json, os, sys
evil = json.dumps(os.environ["EVIL"].replace("\\n", "\n").replace(
    "\\\\", "\\"))[1:-1]
sys.stdout.write(sys.stdin.read().replace("@EVIL@", evil))' \
    >"$TMP/evil.jsonl"
words "$TMP/evil.jsonl"
[ ! -e "$TMP/cwd/pwned" ] || fail "a name was run as a command"
grep -q '(servicePrincipalName=cifs/x\\27\\3btouch' "$TMP/words" ||
    fail "the name is not asked for: $(cat "$TMP/words")"
! grep -v "^  '(|" "$TMP/run.sh" | grep pwned ||
    fail "a name stands outside of the filter"
# In PowerShell: within single quotes, and nothing that would end them.
jq -r '.[] | select(.for == "windows") | .run' "$TMP/out" >"$TMP/run.ps1"
grep '^\$filter' "$TMP/run.ps1" |
    grep -qvE "^\\\$filter = '[](|)a-zA-Z0-9=._/@:\$*\\\\-]*'\$" &&
    fail "$(cat "$TMP/run.ps1")"
# The capture's own name comes back as one word.
cp "$capture" "$TMP/it's (evil).pcap"
words "$TMP/it's (evil).pcap"
has_word "$TMP/it's (evil).pcap"

# A user's key is a password: it is typed in, and no keytab is looked for.
words tests/rules/acct-bad-password/bad-password-samba.pcap
has_word --password-for
has_word dag@FJORD.TEST
! grep -qx klist "$TMP/words" || fail "a keytab of a user"

# Nothing is open; and what is found is not in the status.
run_ks collect tests/healthy/windows-like-logon.pcap
want_status 0
want_out '^Nothing is open'
run_ks collect "$TMP/none.pcap"
want_status 2
run_ks collect
want_status 2
run_ks collect -q "$capture"
want_status 0
[ ! -s "$TMP/out" ] || fail "-q does not silence it"
run_ks collect -f json tests/healthy/windows-like-logon.pcap
[ "$(cat "$TMP/out")" = "[]" ] || fail "$(cat "$TMP/out")"

# Many names: several searches, no filter longer than Windows takes.
python3 - "$TMP/plain" >"$TMP/many.jsonl" <<'PY' || fail "no events"
import json
import sys

events = [json.loads(line) for line in open(sys.argv[1])]
print(json.dumps(events[0]))
for n in range(100):
    for e in events[1:-1]:
        e = json.loads(json.dumps(e).replace("fs1.fjord", "fs%03d.fjord" % n))
        e["frame"] += 10000 * n
        e["flow"] = e.get("flow", 0) + 10000 * n
        if "tkt_digest" in e:
            e["tkt_digest"] = "%08x" % n + e["tkt_digest"][8:]
        print(json.dumps(e))
print(json.dumps(events[-1]))
PY
words "$TMP/many.jsonl"
[ "$(grep -c '^ldapsearch$' "$TMP/words")" -ge 3 ] ||
    fail "one search for a hundred names"
[ "$(wc -L <"$TMP/run.sh")" -le 6000 ] || fail "a line is too long"
for f in "$TMP/cwd"/*.ldf; do
	has_word "$(basename "$f")"
done

# What it was told before is in the commands that it prints.
cp "$capture" "$TMP/a b.pcap"
run_ks --skew 60 --decode tcp/8445=smb2 "$TMP/a b.pcap"
want_out "^To prove it \\(directory, keytab\\):\$"
want_out "kerbscope collect --decode tcp/8445=smb2 --skew 60 '$TMP/a b.pcap'\$"
words --skew 60 --decode tcp/8445=smb2 "$TMP/a b.pcap"
[ "$(grep -cxF -e --decode -e tcp/8445=smb2 -e --skew -e 60 \
    "$TMP/words")" -eq 8 ] || fail "$(cat "$TMP/words")"
