# Every row of the index of other people's captures is concluded as it says.

. tests/lib.sh

exec python3 tests/shared/index.py tests/shared/index.table
