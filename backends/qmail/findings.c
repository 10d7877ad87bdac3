/* SPDX-License-Identifier: ISC */
/* findings.c: the table behind `mtapin explain QM-...`: ids, severities, explanations. Data. */
#include "qmail.h"

const struct mt_finding_row qm_findings[] = {
	{"QM-DEFERRED", MT_ERROR, "a control file makes all remote mail wait",
	 "qmail-remote reads its control files at every delivery. A control/outgoingip that is "
	 "empty, starts\n"
	 "with anything but an IPv4 address (a blank, a comment, a name), is a folder, or names an "
	 "address that\n"
	 "is on no interface makes every remote delivery fail for now: \"invalid ipaddr in "
	 "control/outgoingip\",\n"
	 "or #4.4.1, which looks like a network fault. So does any control file that the user "
	 "qmailr may not\n"
	 "read (mode 0600, from a umask of 077): \"Unable to read control files\". Nothing bounces "
	 "for seven days;\n"
	 "the queue grows.\n\n"
	 "Write exactly the address and a newline, mode 0644; to unpin, remove the file: only its "
	 "absence, or\n"
	 "0.0.0.0, means the default. No restart is needed. Messages that already wait are tried "
	 "again later; an\n"
	 "ALRM signal to qmail-send tries all of them at once."},
	{"QM-IGNORED", MT_ERROR, "the file exists, and this qmail-remote never reads it",
	 "qmail 1.03, netqmail and notqmail do not know control/outgoingip: it belongs to a patch. "
	 "The program\n"
	 "qmail-remote on this host does not contain the name of the file, so writing an address "
	 "there does\n"
	 "nothing, without a word; mail leaves from the kernel's choice. The look-alikes "
	 "outgoingips, domainips,\n"
	 "bindroutes and domainbindings belong to other patches, each with its own grammar. "
	 "qmail-showctl is no\n"
	 "help: builds that do read the file call it unknown too.\n\n"
	 "Use a qmail-remote with the outgoingip patch; or let the kernel choose right (`ip route "
	 "change default\n"
	 "... src ADDRESS`, or a source-NAT rule); or send by control/smtproutes to an MTA on this "
	 "host that\n"
	 "binds."},
	{"QM-PIN-JUNK", MT_WARNING, "control/outgoingip is not what it seems",
	 "Only the four numbers that the first line starts with count. What follows them (a "
	 "second address, /24,\n"
	 ":25, a comment, a carriage return) and every further line is not read. A number over 255 "
	 "counts modulo\n"
	 "256: 10.77.0.300 binds 10.77.0.44. A multicast or broadcast address is bound without an "
	 "error, and the\n"
	 "kernel chooses the source. Other builds of qmail refuse such a file and defer all "
	 "mail.\n\n"
	 "Write exactly one address and a newline."},
	{"QM-LOOPBACK-SOURCE", MT_WARNING, "mail routed to this host comes from the pinned address",
	 "control/smtproutes sends mail to this host (a filter, another MTA), and the pin holds "
	 "for that\n"
	 "connection too: the relay sees the pinned address instead of 127.0.0.1, and one that "
	 "allows only\n"
	 "127.0.0.1 answers \"Relaying denied\". For what the relay sends on, its own "
	 "configuration decides the\n"
	 "source, not control/outgoingip.\n\n"
	 "Allow the pinned address there, or pin in the relay and remove control/outgoingip."},
	{"QM-HELO-BAD", MT_WARNING, "the name said in HELO is no name of a host",
	 "qmail-remote says the first line of control/helohost, or of control/me, as it stands: an "
	 "empty file\n"
	 "gives an empty name, a carriage return from another system, leading blanks and comments "
	 "are sent. Many\n"
	 "receivers refuse that.\n\n"
	 "Write the name and a newline into control/helohost. It is read at every delivery."},
	{"QM-SUPPORT-UNKNOWN", MT_NOTE, "from where qmail-remote sends could not be found out",
	 "Only the program in use decides whether a control file has an effect, and it could not "
	 "be read (run\n"
	 "as root), is a script that starts another program, or belongs to a family whose rules "
	 "this version\n"
	 "does not know (outgoingips, bindroutes, domainbindings, domainips). A test delivery "
	 "shows it."},
	{"QM-NO-FINAL-LF", MT_NOTE, "control/outgoingip does not end with a newline",
	 "This qmail-remote reads it correctly; that of IndiMail crashes on it and defers all "
	 "mail. `echo -n`\n"
	 "and file_put_contents() leave such files."},
	{"QM-HELO-PIN", MT_NOTE, "HELO does not follow the pin",
	 "control/outgoingip changes the address, not the name: HELO stays control/helohost, else "
	 "control/me.\n"
	 "The reverse DNS of the pinned address should be that name, and the name should resolve "
	 "to the address.\n"
	 "Set control/helohost rather than control/me, which is the default of many other files."},
	{0},
};
