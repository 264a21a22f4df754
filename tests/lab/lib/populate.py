#!/usr/bin/python3
"""Fill a fresh domain: users, service accounts and the stand-ins' computers.

Usage: populate.py SAM.LDB USER-PASSWORD SERVICE-PASSWORD "USER USER..."
"""
import sys

from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

ZONE = "fjord.test"


def main():
    url, password, service_password, users = sys.argv[1:5]
    lp = LoadParm()
    lp.load_default()
    sam = SamDB(url=url, session_info=system_session(lp), lp=lp)
    for name in users.split():
        sam.newuser(name, password)
    for name in ("svc-web", "svc-farm", "svc-data"):
        sam.newuser(name, service_password)
        set_attribute(sam, name, "msDS-SupportedEncryptionTypes", "24")
        sam.setpassword("(sAMAccountName=%s)" % name, service_password)
    for name in ("WIN1", "WIN2", "VIRTUAL1"):
        sam.newcomputer(name)
        account = name + "$"
        fqdn = "%s.%s" % (name.lower(), ZONE)
        set_attribute(sam, account, "dNSHostName", fqdn)
        set_attribute(sam, account, "msDS-SupportedEncryptionTypes", "28")
        if name in ("WIN1", "WIN2"):
            for spn in ("HOST/" + name, "HOST/" + fqdn):
                set_attribute(sam, account, "servicePrincipalName", spn, "add")
        sam.setpassword("(sAMAccountName=%s)" % account, service_password)


def set_attribute(sam, account, name, value, how="replace"):
    found = sam.search(expression="(sAMAccountName=%s)" % account, attrs=["dn"])
    sam.modify_ldif("dn: %s\nchangetype: modify\n%s: %s\n%s: %s\n"
                    % (found[0].dn, how, name, name, value))


main()
