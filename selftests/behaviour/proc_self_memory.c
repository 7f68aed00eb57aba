// SPDX-License-Identifier: GPL-2.0
/*
 * What a program sees of its own memory in /proc/self: mappings that it has made since it moved, their
 * content through mem, which pages are there, its environment and auxiliary vector.
 */
#include "../move.h"
#include <elf.h>
#include <sys/auxv.h>

#define BYTES	(16 * 4096)

/* Is all of [@p, @p + @len) in one line of the file, with these permissions? */
static int mapped(const char *file, const char *p, size_t len, const char *perm)
{
	unsigned long start, end, want = (unsigned long)p;
	char line[512], perms[8];
	FILE *f = fopen(file, "r");
	int found = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx %7s", &start, &end, perms) == 3 && start <= want &&
		    want + len <= end)
			found = !strcmp(perms, perm);
	if (f)
		fclose(f);
	return found;
}

static int content(const char *path, const void *want, size_t len)
{
	static char buf[65536];
	int fd = open(path, O_RDONLY), n = 0, ret;

	if (fd < 0)
		return 0;
	while ((ret = read(fd, buf + n, sizeof(buf) - n)) > 0)
		n += ret;
	close(fd);
	return n >= len && memmem(buf, n, want, len);
}

MOVE_TEST(proc_self_memory)
{
	Elf64_auxv_t entry = { .a_type = AT_ENTRY, .a_un.a_val = getauxval(AT_ENTRY) };
	char text[16] = "", *p;
	uint64_t flags[16];
	int fd, mem;

	mem = open("/proc/self/mem", O_RDWR);
	ASSERT_LE(0, mem);
	move_begin();
	move_here();
	p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, p);
	strcpy(p + 4096, "in a page");
	EXPECT_TRUE(mapped("/proc/self/maps", p, BYTES, "rw-p"));
	EXPECT_TRUE(mapped("/proc/self/smaps", p, BYTES, "rw-p"));
	EXPECT_TRUE(mapped("/proc/self/maps", (char *)&fd, 1, "rw-p"));
	move_here();
	EXPECT_EQ(0, mprotect(p, BYTES / 2, PROT_READ));
	EXPECT_TRUE(mapped("/proc/self/maps", p, BYTES / 2, "r--p"));
	EXPECT_EQ(10, pread(mem, text, 10, (off_t)(uintptr_t)p + 4096));
	EXPECT_STREQ("in a page", text);
	/* past the protection, as a debugger writes */
	EXPECT_EQ(3, pwrite(mem, "IN ", 3, (off_t)(uintptr_t)p + 4096));
	EXPECT_STREQ("IN a page", p + 4096);
	move_here();
	fd = open("/proc/self/pagemap", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(sizeof(flags), pread(fd, flags, sizeof(flags), (uintptr_t)p / 4096 * 8));
	close(fd);
	EXPECT_TRUE(content("/proc/self/auxv", &entry, sizeof(entry)));
	EXPECT_TRUE(content("/proc/self/environ", "PATH=", 5));
	EXPECT_EQ(0, munmap(p, BYTES));
	EXPECT_FALSE(mapped("/proc/self/maps", p, BYTES, "rw-p"));
	close(mem);
}
