#!/bin/bash
# SPDX-License-Identifier: ISC
# boot.sh NAME LOWER: become process 1 of a lab host. Runs inside new mount, pid, uts, ipc and network
# namespaces, in the host's own scratch folder; writes its pid, as the machine sees it, to ./pid.
#
# The tree LOWER stays as it is: what the host writes goes to a tmpfs that ends with the namespace.
set -eu
name=$1 lower=$2 here=$(cd "$(dirname "$0")" && pwd -P)
read -r pid _ </proc/self/stat
echo "$pid" >pid.new
mv pid.new pid
hostname "$name"

mount -t tmpfs -o mode=755 lab-disk disk
mkdir disk/lower disk/up disk/work disk/root
mount --bind "$lower" disk/lower
# Relative names: a colon or a comma in the path of the checkout means something to overlayfs.
(cd disk && mount -t overlay -o lowerdir=lower,upperdir=up,workdir=work lab root) || cp -a disk/lower/. disk/root/
cd disk/root

mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty; do
	: >"dev/$node"
	mount --bind "/dev/$node" "dev/$node"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs tmpfs dev/shm
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mkdir run/lock run/lab run/old
mount --bind "$here" run/lab
echo "$name" >etc/hostname

pivot_root . run/old
cd /
umount -l run/old
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=lab python3 /run/lab/init.py
