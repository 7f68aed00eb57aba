// SPDX-License-Identifier: GPL-2.0
/* A bpf map: made, filled, looked up and walked; each of these calls is one at home. */
#include "../move.h"
#include <linux/bpf.h>

static long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

MOVE_TEST(proc_bpf)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 8,
				.max_entries = 16 };
	uint64_t value;
	uint32_t key, next;
	int map, i;

	move_begin();
	move_here();
	map = bpf(BPF_MAP_CREATE, &attr);
	ASSERT_LE(0, map);
	for (i = 0; i < 5; i++) {
		key = i;
		value = pattern(i);
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = map;
		attr.key = (uintptr_t)&key;
		attr.value = (uintptr_t)&value;
		EXPECT_EQ(0, bpf(BPF_MAP_UPDATE_ELEM, &attr));
	}
	move_here();
	key = 3;
	value = 0;
	EXPECT_EQ(0, bpf(BPF_MAP_LOOKUP_ELEM, &attr));
	EXPECT_EQ(pattern(3), value);
	key = 77;
	EXPECT_EQ(-1, bpf(BPF_MAP_LOOKUP_ELEM, &attr));
	EXPECT_EQ(ENOENT, errno);
	attr.next_key = (uintptr_t)&next;
	for (i = 0; !bpf(BPF_MAP_GET_NEXT_KEY, &attr); i++)
		key = next;
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(5, i);
	close(map);
}
