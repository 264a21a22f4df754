# Who may do what: the monitor keeps the right to open interfaces and nothing
# else, the others keep nothing at all; started by root, with a capability on
# the file, and as systemd does it for a user.

. tests/net.sh

none=0000000000000000
net_raw=0000000000002000

# Field $2 of the status of process $1.
status_of()
{
	sed -n "s/^$2:[ 	]*//p" "/proc/$1/status"
}

want_field()
{
	got=$(status_of "$1" "$2")
	case $got in
	$3) ;;
	*) fail "$4: $2 is $got, not $3" ;;
	esac
}

# Process $1, called $2, is user $3 and can do no more than mask $4.
want_poor()
{
	want_field "$1" Uid "$3	$3	$3	$3" "$2"
	want_field "$1" CapEff "$4" "$2"
	want_field "$1" CapPrm "$4" "$2"
	want_field "$1" CapInh $none "$2"
	want_field "$1" CapAmb $none "$2"
	want_field "$1" NoNewPrivs 1 "$2"
}

# It runs as user $1, started with the words that follow; $bounding is what is
# left of the bounding set.
check()
{
	uid=$1
	shift
	ip netns exec "$HERE" "$@" live -i v0 --duration 300 \
	    >"$TMP/out" 2>"$TMP/err" &
	monitor=$!
	wait_for 'listens' "$TMP/out"
	children=$(cat "/proc/$monitor/task/$monitor/children")
	analyzer=
	grabber=
	for pid in $children; do
		case $(cat "/proc/$pid/comm") in
		ks-grabber) grabber=$pid ;;
		*) analyzer=$pid ;;
		esac
	done
	want_poor "$monitor" monitor "$uid" $net_raw
	want_poor "$analyzer" analyzer "$uid" $none
	want_poor "$grabber" grabber "$uid" $none
	for pid in "$monitor" "$analyzer" "$grabber"; do
		want_field "$pid" CapBnd "$bounding" "process $pid"
		want_field "$pid" Groups '' "process $pid"
	done
	if ldd "$KERBSCOPE" | grep -q libseccomp; then
		want_field "$analyzer" Seccomp 2 analyzer
		want_field "$grabber" Seccomp 2 grabber
	fi
	there python3 tests/live/query.py udp 10.9.0.1 some.test
	kill -TERM "$monitor"
	wait "$monitor" || fail "status $?: $(cat "$TMP/err")"
	tail -n 1 "$TMP/out" | grep -q '^[1-9][0-9]* packets' ||
	    fail "no packets: $(cat "$TMP/out")"
}

nobody=$(id -u kerbscope 2>/dev/null || id -u nobody) ||
    skip "there is no user nobody"
daemon=$(id -u daemon) || skip "there is no user daemon"

bounding=$none
check "$nobody" "$KERBSCOPE"
run_ks live -i lo --user nosuchuser
want_status 2
want_one_line '^kerbscope: --user nosuchuser: there is no such user$'

# The same in a folder that others may read.
command -v setpriv >/dev/null || skip "the rest needs setpriv"
dir=$(mktemp -d)
trap 'rm -rf "$dir"; ip netns del "$HERE"; ip netns del "$THERE"' EXIT
chmod 755 "$dir"
cp "$KERBSCOPE" "$dir/kerbscope"

bounding='*'
user="setpriv --reuid=$daemon --regid=$daemon --clear-groups"
check "$daemon" $user --inh-caps=-all,+net_raw --ambient-caps=+net_raw \
    "$dir/kerbscope"

status=0
here $user --inh-caps=-all "$dir/kerbscope" live -i v0 \
    >"$TMP/out" 2>"$TMP/err" || status=$?
want_status 2
want_one_line '^kerbscope: v0: no permission to capture: run as root, or: setcap cap_net_raw\+ep /.*kerbscope$'

command -v setcap >/dev/null || skip "the rest needs setcap"
setcap cap_net_raw+ep "$dir/kerbscope" 2>/dev/null ||
    skip "no capabilities of files here"
check "$daemon" $user --inh-caps=-all "$dir/kerbscope"
