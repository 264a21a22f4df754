# shellcheck shell=bash
# Recording a scenario: setup, capture on the bridge, undo, recipe.

SCENARIOS=$HERE/scenarios

# head_of NAME FIELD: a "# FIELD: text" line of the scenario, with its continuation
head_of() {
    awk -v f="$2" '
        !/^#/ { exit }
        $0 ~ "^# " f ": " { sub("^# " f ": ", ""); on = 1; print; next }
        on && /^#   / { sub(/^# +/, ""); print; next }
        { on = 0 }' "$SCENARIOS/$1"
}

lab_list() {
    local s n
    for s in "$SCENARIOS"/*; do
        n=${s##*/}
        printf '%-28s %-66s %s%s\n' "$n" "$(head_of "$n" title | head -n 1)" "$(head_of "$n" into)" \
            "$(head_of "$n" waits | sed 's/.*/ (not recorded yet)/')"
    done
}

lab_record() {
    local n bad=0 names="$*"
    [ "$names" = --all ] && names=$(grep -L '^# waits: ' "$SCENARIOS"/* | sed 's,.*/,,')
    [ -n "$names" ] || die "record what? see: lab list"
    lab_up
    for n in $names; do
        [ -e "$SCENARIOS/$n" ] || die "no scenario called $n"
        local into
        into=$TOP/$(head_of "$n" into)
        mkdir -p "$into"
        record_one "$n" "$into/$n" || { say "$n: FAILED"; bad=1; }
    done
    return $bad
}

# lab_recipe NAME...|--all: the texts again, of recordings that stay as they are
lab_recipe() {
    local n names="$*"
    [ "$names" = --all ] && names=$(ls "$SCENARIOS")
    for n in $names; do
        OUT=$TOP/$(head_of "$n" into)/$n
        [ -e "$OUT.pcap" ] && recipe "$n" > "$OUT.txt"
    done
}

lab_check() {
    [ -e "$SCENARIOS/${1:-}" ] || die "no scenario called ${1:-}"
    lab_up
    local dir
    dir=$(mktemp -d)
    record_one "$1" "$dir/$1" && echo "$dir/$1.pcap"
}

# record_one NAME OUT: in a subshell, so that a scenario's functions end with it
record_one() (
    OUT=$2
    TCPDUMP=
    rm -f "$OUT.pcap" "$OUT.txt" "$OUT.keytab" "$OUT.owner.keytab" "$OUT.ldif"
    setup() { :; }
    undo() { :; }
    finish() { :; }
    . "$SCENARIOS/$1"
    : > "$LOGS/last-run.log"
    fresh
    trap 'kill "$TCPDUMP" 2> /dev/null; undo; standins_stop; exit 130' INT TERM
    setup || { say "$1: setup failed"; undo; standins_stop; exit 1; }
    capture_start "$OUT.pcap"
    run
    capture_stop
    finish
    undo
    standins_stop
    recipe "$1" > "$OUT.txt"
    cp "$LOGS/last-run.log" "$LOGS/run-$1.log"
    say "$1: $(grep -c . "$OUT.txt") lines of recipe, $(wc -c < "$OUT.pcap") bytes"
)

standins_stop() {
    local h
    for h in win1 win2; do windows_stop $h; done
    face_stop
}

# TAP, TAPPOD and FILTER, set by a scenario, change where and what is recorded
capture_start() {
    rm -f "$LAB/tcpdump.log"
    ip netns exec "$NS-${TAPPOD:-sw}" tcpdump -i "${TAP:-br0}" -s0 -U --immediate-mode -B 16384 -Z root \
        -w "$1" "${FILTER:-ip or ip6 or arp}" 2> "$LAB/tcpdump.log" 9>&- &
    TCPDUMP=$!
    await 5 grep -q 'listening on' "$LAB/tcpdump.log"
    sleep 0.25
}
capture_stop() {
    sleep 0.6
    kill -INT "$TCPDUMP"
    wait "$TCPDUMP" 2> /dev/null
}

version() { dpkg-query -W -f '${Package} ${Version}\n' "$1" 2> /dev/null; }

recipe() {
    local n=$1
    echo "$n - $(head_of "$n" title)"
    echo
    echo "wrong:"; head_of "$n" wrong | sed 's/^/    /'
    echo "truth: $(head_of "$n" truth | tr '\n' ' ' | sed 's/ $//')"
    echo "real:"
    if [ -n "$(head_of "$n" standin)" ]; then
        head_of "$n" standin | sed 's/^/    stand-in: /'
        echo "    all else is traffic of unmodified programs"
    else
        echo "    all traffic is of unmodified programs"
    fi
    echo "hosts: dc1 $NET.10, mit1 .12, fs1 .21, fs2 .22, win1 .23, win2 .24, app1 .31, pc1 .101, pc2 .102"
    echo "software: $(for p in samba smbclient krb5-user krb5-kdc; do version $p; done | paste -sd, | sed 's/,/, /g')"
    echo "again: tests/lab/lab record $n"
    [ -e "$OUT.keytab" ] && echo "keys: $n.keytab ($(keys_held "$OUT.keytab"))"
    [ -e "$OUT.owner.keytab" ] && echo "keys: $n.owner.keytab ($(keys_held "$OUT.owner.keytab"))"
    [ -e "$OUT.ldif" ] && echo "directory: $n.ldif"
    echo "frames:"
    key_frames "$OUT.pcap" | sed 's/^/    /'
}

keys_held() {
    klist -kt "$1" 2> /dev/null | awk 'NR > 3 { print $NF " kvno " $1 }' | uniq | paste -sd, | sed 's/,/, /g'
}

# The frames that tell the story: KDC errors (not 25 and 52), tickets, session
# set-ups, NTLM, password changes, and the DNS answers that decided the way
key_frames() {
    tshark -r "$1" -o kerberos.decrypt:FALSE -Y "(kerberos.msg_type in {11,12,13,30} && !(kerberos.error_code in {25,52})) || (smb2.cmd==1) || ntlmssp || (smb2.cmd==3 && smb2.flags.response==1) || kpasswd" \
        -T fields -E separator=';' -E occurrence=a -E aggregator=, -e frame.number -e _ws.col.Source -e _ws.col.Destination \
        -e kerberos.msg_type -e kerberos.error_code -e kerberos.SNameString -e kerberos.CNameString \
        -e smb2.cmd -e smb2.flags.response -e smb2.nt_status -e ntlmssp.messagetype -e ntlmssp.auth.username -e smb2.tree 2> /dev/null |
        awk -F';' -f "$HERE/lib/frames.awk" | awk 'NR <= 60; END { if (NR > 60) print "(" NR - 60 " more)" }'
}
