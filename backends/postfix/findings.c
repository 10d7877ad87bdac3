/* SPDX-License-Identifier: ISC */
/* findings.c: the table behind `mtapin explain PF-...`: ids, severities, explanations. Data. */
#include "lint.h"

const struct mt_finding_row pf_findings[] = {
	{"PF-BROKEN", MT_ERROR, "Postfix does not accept its own configuration",
	 "Postfix refuses main.cf or master.cf, or an address in inet_interfaces is on no "
	 "interface. Every\n"
	 "program of Postfix reads main.cf when it starts, so the effect is immediate, without any "
	 "reload:\n"
	 "sendmail(1) returns 75 and programs that send mail fail, new delivery processes die, the "
	 "queue\n"
	 "stands still. `postfix stop`, `status` and `reload` refuse to run too, so a restart "
	 "becomes an\n"
	 "outage. A running master lives on until it is stopped. If only master.cf is at fault, "
	 "running\n"
	 "services go on until the next reload or restart. A delivery service whose own entry or "
	 "parameters\n"
	 "it cannot read (-o without '=', smtp_bind_address_enforce = true, "
	 "smtp_address_preference "
	 "= ipv4,\n"
	 "ipv6) dies alone: its mail waits, and every command reports success. A row of\n"
	 "sender_dependent_default_transport_maps that gives a next hop without a transport "
	 "(:[192.0.2.1]) stops\n"
	 "the queue manager at the first mail it is for: all mail waits. Where inet_protocols is "
	 "empty, all mail\n"
	 "is deferred.\n\n"
	 "`mtapin fix` repairs an address that went away in one step: it writes a valid file "
	 "first, then\n"
	 "stops the old master by its pid and starts it again. Other errors need an editor: the "
	 "finding names\n"
	 "file and line."},
	{"PF-PIN-LOST", MT_ERROR, "a second address in inet_interfaces undoes the pin",
	 "Postfix binds outgoing connections to the address in inet_interfaces only when that "
	 "parameter names\n"
	 "exactly one address of the family. With two (for example after adding 127.0.0.1 or "
	 "localhost to get\n"
	 "port 25 on loopback back) nothing is bound, no warning is logged, and the kernel "
	 "chooses.\n\n"
	 "Keep inet_interfaces for listening and pin with smtp_bind_address and "
	 "smtp_bind_address6:\n"
	 "`mtapin fix --ip ADDRESS`."},
	{"PF-PIN-ABSENT", MT_ERROR, "the pinned address is on no interface",
	 "smtp_bind_address (or 6) names an address that this host does not have. Postfix logs a "
	 "warning\n"
	 "(\"bind: Cannot assign requested address\") and sends from the kernel's choice instead; "
	 "it does not\n"
	 "fall back to inet_interfaces. With smtp_bind_address_enforce = yes (Postfix 3.7 and "
	 "later) mail is\n"
	 "deferred instead.\n\n"
	 "Add the address to an interface, or pin one that exists: `mtapin fix --ip ADDRESS`."},
	{"PF-BIND-UNUSABLE", MT_ERROR, "smtp_bind_address is not one numeric address",
	 "A host name, a list, a trailing comment, unbalanced brackets, a family that "
	 "inet_protocols excludes:\n"
	 "smtp(8) dies at its first connection over that family and master(8) throttles the "
	 "service: from then\n"
	 "on its mail waits, over the other family too, the queue grows, and `postfix check`, "
	 "reload and restart\n"
	 "all report success. What goes over the other family before that does leave. A loopback "
	 "address is "
	 "bound\n"
	 "without error, but no other host can be reached from it: all mail of that family is "
	 "deferred.\n\n"
	 "Write one address, without quotes or comment: `mtapin fix --ip ADDRESS`."},
	{"PF-LISTEN-ABSENT", MT_ERROR, "a service listens on an address this host does not have",
	 "A master.cf service names an address that is on no interface. `postfix check` is silent, "
	 "`postfix\n"
	 "reload` returns 0 and the master process then dies; a start fails. Remove the service or "
	 "add the\n"
	 "address."},
	{"PF-TABLE-STALE", MT_WARNING, "a table was edited, and postmap was not run",
	 "Of a table of type hash, btree, lmdb, cdb, dbm or sdbm Postfix reads the index that "
	 "postmap(1) made\n"
	 "(transport.db), never the text (transport). The text is newer than the index: a line "
	 "added or changed\n"
	 "since does not count, and mail leaves by the way the index gives. `mtapin show --to` "
	 "asks the index\n"
	 "(postmap -q), and says where its text differs; for a saved bundle or a tree it goes by "
	 "the text and\n"
	 "says so.\n\n"
	 "It is an error where the index is missing: Postfix cannot open the table, and mail for "
	 "which it is\n"
	 "asked waits.\n\n"
	 "Run `postmap TYPE:FILE`; Postfix notices by itself."},
	{"PF-PROTO-CONFLICT", MT_ERROR, "inet_protocols excludes an address that is configured",
	 "inet_interfaces names an address of a family that inet_protocols switches off. Every "
	 "program of\n"
	 "Postfix stops with a fatal error. Remove the address or allow the family."},
	{"PF-IPV6-LEAK", MT_WARNING, "IPv4 is pinned, IPv6 is not",
	 "The outgoing IPv4 address is pinned, but the same service also connects over IPv6, and "
	 "there nothing\n"
	 "decides: the kernel chooses by RFC 6724, often the address added last, which usually has "
	 "no reverse\n"
	 "DNS. Large receivers have IPv6 addresses and refuse mail from IPv6 hosts without reverse "
	 "DNS.\n\n"
	 "Pin both families (`--ip6 ADDRESS`), or stop sending over IPv6 (`--ip6 off`); then mail "
	 "to hosts\n"
	 "that have only IPv6 bounces. The FAQ's `inet_interfaces = IPv4` leaves exactly this "
	 "leak."},
	{"PF-PIN-PARTIAL", MT_WARNING, "one client service is pinned, another is not",
	 "`smtp`, `relay` and custom transports are separate services with their own options. A "
	 "pin by -o on\n"
	 "one of them does not hold for mail that takes another: relay_domains use `relay`, "
	 "transport_maps and\n"
	 "sender-dependent maps name any of them.\n\n"
	 "`mtapin fix --ip ADDRESS` pins every service that sends to the internet and leaves those "
	 "alone that\n"
	 "have a working pin of their own."},
	{"PF-LOOPBACK-SOURCE", MT_WARNING, "a connection to this host comes from a public address",
	 "A content filter or an LMTP server on this host is contacted from the pinned address "
	 "instead of\n"
	 "127.0.0.1. Access lists of the filter (amavis: inet_acl) and mynetworks of the "
	 "re-injection port often\n"
	 "allow 127.0.0.1 only; then all mail is deferred.\n\n"
	 "Give that service `-o smtp_bind_address=` in master.cf, or pin with `mtapin fix`, which "
	 "does so."},
	{"PF-LOOPBACK-CLOSED", MT_WARNING, "127.0.0.1:25 is closed by inet_interfaces",
	 "inet_interfaces lists addresses without loopback, so nothing listens on 127.0.0.1:25. "
	 "Programs that\n"
	 "send through localhost (web applications, monitoring, cron wrappers) get \"connection "
	 "refused\".\n"
	 "sendmail(1) still works. This is what the FAQ's `inet_interfaces = IP` does.\n\n"
	 "Do not add 127.0.0.1 to inet_interfaces: that silently removes the pin (PF-PIN-LOST). "
	 "Add explicit\n"
	 "listeners to master.cf (127.0.0.1:smtp), as `mtapin fix --method inet_interfaces` does, "
	 "or pin with\n"
	 "smtp_bind_address and leave inet_interfaces alone."},
	{"PF-MYNETWORKS-SHRUNK", MT_WARNING, "mynetworks no longer contains 127.0.0.0/8",
	 "mynetworks is not set, so Postfix computes it from inet_interfaces; with one address "
	 "listed there,\n"
	 "127.0.0.0/8 is gone from it and local programs that send over SMTP get \"Relay access "
	 "denied\".\n\n"
	 "Set mynetworks explicitly; `mtapin fix --method inet_interfaces` keeps today's computed "
	 "value."},
	{"PF-DNS-NAME", MT_WARNING, "the pin depends on a name",
	 "inet_interfaces holds a host name. Postfix binds to whatever it resolves to when a "
	 "process starts: a\n"
	 "DNS change, a second A record or a 127.0.1.1 line in /etc/hosts unpins without a word, "
	 "and a name that\n"
	 "does not resolve stops Postfix. Write the address."},
	{"PF-OBSERVED-DIFFERS", MT_WARNING, "connections leave from an address no path uses",
	 "A connection of this MTA's user to a remote mail port has a local address that no path "
	 "of the\n"
	 "configuration gives. Either Postfix was not reloaded after an edit of master.cf, or the\n"
	 "configuration that runs is another one (a second instance, -c), or a rule outside of it "
	 "decides.\n\n"
	 "Connections in TIME_WAIT are ignored, and nothing is said for 160 seconds after a change "
	 "of main.cf\n"
	 "or master.cf: idle delivery processes keep old settings for up to 100 seconds."},
	{"PF-BOOT-LATE", MT_NOTE, "Postfix may not start at a boot: an address comes late",
	 "Postfix refuses to start while an address in inet_interfaces, or of a service in "
	 "master.cf, is on\n"
	 "no interface or still tentative. This one is dynamic, tentative, or looks like a "
	 "floating address,\n"
	 "which another program adds when it is this host's turn. Debian's unit is started after "
	 "the network is\n"
	 "online already; that waits neither for duplicate address detection nor for a floating "
	 "address.\n\n"
	 "Under systemd `mtapin fix ... --drop-in` adds a drop-in that lets the unit try again "
	 "every five\n"
	 "seconds; `mtapin undo` removes it. Elsewhere start Postfix from what configures the "
	 "address. Or pin\n"
	 "with smtp_bind_address, which does not keep Postfix from starting; until the address is "
	 "there mail\n"
	 "then leaves from another one (or waits, with smtp_bind_address_enforce). A supervisor "
	 "(runit,\n"
	 "daemontools, s6) tries again by itself."},
	{"PF-DUPLICATE", MT_NOTE, "a parameter is set twice",
	 "The last line wins; the earlier one has no effect. `mtapin fix` edits the line that "
	 "counts."},
	{"PF-NO-FINAL-LF", MT_NOTE, "the file does not end with a newline",
	 "Postfix reads it correctly. But `postconf -e` of Postfix before 3.7.15 (Debian 12 has "
	 "3.7.11) glues a\n"
	 "new parameter to the last line, reports success, and the parameter is not set. mtapin "
	 "adds the newline\n"
	 "when it edits the file."},
	{"PF-HELO-PIN", MT_NOTE, "HELO does not follow the pin",
	 "The name given in EHLO stays $smtp_helo_name (normally $myhostname) whatever address "
	 "mail leaves\n"
	 "from. Receivers compare it with the reverse DNS of the address they see: the PTR record "
	 "of the pinned\n"
	 "address should be this name, and the name should resolve to that address.\n\n"
	 "`mtapin fix --helo NAME` sets another name together with the pin."},
	{"PF-ENFORCE-OFF", MT_NOTE, "if the pinned address goes away, mail leaves from another",
	 "With smtp_bind_address_enforce = no (the default) Postfix logs a warning and sends from "
	 "the kernel's\n"
	 "choice when the pinned address is not there. With yes (3.7 and later) mail waits "
	 "instead. Both are\n"
	 "reasonable; it is a choice between a wrong sender address and a delay."},
	{"PF-INSTANCES", MT_NOTE, "several Postfix instances",
	 "Each instance has its own main.cf and decides for itself. `postconf` without -c shows "
	 "the primary only.\n"
	 "`mtapin fix --mta postfix:DIR` changes one."},
	{"PF-OPENS-LISTENER", MT_ERROR, "the edit would open ports to the network",
	 "This Postfix listens on loopback only, so that local programs can send mail and nobody "
	 "else can reach\n"
	 "it. An address in inet_interfaces would open port 25, and every other service without "
	 "a host of its\n"
	 "own, to the network.\n\n"
	 "Pin with `--method smtp_bind_address`: no listener moves. `--accept PF-OPENS-LISTENER` "
	 "opens them."},
	{0},
};
