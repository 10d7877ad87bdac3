/* SPDX-License-Identifier: ISC */
/* resolvers.c: c-ares channels, and their sockets in a libuv loop. */
#include "io/dns/resolvers.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <stdio.h>
#include <string.h>

/* A socket of c-ares. */
struct watched {
	uv_poll_t poll;
	struct mt_channel *channel;
	ares_socket_t fd;
	bool live;
	struct watched *next;
};

/* ---- sockets ---- */

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct watched *w = poll->data;
	bool bad = status < 0;
	ares_process_fd(w->channel->ares, bad || events & UV_READABLE ? w->fd : ARES_SOCKET_BAD,
			bad || events & UV_WRITABLE ? w->fd : ARES_SOCKET_BAD);
}

static struct watched *watched_socket(struct mt_channel *channel, ares_socket_t fd)
{
	struct mt_resolvers *all = channel->all;
	for (struct watched *w = all->sockets; w; w = w->next)
		if (w->live && w->fd == fd)
			return w;
	struct watched *w = MT_NEW(all->arena, struct watched);
	*w = (struct watched){.fd = fd};
	if (uv_poll_init(all->loop, &w->poll, fd) < 0)
		return NULL;
	w->live = true;
	w->poll.data = w;
	w->next = all->sockets;
	return all->sockets = w;
}

/* c-ares wants to know when `fd` can be read or written; neither: it is about to be closed. */
static void on_socket(void *data, ares_socket_t fd, int readable, int writable)
{
	struct mt_channel *channel = data;
	struct watched *w = watched_socket(channel, fd);
	if (!w)
		return; /* its questions run into the deadline */
	w->channel = channel;
	if (readable || writable) {
		uv_poll_start(&w->poll, (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0),
			      on_ready);
		return;
	}
	w->live = false;
	uv_close((uv_handle_t *)&w->poll, NULL);
}

/* ---- channels ---- */

static int open_channel(struct mt_resolvers *all, struct mt_resolver *resolver, int transport)
{
	struct mt_channel *channel = &resolver->by[transport];
	channel->all = all;
	struct ares_options options = {
		.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
			 ARES_FLAG_IGNTC | (transport == MT_TCP ? ARES_FLAG_USEVC : 0),
		.timeout = MT_DNS_TRY_MS,
		.tries = 1,
		.socket_receive_buffer_size = 1 << 20,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = channel,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_RCVBUF |
		   ARES_OPT_SOCK_STATE_CB;
	int r = ares_init_options(&channel->ares, &options, mask);
	if (r != ARES_SUCCESS)
		return r;
	channel->open = true;
	return ares_set_servers_ports_csv(channel->ares, resolver->name);
}

static void add_those_of(struct mt_resolvers *all, ares_channel channel)
{
	struct ares_addr_port_node *list = NULL;
	char text[MT_ADDR_TEXT];
	if (ares_get_servers_ports(channel, &list) != ARES_SUCCESS)
		return;
	for (struct ares_addr_port_node *node = list; node && all->count < MT_DNS_RESOLVERS;
	     node = node->next) {
		if (!inet_ntop(node->family, &node->addr, text, sizeof text))
			continue;
		struct mt_resolver *resolver = &all->of[all->count++];
		if (node->udp_port && node->udp_port != NS_DEFAULTPORT)
			snprintf(resolver->name, sizeof resolver->name,
				 node->family == AF_INET6 ? "[%s]:%d" : "%s:%d", text,
				 node->udp_port);
		else
			snprintf(resolver->name, sizeof resolver->name, "%s", text);
	}
	ares_free_data(list);
}

/* What this host is set up to ask, or what was said instead; read by c-ares in both cases. */
static int find_resolvers(struct mt_resolvers *all, const char *const *wanted)
{
	ares_channel channel;
	struct mt_text csv = MT_TEXT_INIT(all->arena);
	int r = ares_init(&channel);
	if (r != ARES_SUCCESS)
		return r;
	for (; wanted && *wanted; wanted++)
		mt_text_addf(&csv, "%s%s", csv.n ? "," : "", *wanted);
	if (csv.n)
		r = ares_set_servers_ports_csv(channel, mt_text_z(&csv));
	if (r == ARES_SUCCESS)
		add_those_of(all, channel);
	ares_destroy(channel);
	return r;
}

int mt_resolvers_open(struct mt_resolvers *all, const char *const *wanted)
{
	struct mt_text names = MT_TEXT_INIT(all->arena);
	int r = find_resolvers(all, wanted);
	for (unsigned i = 0; r == ARES_SUCCESS && i < all->count; i++) {
		mt_text_addf(&names, "%s%s", i ? ", " : "", all->of[i].name);
		for (int t = 0; r == ARES_SUCCESS && t < MT_TRANSPORTS; t++)
			r = open_channel(all, &all->of[i], t);
	}
	all->names = mt_text_z(&names);
	return r;
}

void mt_resolvers_tick(struct mt_resolvers *all)
{
	for (unsigned i = 0; i < all->count; i++)
		for (int t = 0; t < MT_TRANSPORTS; t++)
			ares_process_fd(all->of[i].by[t].ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void mt_resolvers_cancel(struct mt_resolvers *all)
{
	for (unsigned i = 0; i < all->count; i++)
		for (int t = 0; t < MT_TRANSPORTS; t++)
			ares_cancel(all->of[i].by[t].ares);
}

void mt_resolvers_close(struct mt_resolvers *all)
{
	for (unsigned i = 0; i < all->count; i++)
		for (int t = 0; t < MT_TRANSPORTS; t++)
			if (all->of[i].by[t].open)
				ares_destroy(all->of[i].by[t].ares);
}
