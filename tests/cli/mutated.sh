# 200 damaged copies of recorded captures: no crash, no control characters.

. tests/lib.sh

exec python3 tests/cli/mutate.py "$TMP" 200
