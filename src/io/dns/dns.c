/* SPDX-License-Identifier: ISC */
/* dns.c: rounds of questions to the resolvers of resolvers.h, and their pace. */
#include "io/dns/dns.h"

#include <arpa/nameser.h>
#include <stddef.h>
#include <string.h>

#include "core/audit/examined.h"
#include "io/sys/confined.h"
#include "io/dns/resolvers.h"

#define TICK_MS 2
#define TICK_SEND                                                                                  \
	64 /* questions sent in one tick: more at once would overflow the resolver's socket */

/* A rate limit: tokens in thousandths. */
struct pace {
	const char *word;
	int64_t tokens;
	uint64_t filled; /* when they were counted last */
	struct pace *next;
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
	struct mt_resolvers resolvers;
	unsigned best; /* the one that answered last */
	struct pace *paces;
	struct query *queries; /* of this round */
	size_t count, open;
	uint64_t deadline, opened;
	struct mt_waiting waiting;
	struct mt_asked asked;
	bool over; /* the deadline has passed */
	struct mt_confined reader; /* what reads answers; pid 0: none yet, or none any more */
};

/* ---- answers: each is read by a child that has nothing, and comes back as a struct ---- */

#define READER_BUDGET  ((size_t)16 << 20)
#define READER_MAX     ((size_t)1 << 20)
#define READER_SECONDS 5

struct unread {
	struct mt_answer answer; /* of which the type and the name are known */
	struct mt_str message;
};
static const struct mt_wire_field unread_fields[] = {
	{MT_WIRE_INSIDE, offsetof(struct unread, answer), 1, &mt_wire_answer, 0},
	{MT_WIRE_BYTES, offsetof(struct unread, message), 0, NULL, 0},
};
static const struct mt_wire_type unread_type = {sizeof(struct unread), 0, unread_fields, 2};

static void read_answers(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result)
{
	(void)c;
	(void)result;
	for (;;) {
		struct unread u;
		struct mt_text text = MT_TEXT_INIT(arena);
		if (!mt_wire_get(arena, mt_confined_hear(arena), NULL, &unread_type, &u))
			return;
		mt_dns_message(arena, u.message, &u.answer);
		mt_wire_put(&text, &mt_wire_answer, &u.answer);
		mt_confined_yield(mt_text_str(&text));
		mt_arena_reset(arena);
	}
}

/* What mt_dns_message() makes of any message: printable characters. */
static bool is_printable(const struct mt_answer *a)
{
	for (unsigned i = 0; i < a->count; i++)
		for (const char *p = a->value[i]; *p; p++)
			if (*p < ' ' || *p > '~')
				return false;
	return true;
}

static bool read_aside(struct mt_asker *asker, const struct unread *u, struct mt_pages *pages,
		       struct mt_answer *read)
{
	struct mt_confined *reader = &asker->reader;
	struct mt_text text = MT_TEXT_INIT(asker->arena);
	char why[MT_CONFINED_WHY];
	if (!reader->pid) {
		*reader = (struct mt_confined){.work = read_answers,
					       .hears = true,
					       .budget = READER_BUDGET,
					       .result_max = READER_MAX,
					       .seconds = READER_SECONDS};
		if (mt_confined_start(reader, why) != 0)
			return false;
	}
	mt_wire_put(&text, &unread_type, u);
	mt_confined_more_time(reader);
	return mt_confined_send(reader, mt_text_str(&text)) == 0 &&
	       mt_confined_result(reader, pages) == 0 &&
	       mt_wire_get(asker->arena, mt_pages_str(pages), NULL, &mt_wire_answer, read) &&
	       is_printable(read) && read->type == u->answer.type &&
	       strcmp(read->name, u->answer.name) == 0;
}

/* One that kills its reader, or that it makes nonsense of, is malformed; the next one has another reader. */
static void read_message(struct mt_asker *asker, struct mt_str message, struct mt_answer *answer)
{
	struct unread u = {*answer, message};
	struct mt_pages pages = {0};
	struct mt_answer read;
	char why[MT_CONFINED_WHY];
	if (read_aside(asker, &u, &pages, &read)) {
		read.name = answer->name;
		read.resolver = answer->resolver;
		*answer = read;
	} else {
		answer->status = MT_DNS_MALFORMED;
		answer->count = answer->dropped = 0;
		mt_confined_end(&asker->reader, why);
	}
	mt_pages_free(&pages);
}

/* ---- questions ---- */

static void send_query(struct query *query);

static void finish_query(struct query *query)
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
	unsigned most = asker->resolvers.count > 1 ? asker->resolvers.count : 2;
	enum mt_dns_status status = query->answer.status;
	if (asker->over || mt_answer_known(&query->answer) || query->tries >= most ||
	    (asker->resolvers.count == 1 && status != MT_DNS_TIMEOUT))
		return false;
	query->server = query->server + 1 < asker->resolvers.count ? query->server + 1 : 0;
	query->tcp = false;
	return true;
}

