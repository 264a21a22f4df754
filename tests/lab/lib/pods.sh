# shellcheck shell=bash
# Pods: one network, mount, uts and pid namespace each, on one bridge.

PODS="dc1:10 mit1:12 fs1:21 fs2:22 win1:23 win2:24 app1:31 pc1:101 pc2:102"
# clients that only some scenarios want, see more_clients
CLIENTS="pc3:103 pc4:104 pc5:105 pc6:106 pc7:107 pc8:108"
NET=10.77.0
# The networks' names come from the directory of the lab, so that several labs
# run side by side; no address of theirs is ever seen outside.
NS=ks$(printf '%s' "$LAB" | cksum | cut -d ' ' -f 1)
# how much the whole lab may log about itself
LOGS=$LAB/logs

die() { echo "lab: $*" >&2; exit 1; }
say() { echo "lab: $*" >&2; }

pod_dir() { echo "$LAB/pods/$1"; }
pod_addr() {
    local p
    for p in $PODS; do
        [ "${p%%:*}" = "$1" ] && echo "$NET.${p##*:}" && return
    done
    die "no pod called $1"
}

# Whether POD's network is the one that this lab made: numbers of processes
# and names of networks may be another lab's by now, the inode is not.
pod_is_ours() {
    local made
    made=$(cat "$(pod_dir "$1")/netns" 2> /dev/null) && [ -n "$made" ] &&
        [ "$(stat -L -c %i "/run/netns/$NS-$1" 2> /dev/null)" = "$made" ]
}

# on POD CMD...: run a command inside a pod
on() {
    local pod=$1 pid
    shift
    pod_is_ours "$pod" && pid=$(cat "$(pod_dir "$pod")/pid") || return 1
    nsenter -t "$pid" -m -u -n -p -- "$@"
}

# Rewrites a bind-mounted file of a pod in place: put POD /etc/hosts < text
put() { cat > "$(pod_dir "$1")$2"; }

# daemon POD NAME CMD...: run in the background of a pod; the pod's end ends it
daemon() {
    local pod=$1 name=$2
    shift 2
    on "$pod" setsid "$@" > "$LOGS/$pod-$name.log" 2>&1 < /dev/null 9>&- &
    disown
}

# await SECONDS CMD...: repeat a command until it succeeds
await() {
    local n=$(($1 * 5))
    shift
    while ! "$@" > /dev/null 2>&1; do
        n=$((n - 1))
        [ $n -gt 0 ] || { say "gave up waiting for: $*"; return 1; }
        sleep 0.2
    done
}

pod_start() {
    local pod=$1 addr=$2 dir pid
    dir=$(pod_dir "$pod")
    mkdir -p "$dir/etc" "$LOGS"
    printf 'nameserver %s.10\nsearch fjord.test\n' "$NET" > "$dir/etc/resolv.conf"
    printf '127.0.0.1 localhost\n' > "$dir/etc/hosts"
    echo "$pod" > "$dir/etc/hostname"
    printf 'passwd: files\ngroup: files\nhosts: files dns\n' > "$dir/etc/nsswitch.conf"
    krb5_conf > "$dir/etc/krb5.conf"
    : > "$dir/etc/krb5.keytab"

    ip netns add "$NS-$pod" || return 1
    stat -L -c %i "/run/netns/$NS-$pod" > "$dir/netns"
    ip netns exec "$NS-$pod" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
    ip link add eth0 netns "$NS-$pod" type veth peer name "v-$pod" netns "$NS-sw"
    ip -n "$NS-sw" link set "v-$pod" master br0 up
    ip -n "$NS-$pod" addr add "$addr/24" dev eth0
    ip -n "$NS-$pod" link set lo up
    ip -n "$NS-$pod" link set eth0 up
    # offloads would record wrong checksums and frames larger than the wire's
    ip netns exec "$NS-$pod" ethtool -K eth0 tx off rx off tso off gso off gro off > /dev/null
    ip netns exec "$NS-$pod" unshare --mount --uts --pid --fork --mount-proc \
        --propagation private bash "$HERE/pod-init" "$pod" "$dir" \
        > "$LOGS/$pod-init.log" 2>&1 < /dev/null 9>&- &
    pid=$!
    disown
    await 5 test -e "$dir/ready" || return 1
    pgrep -P "$pid" > "$dir/pid"
}

pods_start() {
    local p
    ip netns add "$NS-sw"
    ip netns exec "$NS-sw" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
    ip -n "$NS-sw" link add br0 type bridge
    ip -n "$NS-sw" link set br0 up
    for p in $PODS; do
        pod_start "${p%%:*}" "$NET.${p##*:}" || return 1
    done
}

# lab_lock: whoever comes second to a lab waits for the first one to finish
lab_lock() {
    mkdir -p "$LAB" || die "$LAB cannot be made"
    exec 9> "$LAB/lock"
    flock -n 9 || { say "somebody else records in $LAB, waiting"; flock 9; }
}

# Whether pods under this lab's names run that this directory knows nothing of.
pods_of_others() {
    local p pod
    for p in $PODS; do
        pod=${p%%:*}
        pod_is_ours "$pod" && continue
        [ -z "$(ip netns pids "$NS-$pod" 2> /dev/null)" ] || return 0
    done
    return 1
}

# Ends every process of this lab's pods, and of no others.
pods_stop() {
    local p pod
    for p in $PODS $CLIENTS; do
        pod=${p%%:*}
        # shellcheck disable=SC2046
        pod_is_ours "$pod" && kill -9 $(ip netns pids "$NS-$pod") 2> /dev/null
    done
    pods_of_others && return 0
    for p in $PODS $CLIENTS sw:0; do
        ip netns del "$NS-${p%%:*}" 2> /dev/null
    done
    return 0
}
