/* SPDX-License-Identifier: ISC */
/* smtp_probe.c: a short conversation with a mail server, on a loop of its own. */
#include "io/service/smtp_probe.h"

#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <uv.h>

#include "io/service/init.h"
#include "io/sys/run.h"

#define RESOLVE_MS   10000
#define RESOLVED_MAX 65536
#define HEARD_MAX    8192 /* bytes, of all that is said */
#define LINE_MAX_    1000
#define QUOTE_MAX    200

enum step { GREETING, HELLO, BYE };

struct talk {
	struct mt_arena *arena;
	struct mt_probe *probe;
	uv_tcp_t tcp;
	uv_timer_t timer;
	uv_connect_t connect;
	uv_write_t write;
	enum step step;
	bool connected, writing;
	char heard[HEARD_MAX]; /* from `line` on it is not yet read */
	size_t n, line;
	char said[300];
};

const char *mt_probe_end_name(enum mt_probe_end end)
{
	static const char *const names[] = {"no-connection", "refused", "odd", "fine"};
	return end < MT_ARRAY_LEN(names) ? names[end] : "unknown";
}

/* ---- the place ---------------------------------------------------------------------------------- */

static bool parse_port(struct mt_str text, unsigned *port)
{
	unsigned long number;
	if (!mt_str_number(text, 65535, &number) || !number)
		return false;
	*port = (unsigned)number;
	return true;
}

bool mt_place_parse(struct mt_arena *arena, const char *text, struct mt_place *place)
{
	struct mt_str host = mt_str_of(text), port = {NULL, 0};
	const char *close = text[0] == '[' ? strchr(text, ']') : NULL, *colon = strchr(text, ':');
	*place = (struct mt_place){.port = 25};
	if (close) {
		host = (struct mt_str){text + 1, (size_t)(close - text - 1)};
		if (close[1] && close[1] != ':')
			return false;
		port = close[1] ? mt_str_of(close + 2) : port;
	} else if (colon && !strchr(colon + 1, ':')) {
		host.n = (size_t)(colon - text);
		port = mt_str_of(colon + 1);
	}
	bool address = mt_addr_parse(host, &place->addr);
	if (port.p && !parse_port(port, &place->port))
		return false;
	if (close && (!address || place->addr.family != MT_V6))
		return false;
	place->host = mt_strz(arena, host);
	return address || mt_is_hostname(host);
}

int mt_place_resolve(struct mt_arena *arena, const struct mt_place *place,
		     struct mt_addr addr[MT_FAMILIES], struct mt_error *error)
{
	struct mt_run_result result = {0};
	memset(addr, 0, MT_FAMILIES * sizeof *addr);
	if (place->addr.set) {
		addr[place->addr.family] = place->addr;
		return 0;
	}
	const char *const argv[] = {mt_init_program(arena, "getent"), "ahosts", place->host, NULL};
	struct mt_run run = {.argv = argv, .deadline_ms = RESOLVE_MS, .max_output = RESOLVED_MAX};
	if (!argv[0])
		return mt_fail(error, MT_EXIT_FAILED, place->host,
			       "a name needs getent(1), which is not here: give its address");
	if (mt_run(arena, &run, &result, error))
		return -1;
	/* "192.0.2.1      STREAM mail.example.org": the first of each family. */
	struct mt_str text = result.out;
	struct mt_str line, word;
	struct mt_addr one;
	while (mt_str_line(&text, &line))
		if (mt_str_word(&line, " \t", &word) && mt_addr_parse(word, &one) &&
		    !addr[one.family].set)
			addr[one.family] = one;
	if (addr[MT_V4].set || addr[MT_V6].set)
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, place->host, "does not resolve to an address%s",
		       result.timed_out ? " within 10 s" : "");
}

/* ---- one talk ----------------------------------------------------------------------------------- */

