#!/bin/bash
# SPDX-License-Identifier: ISC
# boot.sh NAME LOWER [LAYER], boot.sh NAME - INIT: become process 1 of a lab host. Runs inside new mount,
# pid, uts and ipc namespaces, in the host's own scratch folder; writes its pid, as the machine sees it, to ./pid.
#
# The tree LOWER (LAYER over it) stays as it is: what the host writes goes to a tmpfs that ends with the
# namespace; init.py is process 1. With `-` the tree is disk/root, mounted already, and INIT is process 1.
set -eu
name=$1 lower=$2 layer=${3-} init= here=$(cd "$(dirname "$0")" && pwd -P)
read -r pid _ </proc/self/stat
echo "$pid" >pid.new
mv pid.new pid
hostname "$name"

[ "$lower" != - ] || init=$layer
[ -n "$init" ] || . "$here/disk.sh" "$lower" "$layer"
mount --make-rprivate /
mount --bind disk/root disk/root
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
[ -z "$init" ] || mount -t cgroup2 cgroup sys/fs/cgroup

pivot_root . run/old
cd /
umount -l run/old
environment=(PATH=/usr/sbin:/usr/bin:/sbin:/bin container=lab)
[ -n "$init" ] || exec env -i "${environment[@]}" python3 /run/lab/init.py
[ ! -e /etc/lab-logger ] || env -i "${environment[@]}" python3 /run/lab/init.py logger &
exec env -i "${environment[@]}" "$init"
