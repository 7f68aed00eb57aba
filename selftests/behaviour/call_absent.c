// SPDX-License-Identifier: GPL-2.0
/* Calls that the kernel does not have, of today and of a later one: ENOSYS, wherever they are made. */
#include "../move.h"

MOVE_TEST(call_absent)
{
	static const int absent[] = {
		SYS_uselib, SYS__sysctl, SYS_create_module, SYS_get_kernel_syms, SYS_query_module,
		SYS_nfsservctl, SYS_getpmsg, SYS_putpmsg, SYS_afs_syscall, SYS_tuxcall,
		SYS_security, SYS_set_thread_area, SYS_get_thread_area, SYS_epoll_ctl_old,
		SYS_epoll_wait_old, SYS_vserver, 335, 400, 510, 1000, 0x7fffffff,
	};
	unsigned int i;

	move_begin();
	move_here();
	for (i = 0; i < sizeof(absent) / sizeof(*absent); i++) {
		EXPECT_EQ(-1, syscall(absent[i], 1, 2, 3, 4, 5, 6));
		EXPECT_EQ(ENOSYS, errno);
	}
}
