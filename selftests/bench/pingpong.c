// SPDX-License-Identifier: GPL-2.0
/*
 * pingpong - round trips between two user-space programs over TCP
 *
 *	pingpong serve PORT			answers for ever
 *	pingpong ask HOST PORT COUNT BYTES	prints the median round trip in ns; answers have BYTES
 *	pingpong set-clock HOST PORT		sets CLOCK_REALTIME to that of HOST
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include "bench.h"

#define ROUNDS 200

/** struct ping - a question; the answer is a struct pong and as many bytes as it asks for */
struct ping {
	uint32_t bytes;
	char fill[60];
};

/** struct pong - when it was answered, by CLOCK_REALTIME of who answers */
struct pong {
	int64_t realtime;
	char fill[56];
};

static char buffer[sizeof(struct pong) + 65536];

static void get(int sock, void *data, size_t len)
{
	if (recv(sock, data, len, MSG_WAITALL) != (ssize_t)len)
		errx(1, "the connection has been closed");
}

static void put(int sock, const void *data, size_t len)
{
	if (send(sock, data, len, MSG_NOSIGNAL) != (ssize_t)len)
		err(1, "send");
}

static struct sockaddr_in address(const char *host, const char *port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(atoi(port)),
	};

	if (host && inet_pton(AF_INET, host, &addr.sin_addr) != 1)
		errx(2, "%s is not an address", host);
	return addr;
}

static int new_socket(void)
{
	int one = 1, sock = socket(AF_INET, SOCK_STREAM, 0);

	if (sock < 0 || setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) ||
	    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		err(1, "socket");
	return sock;
}

static void answer(int sock)
{
	struct pong *pong = (struct pong *)buffer;
	struct ping ping;

	while (recv(sock, &ping, sizeof(ping), MSG_WAITALL) == sizeof(ping)) {
		if (ping.bytes > sizeof(buffer) - sizeof(*pong))
			return;
		pong->realtime = clock_ns(CLOCK_REALTIME);
		put(sock, buffer, sizeof(*pong) + ping.bytes);
	}
}

static void serve(const char *port)
{
	struct sockaddr_in addr = address(NULL, port);
	int sock, listener = new_socket();

	if (bind(listener, (struct sockaddr *)&addr, sizeof(addr)) || listen(listener, 8))
		err(1, "port %s", port);
	while ((sock = accept(listener, NULL, NULL)) >= 0) {
		answer(sock);
		close(sock);
	}
	err(1, "accept");
}

/* One round trip; @offset: how much the other clock is ahead, if not NULL. */
static int64_t ask(int sock, uint32_t bytes, int64_t *offset)
{
	struct ping ping = { .bytes = bytes };
	int64_t start = clock_ns(CLOCK_REALTIME), end;

	put(sock, &ping, sizeof(ping));
	get(sock, buffer, sizeof(struct pong) + bytes);
	end = clock_ns(CLOCK_REALTIME);
	if (offset)
		*offset = ((struct pong *)buffer)->realtime - (start + end) / 2;
	return end - start;
}

static int64_t ask_often(int sock, long count, uint32_t bytes)
{
	int64_t *trips = calloc(count, sizeof(*trips));
	long i;

	if (!trips)
		err(1, "calloc");
	for (i = 0; i < count; i++)
		trips[i] = ask(sock, bytes, NULL);
	return median(trips, count);
}

static void set_clock(int sock)
{
	int64_t best = INT64_MAX, best_offset = 0, offset, trip, now;
	struct timespec ts;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		trip = ask(sock, 0, &offset);
		if (trip < best) {
			best = trip;
			best_offset = offset;
		}
	}
	now = clock_ns(CLOCK_REALTIME) + best_offset;
	ts.tv_sec = now / NS_PER_S;
	ts.tv_nsec = now % NS_PER_S;
	if (clock_settime(CLOCK_REALTIME, &ts))
		err(1, "clock_settime");
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr;
	int sock;

	if (argc == 3 && !strcmp(argv[1], "serve"))
		serve(argv[2]);
	if (!((argc == 6 && !strcmp(argv[1], "ask")) ||
	      (argc == 4 && !strcmp(argv[1], "set-clock"))))
		errx(2, "use: pingpong serve PORT | ask HOST PORT COUNT BYTES | set-clock HOST PORT");
	addr = address(argv[2], argv[3]);
	sock = new_socket();
	if (connect(sock, (struct sockaddr *)&addr, sizeof(addr)))
		err(1, "%s", argv[2]);
	if (argc == 4)
		set_clock(sock);
	else
		printf("%lld\n", (long long)ask_often(sock, atol(argv[4]), atol(argv[5])));
	return 0;
}
