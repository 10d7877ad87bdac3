#!/bin/bash
# SPDX-License-Identifier: ISC
# A container without init: process 1 is no init, though init scripts are there.
. "$(dirname "$0")/../inits.sh"
by='its own commands'
restart_it() { mx_stop; mx_start; }
cared() { running; }
lab_start || bail "the lab does not start"
. "$here/transaction.sh"
before=$(configuration)

case_reload
case_restart
case_fails
case_faq
