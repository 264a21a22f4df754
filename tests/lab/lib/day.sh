# shellcheck shell=bash
# A day in the life of eight clients and five services (fs1, fs2, win1, desk and
# dc1), in a minute: log-ons, cached tickets, renewals, a password change, an
# alias, NTLM by address, reads, and traffic that has nothing to do with it.

day_setup() {
    more_clients
    local h
    for h in fs1 fs2; do
        head -c 4000 /dev/zero | tr '\0' x > "$(pod_dir $h)/srv/share/report.txt"
    done
    dns_add archive CNAME fs2.fjord.test
    attr 'FS2$' add servicePrincipalName cifs/archive.fjord.test
    ip -n "$NS-win2" addr add $NET.25/24 dev eth0
    dns_add desk A $NET.25
    attr 'WIN2$' add servicePrincipalName cifs/desk.fjord.test
    windows win1 'WIN1$'
    windows win2 'WIN2$' --account 'DESK$' --ntlm-password "$PW"
    daemon app1 http sh -c 'echo $$ > /run/samba/http.pid; exec "$@"' sh \
        /usr/bin/python3 -m http.server -d /usr/share/common-licenses 80
}
day_undo() {
    standin_stop app1 http
    attr 'WIN2$' delete servicePrincipalName cifs/desk.fjord.test
    dns_del desk A $NET.25
    ip -n "$NS-win2" addr del $NET.25/24 dev eth0
    attr 'FS2$' delete servicePrincipalName cifs/archive.fjord.test
    dns_del archive CNAME fs2.fjord.test
    set_pw hanne "$PW"
}

# with_ticket PC USER COMMAND...: a program that takes the cached tickets
with_ticket() {
    local pc=$1 user=$2
    shift 2
    on "$pc" env KRB5CCNAME="$(CC "$user")" timeout 30 "$@" >> "$LOGS/last-run.log" 2>&1
}
# small_talk PC: traffic that is no log-on
small_talk() {
    on "$1" dig +short app1.fjord.test _ldap._tcp.fjord.test SRV
    on "$1" ping -c 1 -q $NET.31
    on "$1" bash -c "exec 3<> /dev/tcp/$NET.31/80; printf 'GET /BSD HTTP/1.0\r\n\r\n' >&3; cat <&3"
} > /dev/null 2>&1

# morning PC USER, noon PC USER, evening PC USER: sixteen log-ons together
morning() {
    login "$1" "$2" -r 1d
    share "$1" "$2" //fs1.fjord.test/share
    SMBCMD='get report.txt /dev/null' share "$1" "$2" //fs2.fjord.test/share
    SMBCMD=exit share "$1" "$2" //win1.fjord.test/share
    small_talk "$1"
    SMBCMD=exit share_any "$1" "$2" //desk.fjord.test/share
}
noon() {
    share "$1" "$2" //fs1.fjord.test/share
    with_ticket "$1" "$2" net ads search -N --use-kerberos=required "(sAMAccountName=$2)" cn
    with_ticket "$1" "$2" kinit -c "$(CC "$2")" -R
    share "$1" "$2" //archive.fjord.test/share
    SMBCMD=exit share "$1" "$2" //win1.fjord.test/share
    SMBCMD='get readme.txt /dev/null' share "$1" "$2" //fs1.fjord.test/share
}
evening() {
    small_talk "$1"
    SMBCMD=exit share "$1" "$2" //archive.fjord.test/share
    SMBCMD=exit share "$1" "$2" //fs1.fjord.test/share & local a=$!
    share "$1" "$2" //fs2.fjord.test/share & local b=$!
    SMBCMD=exit share "$1" "$2" //win1.fjord.test/share
    wait $a $b
    SMBCMD='get report.txt /dev/null' share "$1" "$2" //fs2.fjord.test/share
    share "$1" "$2" //dc1.fjord.test/sysvol
    SMBCMD=exit share_any "$1" "$2" //desk.fjord.test/share
}
day_of() {
    morning "$1" "$2"
    noon "$1" "$2"
    evening "$1" "$2"
}
# new_password PC USER
new_password() {
    printf '%s\n' "$PW" Next-One-2 Next-One-2 | on "$1" kpasswd "$2" >> "$LOGS/last-run.log" 2>&1
    USERPW=Next-One-2 login "$1" "$2" -r 1d
    share "$1" "$2" //fs1.fjord.test/share
}

# side_by_side PC:USER...: everybody's whole day
side_by_side() {
    local p all=
    for p in "$@"; do
        day_of "${p%%:*}" "${p##*:}" &
        all="$all $!"
    done
    # shellcheck disable=SC2086
    wait $all
}
