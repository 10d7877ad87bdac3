/* SPDX-License-Identifier: ISC */
/* collect.c: collect.sh as text, and what may leave a host. */
#include "collect.h"

const char ex_collector[] =
#include "backends/exim/collect.inc"
	;

/* hide mysql_servers = HOST/DB/USER/PASSWORD, ${lookup pgsql{servers=...; ...}}; client_send and others of authenticators */
const char ex_secret_names[] = "servers _send prompts private_key";

/* What decides source, name and transport; nothing of lists, ACLs, authenticators. */
#define MAIN                                                                                       \
	"primary_hostname disable_ipv6 no_disable_ipv6 not_disable_ipv6 dns_ipv4_lookup "          \
	"local_interfaces daemon_smtp_port daemon_smtp_ports smtp_active_hostname qualify_domain " \
	"qualify_recipient keep_environment pid_file_path log_file_path spool_directory "          \
	"log_selector exim_user exim_group exim_path local_domains relay_to_domains "
#define DRIVERS                                                                                    \
	"begin driver transport domains return_path interface helo_data protocol hosts "           \
	"hosts_override "                                                                          \
	"fallback_hosts port route_list route_data self ignore_target_hosts "                      \
	"same_domain_copy_routing no_more more unseen no_verify verify_only "
/* Debian's macros, and what panels name theirs */
#define MACROS                                                                                     \
	"CONFDIR UPEX4CmacrosUPEX4C REMOTE_SMTP_* MAIN_HARDCODE_PRIMARY_HOSTNAME "                 \
	"MAIN_LOCAL_INTERFACES MAIN_LOCAL_DOMAINS MAIN_RELAY_TO_DOMAINS MAIN_RELAY_NETS "          \
	"MAIN_PACKAGE_VERSION "                                                                    \
	"MAIN_LOG_SELECTOR ETC_MAILNAME LOCAL_DELIVERY HIDE_MAILNAME DC_* DCconfig_* DCsmarthost " \
	"DCreadhost OUTGOING_IP "
#define DIRECTIVES ".ifdef .ifndef .elifdef .elifndef .else .endif .include .include_if_exists"

#define CONFIGURATION                                                                              \
	.syntax = MT_SYNTAX_ASSIGNMENTS, .continuation = MT_CONTINUES_BACKSLASH,                   \
	.keep = MAIN DRIVERS MACROS DIRECTIVES,                                                    \
	.prefixes = "hide domainlist hostlist addresslist localpartlist", .shows_addresses = true, \
	.follows = true, .follows_macros = true

const struct mt_redaction ex_redactions[] = {
	{.items = "exim.version", .syntax = MT_SYNTAX_LINES},
	{.items = "exim.config", CONFIGURATION},
	{.items = "exim.main", CONFIGURATION},
	{.items = "/etc/exim4/update-exim4.conf.conf",
	 .syntax = MT_SYNTAX_ASSIGNMENTS,
	 .keep = "dc_* ue4c_keepcomments CFILEMODE " MACROS,
	 .follows = true,
	 .follows_macros = true,
	 .shows_addresses = true},
	{.items = "/usr/sbin/update-exim4.conf",
	 .syntax = MT_SYNTAX_ASSIGNMENTS,
	 .keep = "UPEX4C_version",
	 .hides_names = true},
	{.items = "/etc/exim.conf.localopts",
	 .syntax = MT_SYNTAX_ASSIGNMENTS,
	 .keep = "per_domain_mailips custom_mailips custom_mailhelo use_rdns_for_helo"},
	{.items = "/etc/mailname", .syntax = MT_SYNTAX_LINES},
	{.items = "*/passwd.client*"},
	{.items = "/etc/exim4/conf.d/*", CONFIGURATION},
	{.items = "/etc/exim4/exim4.conf*", CONFIGURATION},
	{.items = "/var/lib/exim4/*", CONFIGURATION},
	/* by their names: what may hold passwords, and what are maps of addresses and names */
	{.items = "*pass*"},
	{.items = "*secret*"},
	{.items = "*cred*"},
	{.items = "*sasl*"},
	{.items = "*.key"},
	{.items = "*.pem"},
	{.items = "*/ip", .syntax = MT_SYNTAX_LINES},
	{.items = "*_ip", .syntax = MT_SYNTAX_LINES},
	{.items = "*ips", .syntax = MT_SYNTAX_LINES},
	{.items = "*/mailhelo", .syntax = MT_SYNTAX_LINES},
	{.items = "*/helo_data", .syntax = MT_SYNTAX_LINES},
	{.items = "*/helo", .syntax = MT_SYNTAX_LINES},
	{.items = "*", CONFIGURATION},
	{0},
};

bool ex_leaves(const char *option)
{
	struct mt_str rest = MT_STR(MAIN DRIVERS), word;
	while (mt_str_word(&rest, " ", &word))
		if (mt_str_is(word, option))
			return true;
	return false;
}
