# shellcheck shell=bash
# The domain: one Samba DC, two Samba members, two accounts for the
# Windows-like stand-ins, one MIT KDC with two realms, and the users.

REALM=FJORD.TEST
DOMAIN=FJORD
ZONE=fjord.test
BASE="DC=fjord,DC=test"
MITREALM=MIT.FJORD.EXAMPLE
PLANTREALM=PLANT.FJORD.EXAMPLE
ADMINPW='Lab-Adm1n!'
PW='Lab-U5er!'          # every user's password
SVCPW='Lab-Svc-2024!'   # every service account's password
USERS="anna bjorn carla dag erik frida gorm hanne ingrid jonas kari lars mona nils"
PACKAGES="samba samba-ad-dc samba-ad-provision samba-dsdb-modules
    samba-vfs-modules winbind libnss-winbind smbclient python3-samba ldb-tools
    krb5-kdc krb5-admin-server krb5-user python3-gssapi python3-impacket
    python3-pyasn1 tshark tcpdump faketime ethtool nftables bind9-dnsutils iproute2
    procps wireshark-common"

krb5_conf() {
    cat <<CONF
[libdefaults]
    default_realm = $REALM
    dns_lookup_realm = false
    dns_lookup_kdc = true
    rdns = false
    ${1:-}
[realms]
    $MITREALM = {
        kdc = $NET.12
        admin_server = $NET.12
    }
    $PLANTREALM = {
        kdc = $NET.12
    }
CONF
}

install_packages() {
    local p missing=
    for p in $PACKAGES; do
        dpkg-query -W -f '${Status}' "$p" 2> /dev/null | grep -q 'ok installed' || missing="$missing $p"
    done
    [ -z "$missing" ] && return
    say "installing:$missing"
    apt-get update -q > /dev/null
    # the packages' own daemons must not start on the host
    printf '#!/bin/sh\nexit 101\n' > "$LAB/policy-rc.d"
    chmod +x "$LAB/policy-rc.d"
    [ -e /usr/sbin/policy-rc.d ] || ln -s "$LAB/policy-rc.d" /usr/sbin/policy-rc.d
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $missing > "$LOGS/apt.log" 2>&1
    local rc=$?
    [ -L /usr/sbin/policy-rc.d ] && rm -f /usr/sbin/policy-rc.d
    return $rc
}

tool() { on dc1 samba-tool "$@" > "$LOGS/last-tool.log" 2>&1 || { say "samba-tool $*: $(tail -n 1 "$LOGS/last-tool.log")"; return 1; }; }
dns_add() { tool dns add dc1 "${4:-$ZONE}" "$1" "$2" "$3" -U "Administrator%$ADMINPW"; }
dns_del() { tool dns delete dc1 "${4:-$ZONE}" "$1" "$2" "$3" -U "Administrator%$ADMINPW"; }

SAM=/var/lib/samba/private/sam.ldb
# ldap change lines from stdin, through the DC's own checks
ldb() { on dc1 ldbmodify -H "$SAM" >> "$LOGS/last-tool.log" 2>&1; }
# the same below them, for states that the checks would refuse
ldb_raw() { on dc1 ldbmodify -H "$SAM.d/DC=FJORD,DC=TEST.ldb" > /dev/null; }
dn_of() {
    on dc1 ldbsearch -H "$SAM" "(sAMAccountName=$1)" dn 2> /dev/null | sed -n 's/^dn: //p'
}
# attr ACCOUNT add|replace|delete ATTRIBUTE VALUE...
attr() {
    local acct=$1 how=$2 name=$3 v
    shift 3
    {
        printf 'dn: %s\nchangetype: modify\n%s: %s\n' "$(dn_of "$acct")" "$how" "$name"
        for v in "$@"; do printf '%s: %s\n' "$name" "$v"; done
        echo
    } | ldb
}
set_pw() { tool user setpassword "$1" --newpassword="$2"; }

