# Every recorded capture again as worse networks and tools would have written
# it: cut, one-sided, doubled, out of order, with other times, offloaded. No
# crash, nothing proven that the whole capture does not prove, and short is
# never called malformed.

. tests/lib.sh

# A build with sanitizers is slow: what cuts deepest is enough.
ways=
if grep -q __asan_init "$KERBSCOPE"; then
	ways='ragged reordered offloaded to-lower late cut-71 cut-260'
fi
# shellcheck disable=SC2086
exec python3 tests/cli/warp.py "$TMP" $ways
