# SPDX-License-Identifier: ISC
# exim.sh: the mail host of lab.sh with Debian's Exim in Postfix' place, configured for the internet; sourced after lab.sh.
#
#	exim_start		as lab_start
#	exim_set NAME VALUE	a line of update-exim4.conf.conf
#	exim_generate		update-exim4.conf
exim_start() {
	local begin=$SECONDS
	[ -n "$lab_run" ] || lab_begin
	host_boot mx mail.example.org exim && host_boot peer sink.example || return
	mx_pid=$(<"$lab_run/mx/pid") mx_root=/proc/$mx_pid/root
	peer_pid=$(<"$lab_run/peer/pid") peer_root=/proc/$peer_pid/root
	peer_network && mx_network && peer_start && mx_files || return
	rm -rf "$mx_root/etc/postfix" # of the tree below
	exim_set dc_eximconfig_configtype internet && exim_generate || return
	mx sh -c 'mkdir -p /run/exim4 && chown Debian-exim: /run/exim4 && exim4 -bd -q30m' >>"$lab_run/daemons" 2>&1 || return
	wait_for 20 grep -q 'daemon started' "$mx_root/var/log/exim4/mainlog" && lab_pace "$begin"
}
exim_set() { sed -i "s|^$1=.*|$1='$2'|" "$mx_root/etc/exim4/update-exim4.conf.conf"; }
exim_generate() { mx update-exim4.conf >>"$lab_run/daemons" 2>&1; }