provision_dc() {
    on dc1 samba-tool domain provision --realm=$REALM --domain=$DOMAIN --host-name=dc1 \
        --host-ip=$NET.10 --server-role=dc --dns-backend=SAMBA_INTERNAL --use-rfc2307 \
        --function-level=2008_R2 --adminpass="$ADMINPW" \
        --option="ldap server require strong auth = no" --option="ntlm auth = yes" \
        --option="server min protocol = NT1" --option="disable netbios = yes" \
        > "$LOGS/provision.log" 2>&1 || return 1
    sed -i '/dns forwarder/d' "$(pod_dir dc1)/etc/samba/smb.conf"
    krb5_conf | put dc1 /etc/krb5.conf
    daemon dc1 samba samba -F --no-process-group
    await 60 on dc1 dig +short +timeout=1 "_ldap._tcp.$ZONE" SRV @$NET.10
    await 60 on dc1 sh -c "dig +short +timeout=1 _kerberos._udp.$ZONE SRV @$NET.10 | grep -q 88"
    await 60 on dc1 sh -c "ss -ltn | grep -q ':445 ' && ss -lun | grep -q ':88 '"
}

# everything in the directory, in one python process instead of forty
populate_dc() {
    tool domain passwordsettings set --complexity=off --min-pwd-length=4 \
        --min-pwd-age=0 --max-pwd-age=0 --history-length=0 || return 1
    on dc1 /usr/bin/python3 "$HERE/lib/populate.py" "$SAM" "$PW" "$SVCPW" "$USERS" \
        > "$LOGS/populate.log" 2>&1 || return 1
    tool dns zonecreate dc1 0.77.10.in-addr.arpa -U "Administrator%$ADMINPW" || return 1
    local p
    for p in $PODS; do
        case ${p%%:*} in
        dc1) ;;
        *) dns_add "${p%%:*}" A "$NET.${p##*:}" || return 1 ;;
        esac
        dns_add "${p##*:}" PTR "${p%%:*}.$ZONE" 0.77.10.in-addr.arpa || return 1
    done
}

member_conf() {
    cat <<CONF
[global]
    workgroup = $DOMAIN
    realm = $REALM
    security = ads
    kerberos method = secrets only
    idmap config * : backend = tdb
    idmap config * : range = 3000-7999
    idmap config $DOMAIN : backend = rid
    idmap config $DOMAIN : range = 10000-99999
    template shell = /bin/false
    machine password timeout = 0
    disable netbios = yes
    smb ports = 445
    server min protocol = SMB2
    winbind cache time = 1
    include = /etc/samba/extra.conf
[share]
    path = /srv/share
    read only = no
[closed]
    path = /srv/share
    valid users = $DOMAIN\\hanne
CONF
}

member_files() {
    local h=$1
    member_conf | put "$h" /etc/samba/smb.conf
    : | put "$h" /etc/samba/extra.conf
    printf 'passwd: files winbind\ngroup: files winbind\nhosts: files dns\n' | put "$h" /etc/nsswitch.conf
    mkdir -p "$(pod_dir "$h")/srv/share" "$(pod_dir "$h")/var/lib/samba/private"
    chmod 777 "$(pod_dir "$h")/srv/share"
    echo "hello from $h" > "$(pod_dir "$h")/srv/share/readme.txt"
}
member_join() {
    on "$1" net ads join -U "Administrator%$ADMINPW" --no-dns-updates > "$LOGS/$1-join.log" 2>&1
}
member_start() {
    daemon "$1" winbindd winbindd -F --no-process-group
    smbd_start "$1"
}
# smbd_start HOST [FAKETIME]: (re)start smbd, if wanted with a shifted clock
smbd_start() {
    smbd_stop "$1"
    if [ -n "${2:-}" ]; then
        daemon "$1" smbd env LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1 \
            FAKETIME="$2" FAKETIME_DONT_FAKE_MONOTONIC=1 smbd -F --no-process-group
    else
        daemon "$1" smbd smbd -F --no-process-group
    fi
    await 30 on "$1" sh -c "ss -ltn | grep -q ':445 '"
}
smbd_stop() {
    on "$1" sh -c 'p=$(cat /run/samba/smbd.pid 2>/dev/null) && kill $p && while kill -0 $p 2>/dev/null; do sleep 0.05; done'
    return 0
}
winbind_restart() {
    on "$1" sh -c 'p=$(cat /run/samba/winbindd.pid 2>/dev/null) && kill $p && while kill -0 $p 2>/dev/null; do sleep 0.05; done'
    daemon "$1" winbindd winbindd -F --no-process-group
    await 30 on "$1" wbinfo -p
}

