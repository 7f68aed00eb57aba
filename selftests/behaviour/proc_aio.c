// SPDX-License-Identifier: GPL-2.0
/* The kernel's AIO: the program comes home for it, and leaves again when it is done with it. */
#include "../move.h"
#include <linux/aio_abi.h>
#include <sys/eventfd.h>

MOVE_TEST(proc_aio)
{
	struct timespec ts = { 10, 0 };
	struct io_event events[2];
	char text[16] = "";
	aio_context_t ctx = 0;
	struct iocb write_it, read_it, poll_it, *list[2] = { &write_it, &read_it };
	struct iocb *one = &poll_it;
	int fd, efd;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	efd = eventfd(0, 0);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, efd);
	move_begin();
	move_here();
	move_end();
	ASSERT_EQ(0, syscall(SYS_io_setup, 8, &ctx));
	write_it = (struct iocb){ .aio_data = 1, .aio_lio_opcode = IOCB_CMD_PWRITE,
				  .aio_fildes = fd, .aio_buf = (uintptr_t)"async", .aio_nbytes = 5 };
	read_it = (struct iocb){ .aio_data = 2, .aio_lio_opcode = IOCB_CMD_PREAD,
				 .aio_fildes = fd, .aio_buf = (uintptr_t)text, .aio_nbytes = 5 };
	EXPECT_EQ(1, syscall(SYS_io_submit, ctx, 1, &list[0]));
	EXPECT_EQ(1, syscall(SYS_io_getevents, ctx, 1, 2, events, &ts));
	EXPECT_EQ(1, events[0].data);
	EXPECT_EQ(5, events[0].res);
	EXPECT_EQ(1, syscall(SYS_io_submit, ctx, 1, &list[1]));
	EXPECT_EQ(1, syscall(SYS_io_pgetevents, ctx, 1, 2, events, &ts, NULL));
	EXPECT_STREQ("async", text);
	poll_it = (struct iocb){ .aio_lio_opcode = IOCB_CMD_POLL, .aio_fildes = efd,
				 .aio_buf = POLLIN };
	EXPECT_EQ(1, syscall(SYS_io_submit, ctx, 1, &one));
	EXPECT_EQ(-1, syscall(SYS_io_cancel, ctx, &poll_it, events));
	EXPECT_EQ(EINPROGRESS, errno);
	EXPECT_EQ(0, syscall(SYS_io_destroy, ctx));
	/* its ring, which was shared memory, is gone */
	move_begin();
	move_here();
	EXPECT_EQ(5, pread(fd, text, sizeof(text), 0));
	close(fd);
	close(efd);
	EXPECT_EQ(0, unlink("file"));
}
