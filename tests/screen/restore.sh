# However the terminal's program ends, the terminal is as it was found.

. tests/lib.sh

exec python3 tests/screen/restore.py
