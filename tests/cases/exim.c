/* SPDX-License-Identifier: ISC */
/* exim.c: a host with Debian's Exim, from a template that has what matters of the real one. */
#include <stdio.h>
#include <string.h>

#include "../../backends/exim/debian.h"
#include "../../backends/exim/place.h"
#include "case.h"

static const char main_part[] = "UPEX4CmacrosUPEX4C = 1\n"
				"domainlist local_domains = MAIN_LOCAL_DOMAINS\n"
				"primary_hostname = mail.example.com\n";
static const char router_part[] = "begin routers\n"
				  ".ifdef DCconfig_internet\n"
				  "dnslookup:\n"
				  "  driver = dnslookup\n"
				  "  domains = ! +local_domains\n"
				  "  transport = remote_smtp\n"
				  ".endif\n"
				  ".ifdef DCconfig_smarthost\n"
				  "smarthost:\n"
				  "  driver = manualroute\n"
				  "  domains = ! +local_domains\n"
				  "  transport = remote_smtp_smarthost\n"
				  "  route_list = * DCsmarthost byname\n"
				  ".endif\n"
				  "local_user:\n"
				  "  driver = accept\n"
				  "  transport = mail_spool\n";
static const char transport_part[] = "begin transports\n"
				     "mail_spool:\n"
				     "  driver = appendfile\n"
				     "  file = /var/mail/$local_part_data\n"
				     "remote_smtp:\n"
				     "  driver = smtp\n"
				     ".ifdef REMOTE_SMTP_HELO_DATA\n"
				     "  helo_data=REMOTE_SMTP_HELO_DATA\n"
				     ".endif\n"
				     ".ifdef REMOTE_SMTP_INTERFACE\n"
				     "  interface = REMOTE_SMTP_INTERFACE\n"
				     ".endif\n"
				     "remote_smtp_smarthost:\n"
				     "  driver = smtp\n"
				     ".ifdef REMOTE_SMTP_HELO_DATA\n"
				     "  helo_data=REMOTE_SMTP_HELO_DATA\n"
				     ".endif\n";

static bool has_word(const struct host_case *c, const char *wanted)
{
	struct mt_str rest = mt_str_of(c->exim), word;
	while (mt_str_word(&rest, " ", &word))
		if (mt_str_is(word, wanted))
			return true;
	return false;
}

/* What the case does not describe: its bytes; NULL: it is absent. */
static void add_default(struct host_case *c, const char *path, const char *bytes)
{
	if (mt_list_has(c->described_files, path))
		return;
	if (bytes)
		add_file(c, path, mt_str_of(bytes));
	else
		add_frame(c, mt_format(c->arena, "file ? absent - - - - - - %s", path));
}

static void add_sources(struct host_case *c)
{
	bool split = has_word(c, "split"), smarthost = has_word(c, "smarthost");
	add_default(c, EX_SETTINGS,
		    mt_format(c->arena,
			      "dc_eximconfig_configtype='%s'\ndc_other_hostnames=''\n"
			      "dc_local_interfaces=''\ndc_readhost=''\ndc_relay_domains=''\n"
			      "dc_minimaldns='false'\ndc_relay_nets=''\ndc_smarthost='%s'\n"
			      "CFILEMODE='644'\ndc_use_split_config='%s'\ndc_hide_mailname=''\n"
			      "dc_mailname_in_oh='true'\ndc_localdelivery='mail_spool'\n",
			      smarthost ? "smarthost" : "internet",
			      smarthost ? "relay.example.net" : "", split ? "true" : "false"));
	add_default(c, EX_MAILNAME, "mail.example.com\n");
	add_default(c, EX_MACROS, NULL);
	add_default(c, EX_SPLIT_MACROS, NULL);
	add_default(c, EX_TEMPLATE,
		    mt_format(c->arena, "%s%s%s", main_part, router_part, transport_part));
	add_frame(c, "file d present 755 0 0 9 1 4096 " EX_CONF_D);
	add_default(c, EX_CONF_D "/main/01_exim4-config_listmacrosdefs", main_part);
	add_default(c, EX_CONF_D "/router/00_exim4-config_header", router_part);
	add_default(c, EX_CONF_D "/transport/00_exim4-config_header", transport_part);
	if (!has_word(c, "own"))
		add_default(c, EX_OWN, NULL);
}

/* With "stale" what there is was made before there was a macro file. */
static struct mt_str generated(struct host_case *c)
{
	const struct mt_snapshot *snapshot = decode_host(c);
	if (has_word(c, "stale"))
		snapshot = mt_snapshot_without(c->arena, snapshot, EX_MACROS);
	return mt_str_copy(c->arena, ex_debian_generate(c->arena, snapshot));
}

void add_exim(struct host_case *c)
{
	struct mt_text files = c->files;
	if (has_word(c, "other")) { /* not Debian's: the case describes the file in use */
		add_default(c, EX_SETTINGS, NULL);
	} else {
		add_sources(c);
		files = c->files;
		if (!mt_list_has(c->described_files, EX_GENERATED)) {
			struct mt_str made = generated(c);
			c->files = files;
			add_file(c, EX_GENERATED, made);
		}
	}
	const char *file = has_word(c, "own")	  ? EX_OWN
			   : has_word(c, "other") ? "/etc/exim/exim.conf"
						  : EX_GENERATED;
	add_frame(c, "file f unasked 755 0 0 1 1 100000 /usr/sbin/exim4");
	add_probe(c, "exim.version",
		  mt_str_of(mt_format(
			  c->arena,
			  "Exim version 4.96 #2 built 1-Jan-2026 10:00:00\n"
			  "Support for: crypteq iconv() IPv6 Perl GnuTLS DKIM DNSSEC\n"
			  "Lookups (built-in): lsearch wildlsearch nwildlsearch iplsearch "
			  "dnsdb dsearch passwd\n"
			  "Authenticators: cram_md5 plaintext\n"
			  "Routers: accept dnslookup ipliteral manualroute redirect\n"
			  "Transports: appendfile autoreply lmtp pipe smtp\n"
			  "Configuration file is %s\n",
			  file)));
	add_probe(c, "exim.user", MT_STR("Debian-exim 101 105"));
	if (c->stopped)
		add_frame(c, "probe absent exim.daemon");
	else
		add_probe(c, "exim.daemon", MT_STR("pid 300\ncomm exim4\nstart 9\nnetns same"));
}
