/* SPDX-License-Identifier: ISC */
/* check.c: is this the right address: reverse DNS, HELO, blacklists, and which address to pick. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/aside.h"
#include "cmd/checking.h"
#include "cmd/evidence.h"
#include "cmd/read.h"
#include "io/fs.h"
#include "ui/json.h"
#include "ui/text.h"

static int check_usage(const struct mt_options *o, struct mt_error *error)
{
	if (o->nagios && o->json)
		return mt_fail(error, MT_EXIT_USAGE, "--nagios",
			       "cannot be had together with --json");
	return 0;
}

/* A new file, or in the place of one: as a whole, never through a link, never readable by others. */
static int write_file(struct mt_arena *arena, const char *path, struct mt_str bytes)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *folder =
		slash ? mt_strz(arena, (struct mt_str){path, (size_t)(slash - path) + 1}) : ".";
	MT_FD dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	if (dir < 0)
		return -1;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	return mt_put_over(dir, name, bytes);
}

static int save(const struct mt_context *context, struct mt_str with, struct mt_error *error)
{
	const char *path = context->options.save_bundle;
	if (!path || write_file(context->arena, path, with) == 0)
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, path, "the bundle cannot be written: %s",
		       strerror(errno));
}

static void print(struct mt_context *context, const struct mt_examined *e)
{
	struct mt_text text = MT_TEXT_INIT(context->arena);
	const struct mt_check *check = e->check;
	if (context->out.json) {
		mt_json_report(&(struct mt_report){.model = e->model,
						   .check = check,
						   .advises = e->advised,
						   .remedy = e->remedy});
		return;
	}
	if (context->options.nagios)
		mt_text_nagios(&text, check);
	else
		mt_text_check(&text, &context->out, check);
	mt_text_remedy(&text, &context->out, e->remedy);
	mt_output_put(mt_text_str(&text));
	struct mt_log_evidence evidence;
	if (!context->options.nagios && !context->options.quiet &&
	    mt_log_evidence(context, 7, &evidence) && *evidence.text)
		mt_remark(&context->out, "%s (mtapin log)", evidence.text);
}

static int exit_code(const struct mt_context *context, const struct mt_check *check)
{
	enum mt_severity worst = MT_NOTE;
	mt_model_worst(check->model, &worst);
	if (context->options.nagios)
		return (int)mt_nagios_state(check);
	if (!check->model->snapshot->complete)
		return MT_EXIT_FAILED;
	return worst > MT_NOTE ? MT_EXIT_CHANGE : MT_EXIT_OK;
}

/* What is checked, and the bytes of --save-bundle; also in the child of mt_aside(). */
static int look(struct mt_aside *aside, struct mt_error *error)
{
	struct mt_context *context = aside->context;
	struct mt_checking *checking = aside->data;
	struct mt_model **model = &aside->examined.model;
	bool saves = context->options.save_bundle != NULL;
	struct mt_str bundle;
	if (mt_read_bundle(context, saves, &bundle, error) != 0 ||
	    mt_model_of(context, bundle, model, error) != 0 ||
	    mt_need_mta(context, *model, error) != 0 ||
	    mt_checking_run(context, *model, checking, error) != 0 ||
	    (saves && mt_dns_save(checking->dns, bundle, &aside->bytes, error) != 0))
		return -1;
	aside->examined.check = checking->result;
	mt_check_report(checking->result);
	aside->examined.advised =
		(*model)->snapshot->complete && !context->options.nagios && !context->out.quiet;
	if (aside->examined.advised)
		aside->examined.remedy =
			mt_remedy(*model, checking->result, context->settings.method);
	return 0;
}

static int check_host(struct mt_context *context, struct mt_error *error)
{
	struct mt_checking checking = {.check = mt_check};
	struct mt_aside aside = {.context = context, .look = look, .data = &checking};
	if (check_usage(&context->options, error) != 0 ||
	    mt_checking_options(context, &checking.options, error) != 0 ||
	    (context->options.bundle ? mt_aside(&aside, error) : look(&aside, error)) != 0 ||
	    save(context, aside.bytes, error) != 0)
		return -1;
	struct mt_check *check = aside.examined.check;
	check->options = &checking.options;
	print(context, &aside.examined);
	return exit_code(context, check);
}

/* A monitoring system reads one line of stdout and knows no other codes than 0 to 3. */
static int failed(struct mt_context *context, const struct mt_error *error)
{
	struct mt_text text = MT_TEXT_INIT(context->arena);
	if (!context->options.nagios)
		return mt_output_error(&context->out, error);
	mt_text_nagios_error(&text, error);
	mt_output_put(mt_text_str(&text));
	return MT_NAGIOS_UNKNOWN;
}

static int run(struct mt_context *context)
{
	struct mt_error error = {0};
	int code = check_host(context, &error);
	return code < 0 ? failed(context, &error) : code;
}

const struct mt_command mt_command_check = {
	.name = "check",
	.operands = "",
	.usage = "",
	.exits = MT_EXITS_CHECK,
	.summary = "Check whether the address is the right one",
	.details = "For every address that mail leaves from, or could: reverse DNS and back, the "
		   "HELO name,\n"
		   "with --dnsbl blacklists; the MX and SPF records of the host's domains; and "
		   "which address\n"
		   "to pick. What the DNS does not answer is said to be unknown, never wrong. "
		   "Exit code 0\n"
		   "when nothing of warning or worse is found, else 1; with --nagios 0, 1, 2, 3.",
	.of_bundle = true,
	.of_root = true,
	.run = run,
};
