# Sizes and keys at random while a capture of hostile names loads.

. tests/lib.sh

exec python3 tests/screen/resize.py
