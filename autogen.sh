#!/bin/sh
# Write configure, Makefile.in and the lists of files from a checkout.

set -eu
cd "$(dirname "$0")"
sh rules/list.sh
exec autoreconf --force --install "$@"