static void finish_talk(struct talk *t, enum mt_probe_end end, const char *text)
{
	if (uv_is_closing((uv_handle_t *)&t->tcp))
		return;
	if (!t->probe->text) {
		t->probe->end = end;
		t->probe->text = text;
	}
	uv_close((uv_handle_t *)&t->tcp, NULL);
	uv_close((uv_handle_t *)&t->timer, NULL);
}

static const char *quote(struct talk *t, struct mt_str line)
{
	char *text =
		mt_strz(t->arena, mt_str_part(line, 0, line.n < QUOTE_MAX ? line.n : QUOTE_MAX));
	return text[0] ? text : "an empty line";
}

static void on_talk_time(uv_timer_t *timer)
{
	struct talk *t = timer->data;
	unsigned ms = t->connected ? t->probe->talk_ms : t->probe->connect_ms;
	if (!t->connected)
		finish_talk(t, MT_PROBE_NOTHING,
			    mt_format(t->arena, "nothing answered in %u s", ms / 1000));
	else
		finish_talk(t, MT_PROBE_ODD,
			    mt_format(t->arena, "connected, but %s in %u s",
				      t->n ? "no whole answer came" : "it said nothing",
				      ms / 1000));
}

static void on_talk_written(uv_write_t *write, int status)
{
	struct talk *t = write->data;
	t->writing = false;
	if (status < 0 && status != UV_ECANCELED)
		finish_talk(t, MT_PROBE_ODD,
			    mt_format(t->arena, "connected, but %s", uv_strerror(status)));
}

static void say_command(struct talk *t, const char *line)
{
	size_t n = strlen(line);
	if (t->writing || n >= sizeof t->said)
		return;
	memcpy(t->said, line, n + 1);
	uv_buf_t buf = uv_buf_init(t->said, (unsigned)n);
	t->write.data = t;
	t->writing = uv_write(&t->write, (uv_stream_t *)&t->tcp, &buf, 1, on_talk_written) == 0;
}

/* The verdict is there: say QUIT, and wait for no more than its answer. */
static void leave(struct talk *t, enum mt_probe_end end, const char *text)
{
	t->probe->end = end;
	t->probe->text = text;
	t->step = BYE;
	say_command(t, "QUIT\r\n");
}

static void on_reply(struct talk *t, struct mt_str line, unsigned code)
{
	static const unsigned wanted[] = {220, 250};
	if (t->step == BYE) {
		finish_talk(t, MT_PROBE_FINE, NULL);
	} else if (code != wanted[t->step]) {
		leave(t, code >= 400 && code < 600 ? MT_PROBE_REFUSED : MT_PROBE_ODD,
		      quote(t, line));
	} else if (t->step == GREETING) {
		t->probe->greeting = quote(t, line);
		t->step = HELLO;
		say_command(t, mt_format(t->arena, "EHLO %s\r\n", t->probe->helo));
	} else {
		leave(t, MT_PROBE_FINE, t->probe->greeting);
	}
}

static void on_talk_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct talk *t = handle->data;
	(void)size;
	*buf = uv_buf_init(t->heard + t->n, (unsigned)(sizeof t->heard - t->n));
}

static void on_talk_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct talk *t = stream->data;
	(void)buf;
	if (n == UV_ENOBUFS) {
		finish_talk(t, MT_PROBE_ODD,
			    mt_format(t->arena, "it said more than %d bytes", HEARD_MAX));
		return;
	}
	if (n < 0) {
		finish_talk(t, MT_PROBE_ODD,
			    mt_format(t->arena, "connected, but %s",
				      n == UV_EOF ? "it hung up" : uv_strerror((int)n)));
		return;
	}
	t->n += (size_t)n;
	for (char *lf; !uv_is_closing((uv_handle_t *)stream) &&
		       (lf = memchr(t->heard + t->line, '\n', t->n - t->line));) {
		struct mt_str line = {t->heard + t->line, (size_t)(lf - t->heard) - t->line};
		t->line += line.n + 1;
		/* "220 TEXT"; "220-TEXT" goes on in the next line. */
		unsigned long code = 0;
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		bool reply = line.n >= 3 && mt_str_number(mt_str_part(line, 0, 3), 599, &code) &&
			     code >= 200 && (line.n == 3 || line.p[3] == ' ' || line.p[3] == '-');
		if (!reply)
			finish_talk(t, MT_PROBE_ODD,
				    mt_format(t->arena, "no SMTP: %s", quote(t, line)));
		else if (line.n == 3 || line.p[3] == ' ')
			on_reply(t, line, (unsigned)code);
	}
	if (t->n - t->line > LINE_MAX_)
		finish_talk(t, MT_PROBE_ODD,
			    mt_format(t->arena, "a line of more than %d bytes: %s", LINE_MAX_,
				      quote(t, mt_str_part((struct mt_str){t->heard, t->n}, t->line,
							   QUOTE_MAX))));
}

