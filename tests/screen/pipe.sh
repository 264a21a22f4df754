# A pipe that stalls is waited for on the screen, which takes keys meanwhile.

. tests/lib.sh

exec python3 tests/screen/pipe.py
