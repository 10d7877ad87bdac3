/* SPDX-License-Identifier: ISC */
/* dns.c: rounds of questions over c-ares channels, one a resolver and transport, in one libuv loop. */
#include "io/dns.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#define TICK_MS 2
#define TICK_SEND                                                                                  \
	64 /* questions sent in one tick: more at once would overflow the resolver's socket */

enum { UDP, TCP, TRANSPORTS };

struct server {
	char name[MT_ADDR_TEXT + 8];
	ares_channel channel[TRANSPORTS];
	bool open[TRANSPORTS];
};

/* A rate limit: tokens in thousandths. */
struct pace {
	const char *word;
	int64_t tokens;
	uint64_t filled; /* when they were counted last */
	struct pace *next;
};

/* A socket of c-ares. */
struct watched {
	uv_poll_t poll;
	struct mt_asker *asker;
	ares_channel channel;
	ares_socket_t fd;
	bool live;
	struct watched *next;
};

struct query {
	struct mt_asker *asker;
	const struct mt_question *question;
	struct mt_answer answer;
	struct pace *pace; /* NULL: none */
	unsigned tries, server;
	bool sent, done, tcp;
	uint64_t start;
};

struct mt_asker {
	struct mt_arena *arena;
	uv_loop_t loop;
	uv_timer_t timer;
	struct server server[MT_DNS_RESOLVERS];
	unsigned servers, best; /* best: answered last */
	struct pace *paces;
	struct watched *sockets;
	struct query *queries; /* of this round */
	size_t count, open;
	uint64_t deadline;
	struct mt_asked asked;
	bool over; /* the deadline has passed */
	const char *resolvers;
};

/* ---- sockets ---- */

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct watched *w = poll->data;
	bool bad = status < 0;
	ares_process_fd(w->channel, bad || events & UV_READABLE ? w->fd : ARES_SOCKET_BAD,
			bad || events & UV_WRITABLE ? w->fd : ARES_SOCKET_BAD);
}

static struct watched *watch(struct mt_asker *asker, ares_channel channel, ares_socket_t fd)
{
	for (struct watched *w = asker->sockets; w; w = w->next)
		if (w->live && w->fd == fd)
			return w;
	struct watched *w = MT_NEW(asker->arena, struct watched);
	*w = (struct watched){.asker = asker, .channel = channel, .fd = fd};
	if (uv_poll_init(&asker->loop, &w->poll, fd) < 0)
		return NULL;
	w->live = true;
	w->poll.data = w;
	w->next = asker->sockets;
	asker->sockets = w;
	return w;
}

/* c-ares wants to know when `fd` can be read or written; neither: it is about to be closed. */
static void on_socket(void *data, ares_socket_t fd, int readable, int writable)
{
	struct server *server = ((void **)data)[0];
	struct mt_asker *asker = ((void **)data)[1];
	int transport = ((void **)data)[2] != NULL;
	struct watched *w = watch(asker, server->channel[transport], fd);
	if (!w)
		return; /* its questions run into the deadline */
	w->channel = server->channel[transport];
	if (readable || writable) {
		uv_poll_start(&w->poll, (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0),
			      on_ready);
		return;
	}
	w->live = false;
	uv_close((uv_handle_t *)&w->poll, NULL);
}

/* ---- resolvers ---- */

