# Every real capture at hand as worse networks and tools would have written it:
# what tests/cli/warped.sh does with the recorded ones.

. tests/lib.sh

captures=${KERBSCOPE_CAPTURES:-../shared/captures}
[ -d "$captures" ] || skip "$captures: not here (set KERBSCOPE_CAPTURES)"

exec python3 tests/cli/warp.py "$TMP" --from "$captures"
