// SPDX-License-Identifier: GPL-2.0
/*
 * hostile ADDR PORT SEED - send bytes to a node that do not deserve an answer
 *
 * Random bytes; what looks like messages; what looks like a node; a listener that says nothing.
 * Prints one line for each kind; every connection must be closed by the node within 20 s, and none
 * may be taken for a member of the cluster.
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

static void put16(unsigned char *to, uint16_t v)
{
	memcpy(to, &v, 2);
}

static void put32(unsigned char *to, uint32_t v)
{
	memcpy(to, &v, 4);
}

/*
 * What begins as a connection between nodes does, of each kind there is and of some that there are not:
 * a hello with sensible versions, from each node, and a random MAC; a channel of a link that does not
 * exist, or the same bytes once more; too short, too long, or only a part of it. No answer is deserved.
 */
static int callers(int count)
{
	static const uint16_t lengths[] = { 0, 1, 7, 8, 9, 127, 128, 129, 576, 583, 584, 585, 1024,
					    1056, 1057, 65535 };
	static unsigned char buf[65536];
	int i, fd, bad = 0;
	long said = 0;

	for (i = 0; i < count && !bad; i++) {
		uint16_t len = lengths[random() % 16], kind = 1 + random() % 10;
		size_t n = random() % 4 ? len + 32 : random() % (len + 1);

		/* now and then what has been said before */
		if (random() % 5)
			fill(buf, sizeof(buf));
		put32(buf, 0x476d7250);
		put16(buf + 4, len);
		put16(buf + 6, kind);
		if (kind == 1) {
			put16(buf + 8, random() % 10);
			put16(buf + 10, random() % 10);
			put32(buf + 12, random() % 5);
		} else {
			put32(buf + 8, random() % 5);
			put32(buf + 12, random() % 2);
		}
		fd = dial();
		if (write(fd, buf, n < sizeof(buf) ? n : sizeof(buf)) < 0 && errno != EPIPE &&
		    errno != ECONNRESET)
			perror("write");
		if (random() % 8)
			shutdown(fd, SHUT_WR);
		said = until_closed(fd, 20);
		bad = said != 0;
		close(fd);
	}
	printf("callers without the key: %s\n", said < 0 ? "still open" : said ? "it talks" : "closed");
	return bad;
}

int main(int argc, char **argv)
{
	if (argc < 4 || !inet_aton(argv[1], &to.sin_addr))
		return 2;
	to.sin_port = htons(atoi(argv[2]));
	srandom(atoi(argv[3]));
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	return noise(30) | messages(60) | callers(200) | silence();
}