static void on_dns_answer(void *data, int status, int timeouts, unsigned char *bytes, int length)
{
	struct query *query = data;
	struct mt_asker *asker = query->asker;
	struct mt_str message = {(const char *)bytes, bytes ? (size_t)length : 0};
	(void)timeouts;
	query->answer.resolver = asker->resolvers.of[query->server].name;
	if (message.n && !query->tcp && mt_dns_truncated(message) && !asker->over) {
		query->tcp = true;
		query->tries--;
		send_query(query);
		return;
	}
	if (message.n)
		read_message(asker, message, &query->answer);
	else
		query->answer.status = failure(query, status);
	if (mt_answer_known(&query->answer))
		asker->best = query->server;
	if (another(query))
		send_query(query);
	else
		finish_query(query);
}

static void send_query(struct query *query)
{
	static const int type[] = {ns_t_a, ns_t_aaaa, ns_t_ptr, ns_t_mx, ns_t_txt};
	struct mt_resolver *server = &query->asker->resolvers.of[query->server];
	query->tries++;
	ares_query(server->by[query->tcp ? MT_TCP : MT_UDP].ares, query->question->name, ns_c_in,
		   type[query->question->type], on_dns_answer, query);
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

static void send_queries(struct mt_asker *asker)
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

static void time_out_queries(struct mt_asker *asker)
{
	asker->over = true;
	mt_resolvers_cancel(&asker->resolvers);
	for (size_t i = 0; i < asker->count; i++) {
		struct query *query = &asker->queries[i];
		if (query->done)
			continue;
		query->answer.status = MT_DNS_TIMEOUT;
		query->answer.resolver = asker->resolvers.of[asker->best].name;
		finish_query(query);
	}
}

static void on_tick(uv_timer_t *timer)
{
	struct mt_asker *asker = timer->data;
	if (uv_now(&asker->loop) >= asker->deadline) {
		time_out_queries(asker);
		return;
	}
	if (asker->waiting.say && uv_now(&asker->loop) - asker->opened >= MT_SLOW_MS) {
		asker->waiting.say(asker->waiting.data, "waiting for answers of the DNS");
		asker->waiting.say = NULL;
	}
	send_queries(asker);
	mt_resolvers_tick(&asker->resolvers);
}

void mt_asker_ask(struct mt_asker *asker, const struct mt_question *questions, size_t count,
		  struct mt_dns *dns)
{
	if (!count)
		return;
	uv_update_time(&asker->loop);
	uint64_t start = uv_now(&asker->loop);
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
	/* What the rate limits will cost, beyond the bursts. */
	int64_t longest = 0;
	for (struct pace *p = asker->paces; p; p = p->next) {
		int64_t wait = -p->tokens / 1000;
		for (size_t i = 0; i < asker->count; i++)
			wait += asker->queries[i].pace == p;
		longest = wait > longest ? wait : longest;
	}
	asker->deadline += (uint64_t)longest * 1000 / MT_DNS_PER_SECOND;
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
	a->resolvers = (struct mt_resolvers){.arena = arena, .loop = &a->loop, .names = ""};
	int r = ares_library_init(ARES_LIB_INIT_ALL);
	if (r != ARES_SUCCESS || uv_loop_init(&a->loop) < 0)
		return mt_fail(error, MT_EXIT_FAILED, "resolver", "cannot be set up");
	uv_timer_init(&a->loop, &a->timer);
	a->timer.data = a;
	a->opened = uv_now(&a->loop);
	a->deadline = a->opened + MT_DNS_ALL_MS;
	*asker = a;
	r = mt_resolvers_open(&a->resolvers, resolvers);
	if (r == ARES_SUCCESS && a->resolvers.count)
		return 0;
	mt_asker_close(a);
	return mt_fail(error, MT_EXIT_FAILED, "resolver", "cannot be set up: %s",
		       r == ARES_SUCCESS ? "none is known" : ares_strerror(r));
}

void mt_asker_close(struct mt_asker *asker)
{
	if (!asker)
		return;
	char why[MT_CONFINED_WHY];
	asker->over = true;
	if (asker->reader.pid)
		mt_confined_end(&asker->reader, why);
	mt_resolvers_close(&asker->resolvers);
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

void mt_asker_waiting(struct mt_asker *asker, struct mt_waiting waiting)
{
	asker->waiting = waiting;
}

const char *mt_asker_resolvers(const struct mt_asker *asker)
{
	return asker->resolvers.names;
}

struct mt_asked mt_asker_asked(const struct mt_asker *asker)
{
	return asker->asked;
}