mit_start() {
    on mit1 bash "$HERE/lib/mit-kdc.sh" $MITREALM $PLANTREALM "$PW" > "$LOGS/mit.log" 2>&1 || return 1
    mit_restart
}
# mit_restart [SETTING]: a line for the KDC's own [libdefaults]
mit_restart() {
    on mit1 sh -c 'p=$(cat /run/samba/krb5kdc.pid 2>/dev/null) && kill $p && while kill -0 $p 2>/dev/null; do sleep 0.05; done'
    krb5_conf "${1:-}" | sed "s/default_realm = .*/default_realm = $MITREALM/" | put mit1 /etc/krb5.conf
    cat >> "$(pod_dir mit1)/etc/krb5.conf" <<CONF
[domain_realm]
    .mit.fjord.example = $MITREALM
    .plant.fjord.example = $PLANTREALM
CONF
    daemon mit1 krb5kdc krb5kdc -n -P /run/samba/krb5kdc.pid -r $MITREALM -r $PLANTREALM
    await 30 on mit1 sh -c "ss -lun | grep -q ':88 '"
}

lab_up() {
    if [ -e "$LAB/up" ] && on dc1 true 2> /dev/null; then
        say "already up"
        return 0
    fi
    pods_of_others && die "another lab uses these names (ip netns pids $NS-dc1); take it down first"
    local t=$SECONDS
    mkdir -p "$LOGS"
    install_packages || die "packages could not be installed, see $LOGS/apt.log"
    pods_stop
    rm -rf "$LAB/pods" "$LAB/up"
    mkdir -p "$LAB/pods" "$LOGS"
    if domain_start; then
        touch "$LAB/up"
        say "up in $((SECONDS - t)) s"
    else
        lab_down
        die "could not start, see $LOGS"
    fi
}
domain_start() {
    pods_start || return 1
    provision_dc || return 1
    mit_start & local mit=$!
    populate_dc || return 1
    local h
    for h in fs1 fs2; do member_files $h; done
    member_join fs1 & local a=$!
    member_join fs2 || return 1
    wait $a || return 1
    wait $mit || return 1
    for h in fs1 fs2; do member_start $h || return 1; done
    for h in pc1 pc2; do client_files $h; done
    for h in fs1 fs2; do await 60 on $h wbinfo -p || return 1; done
    fresh
}
# more_clients: pc3 to pc8 as well
more_clients() {
    local p
    for p in $CLIENTS; do
        pod_is_ours "${p%%:*}" && continue
        pod_start "${p%%:*}" "$NET.${p##*:}" || return 1
        client_files "${p%%:*}"
    done
}
client_files() {
    printf '[global]\n    workgroup = %s\n    realm = %s\n    disable netbios = yes\n' \
        $DOMAIN $REALM | put "$1" /etc/samba/smb.conf
}
lab_down() {
    pods_stop
    rm -rf "$LAB/pods" "$LAB/up"
}

# dns_zone ZONE NAME ADDRESS / dns_nozone ZONE: a zone of one host
dns_zone() { tool dns zonecreate dc1 "$1" -U "Administrator%$ADMINPW" && dns_add "$2" A "$3" "$1"; }
dns_nozone() { tool dns zonedelete dc1 "$1" -U "Administrator%$ADMINPW"; }
