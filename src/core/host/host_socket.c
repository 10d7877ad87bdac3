/* SPDX-License-Identifier: ISC */
/*
 * host_socket.c: TCP sockets from /proc/net/tcp and tcp6, which the collector filters:
 *
 *	  sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt   uid  timeout inode
 *	   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345
 *
 * (before each line may stand the file's name, "/proc/net/tcp:", from grep -H)
 *
 * An address is one or four 32-bit words printed in the byte order of that host's CPU; which one that
 * is, is told by which reading gives addresses that the host has.
 *
 * Source: net/ipv4/tcp_ipv4.c get_tcp4_sock(), get_openreq4(), get_timewait4_sock(); tcp_states.h.
 */
#include "core/host/snapshot.h"

#include <string.h>

#define TCP_SYN_SENT  0x02
#define TCP_TIME_WAIT 0x06
#define TCP_LISTEN    0x0A

/* "0100007F:0019" */
static bool parse_end(struct mt_str s, struct mt_addr *addr, unsigned *port)
{
	uint32_t word, number;
	size_t digits = s.n == 37 ? 32 : 8;
	if ((s.n != 37 && s.n != 13) || s.p[digits] != ':' ||
	    !mt_hex((struct mt_str){s.p + digits + 1, 4}, &number))
		return false;
	*addr = (struct mt_addr){.set = true, .family = digits == 32 ? MT_V6 : MT_V4};
	for (size_t i = 0; i < digits / 8; i++) {
		if (!mt_hex((struct mt_str){s.p + 8 * i, 8}, &word))
			return false;
		for (size_t k = 0; k < 4; k++)
			addr->b[4 * i + k] = (uint8_t)(word >> (8 * k));
	}
	*port = number;
	return true;
}

bool mt_socket_parse(struct mt_str line, struct mt_socket *socket)
{
	struct mt_str field[9] = {{0}}, inode;
	uint32_t state;
	unsigned long uid;
	if (mt_str_starts(line, "/proc/net/"))
		mt_field(&line, &field[0]);
	for (size_t i = 0; i < MT_ARRAY_LEN(field) - 1; i++)
		if (!mt_field(&line, &field[i]))
			return false;
	*socket = (struct mt_socket){0};
	if (!parse_end(field[1], &socket->local, &socket->local_port) ||
	    !parse_end(field[2], &socket->remote, &socket->remote_port) ||
	    !mt_hex(field[3], &state) || !mt_str_number(field[7], UINT32_MAX, &uid))
		return false;
	socket->family = socket->local.family;
	socket->listening = state == TCP_LISTEN;
	socket->time_wait = state == TCP_TIME_WAIT;
	socket->opening = state == TCP_SYN_SENT;
	socket->uid = (long)uid;
	if (mt_field(&line, &field[8]) && mt_field(&line, &inode))
		(void)mt_str_number(inode, UINT32_MAX, &socket->inode);
	return true;
}

/* ---- byte order ---- */

static void swap(struct mt_addr *a)
{
	for (size_t i = 0; i < 16; i += 4) {
		uint8_t b[4] = {a->b[i + 3], a->b[i + 2], a->b[i + 1], a->b[i]};
		memcpy(a->b + i, b, 4);
	}
}

/* Asks the first few sockets that have an address of their own. */
static bool is_big_endian(const struct mt_host *host, const struct mt_socket *sockets)
{
	int votes = 0, asked = 0;
	for (size_t i = 0; i < host->socket_count && asked < 8; i++) {
		struct mt_addr little = sockets[i].local, big = little;
		if (mt_addr_is_any(little))
			continue;
		swap(&big);
		votes += (mt_host_addr(host, big) != NULL) - (mt_host_addr(host, little) != NULL);
		asked++;
	}
	return votes > 0;
}

static void unmap(struct mt_addr *a)
{
	if (!mt_addr_is_mapped(*a))
		return;
	uint8_t b[4];
	memcpy(b, a->b + 12, 4);
	*a = (struct mt_addr){.set = true, .family = MT_V4};
	memcpy(a->b, b, 4);
}

void mt_socket_settle(struct mt_socket *socket, bool big)
{
	if (big) {
		swap(&socket->local);
		swap(&socket->remote);
	}
	unmap(&socket->local);
	unmap(&socket->remote);
	socket->family = socket->local.family;
}

void mt_host_read_sockets(const struct mt_snapshot *snapshot, struct mt_host *host)
{
	static const char *const probes[] = {"tcp", "tcp6"};
	host->sockets = mt_snapshot_probe(snapshot, "tcp")->presence;
	size_t lines = 0;
	for (size_t i = 0; i < MT_ARRAY_LEN(probes); i++)
		lines += mt_count_lines(mt_snapshot_probe(snapshot, probes[i])->bytes);
	struct mt_socket *sockets = mt_alloc(snapshot->arena, (lines + 1) * sizeof *sockets);
	host->socket = sockets;
	for (size_t i = 0; i < MT_ARRAY_LEN(probes); i++) {
		struct mt_str rest = mt_snapshot_probe(snapshot, probes[i])->bytes, line;
		while (mt_str_line(&rest, &line))
			host->socket_count += mt_socket_parse(line, &sockets[host->socket_count]);
	}
	bool big = is_big_endian(host, sockets);
	for (size_t i = 0; i < host->socket_count; i++)
		mt_socket_settle(&sockets[i], big);
}
