# Reports that the terminal writes are those of read; what it copies is the fix.

. tests/lib.sh

exec python3 tests/screen/take.py
