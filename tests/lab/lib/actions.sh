# shellcheck shell=bash
# What the scenarios are written in: things users do, and things that get set
# wrong. Each one runs quietly; its output is in the lab's logs.

CC() { echo "/var/tmp/cc-$1"; }

# fresh: no cached names, tickets or stand-ins, as on the first morning
fresh() {
    local h
    for h in fs1 fs2 pc1 pc2 pc3 pc4 pc5 pc6 pc7 pc8; do
        pod_is_ours $h || continue
        on $h sh -c 'rm -f /run/samba/gencache*.tdb /var/cache/samba/gencache*.tdb /var/tmp/cc-* /tmp/krb5cc_*'
    done
}

# login PC USER [kinit options]: MIT kinit into the user's cache
login() {
    local pc=$1 user=$2
    shift 2
    echo "${USERPW:-$PW}" | on "$pc" env ${CLOCK:+$(clock)} kinit -c "$(CC "$user")" "$@" "$user" >> "$LOGS/last-run.log" 2>&1
}
# clock: environment of a command that runs with another time ($CLOCK, "+10m")
clock() {
    echo "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1 FAKETIME=$CLOCK FAKETIME_DONT_FAKE_MONOTONIC=1"
}
# ticket PC USER kvno-arguments...: MIT client asks for service tickets
ticket() {
    local pc=$1 user=$2
    shift 2
    on "$pc" env ${CLOCK:+$(clock)} kvno -c "$(CC "$user")" "$@" >> "$LOGS/last-run.log" 2>&1
}
# share PC USER //HOST/SHARE [smbclient options]: with the ticket cache and nothing else
share() {
    local pc=$1 user=$2 unc=$3
    shift 3
    on "$pc" env ${CLOCK:+$(clock)} KRB5CCNAME="$(CC "$user")" timeout 30 smbclient "$unc" \
        --use-kerberos=${KRB:-required} -N -c "${SMBCMD:-ls}" "$@" >> "$LOGS/last-run.log" 2>&1
}
# share_any PC USER //HOST/SHARE [options]: log on with a password, Kerberos
# first and NTLM when that cannot be had, as a Windows desktop would
share_any() {
    local pc=$1 user=$2 unc=$3
    shift 3
    on "$pc" env ${CLOCK:+$(clock)} timeout 30 smbclient "$unc" --use-kerberos="${KRB:-desired}" \
        -U "$user@$REALM%${USERPW:-$PW}" -c "${SMBCMD:-ls}" "$@" >> "$LOGS/last-run.log" 2>&1
}

# names_forgotten PC: the client asks DNS again
names_forgotten() {
    on "$1" sh -c 'rm -f /run/samba/gencache*.tdb /var/cache/samba/gencache*.tdb'
}
# krb5_setting PC "line": a line for the client's [libdefaults], none to reset
krb5_setting() { krb5_conf "${2:-}" | put "$1" /etc/krb5.conf; }
# member_option HOST "line"...: smb.conf lines of a member, none to reset
member_option() {
    local h=$1
    shift
    printf '%s\n' "$@" | put "$h" /etc/samba/extra.conf
    smbd_start "$h"
}

# break_machine_key HOST: the account's password is changed in the directory only
break_machine_key() { set_pw "${1^^}\$" "New-Secret-$1"; }
mend_machine_key() {
    member_join "$1"
    winbind_restart "$1"
    smbd_start "$1"
}

# keytab_of FILE PRINCIPAL-OR-ACCOUNT...: the directory's present keys
keytab_of() {
    local file=$1 p
    shift
    rm -f "$file"
    for p in "$@"; do
        on dc1 samba-tool domain exportkeytab "$file" --principal="$p" >> "$LOGS/last-tool.log" 2>&1
    done
    chmod 644 "$file"
}

