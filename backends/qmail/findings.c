/* SPDX-License-Identifier: ISC */
/* findings.c: the table behind `mtapin explain QM-...`: ids, severities, explanations. Data. */
#include "qmail.h"

const struct mt_finding_row qm_findings[] = {
	{"QM-NO-CONTROL", MT_ERROR, "the folder of control files is not there",
	 "qmail-remote reads its settings from files in a folder control (aQmail and eQmail: etc). "
	 "Where "
	 "that is\n"
	 "missing, a file, or a link that points nowhere, it answers \"Unable to read control "
	 "files\" and "
	 "all mail\n"
	 "waits. mtapin can say nothing about such a host, and ends with exit code 2."},
	{"QM-DEFERRED", MT_ERROR, "a control file makes remote mail wait",
	 "qmail-remote reads its control files at every delivery. A control/outgoingip that is "
	 "empty, "
	 "starts\n"
	 "with anything but an IPv4 address (a blank, a comment, a name), is a folder, a FIFO or a "
	 "link to\n"
	 "itself, or names an "
	 "address "
	 "that\n"
	 "is on no interface makes every remote delivery fail for now: \"invalid ipaddr in "
	 "control/outgoingip\",\n"
	 "or #4.4.1, which looks like a network fault. So does any control file that the user "
	 "qmailr may "
	 "not\n"
	 "read (mode 0600, from a umask of 077): \"Unable to read control files\". Nothing bounces "
	 "for seven "
	 "days;\n"
	 "the queue grows.\n\n"
	 "Write exactly the address and a newline, mode 0644; to unpin, remove the file: only its "
	 "absence, "
	 "or\n"
	 "0.0.0.0, means the default. No restart is needed. Messages that already wait are tried "
	 "again "
	 "later; an\n"
	 "ALRM signal to qmail-send tries all of them at once, and `mtapin fix` sends it after "
	 "such a repair."},
	{"QM-IGNORED", MT_ERROR, "the file exists, and this qmail-remote never reads it",
	 "qmail 1.03, netqmail and notqmail do not know control/outgoingip: it belongs to a patch. "
	 "The "
	 "program\n"
	 "qmail-remote on this host does not contain the name of the file, so writing an address "
	 "there "
	 "does\n"
	 "nothing, without a word; mail leaves from the kernel's choice. The look-alikes "
	 "outgoingips, "
	 "domainips,\n"
	 "bindroutes and domainbindings belong to other patches, each with its own grammar. "
	 "qmail-showctl is "
	 "no\n"
	 "help: builds that do read the file call it unknown too.\n\n"
	 "Use a qmail-remote with the outgoingip patch; or let the kernel choose right (`ip route "
	 "change "
	 "default\n"
	 "... src ADDRESS`, or a source-NAT rule); or send by control/smtproutes to an MTA on this "
	 "host that\n"
	 "binds. `mtapin fix` prints the commands."},
	{"QM-OCTET-WRAP", MT_ERROR, "a number over 255 binds another address than it says",
	 "qmail's reader takes each of the four numbers modulo 256: 10.77.0.300 binds 10.77.0.44, "
	 "if that is "
	 "an\n"
	 "address of this host, and else all mail waits. Nobody is told.\n\n"
	 "Write the address that is meant: mtapin fix --ip ADDRESS."},
	{"QM-NO-LABEL", MT_ERROR, "this build does not see the address, and refuses it",
	 "Some builds accept in control/outgoingip only what they find among the addresses of the "
	 "interfaces, and\n"
	 "ask for those in a way that shows the first address of each label alone. What `ip addr "
	 "add` adds "
	 "without\n"
	 "a label is invisible to them: \"invalid ipaddr in control/outgoingip\", and all mail "
	 "waits.\n\n"
	 "Give the address a label of its own (eth0:1), in the configuration of the network too."},
	{"QM-CRASH", MT_ERROR, "the file makes qmail-remote die",
	 "IndiMail counts the newlines of control/outgoingip and divides by their number: a file "
	 "without "
	 "one, or an\n"
	 "empty one, kills qmail-remote at every delivery. `echo -n` and file_put_contents() leave "
	 "such "
	 "files.\n\n"
	 "Write the address and a newline: mtapin fix --ip ADDRESS."},
	{"QM-DRAWN", MT_ERROR, "which line of the file counts is left to the clock",
	 "IndiMail draws one line of control/outgoingip for every delivery. Several good addresses "
	 "are used "
	 "in\n"
	 "turn; a line that is none makes the mail wait that happens to draw it.\n\n"
	 "If one address is meant, leave one line: mtapin fix --ip ADDRESS."},
	{"QM-NO-NAME", MT_ERROR, "there is no name to say in HELO",
	 "control/helohost, or control/me where that is absent, begins with an empty line: "
	 "qmail-remote says "
	 "HELO\n"
	 "and nothing else, which many receivers refuse. An empty helohost does not fall back to "
	 "me.\n\n"
	 "Write the name and a newline into control/helohost, or remove that file."},
	{"QM-HELO-NUL", MT_WARNING, "a NUL byte is sent behind the name in EHLO",
	 "s/qmail and aQmail say the name behind the bar of a line of domainips (IP|NAME) "
	 "together "
	 "with the NUL that\n"
	 "ends it. A server may refuse the command, or close the connection. Nothing behind the "
	 "bar "
	 "(IP|) is no\n"
	 "name at all.\n\n"
	 "Put the name into helohost, if one is enough, and take it out of domainips."},
	{"QM-CR", MT_ERROR, "a control file was written on another system",
	 "Lines that end with a carriage return and a newline: qmail strips the newline alone. The "
	 "carriage "
	 "return\n"
	 "is sent in HELO, makes a relay's name one that does not exist, and some builds refuse "
	 "the address "
	 "of a\n"
	 "pin for it.\n\n"
	 "Remove it; the finding gives the command."},
	{"QM-PIN-JUNK", MT_WARNING, "control/outgoingip is not what it seems",
	 "Only the four numbers that the first line starts with count. What follows them (a second "
	 "address, "
	 "/24,\n"
	 ":25, a comment) and every further line is not read. A multicast or broadcast address is "
	 "bound "
	 "without an\n"
	 "error, and the kernel chooses the source. Qsmtp takes a file of two lines, or one that "
	 "it cannot "
	 "read, as\n"
	 "absent. Other builds of qmail refuse such a file and defer all mail.\n\n"
	 "Write exactly one address and a newline: mtapin fix --ip ADDRESS."},
	{"QM-PIN-PRIVATE", MT_WARNING, "a private address is pinned on a host with a public one",
	 "The source that the kernel would choose is public, the pinned one is private: unless "
	 "something "
	 "translates\n"
	 "it, connections from it find no way back, and mail waits with #4.4.1."},
	{"QM-OTHER-PIN", MT_WARNING, "another control file decides, for some mail or for all",
	 "Patches of qmail know further files: outgoingips, domainbindings and domainips choose "
	 "the address "
	 "by the\n"
	 "sender's domain, bindroutes by the address of the destination, IndiMail's "
	 "outgoingip.HOST and "
	 "Qsmtp's\n"
	 "smtproutes.d/HOST by the recipient's. They count before control/outgoingip. mtapin reads "
	 "them, and "
	 "edits\n"
	 "only the line for all mail of bindroutes, outgoingips and domainips: where that decides "
	 "today, or\n"
	 "where the build has no outgoingip. Mail that other lines decide about does not follow "
	 "a pin.\n\n"
	 "`mtapin show --to ADDRESS --from ADDRESS` tells which line decides about a mail."},
	{"QM-OTHER-FAMILY", MT_WARNING, "the pin shuts out hosts of the other family",
	 "IndiMail has one outgoingip for IPv4 and IPv6, s/qmail one line of domainips. A host "
	 "that is reached "
	 "over\n"
	 "the other family alone cannot be reached from the pinned address: mail to it waits with "
	 "#4.4.1 and\n"
	 "bounces after a week. As a refusal: `--ip6 keep` cannot be kept then. The route "
	 "(`ip route change\n"
	 "default ... src ADDRESS`) or a source-NAT rule pins one family and leaves the other; "
	 "`mtapin fix\n"
	 "--accept QM-OTHER-FAMILY` pins all the same."},
	{"QM-IPV6-LEAK", MT_WARNING, "mail over IPv6 leaves unpinned",
	 "This qmail-remote also uses IPv6, and tries it first. control/outgoingip holds for IPv4 "
	 "alone; "
	 "what goes\n"
	 "over IPv6 leaves from the kernel's choice, and is judged by the reverse DNS of that "
	 "address.\n\n"
	 "Pin it as well, in control/outgoingip6: mtapin fix --ip A --ip6 B."},
	{"QM-LOOPBACK-SOURCE", MT_WARNING, "mail routed to this host comes from the pinned address",
	 "control/smtproutes sends mail to this host (a filter, another MTA), and the pin holds "
	 "for that\n"
	 "connection too: the relay sees the pinned address instead of 127.0.0.1, and one that "
	 "allows only\n"
	 "127.0.0.1 answers \"Relaying denied\". For what the relay sends on, its own "
	 "configuration decides "
	 "the\n"
	 "source, not control/outgoingip.\n\n"
	 "Allow the pinned address there, or pin in the relay and remove control/outgoingip."},
	{"QM-HELO-BAD", MT_WARNING, "the name said in HELO is no name of a host",
	 "qmail-remote says the first line of control/helohost, or of control/me, as it stands: "
	 "leading "
	 "blanks and\n"
	 "comments are sent. Many receivers refuse that.\n\n"
	 "Write the name and a newline into control/helohost. It is read at every delivery."},
	{"QM-HELO-MISMATCH", MT_WARNING,
	 "the name said in HELO does not lead to the pinned address",
	 "The name resolves on this host, to other addresses than the one mail leaves from. "
	 "Receivers that "
	 "compare\n"
	 "the two count it against the mail.\n\n"
	 "Choose a name whose address is the pinned one and which the reverse DNS of that address "
	 "names, and "
	 "put\n"
	 "it into control/helohost: mtapin fix --ip ADDRESS --helo NAME."},
	{"QM-NO-FINAL-LF", MT_WARNING, "control/outgoingip does not end with a newline",
	 "This qmail-remote reads it correctly; that of IndiMail crashes on it and defers all "
	 "mail. `echo "
	 "-n`\n"
	 "and file_put_contents() leave such files."},
	{"QM-BACKUP-FILE", MT_WARNING, "a copy lies among the control files",
	 "qmail-showctl reports every file of the folder that it does not know, and IndiMail reads "
	 "a file "
	 "outgoingip.X\n"
	 "as the pin for the host X. Copies belong elsewhere; those of mtapin are in its own "
	 "folder."},
	{"QM-SUPPORT-UNKNOWN", MT_NOTE, "from where qmail-remote sends could not be found out",
	 "Only the program in use decides whether a control file has an effect, and it could not "
	 "be read "
	 "(run\n"
	 "as root), is a script that does not name the one program it starts, or belongs to a "
	 "family that is "
	 "not\n"
	 "known here. A test delivery shows it. `mtapin fix --accept QM-UNKNOWN-BINARY` writes the "
	 "file "
	 "nevertheless."},
	{"QM-UNKNOWN-BINARY", MT_ERROR, "whether the file would have an effect cannot be told",
	 "A refusal: the qmail-remote in use could not be read, or belongs to no family that is "
	 "known (see\n"
	 "QM-SUPPORT-UNKNOWN). A control file that it does not read would be a pin in name only, "
	 "and nobody\n"
	 "would be told.\n\n"
	 "Run as root, or make a test delivery: `--accept QM-UNKNOWN-BINARY` writes the file, "
	 "verified to the\n"
	 "level config alone; `--observe SECONDS` then waits for a connection from the "
	 "address."},
	{"QM-WRAPPER", MT_NOTE, "a script or another program stands before qmail-remote",
	 "What qmail-rspawn starts is not the program that delivers, but starts it. What is said "
	 "about the "
	 "source is\n"
	 "said about that one; what the first one does with its arguments and environment is not "
	 "known: "
	 "assumed."},
	{"QM-SHARED-HOST", MT_WARNING, "another mail server is on this host too",
	 "Each has its own source address, its own configuration and its own queue, and both are "
	 "shown. Which of them\n"
	 "sends a mail is decided by who hands it in: /usr/sbin/sendmail leads to one of them, "
	 "port "
	 "25 is answered by\n"
	 "one of them, and what lies in a queue leaves when the program of that queue runs. "
	 "Folders "
	 "of an uninstalled\n"
	 "qmail, and the mail folders of a panel, look like a second one and are not.\n\n"
	 "mtapin fix does not choose: --mta postfix or --mta qmail. Where both send, pin both."},
	{"QM-HELO-PIN", MT_NOTE, "HELO does not follow the pin",
	 "control/outgoingip changes the address, not the name: HELO stays control/helohost, else "
	 "control/me.\n"
	 "The reverse DNS of the pinned address should be that name, and the name should resolve "
	 "to the "
	 "address.\n"
	 "Set control/helohost rather than control/me, which is the default of many other files:\n"
	 "mtapin fix --ip ADDRESS --helo NAME."},
	{0},
};
