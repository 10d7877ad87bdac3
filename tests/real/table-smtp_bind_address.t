#!/bin/bash
# SPDX-License-Identifier: ISC
# mtapin fix --method smtp_bind_address from every start, for every answer for IPv6.
. "$(dirname "$0")/lab.sh"
. "$here/table.sh"
table smtp_bind_address
