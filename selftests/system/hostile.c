// SPDX-License-Identifier: GPL-2.0
/*
 * hostile ADDR PORT SEED - send bytes to a node that do not deserve an answer
 *
 * Random bytes; what looks like messages; a listener that says nothing; the node's own
 * words said back to it. Prints one line for each kind; every connection must be closed
 * by the node within 20 s, and none may be taken for a member of the cluster.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in to = { .sin_family = AF_INET };

static int dial(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (void *)&to, sizeof(to))) {
		perror("connect");
		exit(1);
	}
	return fd;
}

static void fill(unsigned char *buf, size_t n)
{
	while (n--)
		*buf++ = random();
}

/* Wait until the node closes. Return: bytes that it said, -1 if it does not close. */
static long until_closed(int fd, int seconds)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	time_t end = time(NULL) + seconds;
	char buf[4096];
	long total = 0;
	ssize_t n;

	while (time(NULL) <= end) {
		if (poll(&pfd, 1, 500) <= 0)
			continue;
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			return total;
		total += n;
	}
	return -1;
}

static int report(const char *what, long said)
{
	printf("%s: %s\n", what, said < 0 ? "still open" : said > 4096 ? "it talks" : "closed");
	return said < 0 || said > 4096;
}

static int noise(int count)
{
	unsigned char buf[65536];
	int i, fd, bad = 0;
	long said = 0;

	for (i = 0; i < count && !bad; i++) {
		size_t n = 1 + random() % sizeof(buf);

		fd = dial();
		fill(buf, n);
		if (write(fd, buf, n) < 0 && errno != EPIPE && errno != ECONNRESET)
			perror("write");
		shutdown(fd, SHUT_WR);
		said = until_closed(fd, 20);
		bad = said < 0 || said > 4096;
		close(fd);
	}
	return report("random bytes", said);
}

/* Headers as in a real stream: length, type, flags, sequence, zero. */
static int messages(int count)
{
	static const uint32_t lengths[] = { 0, 1, 16, 64, 4096, 65536, 1 << 20, 0x7fffffff, ~0u };
	unsigned char buf[256];
	int i, fd, bad = 0;
	long said = 0;

	for (i = 0; i < count && !bad; i++) {
		uint32_t len = lengths[random() % 9], seq = random() % 3, zero = 0;
		uint16_t type = random() % 128, flags = random() % 2;

		fd = dial();
		fill(buf, sizeof(buf));
		memcpy(buf, &len, 4);
		memcpy(buf + 4, &type, 2);
		memcpy(buf + 6, &flags, 2);
		memcpy(buf + 8, &seq, 4);
		memcpy(buf + 12, &zero, 4);
		if (write(fd, buf, sizeof(buf)) < 0 && errno != EPIPE && errno != ECONNRESET)
			perror("write");
		said = until_closed(fd, 20);
		bad = said < 0 || said > 4096;
		close(fd);
	}
	return report("messages without a handshake", said);
}

static int silence(void)
{
	int fds[64], i, bad = 0;
	long said = 0;

	for (i = 0; i < 64; i++)
		fds[i] = dial();
	for (i = 0; i < 64 && !bad; i++) {
		said = until_closed(fds[i], 20);
		bad = said < 0;
	}
	for (i = 0; i < 64; i++)
		close(fds[i]);
	return report("silence", said);
}

/* What the node says on one connection is said to it on another, and back. */
static int echo(void)
{
	int a = dial(), b = dial(), i;
	struct pollfd pfd[2] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };
	time_t end = time(NULL) + 20;
	char buf[4096];
	long total = 0;
	ssize_t n;

	while (time(NULL) <= end && (pfd[0].fd >= 0 || pfd[1].fd >= 0)) {
		if (poll(pfd, 2, 500) <= 0)
			continue;
		for (i = 0; i < 2; i++) {
			if (pfd[i].fd < 0 || !pfd[i].revents)
				continue;
			n = read(pfd[i].fd, buf, sizeof(buf));
			if (n <= 0) {
				pfd[i].fd = -1;
				continue;
			}
			total += n;
			if (write(i ? a : b, buf, n) < 0)
				pfd[!i].fd = -1;
		}
	}
	close(a);
	close(b);
	return report("its own words", pfd[0].fd >= 0 || pfd[1].fd >= 0 ? -1 : total);
}

int main(int argc, char **argv)
{
	if (argc < 4 || !inet_aton(argv[1], &to.sin_addr))
		return 2;
	to.sin_port = htons(atoi(argv[2]));
	srandom(atoi(argv[3]));
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	return noise(30) | messages(60) | silence() | echo();
}
