// SPDX-License-Identifier: GPL-2.0
/* io_uring: the program comes home to set it up, and stays there, where the ring works. */
#include "../move.h"
#include <linux/io_uring.h>

static int child(struct __test_metadata *_metadata)
{
	struct io_uring_params params = { 0 };
	struct io_uring_sqe *sqes;
	char *sq, *cq;
	struct io_uring_cqe *cqe;
	int fd, file;

	file = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	move_begin();
	move_here();
	move_end();
	fd = syscall(SYS_io_uring_setup, 4, &params);
	if (fd < 0 || file < 0)
		return 1;
	sq = mmap(NULL, params.sq_off.array + 4 * params.sq_entries, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQ_RING);
	cq = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(*cqe),
		  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_CQ_RING);
	sqes = mmap(NULL, params.sq_entries * sizeof(*sqes), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || sqes == MAP_FAILED)
		return 2;
	sqes[0] = (struct io_uring_sqe){ .opcode = IORING_OP_WRITE, .fd = file,
					 .addr = (uintptr_t)"uring", .len = 5, .user_data = 99 };
	((unsigned int *)(sq + params.sq_off.array))[0] = 0;
	__atomic_store_n((unsigned int *)(sq + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return 3;
	cqe = (void *)(cq + params.cq_off.cqes);
	if (cqe->user_data != 99 || cqe->res != 5)
		return 4;
	if (syscall(SYS_io_uring_register, fd, IORING_REGISTER_FILES, &file, 1))
		return 5;
	return lseek(file, 0, SEEK_END) == 5 ? 0 : 6;
}

MOVE_TEST(proc_io_uring)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, unlink("file"));
}
