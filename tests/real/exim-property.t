#!/bin/bash
# SPDX-License-Identifier: ISC
# As property.t, for Exim: generated triples of configuration (Debian's three schemes), method and --ip6, with the real
# update-exim4.conf and exim4. MT_SEED, MT_ONLY, MT_LONG as there.
tree_layer=exim
. "$(dirname "$0")/tree.sh"
. "$here/property.sh"
count=${MT_COUNT:-60} seed=${MT_SEED:-20261201}
! long || { count=900; seed=${MT_SEED:-$RANDOM}; }
rm -rf "$etc" # Postfix is of the tree below
hostname mail.example.org && echo mail.example.org >"$tree/etc/mailname"
property_killed "$tree/usr/lib/killed.so" || bail "no compiler"
property_hosts exim >"$tree/etc/hosts"
property_parts exim /etc/exim4 /var/lib/exim4 /var/log/exim4
property_report "$scratch"/part*/out
