# Completion of kerbscope for bash. It asks the program itself for commands,
# options and rules, so that it cannot differ from them.

# Lines "-f --format F" of --help.
_kerbscope_options()
{
	"$1" --help 2>/dev/null | sed -nE \
	    's/^  (-[a-z])?,? *(--[a-z0-9-]+)?( [A-Z][A-Z=]*)?( .*)?$/\1 \2\3 /p' |
	    grep '^ *-'
}

_kerbscope_commands()
{
	echo read
	"$1" --help 2>/dev/null | sed -nE 's/^  kerbscope ([a-z]+) .*/\1/p'
}

# Words of $2 that begin with $1.
_kerbscope_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1")
}

_kerbscope_files()
{
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

# The argument of option $2; false when it takes none.
_kerbscope_value()
{
	local line

	line=$(_kerbscope_options "$1" | grep -E -e "(^| )$2 ")
	case $2:$line in
	-f:* | --format:*) _kerbscope_words "$3" 'text json' ;;
	--color:*) _kerbscope_words "$3" 'auto always never' ;;
	-i:* | --interface:*)
		_kerbscope_words "$3" "any $(ls /sys/class/net 2>/dev/null)"
		;;
	--user:*) mapfile -t COMPREPLY < <(compgen -u -- "$3") ;;
	*' FILE ' | *' DIR ' | *' WHERE ') _kerbscope_files "$3" ;;
	*[A-Z]' ') ;;
	*) return 1 ;;
	esac
}

_kerbscope()
{
	COMPREPLY=()
	case $3:$2 in
	explain:*)
		_kerbscope_words "$2" "$("$1" rules 2>/dev/null | cut -d ' ' -f 1)"
		;;
	-*:*) _kerbscope_value "$1" "$3" "$2" && return ;;
	esac
	case $3:$2 in
	explain:*) ;;
	*:-*)
		_kerbscope_words "$2" "$(_kerbscope_options "$1" |
		    grep -oE -e '--?[a-z][a-z0-9-]*')"
		;;
	*)
		_kerbscope_files "$2"
		[ "$COMP_CWORD" -ne 1 ] || mapfile -t -O "${#COMPREPLY[@]}" \
		    COMPREPLY < <(compgen -W "$(_kerbscope_commands "$1")" -- "$2")
		;;
	esac
}

complete -F _kerbscope kerbscope
