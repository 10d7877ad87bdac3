# SPDX-License-Identifier: ISC
# prove.sh: sh -c THIS sh EXIM RECIPIENT SENDER: let Exim connect for a recipient as it would for a mail, and stop before
# there is one. A callout does that, by the transport that the routers choose, with its interface and HELO (measured: EHLO,
# MAIL, RCPT, QUIT; no log, no file). -bhc makes one in a session that is only played, for an ACL of ours in place of the
# configuration's own: what those would do is not done. The configuration comes through a pipe, with its secrets.
# It goes on behind us, and holds the connection for two seconds more: whose it is must be seen while it lasts.
config=$(env -i "$1" -bP config) || exit 1
{
	echo 'acl_smtp_rcpt = mtapin'
	{
		printf '%s\n' "$config"
		case $config in
		*'
begin acl
'*) ;;
		*) echo 'begin acl' ;;
		esac
	} | sed -e '1,/^begin /{/^acl_/d;/^helo_/d;/^host_reject_/d;}' -e 's/^begin acl$/&\
mtapin:\
accept verify = recipient\/callout=60s,no_cache,use_sender,hold\
  condition = ${run{\/bin\/sleep 2}{yes}{yes}}/'
} | {
	exec 3<&0
	printf 'HELO localhost\r\nMAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nQUIT\r\n' "$3" "$2" | "$1" -C /dev/fd/3 -bhc 127.0.0.1
} >/dev/null 2>&1 &
