# SPDX-License-Identifier: ISC
# fleet.sh: what an audit over ssh costs against what else one would run. Sourced by scripts/bench:
#
#	scripts/bench fleet [REPETITIONS [HOSTS]]
#
# 3 and 50. Debian's sshd on one host, the tools on another, 32 connections at once; in each repetition one tool after
# the other. Client: CPU time of the tool with all that it starts; remote: of sshd with all that it starts.
# Medians of the repetitions' ratios.
. "$top/tests/real/fleet.sh"
. "$top/scripts/lib/overlays.sh"
repetitions=${2:-3} hosts=${3:-50} stored=100000
home=/srv/jane by_hand='cat /etc/postfix/main.cf /etc/postfix/master.cf; ip -o addr'

fleet_set_up() {
	root_allowed
	lock_setup
	tools "building" "${build_tools[@]}" && tools "the lab" "${lab_tools[@]}" || exit 2
	step autogen build_autogen && step build-product build_product && root_make && overlays_make servers clients &&
		step bench-build fleet_harness || exit 2
	unlock_setup
	lab_begin
	trap 'fleet_stop; lab_exit' EXIT
	fleet_start clients && fleet_harness_there && fleet_known_hosts && fleet_start_sshd && fleet_bundles ||
		{ complain "the fleet does not start"; exit 2; }
}
fleet_harness() {
	local name
	mkdir -p "$lab/bench"
	for name in cost answer; do
		gcc -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -o "$lab/bench/$name" "$top/tests/bench/$name.c" || return
	done
}
fleet_harness_there() {
	mkdir -p "$admin_root/opt/ssh"
	cp "$lab/bench/cost" "$lab/bench/answer" "$admin_root/opt/" && cp "$lab/bench/cost" "$admin_root/opt/ssh/ssh"
	seq -f '10.77.1.%g' "$hosts" >"$admin_root$home/hosts"
}
# Three keys a host, as Debian makes them: a line for all, and 3000 for 1000 of them. ssh is used as it comes.
fleet_known_hosts() {
	local key
	printf 'Host *\n User auditor\n' >"$admin_root$home/.ssh/config"
	for key in ecdsa rsa; do
		ssh_keygen fleet "/srv/$key" -t "$key" || return
		sed -i "1i HostKey /srv/$key" "$fleet_root/srv/sshd_config"
	done
	cut -d ' ' -f 1,2 "$fleet_root"/srv/{host_key,ecdsa,rsa}.pub >"$lab_run/keys"
	sed 's/^/10.77.* /' "$lab_run/keys" >"$admin_root$home/few"
	awk '{ key[NR] = $0 } END { for (i = 1; i <= 1000; i++) for (k in key) print "10.77." 1 + int(i / 250) "." i % 250, key[k] }' \
		"$lab_run/keys" >"$admin_root$home/many"
}
# What such a host sends; so many of them, each with a finding.
fleet_bundles() {
	fleet sh -c 'echo "smtp_bind_address = 10.76.0.1" >>/etc/postfix/main.cf'
	admin mtapin collect --script | fleet /bin/sh -s | admin sh -c 'cat >bundle' &&
		admin python3 -c '
import os, sys
for folder, count in ("some", 1000), ("all", int(sys.argv[1])):
    os.mkdir(folder)
    for i in range(count):
        os.link("bundle", f"{folder}/host{i:06d}.bundle")' "$stored"
}

# In ms, once nobody is logged in any more.
sshd_ms() {
	wait_for 60 fleet sh -c '! pgrep -P "$(pgrep -o -x sshd)"'
	fleet sh -c 'read -r s <"/proc/$(pgrep -o -x sshd)/stat"; set -- ${s##*) }; echo $(((${12} + ${13} + ${14} + ${15}) * 10))'
}
# cost NAME COMMAND...: as jane; adds "NAME CLIENT-MS REMOTE-MS PEAK-KIB" to $lab_run/figures
cost() {
	local name=$1 before after cpu peak status
	shift
	before=$(sshd_ms)
	read -r cpu _ peak status < <(admin /opt/cost "$@" 3>&1 >"$lab_run/out" 2>"$lab_run/err" </dev/null)
	after=$(sshd_ms)
	case $name:$status in mtapin*:1 | *:0) ;; *) complain "$name: $status: $(tail -n 3 "$lab_run/err")" && return 1 ;; esac
	echo "$name $cpu $((after - before)) $peak" >>"$lab_run/figures"
}
# The same of an audit, every host of which was examined.
audit() { # NAME COUNT ARG...
	local name=$1 count=$2
	shift 2
	cost "mtapin-$name" ${with:-} mtapin audit --json "$@" || return
	grep -q "\"examined\":$count,\"not_examined\":0" "$lab_run/out" || { complain "not all $count hosts of $name were examined"; return 1; }
}
known() { cp "$admin_root$home/$1" "$admin_root$home/.ssh/known_hosts"; }

