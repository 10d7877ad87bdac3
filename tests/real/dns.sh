# SPDX-License-Identifier: ISC
# dns.sh: the world's DNS for tests/real/check.t; sourced after lab.sh, once lab_start was called.
#
#	dns_start	boot `dns` (nsd 10.53.0.2, unbound 10.53.0.1, and stand-ins for servers that no package can
#			play: 10.53.0.3 never answers, 10.53.0.4 cuts every answer off, 10.53.0.5 sends to others) and
#			`lists` (rbldnsd 10.54.0.2; 10.54.0.3 is the same 300 ms later); mx gets a link to it, and asks 10.53.0.1
#	ask_of RESOLVER [LINE...]	mtapin.conf of mx: that resolver, and these lines
dns_pid= lists_pid=

link() { # PID NAME ADDRESS PEER-PID PEER-NAME PEER-ADDRESS
	net "$1" sh -e -c 'ip link add "$1" type veth peer name "$3" netns "$2"; ip link set lo up; ip link set "$1" up; ip addr add "$4" dev "$1"' \
		- "$2" "$4" "$5" "$3" && net "$4" sh -e -c 'ip link set lo up; ip link set "$1" up; ip addr add "$2" dev "$1"' - "$5" "$6"
}
dns_start() {
	host_boot dns dns.example servers && host_boot lists lists.example servers || return
	dns_pid=$(<"$lab_run/dns/pid") lists_pid=$(<"$lab_run/lists/pid")
	link "$dns_pid" eth0 10.53.0.1/24 "$mx_pid" dns0 10.53.0.9/24
	link "$dns_pid" eth1 10.54.0.1/24 "$lists_pid" eth0 10.54.0.2/24
	local a
	for a in 2 3 4 5; do net "$dns_pid" ip addr add 10.53.0.$a/24 dev eth0; done
	net "$lists_pid" sh -c 'ip addr add 10.54.0.3/24 dev eth0; ip route add 10.53.0.0/24 via 10.54.0.1'
	zones && servers
}
dns_stop() {
	[ -z "$dns_pid" ] || kill -KILL "$dns_pid" 2>/dev/null
	[ -z "$lists_pid" ] || kill -KILL "$lists_pid" 2>/dev/null
}
ask_of() {
	local file=$mx_root/etc/mtapin.conf
	printf 'resolvers = {"%s"}\n' "$1" >"$file"
	shift
	[ $# = 0 ] || printf '%s\n' "$@" >>"$file"
	chmod 644 "$file"
}

zone() { # FILE ORIGIN, records on stdin
	{
		printf '$TTL 300\n$ORIGIN %s.\n@ IN SOA ns.example.org. hostmaster.example.org. 1 3600 600 86400 300\n@ IN NS ns.example.org.\n' "$2"
		cat
	} >"/proc/$dns_pid/root/run/zones/$1"
	printf 'zone:\n\tname: "%s"\n\tzonefile: "%s"\n' "$2" "$1" >>"/proc/$dns_pid/root/run/zones/nsd.conf"
}
zones() {
	local run=/proc/$dns_pid/root/run i
	mkdir -p "$run/zones"
	chmod 755 "$run/zones"
	printf 'server:\n\tip-address: 10.53.0.2\n\tusername: ""\n\tchroot: ""\n\tzonesdir: /run/zones\n\tdatabase: ""\n\tpidfile: ""\n\txfrdfile: ""\n\tzonelistfile: /run/zones/list\nremote-control:\n\tcontrol-enable: no\n' \
		>"$run/zones/nsd.conf"
	{
		printf '10 PTR mail.example.org.\n12 PTR other.example.org.\n'
		for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "13 PTR many$i.example.org."; done
		printf '14 CNAME 14.8-15.2.0.192.in-addr.arpa.\n8-15 NS ns.example.org.\n'
		printf '15 NS broken.example.org.\n16 NS lame.example.org.\n17 NS silent.example.org.\n18 NS cut.example.org.\n'
		printf '19 PTR static.19.2.0.192.pool.example.org.\n20 PTR evil\\027[31m|name.example.org.\n21 CNAME loop.example.org.\n'
		for i in $(seq 1 100); do echo "22 PTR hundred$i.example.org."; done
	} | zone reverse4 2.0.192.in-addr.arpa
	echo '14 PTR rfc2317.example.org.' | zone part4 8-15.2.0.192.in-addr.arpa
	printf '%s PTR mail.example.org.\n' 0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 | zone reverse6 8.b.d.0.1.0.0.2.ip6.arpa
	{
		printf 'ns A 10.53.0.2\nmail A 192.0.2.10\nmail AAAA 2001:db8::10\nmail MX 10 mail\nother A 192.0.2.99\nrfc2317 A 192.0.2.14\n'
		printf 'static.19.2.0.192.pool A 192.0.2.19\nbroken A 10.53.0.77\nlame A 10.54.0.2\nsilent A 10.53.0.3\ncut A 10.53.0.4\nloop CNAME loop2\nloop2 CNAME loop\n'
		printf '@ TXT "v=spf1 ip4:192.0.2.10 -all"\nmail TXT "v=spf1 a \\027[2J-all" \n'
		printf 'huge TXT'
		for i in $(seq 1 200); do printf ' "%0200d"' "$i"; done
		echo
	} | zone example example.org
}

servers() {
	local run=/proc/$dns_pid/root/run bl=/proc/$lists_pid/root/run/bl i zones=()
	cat >"$run/unbound.conf" <<-'END'
		server:
			interface: 10.53.0.1
			outgoing-interface: 10.53.0.1
			outgoing-interface: 10.54.0.1
			access-control: 10.53.0.0/24 allow
			chroot: ""
			username: ""
			directory: "/run"
			pidfile: ""
			use-syslog: no
			module-config: "iterator"
			do-ip6: no
			qname-minimisation: no
			num-queries-per-thread: 4096
			outgoing-range: 4096
			so-rcvbuf: 4m
			so-sndbuf: 4m
			verbosity: 1
			logfile: "/run/unbound.log"
			local-zone: "2.0.192.in-addr.arpa." nodefault
			local-zone: "8.b.d.0.1.0.0.2.ip6.arpa." nodefault
		remote-control:
			control-enable: no
	END
	for i in 2.0.192.in-addr.arpa 8.b.d.0.1.0.0.2.ip6.arpa example.org; do
		printf 'stub-zone:\n\tname: "%s"\n\tstub-addr: 10.53.0.2\n' "$i" >>"$run/unbound.conf"
	done
	printf 'stub-zone:\n\tname: "bl.example"\n\tstub-addr: 10.54.0.2\nstub-zone:\n\tname: "silent.example"\n\tstub-addr: 10.53.0.3\nstub-zone:\n\tname: "slow.example"\n\tstub-addr: 10.54.0.3\n' >>"$run/unbound.conf"
	mkdir -p "$bl"
	printf ':127.0.0.2:listed\n127.0.0.2\n192.0.2.11\n' >"$bl/good"
	printf ':127.0.0.2:world\n0.0.0.0/1\n128.0.0.0/1\n' >"$bl/world"
	printf ':127.0.0.2:dead\n203.0.113.9\n' >"$bl/dead"
	printf ':127.255.255.254:refused\n0.0.0.0/1\n128.0.0.0/1\n' >"$bl/refuses"
	printf ':127.0.0.2:listed\n0:0:0:0:0:ffff:7f00:2\n2001:db8::10\n' >"$bl/six"
	zones=(good.bl.example:ip4set:good world.bl.example:ip4set:world dead.bl.example:ip4set:dead refuses.bl.example:ip4set:refuses
		six.bl.example:ip6trie:six)
	for i in $(seq 1 21); do zones+=("l$i.slow.example:ip4set:good"); done
	for i in "$bl"/*; do sed -i '1i $SOA 300 ns.bl.example hostmaster.bl.example 1 600 300 86400 300\n$NS 300 ns.bl.example' "$i"; done
	daemon "$lists_pid" rbldnsd -n -b 10.54.0.2/53 -u rbldns -r /run/bl -w / "${zones[@]}"
	daemon "$lists_pid" python3 /run/lab/badns.py later 10.54.0.3
	daemon "$dns_pid" nsd -d -c /run/zones/nsd.conf
	daemon "$dns_pid" unbound -d -c /run/unbound.conf
	daemon "$dns_pid" python3 /run/lab/badns.py silent 10.53.0.3
	daemon "$dns_pid" python3 /run/lab/badns.py cut 10.53.0.4
	daemon "$dns_pid" python3 /run/lab/badns.py elsewhere 10.53.0.5
	wait_for 10 udp_open "$dns_pid" 0100350A && wait_for 10 udp_open "$dns_pid" 0200350A && wait_for 10 udp_open "$dns_pid" 0500350A &&
		wait_for 10 udp_open "$lists_pid" 0200360A && wait_for 10 udp_open "$lists_pid" 0300360A
}
udp_open() { grep -q " $2:0035 " "/proc/$1/net/udp"; }
