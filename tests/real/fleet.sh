# SPDX-License-Identifier: ISC
# fleet.sh: a fleet to be audited, and the host that asks; for tests/real/audit.t and scripts/bench; sourced after
# lab.sh, once lab_begin was called.
#
#	fleet_start [OVERLAY]	boot both, admin with that overlay (servers)
#	admin COMMAND...	as jane on `admin`: Debian's ssh client, mtapin, her key and her ssh_config
#	fleet COMMAND...	as root on `fleet`: Debian's sshd, which answers on every address of 10.77.0.0/16
#	fleet_host NAME N USER COMMAND	10.77.9.N, called NAME in jane's ssh_config; COMMAND, unless it is -, is what
#					that host runs whatever it is asked for. Before fleet_start_sshd
#	fleet_start_sshd
#
#	10.77.1.*	plain hosts: login of `auditor`, an ordinary user
#	10.77.2.*	hosts with a name and a Postfix configuration of their own, by namespaces; login of root
#	10.78.0.*	dropped without an answer; 10.99.0.* no route; 10.80.0.* only reached from the fleet
#	port 23 nothing listens; 24 accepts and says nothing; 25 closes at once
fleet_pid= admin_pid=
fleet() { inside "$fleet_pid" "$@"; }
admin() { inside "$admin_pid" setpriv --reuid=1000 --regid=1000 --clear-groups env -C /srv/jane HOME=/srv/jane USER=jane "$@"; }

fleet_networks() {
	net "$fleet_pid" sh -e -c '
		ip link set lo up
		ip link add eth0 type veth peer name eth0 netns "$1"
		ip link set eth0 up
		ip addr add 10.76.0.1/24 dev eth0
		ip route add local 10.77.0.0/16 dev lo
		ip route add local 10.80.0.0/24 dev lo
		echo 1 >/proc/sys/net/ipv4/ip_forward
		ip route add blackhole 10.78.0.0/24' - "$admin_pid" &&
		net "$admin_pid" sh -e -c '
		ip link set lo up
		ip link set eth0 up
		ip addr add 10.76.0.2/24 dev eth0
		ip route add 10.77.0.0/16 via 10.76.0.1
		ip route add 10.78.0.0/24 via 10.76.0.1
		ip route add unreachable 10.99.0.0/24'
}

# jane's key opens every account; a host is known by one line, except those that tests leave out.
fleet_keys() {
	local key
	mkdir -m 700 "$admin_root/srv/jane/.ssh"
	mkdir "$fleet_root/srv/hosts"
	ssh_keygen admin /srv/jane/.ssh/id_ed25519 && ssh_keygen fleet /srv/host_key || return
	cp "$admin_root/srv/jane/.ssh/id_ed25519.pub" "$fleet_root/srv/keys"
	read -r _ key _ <"$fleet_root/srv/host_key.pub"
	echo "10.77.*,!10.77.9.2,!10.77.9.3,10.80.* ssh-ed25519 $key" >"$admin_root/srv/jane/.ssh/known_hosts"
	read -r _ key _ <"$fleet_root/srv/keys"
	echo "10.77.9.2 ssh-ed25519 $key" >>"$admin_root/srv/jane/.ssh/known_hosts"
	# No tool is measured here, and a post-quantum key exchange takes longer than all the rest.
	printf 'Host *\n KexAlgorithms curve25519-sha256\n Ciphers aes128-gcm@openssh.com\nHost 10.77.2.*\n User root\nHost 10.77.1.*\n User auditor\n' \
		>"$admin_root/srv/jane/.ssh/config"
	inside "$admin_pid" chown -R 1000:1000 /srv/jane
}
ssh_keygen() { # HOST FILE [OPTION...]
	local pid=$1_pid file=$2
	shift 2
	inside "${!pid}" ssh-keygen -q -N '' -f "$file" "${@:--ted25519}"
}

fleet_host() {
	local name=$1 address=10.77.9.$2
	printf 'Host %s\n HostName %s\n User %s\n' "$name" "$address" "$3" >>"$admin_root/srv/jane/.ssh/config"
	[ "$4" != - ] || return 0
	printf '#!/bin/sh\n%s\n' "$4" >"$fleet_root/srv/hosts/$name"
	chmod 755 "$fleet_root/srv/hosts/$name"
	printf 'Match LocalAddress %s\n ForceCommand exec /srv/hosts/%s\n' "$address" "$name" >>"$fleet_root/srv/sshd_config"
}

fleet_start() {
	host_boot fleet fleet.example servers && host_boot admin admin.example "${1:-servers}" || return
	fleet_pid=$(<"$lab_run/fleet/pid") admin_pid=$(<"$lab_run/admin/pid")
	fleet_root=/proc/$fleet_pid/root admin_root=/proc/$admin_pid/root
	cp -a "$prefix/." "$admin_root/"
	inside "$admin_pid" useradd -m -b /srv -u 1000 -s /bin/bash jane && fleet useradd -m -b /srv -p '*' -s /bin/bash auditor && fleet_networks && fleet_keys || return
	cp "$here/default/main.cf" "$here/default/master.cf" "$fleet_root/etc/postfix/"
	cat >"$fleet_root/srv/sshd_config" <<-'END'
		HostKey /srv/host_key
		AuthorizedKeysFile /srv/keys
		PermitRootLogin prohibit-password
		UsePAM no
		UseDNS no
		LogLevel ERROR
		MaxStartups 1000
		PidFile none
		Match LocalAddress 10.77.2.0/24
		 ForceCommand exec /srv/hosts/own
	END
	cat >"$fleet_root/srv/hosts/own" <<-'END'
		#!/bin/sh
		set -- $SSH_CONNECTION
		exec unshare --uts --mount sh -c '
			n=${1##*.}
			hostname "own$n.example"
			mount -t tmpfs own /mnt
			{ cat /etc/postfix/main.cf; echo "smtp_helo_name = out$n.example"; } >/mnt/main.cf
			mount --bind /mnt/main.cf /etc/postfix/main.cf
			exec /bin/sh -s' - "$3"
	END
	chmod 755 "$fleet_root/srv/hosts/own"
}
fleet_start_sshd() {
	daemon "$fleet_pid" sh -c 'mkdir -p /run/sshd; exec /usr/sbin/sshd -D -e -f /srv/sshd_config'
	daemon "$fleet_pid" python3 -c '
import socket, threading
def serve(port, silent):
    s = socket.create_server(("", port), backlog=64)
    kept = []
    while True:
        c = s.accept()[0]
        kept.append(c) if silent else c.close()
threading.Thread(target=serve, args=(24, True)).start()
serve(25, False)'
	wait_for 10 listening "$fleet_pid" 22 && wait_for 10 listening "$fleet_pid" 24 && wait_for 10 listening "$fleet_pid" 25
}
fleet_stop() {
	[ -z "$fleet_pid" ] || kill -KILL "$fleet_pid" 2>/dev/null
	[ -z "$admin_pid" ] || kill -KILL "$admin_pid" 2>/dev/null
}