repetition() {
	local addresses="10.77.1.[1-$hosts]" via="/opt/answer $home/bundle"
	known few && audit few "$hosts" -w "$addresses" && cost xargs-few xargs -a hosts -P 32 -I {} ssh {} "$by_hand" || return
	known many && audit many "$hosts" -w "$addresses" && cost xargs-many xargs -a hosts -P 32 -I {} ssh {} "$by_hand" &&
		cost pdsh-many pdsh -R ssh -l auditor -f 32 -w "$addresses" "$by_hand" &&
		cost ansible-many env LC_ALL=C.UTF-8 ansible all -i "$(paste -sd , "$admin_root$home/hosts")," -m raw -a "$by_hand" -f 32 || return
	rm -f "$admin_root$home/ssh-cost"
	with='env PATH=/opt/ssh:/usr/local/sbin:/usr/bin:/bin' audit own "$hosts" -w "$addresses" || return
	awk '{ s += $1 } END { print "ssh-own", s, 0, 0 }' "$admin_root$home/ssh-cost" >>"$lab_run/figures"
	audit idle 1 -w h1 --via "$via 3000 {}" && audit flight 128 -w 'h[1-128]' -f 128 --via "$via 3000 {}" &&
		audit 200 200 -w 'h[1-200]' --via "$via 0 {}" && audit 2000 2000 -w 'h[1-2000]' --via "$via 0 {}" &&
		audit some 1000 --bundles some && audit all "$stored" --bundles all
}

# figure COLUMN NAME [COLUMN-OF-B NAME-B [OPERATOR]]: the median of A, of A / B, or of A - B
figure() {
	awk -v a="$2" -v ca="$1" -v b="${4-}" -v cb="${3-0}" -v op="${5:-/}" '
		$1 == a { x[++n] = $ca }
		$1 == b { y[++m] = $cb }
		END {
			for (i = 1; i <= n; i++) v[i] = b == "" ? x[i] : op == "-" ? x[i] - y[i] : x[i] / y[i]
			for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (v[j] < v[i]) { t = v[i]; v[i] = v[j]; v[j] = t }
			print n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
		}' "$lab_run/figures"
}
each() { awk -v all="$1" -v n="$2" -v scale="${3:-1}" 'BEGIN { printf "%.*f", (scale > 1 ? 0 : 1), all / n * scale }'; }
# against WHAT COLUMN A B AIM
against() {
	local ratio
	ratio=$(figure "$2" "$3" "$2" "$4")
	row "$1" "$(each "$(figure "$2" "$3")" "$hosts") ms, $(each "$(figure "$2" "$4")" "$hosts") ms: $(printf %.2f "$ratio")x" "${5}x" "$(holds "$ratio <= $5")"
}
fleet_measure() {
	local i v
	for i in $(seq "$repetitions"); do repetition || return; done
	say "| audit of $hosts hosts, 32 at once; CPU time a host | measured | aim |" "|---|---|---|"
	against "client, known_hosts of 3000 lines, against \`pdsh -R ssh\`" 2 mtapin-many pdsh-many 0.6
	against "the same against \`xargs -P 32 ssh\`" 2 mtapin-many xargs-many 0.65
	against "the same against \`ansible -m raw\`" 2 mtapin-many ansible-many 0.2
	against "client, known_hosts of 3 lines, against \`xargs -P 32 ssh\`" 2 mtapin-few xargs-few 1.05
	against "remote, against the same" 3 mtapin-few xargs-few 1.3
	v=$(figure 2 mtapin-own 2 ssh-own -)
	row "of the client's our own, without ssh" "$(each "$v" "$hosts") ms" "" 1
	v=$(figure 4 mtapin-flight 4 mtapin-idle -)
	row "memory a host in flight, 128 at once" "$(each "$v" 127) KiB" "128 KiB" "$(holds "$v <= 127 * 128")"
	v=$(figure 4 mtapin-2000 4 mtapin-200)
	row "peak memory, 2000 hosts against 200" "$(printf %.2f "$v")x" "1.1x" "$(holds "$v <= 1.1")"
	v=$(figure 4 mtapin-all 4 mtapin-some -)
	row "memory a finished host" "$(each "$v" "$((stored - 1000))" 1024) bytes" "256" "$(holds "$v * 1024 <= 256 * ($stored - 1000)")"
	v=$(figure 2 mtapin-all)
	# 0.13 ms before each had a child of its own, which may cost 0.5.
	row "$stored stored bundles to JSON with findings, each in a child of its own, a second and core" "$(each "$stored" "$v" 1000)" "1587" "$(holds "$stored / $v * 1000 >= 1587")"
}
