# SPDX-License-Identifier: ISC
# machine.sh: what must not change on the machine the tests run on: its listening sockets (by local
# address; network namespaces of the labs are not its own), every file below /etc, its packages.

machine_sockets() {
	# State 0A is LISTEN; for UDP, 07 is a bound socket.
	awk 'FNR > 1 && ($4 == "0A" || FILENAME ~ /udp/ && $4 == "07") { print "socket " FILENAME " " $2 }' \
		/proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 2>/dev/null | sort -u
}
machine_etc() {
	find /etc -xdev -type f -exec sha256sum {} + 2>/dev/null
	find /etc -xdev -printf '%y %m %U:%G %p %l\n' 2>/dev/null
}
machine_packages() { dpkg-query -W -f 'package ${db:Status-Status} ${Package} ${Version}\n'; }
machine_state() {
	machine_sockets
	{
		machine_etc
		machine_packages
	} | sort
}
# A socket that is there for a moment (another user of the machine) is looked at again.
machine_compare() {
	local try
	for try in 1 2 3 4 5; do
		diff "$lab/machine.before" "$lab/machine.after" >"$log/machine.diff" && return 0
		sleep 2
		machine_state >"$lab/machine.after"
	done
	cat "$log/machine.diff" >&2
	return 1
}
