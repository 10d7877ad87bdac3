#!/bin/bash
# SPDX-License-Identifier: ISC
# postfix start-fg supervised by s6.
. "$(dirname "$0")/supervised.sh"
by='s6, /service/postfix' reload_by='its own command below s6, /service/postfix' supervisor=s6-supervise
supervised_start "/usr/bin/s6-svscan /service" || bail "it does not boot"

case_reload
case_restart
case_fails
case_orphan 's6-svc -r /service/postfix'
again
sed -i '2i grep -q "^inet_interfaces = 192" /etc/postfix/main.cf && exit 127' "$mx_root/service/postfix/run"
echo "service_timeout = $((10 * pace))" >"$mx_root/etc/mtapin.conf"
fix --method inet_interfaces
is "a run script that exits 127: exit" "$status" 2
ok "... says so" said "^rolled-back /etc/postfix/main.cf"
is "... the old bytes are back" "$(configuration)" "$before"
ok "... Postfix runs" wait_for 10 running
echo 'inet_interfaces = 192.0.2.11' >>"$etc/main.cf"
mx postfix stop >>"$lab_run/daemons" 2>&1
ok "... s6-svc -wr says 0 of it" mx s6-svc -wr -T 5000 -r /service/postfix
is "... s6-svstat does not" "$(mx s6-svstat -o up /service/postfix)" false
lab_settings
sed -i 2d "$mx_root/service/postfix/run"

case_down "s6-svc -d /service/postfix" "s6-svc -r /service/postfix && [ \"\$(s6-svstat -o up /service/postfix)\" = false ]"
mx sh -c "s6-svc -u /service/postfix"
case_faq_elsewhere
case_confirm
