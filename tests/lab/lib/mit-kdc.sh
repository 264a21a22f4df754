#!/bin/bash
# Makes the MIT KDC's two realms and their principals; runs inside pod mit1.
# Usage: mit-kdc.sh REALM OTHER-REALM USER-PASSWORD
set -eu
realm=$1
other=$2
pw=$3

cat > /etc/krb5kdc/kdc.conf <<CONF
[realms]
$(for r in "$realm" "$other"; do cat <<ONE
    $r = {
        database_name = /var/lib/krb5kdc/principal.$r
        key_stash_file = /var/lib/krb5kdc/stash.$r
        acl_file = /var/lib/krb5kdc/kadm5.acl
        max_life = 10h
        max_renewable_life = 7d
        default_principal_flags = +preauth
        supported_enctypes = aes256-cts:normal aes128-cts:normal
    }
ONE
done)
CONF
for r in "$realm" "$other"; do
    kdb5_util create -s -r "$r" -P master-key-of-the-lab
    kadmin.local -r "$r" -q "addprinc -pw $pw anna@$r"
    kadmin.local -r "$r" -q "addprinc -pw $pw bjorn@$r"
    kadmin.local -r "$r" -q "addprinc -pw krbtgt-trust-$realm-$other krbtgt/$other@$realm"
    kadmin.local -r "$r" -q "addprinc -pw krbtgt-trust-$other-$realm krbtgt/$realm@$other"
done
kadmin.local -r "$realm" -q "addprinc -pw $pw -pwexpire yesterday carla@$realm"
kadmin.local -r "$realm" -q "addprinc -randkey HTTP/www.mit.fjord.example@$realm"
kadmin.local -r "$other" -q "addprinc -randkey HTTP/press.plant.fjord.example@$other"
