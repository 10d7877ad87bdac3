#!/bin/bash
# SPDX-License-Identifier: ISC
# keep.sh LOWER LAYER: what of a lab host outlives its boots: its disk, its network, its control group.
# Runs inside new mount and network namespaces, in the host's scratch folder, until it is killed.
set -eu
mount --make-rprivate /
. "$(dirname "$0")/disk.sh" "$@"
mkdir -p group
mount -t cgroup2 group group || { echo "cgroup2 cannot be mounted"; exit 77; }
mkdir "group/mtapin-lab-$$"
echo $$ >keeper.new
mv keeper.new keeper
exec sleep infinity
