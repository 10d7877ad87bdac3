#!/bin/bash
# SPDX-License-Identifier: ISC
# disk.sh LOWER [LAYER]: in a private mount namespace, in the host's scratch folder: mount the host's tree
# at disk/root. It is LOWER with LAYER over it; both stay as they are: what is written goes to a tmpfs.
mount -t tmpfs -o mode=755 lab-disk disk
mkdir disk/lower disk/layer disk/up disk/work disk/root
# Read-only: whoever removes the scratch folder while this is mounted does not empty them.
mount --bind "$1" disk/lower && mount -o remount,bind,ro disk/lower
[ -z "${2-}" ] || { mount --bind "$2" disk/layer && mount -o remount,bind,ro disk/layer; }
# Relative names: a colon or a comma in the path of the checkout means something to overlayfs.
(cd disk && mount -t overlay -o "lowerdir=${2:+layer:}lower,upperdir=up,workdir=work" lab root) ||
	cp -a disk/lower/. ${2:+disk/layer/.} disk/root/
