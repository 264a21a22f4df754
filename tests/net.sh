# What the scripts of tests/live/ share: two network namespaces of their own,
# $HERE and $THERE, joined by the interfaces v0 (10.9.0.1, fd09::1) and v1
# (10.9.0.2, fd09::2). All is gone when the script ends; it ends the processes
# that it started itself.

. tests/lib.sh

[ "$(id -u)" -eq 0 ] || skip "needs root"
command -v ip >/dev/null || skip "needs ip (iproute2)"
HERE=ks$$a
THERE=ks$$b
ip netns add "$HERE" 2>/dev/null || skip "no network namespaces here"
trap 'ip netns del "$HERE"; ip netns del "$THERE"' EXIT
trap 'exit 1' HUP INT TERM
ip netns add "$THERE" || fail "no second network namespace"

here()
{
	ip netns exec "$HERE" "$@"
}

there()
{
	ip netns exec "$THERE" "$@"
}

# Makes v0 and v1, anew when they went away.
net_up()
{
	ip link add v0 netns "$HERE" type veth peer name v1 netns "$THERE" ||
	    skip "no veth interfaces here"
	ip -n "$HERE" addr add 10.9.0.1/24 dev v0
	ip -n "$HERE" addr add fd09::1/64 dev v0 nodad
	ip -n "$THERE" addr add 10.9.0.2/24 dev v1
	ip -n "$THERE" addr add fd09::2/64 dev v1 nodad
	ip -n "$HERE" link set lo up
	ip -n "$HERE" link set v0 up
	ip -n "$THERE" link set v1 up
}

# Waits for the extended expression $1 in file $2, at most ${3:-10} seconds.
wait_for()
{
	n=$((${3:-10} * 20))
	until grep -qsE -- "$1" "$2"; do
		n=$((n - 1))
		if [ "$n" -le 0 ]; then
			echo "this never came: $1"
			tail -n 20 "$2"
			exit 1
		fi
		sleep 0.05
	done
}

# Waits until process $1 is gone, at most ${2:-10} seconds.
wait_gone()
{
	n=$((${2:-10} * 20))
	while kill -0 "$1" 2>/dev/null; do
		n=$((n - 1))
		[ "$n" -gt 0 ] || fail "process $1 goes on"
		sleep 0.05
	done
}

net_up