static void on_connect(uv_connect_t *connect, int status)
{
	struct talk *t = connect->data;
	if (status == UV_ECANCELED)
		return;
	if (status == UV_ECONNREFUSED) {
		finish_talk(t, MT_PROBE_REFUSED, "connection refused");
		return;
	}
	if (status < 0) {
		finish_talk(t, MT_PROBE_NOTHING, uv_strerror(status));
		return;
	}
	t->connected = true;
	uv_timer_start(&t->timer, on_talk_time, t->probe->talk_ms, 0);
	uv_read_start((uv_stream_t *)&t->tcp, on_talk_alloc, on_talk_read);
}

static void socket_address(struct mt_addr addr, unsigned port, struct sockaddr_storage *at)
{
	memset(at, 0, sizeof *at);
	struct sockaddr_in *v4 = (struct sockaddr_in *)at;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)at;
	at->ss_family = addr.family == MT_V6 ? AF_INET6 : AF_INET;
	if (addr.family == MT_V6) {
		v6->sin6_port = htons((uint16_t)port);
		memcpy(&v6->sin6_addr, addr.b, 16);
	} else {
		v4->sin_port = htons((uint16_t)port);
		memcpy(&v4->sin_addr, addr.b, 4);
	}
}

static void start_talk(uv_loop_t *loop, struct talk *t)
{
	struct sockaddr_storage from, to;
	socket_address(t->probe->from, 0, &from);
	socket_address(t->probe->to, t->probe->port, &to);
	uv_tcp_init(loop, &t->tcp);
	uv_timer_init(loop, &t->timer);
	t->tcp.data = t->timer.data = t->connect.data = t;
	int r = uv_tcp_bind(&t->tcp, (struct sockaddr *)&from, 0);
	if (r == 0)
		r = uv_tcp_connect(&t->connect, &t->tcp, (struct sockaddr *)&to, on_connect);
	if (r < 0)
		finish_talk(t, MT_PROBE_NOTHING, uv_strerror(r));
	else
		uv_timer_start(&t->timer, on_talk_time, t->probe->connect_ms, 0);
}

static void on_slow(uv_timer_t *timer)
{
	const struct mt_waiting *waiting = timer->data;
	waiting->say(waiting->data, "waiting for the far end of --probe");
}

void mt_probe(struct mt_arena *arena, struct mt_probe *probes, size_t count,
	      struct mt_waiting waiting)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	uv_loop_t loop;
	int r = uv_loop_init(&loop);
	for (size_t i = 0; i < count; i++) {
		struct talk *t = MT_NEW(arena, struct talk);
		t->arena = arena;
		t->probe = &probes[i];
		probes[i].text = r < 0 ? uv_strerror(r) : NULL;
		probes[i].end = MT_PROBE_NOTHING;
		if (r == 0)
			start_talk(&loop, t);
	}
	if (r < 0)
		return;
	uv_timer_t slow = {.data = &waiting};
	uv_timer_init(&loop, &slow);
	if (waiting.say)
		uv_timer_start(&slow, on_slow, MT_SLOW_MS, 0);
	uv_unref((uv_handle_t *)&slow);
	sigaction(SIGPIPE, &ignore, &before);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&slow, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	sigaction(SIGPIPE, &before, NULL);
}