# windows HOST ACCOUNT [options]: start the Windows-like SMB server of a pod
# with the present key of ACCOUNT; $CLOCK shifts its clock
windows() {
    local h=$1 acct=$2
    shift 2
    [ -e "$LAB/$h.keytab.keep" ] || keytab_of "$LAB/$h.keytab" "$acct"
    daemon "$h" winsmb env ${CLOCK:+$(clock)} KRB5_KTNAME="$LAB/$h.keytab" sh -c \
        'echo $$ > /run/samba/winsmb.pid; exec "$@"' sh /usr/bin/python3 "$HERE/winsmb.py" \
        --account "${h^^}\$" --realm $REALM "$@"
    await 30 on "$h" sh -c "ss -ltn | grep -q ':445 '"
}
# standin_stop POD NAME: by the process id the stand-in left
standin_stop() {
    on "$1" sh -c 'f=/run/samba/$1.pid; [ -e $f ] && { kill $(cat $f); rm $f; }; true' sh "$2"
}
windows_stop() {
    standin_stop "$1" winsmb
    rm -f "$LAB/$1.keytab"
}

# keep_keytab ACCOUNT... / keep_ldif FILTER [ATTRIBUTE...]: secrets and directory beside the recording
keep_keytab() { keytab_of "$OUT.keytab" "$@"; }
keep_ldif() {
    local filter=$1
    shift
    on dc1 ldbsearch -H "$SAM" "$filter" dn sAMAccountName servicePrincipalName userAccountControl \
        msDS-KeyVersionNumber msDS-SupportedEncryptionTypes dNSHostName "$@" \
        2> /dev/null | sed '/^# \(returned\|referrals\|Referral\)/,$d; /^ref:/d' >> "$OUT.ldif"
}

# keep_directory [FILTER [ATTRIBUTE...]]: the same with the head that ldapsearch writes, which
# says what was asked for: what is not in it does not exist. Without a FILTER
# all that has an SPN.
keep_directory() {
    local filter=${1:-(servicePrincipalName=*)}
    local attrs="objectClass sAMAccountName servicePrincipalName userAccountControl msDS-KeyVersionNumber
        msDS-SupportedEncryptionTypes dNSHostName pwdLastSet accountExpires whenCreated whenChanged ${*:2}"
    {
        printf '# extended LDIF\n#\n# LDAPv3\n# base <%s> with scope subtree\n' "$BASE"
        printf '# filter: %s\n# requesting: %s\n#\n\n' "$filter" "$(echo $attrs)"
        on dc1 ldbsearch -H "$SAM" "$filter" $attrs 2> /dev/null |
            sed '/^# Referral/d; /^ref:/d; /^objectClass: \(top\|person\|organizationalPerson\)$/d'
    } >> "$OUT.ldif"
}

# face [options]: clients reach the KDC through a proxy that answers as a
# Windows KDC would where Samba's cannot
face() {
    on dc1 nft -f - <<'NFT'
table ip face {
    chain in {
        type nat hook prerouting priority dstnat
        iifname "eth0" tcp dport 88 redirect to :8088
        iifname "eth0" udp dport 88 redirect to :8088
    }
}
NFT
    daemon dc1 face sh -c 'echo $$ > /run/samba/face.pid; exec "$@"' sh \
        /usr/bin/python3 "$HERE/face-kdc.py" "$@"
    await 30 on dc1 sh -c "ss -ltn | grep -q ':8088 '"
}
face_stop() {
    on dc1 nft delete table ip face 2> /dev/null
    standin_stop dc1 face
}
# handmade PC REALM USER [options]: the client that asks for anything (krbcli.py)
handmade() {
    local pc=$1 realm=$2 user=$3 kdc=$NET.10
    shift 3
    [ "$realm" = $REALM ] || kdc=$NET.12
    on "$pc" /usr/bin/python3 "$HERE/krbcli.py" --kdc $kdc --realm "$realm" --user "$user" \
        --password "${USERPW:-$PW}" "$@" >> "$LOGS/last-run.log" 2>&1
}
# blocked POD "nft rule": packets that come in from the wire and match are lost
blocked() {
    printf 'table ip block {\n chain in {\n type filter hook prerouting priority -200\n iifname "eth0" %s drop\n }\n}\n' "$2" |
        on "$1" nft -f -
}
unblocked() { on "$1" nft delete table ip block 2> /dev/null; }
# ntlm_auth VALUE: whether the DC takes NTLM ("yes", "disabled")
ntlm_auth() {
    on dc1 sed -i "s/ntlm auth = .*/ntlm auth = $1/" /etc/samba/smb.conf
    on dc1 smbcontrol all reload-config
    sleep 2
}
