#!/bin/bash
# SPDX-License-Identifier: ISC
# runit as process 1, and Postfix as one of its services.
. "$(dirname "$0")/supervised.sh"
by='runit, /etc/sv/postfix' reload_by='its own command below runit, /etc/sv/postfix' supervisor=runsv
inits_start runit '
	update-rc.d -f postfix remove
	mkdir /etc/sv/postfix
	printf "#!/bin/sh\n[ -e /run/configured ] || /usr/lib/postfix/configure-instance.sh -\n: >/run/configured\nexec /usr/sbin/postfix start-fg\n" >/etc/sv/postfix/run
	chmod 755 /etc/sv/postfix/run
	ln -s /etc/sv/postfix /etc/service/postfix' || bail "runit does not boot"

case_reload
case_restart
case_fails
case_orphan 'sv -w 2 restart /etc/sv/postfix || :'
case_down "sv down /etc/sv/postfix" "sv status /etc/sv/postfix"
mx sh -c "sv up /etc/sv/postfix"
by='runit, /etc/s[a-z]*/postfix'
case_faq_elsewhere
case_confirm
. "$here/promise.sh"
case_promise
