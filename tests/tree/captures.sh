# Every capture under tests/ is read by a case, and every capture says where
# it came from: NAME.txt beside NAME.pcap.

. tests/lib.sh

used=$(find tests -name '*.expect' -exec sed -n \
    's/^capture:[ 	]*//p' {} + | tr -s ' \t' '\n')
wrong=0
for f in $(find tests pcaps -name '*.pcap' -o -name '*.pcapng' \
    -o -name '*.pcap.gz' -o -name '*.pcapng.gz' | sort); do
	base=${f%.gz}
	base=${base%.pcap*}
	[ -f "$base.txt" ] || {
		echo "$f: no $(basename "$base").txt says where it is from"
		wrong=$((wrong + 1))
	}
	case $f in
	tests/rules/*) ;;
	*) continue ;;
	esac
	[ ! -f "$base.expect" ] || continue
	printf '%s\n' "$used" | grep -qxF "$f" || {
		echo "$f: no test reads it"
		wrong=$((wrong + 1))
	}
done
[ "$wrong" -eq 0 ] || fail "$wrong captures to look at"
