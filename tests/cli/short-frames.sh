# Every recorded capture again as if taken with a small snap length: no
# crash, and nothing proven that the whole capture does not prove.

. tests/lib.sh

exec python3 tests/cli/snap.py "$TMP"
