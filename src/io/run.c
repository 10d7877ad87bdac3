/* SPDX-License-Identifier: ISC */
/* run.c: one child process on a loop of its own. */
#include "io/run.h"

#include <signal.h>
#include <unistd.h>

struct running {
	struct mt_child child;
	const struct mt_run *run;
	struct mt_run_result *result;
	struct mt_text out, err;
	uv_timer_t slow;
	char buffer[MT_CHILD_READ];
};

static bool on_bytes(struct mt_child *child, int fd, struct mt_str bytes)
{
	struct running *r = child->data;
	struct mt_text *text = fd == STDOUT_FILENO ? &r->out : &r->err;
	size_t room = r->run->max_output - text->n;
	bool fits = bytes.n <= room;
	mt_text_add(text, mt_str_part(bytes, 0, fits ? bytes.n : room));
	r->result->overflow |= !fits;
	return fits;
}

static void on_end(struct mt_child *child)
{
	(void)child;
}

static void on_slow(uv_timer_t *timer)
{
	const struct mt_run *run = ((struct running *)timer->data)->run;
	run->waiting.say(run->waiting.data, run->what);
}

/* It keeps no loop alive. */
static void start_timer(uv_loop_t *loop, struct running *r)
{
	uv_timer_init(loop, &r->slow);
	r->slow.data = r;
	if (r->run->waiting.say)
		uv_timer_start(&r->slow, on_slow, MT_SLOW_MS, 0);
	uv_unref((uv_handle_t *)&r->slow);
}

static int run_child(struct running *r)
{
	struct mt_child_spec spec = {
		.argv = r->run->argv,
		.input = {r->run->input},
		.deadline_ms = r->run->deadline_ms,
		.pass_stderr = r->run->pass_stderr,
		.buffer = r->buffer,
	};
	uv_loop_t loop;
	int failed = uv_loop_init(&loop);
	if (failed < 0)
		return failed;
	r->child.data = r;
	r->child.on_bytes = on_bytes;
	r->child.on_end = on_end;
	start_timer(&loop, r);
	mt_child_start(&loop, &r->child, &spec);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&r->slow, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	r->result->status = r->child.status;
	r->result->timed_out = r->child.timed_out;
	return r->child.error;
}

int mt_run(struct mt_arena *arena, const struct mt_run *run, struct mt_run_result *result,
	   struct mt_error *error)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	struct running *r = MT_NEW(arena, struct running);
	*result = (struct mt_run_result){0};
	r->run = run;
	r->result = result;
	r->out = r->err = (struct mt_text)MT_TEXT_INIT(arena);
	sigaction(SIGPIPE, &ignore, &before);
	int failed = run_child(r);
	sigaction(SIGPIPE, &before, NULL);
	if (failed < 0)
		return mt_fail(error, MT_EXIT_FAILED, run->argv[0], "cannot be started: %s",
			       uv_strerror(failed));
	result->out = mt_text_str(&r->out);
	result->err = mt_text_str(&r->err);
	return 0;
}
