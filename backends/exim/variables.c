/* SPDX-License-Identifier: ISC */
/* variables.c: Exim's variables: which there are (expand.c of 4.96 to 4.98), and which of them are known here. */
#include <string.h>

#include "evaluate.h"
#include "items.h"
#include "lsearch.h"

/* By what they depend on; what Exim was built without is a name that it does not know, and that cannot be told here. */
static const char sender_names[] =
	"sender_address sender_address_domain sender_address_local_part return_path";
static const char recipient_names[] =
	"domain domain_data local_part local_part_data local_part_prefix local_part_prefix_v "
	"local_part_suffix local_part_suffix_v original_domain original_local_part parent_domain "
	"parent_local_part recipients recipients_count recipient_data rcpt_count address_data home "
	"address_file address_pipe self_hostname router_name thisaddress";
static const char host_names[] =
	"host host_address host_data host_port host_lookup_deferred host_lookup_failed "
	"sending_ip_address sending_port tls_out_bits tls_out_certificate_verified tls_out_cipher "
	"tls_out_cipher_std tls_out_dane tls_out_ocsp tls_out_ourcert tls_out_peercert "
	"tls_out_peerdn tls_out_resumption tls_out_sni tls_out_tlsa_usage tls_out_ver";
static const char message_names[] =
	"acl_arg1 acl_arg2 acl_arg3 acl_arg4 acl_arg5 acl_arg6 acl_arg7 acl_arg8 acl_arg9 acl_narg "
	"acl_verify_message authenticated_fail_id authenticated_id authenticated_sender "
	"authentication_failed av_failed body_linecount body_zerocount bounce_recipient "
	"callout_address csa_status dkim_algo dkim_bodylength dkim_canon_body dkim_canon_headers "
	"dkim_copiedheaders dkim_created dkim_cur_signer dkim_domain dkim_expires "
	"dkim_headernames dkim_identity dkim_key_granularity dkim_key_length dkim_key_nosubdomains "
	"dkim_key_notes dkim_key_srvtype dkim_key_testing dkim_selector dkim_signers "
	"dkim_verify_reason dkim_verify_status dmarc_domain_policy dmarc_status dmarc_status_text "
	"dmarc_used_domain dnslist_domain dnslist_matched dnslist_text dnslist_value event_data "
	"event_defer_errno event_name headers_added inode interface_address interface_port item "
	"ldap_dn local_scan_data lookup_dnssec_authenticated malware_name max_received_linelength "
	"message_age message_body message_body_end message_body_size message_exim_id "
	"message_headers message_headers_raw message_id message_linecount message_size "
	"message_smtputf8 mime_anomaly_level mime_anomaly_text mime_boundary mime_charset "
	"mime_content_description mime_content_disposition mime_content_id mime_content_size "
	"mime_content_transfer_encoding mime_content_type mime_decoded_filename mime_filename "
	"mime_is_coverletter mime_is_multipart mime_is_rfc822 mime_part_count originator_gid "
	"originator_uid prdr_requested proxy_external_address proxy_external_port "
	"proxy_local_address proxy_local_port proxy_session prvscheck_address prvscheck_keynum "
	"prvscheck_result queue_name rcpt_defer_count rcpt_fail_count received_count received_for "
	"received_ip_address received_port received_protocol received_time "
	"recipient_verify_failure regex_match_string reply_address sender_address_data sender_data "
	"sender_fullhost sender_helo_dnssec sender_helo_name sender_helo_verified "
	"sender_host_address sender_host_authenticated sender_host_dnssec sender_host_name "
	"sender_host_port sender_ident sender_rate sender_rate_limit sender_rate_period "
	"sender_rcvhost sender_verify_failure smtp_command smtp_command_argument "
	"smtp_command_history smtp_notquit_reason spam_action spam_bar spam_report spam_score "
	"spam_score_int spf_guess spf_header_comment spf_received spf_result spf_result_guessed "
	"spf_smtp_comment srs_recipient tls_bits tls_certificate_verified tls_cipher tls_in_bits "
	"tls_in_certificate_verified tls_in_cipher tls_in_cipher_std tls_in_ocsp tls_in_ourcert "
	"tls_in_peercert tls_in_peerdn tls_in_resumption tls_in_sni tls_in_ver tls_peerdn tls_sni "
	"verify_mode";
static const char world_names[] =
	"bounce_return_size_limit caller_gid caller_uid compile_date compile_number config_dir "
	"config_file exim_gid exim_path exim_uid exim_version initial_cwd load_average "
	"local_user_gid local_user_uid localhost_number log_inodes log_space mailstore_basename "
	"pid queue_size regex_cachesize return_size_limit runrc smtp_active_hostname "
	"smtp_count_at_connection_start spool_directory spool_inodes spool_space tod_bsdinbox "
	"tod_epoch tod_epoch_l tod_full tod_log tod_logfile tod_zone tod_zulu transport_name "
	"version_number warn_message_delay warn_message_recipient warn_message_recipients "
	"warnmsg_delay warnmsg_recipient warnmsg_recipients";
static const char constant_names[] = "primary_hostname qualify_domain qualify_recipient value";

/* Asked for each word of an expression, for each sender of a file. */
bool ex_is_one_of(const char *words, struct mt_str word)
{
	for (const char *p = words; *p; p += *p == ' ') {
		size_t n = strcspn(p, " ");
		if (n == word.n && memcmp(p, word.p, n) == 0)
			return true;
		p += n;
	}
	return false;
}

