/* SPDX-License-Identifier: ISC */
/* findings.c: the table behind `mtapin explain QM-...`. Data. */
#include "qmail.h"

const struct mt_finding_row qm_findings[] = {
	{"QM-DEFERRED", MT_ERROR, "control/outgoingip makes all remote mail wait",
	 "The qmail-remote in use reads control/outgoingip at every delivery. If the file is "
	 "empty, starts with\n"
	 "anything but an IPv4 address, cannot be read by the user qmailr (mode 0600, umask 077), "
	 "or names an\n"
	 "address that is on no interface, every remote delivery is deferred (\"Zinvalid ipaddr "
	 "in\n"
	 "control/outgoingip\", \"Unable to read control files\", or #4.4.1, which looks like a "
	 "network fault).\n"
	 "Nothing bounces for a week. Only an absent file, or 0.0.0.0, means the default.\n\n"
	 "Write exactly one line with one address and a newline, mode 0644, or remove the file. No "
	 "restart is\n"
	 "needed."},
	{"QM-NO-HELO", MT_ERROR, "neither control/me nor control/helohost",
	 "qmail-remote takes the name it says in HELO from control/helohost, else from control/me. "
	 "With neither,\n"
	 "every remote delivery is deferred: \"Unable to read control files. (#4.3.0)\"."},
	{"QM-IGNORED", MT_WARNING, "control/outgoingip exists, but this qmail never reads it",
	 "Stock qmail, netqmail and notqmail do not know control/outgoingip: it belongs to a "
	 "patch. The program\n"
	 "qmail-remote on this host does not contain the name of the file, so the FAQ's second "
	 "recipe does\n"
	 "nothing, without a word; mail leaves from the kernel's choice.\n\n"
	 "Use a qmail-remote with the patch, set the source of the route (ip route change default "
	 "... src\n"
	 "ADDRESS) or a SNAT rule, or route mail by control/smtproutes to a local MTA that binds."},
	{"QM-PIN-JUNK", MT_WARNING, "control/outgoingip holds more than one address and a newline",
	 "Only the four numbers in front of the first line count, each modulo 256: what follows (a "
	 "second\n"
	 "address, /24, :25, a comment, a CR) is ignored, and 10.77.0.300 binds 10.77.0.44. "
	 "Multicast and subnet\n"
	 "broadcast addresses are bound without an error, and mail leaves from the primary "
	 "address. Other\n"
	 "builds refuse such a file. Write exactly the address and a newline."},
	{"QM-SUPPORT-UNKNOWN", MT_NOTE, "whether control/outgoingip is read could not be found out",
	 "The program qmail-remote could not be read, or is a script that calls another one. Only "
	 "the program in\n"
	 "use decides whether control/outgoingip has an effect."},
	{"QM-HELO-PIN", MT_NOTE, "HELO does not follow the pin",
	 "outgoingip changes the address, not the name: HELO stays control/helohost, else "
	 "control/me. The reverse\n"
	 "DNS of the pinned address should be that name. Set control/helohost rather than me, "
	 "which is the\n"
	 "default of many other files."},
	{0},
};
