#!/bin/bash
# SPDX-License-Identifier: ISC
# mtapin fix --method service from every start, for every answer for IPv6.
. "$(dirname "$0")/lab.sh"
. "$here/table.sh"
table service