static int open_channel(struct mt_asker *asker, struct server *server, int transport)
{
	void **who = mt_alloc(asker->arena, 3 * sizeof *who);
	who[0] = server;
	who[1] = asker;
	who[2] = transport ? asker : NULL;
	struct ares_options options = {
		.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
			 ARES_FLAG_IGNTC | (transport == TCP ? ARES_FLAG_USEVC : 0),
		.timeout = MT_DNS_TRY_MS,
		.tries = 1,
		.socket_receive_buffer_size = 1 << 20,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = who,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_RCVBUF |
		   ARES_OPT_SOCK_STATE_CB;
	int r = ares_init_options(&server->channel[transport], &options, mask);
	if (r != ARES_SUCCESS)
		return r;
	server->open[transport] = true;
	return ares_set_servers_ports_csv(server->channel[transport], server->name);
}

static void add_server(struct mt_asker *asker, const char *address, int port)
{
	struct server *server = &asker->server[asker->servers];
	if (asker->servers == MT_DNS_RESOLVERS)
		return;
	bool six = strchr(address, ':') != NULL;
	if (port && port != NS_DEFAULTPORT)
		snprintf(server->name, sizeof server->name, six ? "[%s]:%d" : "%s:%d", address,
			 port);
	else
		snprintf(server->name, sizeof server->name, "%s", address);
	asker->servers++;
}

static void add_servers(struct mt_asker *asker, ares_channel channel)
{
	struct ares_addr_port_node *list = NULL;
	char text[MT_ADDR_TEXT];
	if (ares_get_servers_ports(channel, &list) != ARES_SUCCESS)
		return;
	for (struct ares_addr_port_node *node = list; node; node = node->next)
		if (inet_ntop(node->family, &node->addr, text, sizeof text))
			add_server(asker, text, node->udp_port);
	ares_free_data(list);
}

/* What this host is set up to ask, or what was said instead; read by c-ares in both cases. */
static int find_servers(struct mt_asker *asker, const char *const *resolvers)
{
	ares_channel channel;
	struct mt_text csv = MT_TEXT_INIT(asker->arena);
	int r = ares_init(&channel);
	if (r != ARES_SUCCESS)
		return r;
	for (; resolvers && *resolvers; resolvers++)
		mt_text_addf(&csv, "%s%s", csv.n ? "," : "", *resolvers);
	if (csv.n)
		r = ares_set_servers_ports_csv(channel, mt_text_z(&csv));
	if (r == ARES_SUCCESS)
		add_servers(asker, channel);
	ares_destroy(channel);
	return r;
}

static int open_servers(struct mt_asker *asker, const char *const *resolvers)
{
	struct mt_text names = MT_TEXT_INIT(asker->arena);
	int r = find_servers(asker, resolvers);
	for (unsigned i = 0; r == ARES_SUCCESS && i < asker->servers; i++) {
		mt_text_addf(&names, "%s%s", i ? ", " : "", asker->server[i].name);
		r = open_channel(asker, &asker->server[i], UDP);
		if (r == ARES_SUCCESS)
			r = open_channel(asker, &asker->server[i], TCP);
	}
	asker->resolvers = mt_text_z(&names);
	return r;
}

/* ---- questions ---- */

static void send_query(struct query *query);

static void finish(struct query *query)
{
	struct mt_asker *asker = query->asker;
	query->done = true;
	unsigned took = query->sent ? (unsigned)(uv_now(&asker->loop) - query->start) : 0;
	if (took > asker->asked.slowest_ms)
		asker->asked.slowest_ms = took;
	if (--asker->open == 0)
		uv_stop(&asker->loop);
}

static enum mt_dns_status failure(const struct query *query, int status)
{
	if (query->tcp && status != ARES_ETIMEOUT)
		return MT_DNS_MALFORMED; /* truncated, and there is no whole one */
	switch (status) {
	case ARES_ECONNREFUSED:
		return MT_DNS_NO_RESOLVER;
	case ARES_EBADNAME:
	case ARES_EBADQUERY:
	case ARES_EBADRESP:
	case ARES_EFORMERR:
		return MT_DNS_MALFORMED;
	default:
		return MT_DNS_TIMEOUT;
	}
}

/* Who is asked next; false when that was it. */
static bool another(struct query *query)
{
	const struct mt_asker *asker = query->asker;
	unsigned most = asker->servers > 1 ? asker->servers : 2;
	enum mt_dns_status status = query->answer.status;
	if (asker->over || mt_answer_known(&query->answer) || query->tries >= most ||
	    (asker->servers == 1 && status != MT_DNS_TIMEOUT))
		return false;
	query->server = (query->server + 1) % asker->servers;
	query->tcp = false;
	return true;
}

static void on_answer(void *data, int status, int timeouts, unsigned char *bytes, int length)
{
	struct query *query = data;
	struct mt_asker *asker = query->asker;
	struct mt_str message = {(const char *)bytes, bytes ? (size_t)length : 0};
	(void)timeouts;
	query->answer.resolver = asker->server[query->server].name;
	if (message.n && !query->tcp && mt_dns_truncated(message) && !asker->over) {
		query->tcp = true;
		query->tries--;
		send_query(query);
		return;
	}
	if (message.n)
		mt_dns_message(asker->arena, message, &query->answer);
	else
		query->answer.status = failure(query, status);
	if (mt_answer_known(&query->answer))
		asker->best = query->server;
	if (another(query))
		send_query(query);
	else
		finish(query);
}

static void send_query(struct query *query)
{
	static const int type[] = {ns_t_a, ns_t_aaaa, ns_t_ptr, ns_t_mx, ns_t_txt};
	struct server *server = &query->asker->server[query->server];
	query->tries++;
	ares_query(server->channel[query->tcp ? TCP : UDP], query->question->name, ns_c_in,
		   type[query->question->type], on_answer, query);
}

/* ---- pace ---- */

static struct pace *pace_of(struct mt_asker *asker, const char *word)
{
	for (struct pace *p = asker->paces; p; p = p->next)
		if (strcmp(p->word, word) == 0)
			return p;
	struct pace *p = MT_NEW(asker->arena, struct pace);
	*p = (struct pace){word, MT_DNS_BURST * 1000, uv_now(&asker->loop), asker->paces};
	return asker->paces = p;
}

static bool may_send(struct query *query)
{
	struct pace *p = query->pace;
	if (!p)
		return true;
	uint64_t now = uv_now(&query->asker->loop);
	p->tokens += (int64_t)(now - p->filled) * MT_DNS_PER_SECOND;
	if (p->tokens > MT_DNS_BURST * 1000)
		p->tokens = MT_DNS_BURST * 1000;
	p->filled = now;
	if (p->tokens < 1000)
		return false;
	p->tokens -= 1000;
	return true;
}

static void send_some(struct mt_asker *asker)
{
	unsigned room = TICK_SEND;
	for (size_t i = 0; i < asker->count && room; i++) {
		struct query *query = &asker->queries[i];
		if (query->sent || !may_send(query))
			continue;
		query->sent = true;
		query->start = uv_now(&asker->loop);
		query->server = asker->best;
		room--;
		asker->asked.questions++;
		send_query(query);
	}
}

/* ---- the round ---- */

static void give_up(struct mt_asker *asker)
{
	asker->over = true;
	for (unsigned i = 0; i < asker->servers; i++)
		for (int t = 0; t < TRANSPORTS; t++)
			ares_cancel(asker->server[i].channel[t]);
	for (size_t i = 0; i < asker->count; i++) {
		struct query *query = &asker->queries[i];
		if (query->done)
			continue;
		query->answer.status = MT_DNS_TIMEOUT;
		query->answer.resolver = asker->server[asker->best].name;
		finish(query);
	}
}

static void on_tick(uv_timer_t *timer)
{
	struct mt_asker *asker = timer->data;
	if (uv_now(&asker->loop) >= asker->deadline) {
		give_up(asker);
		return;
	}
	send_some(asker);
	for (unsigned i = 0; i < asker->servers; i++)
		for (int t = 0; t < TRANSPORTS; t++)
			ares_process_fd(asker->server[i].channel[t], ARES_SOCKET_BAD,
					ARES_SOCKET_BAD);
}

/* What the rate limits will cost, beyond the bursts. */
static uint64_t paced_ms(struct mt_asker *asker)
{
	int64_t longest = 0;
	for (struct pace *p = asker->paces; p; p = p->next) {
		int64_t wait = -p->tokens / 1000;
		for (size_t i = 0; i < asker->count; i++)
			wait += asker->queries[i].pace == p;
		longest = wait > longest ? wait : longest;
	}
	return (uint64_t)longest * 1000 / MT_DNS_PER_SECOND;
}

static void prepare(struct mt_asker *asker, const struct mt_question *questions, size_t count)
{
	asker->queries = mt_alloc(asker->arena, count * sizeof *asker->queries);
	asker->count = asker->open = count;
	for (size_t i = 0; i < count; i++) {
		const struct mt_question *q = &questions[i];
		asker->queries[i] =
			(struct query){.asker = asker,
				       .question = q,
				       .answer = {.type = q->type, .name = q->name, .resolver = ""},
				       .pace = q->pace ? pace_of(asker, q->pace) : NULL};
	}
	asker->deadline += paced_ms(asker);
}

void mt_asker_ask(struct mt_asker *asker, const struct mt_question *questions, size_t count,
		  struct mt_dns *dns)
{
	if (!count)
		return;
	uv_update_time(&asker->loop);
	uint64_t start = uv_now(&asker->loop);
	prepare(asker, questions, count);
	uv_timer_start(&asker->timer, on_tick, 0, TICK_MS);
	while (asker->open)
		uv_run(&asker->loop, UV_RUN_ONCE);
	uv_timer_stop(&asker->timer);
	asker->asked.total_ms += (unsigned)(uv_now(&asker->loop) - start);
	for (size_t i = 0; i < count; i++)
		mt_dns_add(dns, &asker->queries[i].answer);
}

/* ---- open and close ---- */

int mt_asker_open(struct mt_arena *arena, const char *const *resolvers, struct mt_asker **asker,
		  struct mt_error *error)
{
	struct mt_asker *a = MT_NEW(arena, struct mt_asker);
	a->arena = arena;
	int r = ares_library_init(ARES_LIB_INIT_ALL);
	if (r != ARES_SUCCESS || uv_loop_init(&a->loop) < 0)
		return mt_fail(error, MT_EXIT_FAILED, "resolver", "cannot be set up");
	uv_timer_init(&a->loop, &a->timer);
	a->timer.data = a;
	a->deadline = uv_now(&a->loop) + MT_DNS_ALL_MS;
	*asker = a;
	r = open_servers(a, resolvers);
	if (r == ARES_SUCCESS && a->servers)
		return 0;
	mt_asker_close(a);
	return mt_fail(error, MT_EXIT_FAILED, "resolver", "cannot be set up: %s",
		       r == ARES_SUCCESS ? "none is known" : ares_strerror(r));
}

void mt_asker_close(struct mt_asker *asker)
{
	if (!asker)
		return;
	asker->over = true;
	for (unsigned i = 0; i < asker->servers; i++)
		for (int t = 0; t < TRANSPORTS; t++)
			if (asker->server[i].open[t])
				ares_destroy(asker->server[i].channel[t]);
	uv_close((uv_handle_t *)&asker->timer, NULL);
	uv_run(&asker->loop, UV_RUN_DEFAULT);
	uv_loop_close(&asker->loop);
	ares_library_cleanup();
}

void mt_asker_limit(struct mt_asker *asker, unsigned ms)
{
	uv_update_time(&asker->loop);
	asker->deadline = uv_now(&asker->loop) + ms;
}

const char *mt_asker_resolvers(const struct mt_asker *asker)
{
	return asker->resolvers;
}

struct mt_asked mt_asker_asked(const struct mt_asker *asker)
{
	return asker->asked;
}
