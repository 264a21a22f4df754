# An OpenLDAP server of our own, for the tests of --ldap: on free ports of
# 127.0.0.1, in the test's folder, with a certificate authority of the day.
# It is ended by its process number, whatever happens.

slapd=
for d in $(echo "$PATH" | tr : ' ') /usr/sbin /usr/libexec; do
	[ -x "$d/slapd" ] && slapd=$d/slapd && break
done

# $TMP/ca.pem, other.pem (which signed nothing here), server.pem and key.
make_certificates()
{
	command -v openssl >/dev/null || skip "no openssl"
	for ca in ca other; do
		openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
		    -subj "/CN=$ca of a test" -keyout "$TMP/$ca.key" \
		    -out "$TMP/$ca.pem" 2>/dev/null || fail "openssl: $ca"
	done
	openssl req -newkey rsa:2048 -nodes -subj /CN=dc1.fjord.test \
	    -keyout "$TMP/server.key" -out "$TMP/server.csr" \
	    2>/dev/null
	echo subjectAltName=DNS:dc1.fjord.test,IP:127.0.0.1 >"$TMP/san"
	openssl x509 -req -in "$TMP/server.csr" -CA "$TMP/ca.pem" \
	    -CAkey "$TMP/ca.key" -CAcreateserial -days 2 \
	    -extfile "$TMP/san" -out "$TMP/server.pem" 2>/dev/null ||
	    fail "openssl: the server's certificate"
}

free_port()
{
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

stop_servers()
{
	for p in $servers; do
		kill "$p" 2>/dev/null
		wait "$p" 2>/dev/null
	done
	servers=
}
servers=
trap stop_servers EXIT
trap 'stop_servers; exit 1' HUP INT TERM

# slapd_start NAME [LINE...]: a server with FJORD.TEST, and LINEs in its
# configuration; sets ldap, ldaps (ports) and ldapi (the URI of a socket).
slapd_start()
{
	[ -n "$slapd" ] || skip "slapd is not installed"
	folder=$TMP/$1
	shift
	schemas=
	for d in /etc/ldap/schema /etc/openldap/schema; do
		[ -f "$d/core.schema" ] && schemas=$d
	done
	[ -n "$schemas" ] || skip "slapd has no schemas"
	mkdir -p "$folder/db"
	cat >"$folder/root.ldif" <<-ROOT
	dn:
	defaultNamingContext: dc=fjord,dc=test
	configurationNamingContext: cn=Configuration,dc=fjord,dc=test
	supportedCapabilities: 1.2.840.113556.1.4.800
	currentTime: 20260102030405.0Z
	ROOT
	{
		echo "include $schemas/core.schema"
		echo "include $PWD/tests/ldap/ad.schema"
		for d in /usr/lib/ldap /usr/lib/openldap /usr/lib64/openldap; do
			[ -e "$d/back_mdb.la" ] && printf \
			    'modulepath %s\nmoduleload back_mdb\n' "$d" && break
		done
		cat <<-CONF
		pidfile $folder/pid
		argsfile $folder/args
		rootDSE $folder/root.ldif
		TLSCACertificateFile $TMP/ca.pem
		TLSCertificateFile $TMP/server.pem
		TLSCertificateKeyFile $TMP/server.key
		disallow bind_anon
		CONF
		for line; do
			echo "$line"
		done
		cat <<-CONF
		database mdb
		suffix dc=fjord,dc=test
		directory $folder/db
		maxsize 1073741824
		rootdn cn=admin,dc=fjord,dc=test
		rootpw the-reader
		index objectClass,servicePrincipalName,sAMAccountName eq
		index userPrincipalName,dNSHostName,objectSid,memberOf eq
		access to * by users read by * auth
		CONF
	} >"$folder/slapd.conf"
	"${slapd%slapd}slapadd" -q -f "$folder/slapd.conf" \
	    -l "${SLAPD_LDIF:-tests/ldap/domain.ldif}" 2>"$folder/slapadd" ||
	    fail "slapadd: $(tail -n 3 "$folder/slapadd")"
	ldap=$(free_port)
	ldaps=$(free_port)
	ldapi=ldapi://$(echo "$folder/socket" | sed 's|/|%2f|g')
	"$slapd" -d 0 -f "$folder/slapd.conf" \
	    -h "ldap://127.0.0.1:$ldap ldaps://127.0.0.1:$ldaps $ldapi" \
	    >"$folder/log" 2>&1 &
	servers="$servers $!"
	for _ in $(seq 100); do
		[ -S "$folder/socket" ] && python3 -c 'import socket, sys
for p in sys.argv[1:]:
    socket.create_connection(("127.0.0.1", int(p)), 1)' \
		    "$ldap" "$ldaps" 2>/dev/null && return
		sleep 0.1
	done
	fail "slapd does not start: $(tail -n 3 "$folder/log")"
}

# A build without LDAP says so in a line, and reports all the same; there is
# nothing more to test of it.
needs_ldap()
{
	run_ks -f json --ldap ldap:// "$broken"
	grep -q 'built without LDAP' "$TMP/err" || return 0
	want_one_line '^kerbscope: --ldap ldap://: this kerbscope was built with'
	want_status 2
	jq -e .findings "$TMP/out" >/dev/null || fail "there is no report"
	exit 0
}