bool ex_is_header_name(struct mt_str name)
{
	if (name.n && (*name.p == 'r' || *name.p == 'b' || *name.p == 'l'))
		name = mt_str_part(name, 1, name.n - 1);
	return mt_str_starts(name, "h_") || mt_str_starts(name, "header_");
}

/* An ACL's or a router's own. */
static bool is_noted(struct mt_str name)
{
	bool acl = (mt_str_starts(name, "acl_c") || mt_str_starts(name, "acl_m")) && name.n > 5 &&
		   (mt_is_digit(name.p[5]) || name.p[5] == '_');
	return acl || mt_str_starts(name, "r_") || mt_str_starts(name, "auth") ||
	       ex_is_header_name(name);
}

static unsigned input_of(struct mt_str name)
{
	static const struct {
		const char *names;
		unsigned on;
	} kinds[] = {{sender_names, EX_ON_SENDER},
		     {recipient_names, EX_ON_RECIPIENT},
		     {host_names, EX_ON_HOST},
		     {message_names, EX_ON_MESSAGE},
		     {world_names, EX_ON_WORLD}};
	for (size_t i = 0; i < MT_ARRAY_LEN(kinds); i++)
		if (ex_is_one_of(kinds[i].names, name))
			return kinds[i].on;
	return is_noted(name) ? EX_ON_MESSAGE : 0;
}

static char first_of(struct mt_str s)
{
	return s.n ? *s.p : '\0';
}

unsigned ex_inputs(struct mt_str expression)
{
	static const char world_items[] =
		"acl dlfunc env perl prvs prvscheck randint readsocket run stat";
	struct ex_eval r = {.s = expression};
	unsigned on = 0;
	while (r.s.n) {
		char c = ex_eval_next(&r);
		if (c == '\\') {
			ex_eval_next(&r);
			continue;
		}
		if (c != '$')
			continue;
		bool braced = ex_eval_peek(&r) == '{';
		if (braced)
			ex_eval_next(&r);
		struct mt_str name = ex_eval_name(&r, "_");
		/* a look-up without a key is one in a database */
		bool query = mt_str_is(name, "lookup") && first_of(ex_skip_blanks(r.s)) != '{';
		if (braced && (query || ex_is_one_of(world_items, name)))
			on |= EX_ON_WORLD;
		else
			on |= input_of(name);
	}
	return on;
}

/* ---- values ---- */

static bool give(struct ex_piece *out, struct mt_str text, bool tainted)
{
	mt_text_add(&out->text, text);
	out->tainted = out->tainted || (tainted && text.n);
	return true;
}

static bool give_known(struct ex_eval *r, struct ex_piece *out, const char *value,
		       struct mt_str name)
{
	if (!value)
		return ex_eval_unknown(r, mt_format(r->arena, "it needs $%.*s", MT_STR_FMT(name)));
	return give(out, mt_str_of(value), false);
}

static struct mt_str local_part_of(struct mt_str address)
{
	struct mt_str domain = ex_domain_part(address);
	bool at = domain.p && domain.p > address.p;
	return mt_str_part(address, 0, at ? address.n - domain.n - 1 : address.n);
}

static bool give_return_path(struct ex_eval *r, struct ex_piece *out)
{
	if (!r->mail->return_path.n)
		return give(out, r->mail->sender, true);
	struct ex_eval inner = *r;
	inner.s = r->mail->return_path;
	if (++inner.depth > 20)
		return ex_eval_unknown(r, "return_path refers to itself");
	return ex_eval_text(&inner, false, false, out);
}

static bool give_sender(struct ex_eval *r, struct mt_str name, struct ex_piece *out)
{
	struct mt_str sender = r->mail->sender;
	if (!sender.p)
		return ex_eval_unknown(r, "it depends on the sender (--from)");
	if (mt_str_is(name, "return_path"))
		return give_return_path(r, out);
	if (mt_str_is(name, "sender_address_domain"))
		sender = ex_domain_part(sender);
	else if (mt_str_is(name, "sender_address_local_part"))
		sender = local_part_of(sender);
	return give(out, sender, true);
}

/* As Exim has it: the domain in lower case. */
static bool give_recipient(struct ex_eval *r, struct mt_str name, struct ex_piece *out)
{
	struct mt_str recipient = r->mail->recipient;
	if (recipient.p && mt_str_is(name, "domain"))
		return give(out, ex_lower(r->arena, ex_domain_part(recipient)), true);
	if (recipient.p && mt_str_is(name, "local_part"))
		return give(out, local_part_of(recipient), true);
	return give_known(r, out, NULL, name);
}

bool ex_eval_variable(struct ex_eval *r, struct mt_str name, bool skip, struct ex_piece *out,
		      bool *found)
{
	bool constant = ex_is_one_of(constant_names, name);
	unsigned on = constant ? 0 : input_of(name);
	*found = constant || on;
	if (skip || !*found)
		return true;
	if (on == EX_ON_SENDER)
		return give_sender(r, name, out);
	if (on == EX_ON_RECIPIENT)
		return give_recipient(r, name, out);
	if (mt_str_is(name, "value"))
		return give(out, r->value, false);
	if (mt_str_is(name, "primary_hostname"))
		return give_known(r, out, r->world->primary_hostname, name);
	if (mt_str_is(name, "qualify_domain"))
		return give_known(r, out, r->world->qualify_domain, name);
	if (mt_str_is(name, "sending_ip_address"))
		return give_known(r, out, r->mail->sending, name);
	if (!mt_str_is(name, "host_address"))
		return give_known(r, out, NULL, name);
	char host[] = {EX_HOST, '\0'};
	return give(out, mt_str_of(host), false);
}
