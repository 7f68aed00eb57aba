// SPDX-License-Identifier: GPL-2.0
/*
 * What another process stores into a file, through its own mapping, is seen where the file is mapped to be
 * read: no later than what tells of it, and soon if nothing does. A file (on a disk with NAMED_DIR), shared
 * memory of a name, a file of an overlay, memory without a name.
 */
#include "../move.h"
#include <signal.h>
#include <sys/mman.h>

#define SIZE	(3 * 4096)

static volatile uint32_t *seen, found, signals;

static void on_stored(int sig)
{
	found = seen[1024];
	signals++;
}

struct order {
	uint32_t value;
	char how;
};

/*
 * Store what is asked for, of three in one that stays, in one that goes then, and in one that comes and goes,
 * and say so: by an answer ('a'), by a signal ('s'), not ('q'); or end.
 */
static void writer(int fd, int in, int out)
{
	volatile uint32_t *p = NULL;
	struct order order;

	while (read(in, &order, sizeof(order)) == sizeof(order) && order.how != 'e') {
		if (order.how == 'q')
			usleep(20000);
		if (!p)
			p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if ((void *)p == MAP_FAILED)
			_exit(1);
		p[1024] = order.value;
		if (order.value % 3 != 1) {
			munmap((void *)p, SIZE);
			p = NULL;
		}
		if (order.how == 'a' && write(out, "", 1) != 1)
			_exit(2);
		if (order.how == 's')
			kill(getppid(), SIGUSR1);
	}
	_exit(0);
}

static int order(int fd, uint32_t value, char how)
{
	struct order order = { value, how };

	return write(fd, &order, sizeof(order)) == sizeof(order) ? 0 : -1;
}

struct writer {
	pid_t pid;
	int to, from;
};

static struct writer start(struct __test_metadata *_metadata, int fd)
{
	int to[2], from[2];
	struct writer w;

	EXPECT_EQ(0, ftruncate(fd, SIZE));
	EXPECT_EQ(0, pipe2(to, O_CLOEXEC) | pipe2(from, O_CLOEXEC));
	w = (struct writer){ fork(), to[1], from[0] };
	if (!w.pid) {
		close(to[1]);
		writer(fd, to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	return w;
}

static void stores(struct __test_metadata *_metadata, const char *path, const struct writer *w)
{
	int fd = open(path, O_RDONLY);
	int64_t end;
	uint32_t i;
	char c;

	ASSERT_LE(0, fd);
	seen = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)seen);
	close(fd);
	ASSERT_EQ(0, order(w->to, 1, 'a'));
	ASSERT_EQ(1, read(w->from, &c, 1));
	ASSERT_EQ(1, seen[1024]);
	move_here();
	for (i = 2; i < 60; i++) {
		ASSERT_EQ(0, order(w->to, i, 'a'));
		ASSERT_EQ(1, read(w->from, &c, 1));
		ASSERT_EQ(i, seen[1024]);
	}
	for (; i < 80; i++) {
		signals = found = 0;
		ASSERT_EQ(0, order(w->to, i, 's'));
		while (!signals)
			;
		ASSERT_EQ(i, found);
	}
	for (; i < 84; i++) {
		ASSERT_EQ(0, order(w->to, i, 'q'));
		end = now_ms() + 5000 * move_slow();
		while (seen[1024] != i && now_ms() < end)
			;
		ASSERT_EQ(i, seen[1024]);
	}
	EXPECT_EQ(0, munmap((void *)seen, SIZE));
}

MOVE_TEST(mem_file_stores)
{
	/* the last is memory without a name, and so far of no writer */
	char paths[4][64] = { "stored", "/dev/shm/procmig-stored", "/root/procmig-stored" };
	const char *disk = getenv("NAMED_DIR");
	struct writer writers[4];
	unsigned int i;
	int fd;

	if (disk)
		snprintf(paths[0], sizeof(paths[0]), "%s/stored", disk);
	signal(SIGUSR1, on_stored);
	for (i = 0; i < 4; i++) {
		fd = *paths[i] ? open(paths[i], O_RDWR | O_CREAT | O_TRUNC, 0600) :
				 memfd_create("stored", 0);
		ASSERT_LE(0, fd);
		writers[i] = start(_metadata, fd);
		if (!*paths[i])
			snprintf(paths[i], sizeof(paths[i]), "/proc/%d/fd/%d", writers[i].pid, fd);
		close(fd);
	}
	move_begin();
	for (i = 0; i < 4; i++)
		stores(_metadata, paths[i], &writers[i]);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(0, order(writers[i].to, 0, 'e'));
		EXPECT_EQ(0, wait_for(writers[i].pid));
		close(writers[i].to);
		close(writers[i].from);
	}
	for (i = 0; i < 3; i++)
		unlink(paths[i]);
}
