# shellcheck shell=bash
# Service accounts of a scenario's own, and keytabs as people make them.

# service_account NAME SPN...: with the lab's service password, AES alone
service_account() {
    local name=$1 spn
    shift
    on dc1 samba-tool user create "$name" "$SVCPW" > /dev/null
    for spn in "$@"; do
        on dc1 samba-tool spn add "$spn" "$name" > /dev/null
    done
    attr "$name" add msDS-SupportedEncryptionTypes 24
    set_pw "$name" "$SVCPW"
}
# kvno_of ACCOUNT: as the directory has it
kvno_of() {
    on dc1 ldbsearch -H "$SAM" "(sAMAccountName=$1)" msDS-KeyVersionNumber 2> /dev/null |
        sed -n 's/^msDS-KeyVersionNumber: //p'
}
# typed_keytab FILE PRINCIPAL KVNO ENCTYPE...: the service password typed into
# ktutil, which makes the salt of the principal
typed_keytab() {
    local file=$1 principal=$2 kvno=$3 etype
    shift 3
    rm -f "$file"
    {
        for etype in "$@"; do
            printf 'addent -password -p %s@%s -k %s -e %s\n%s\n' "$principal" $REALM "$kvno" "$etype" "$SVCPW"
        done
        printf 'wkt %s\n' "$file"
    } | ktutil > /dev/null
    chmod 644 "$file"
}
# windows_with_keytab HOST [options]: the Windows-like server with the keytab
# that is there already
windows_with_keytab() {
    local h=$1
    shift
    : > "$LAB/$h.keytab.keep"
    windows "$h" - "$@"
    rm "$LAB/$h.keytab.keep"
}
