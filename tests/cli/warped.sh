# Every recorded capture again as worse networks and tools would have written
# it: cut, one-sided, doubled, out of order, with other times, offloaded. No
# crash, nothing proven that the whole capture does not prove, and short is
# never called malformed.

. tests/lib.sh

exec python3 tests/cli/warp.py "$TMP"
