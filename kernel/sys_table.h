/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows of the system call table: where a call runs, and what its arguments are.
 *
 * A row describes each argument; the engine (marshal_*.c) knows nothing about
 * single calls. Where the description depends on the arguments (ioctl, fcntl, prctl
 * ...), the row has a selector that completes a copy of it. A selector sees the
 * arguments only, so both nodes come to the same row.
 */
#ifndef PM_SYS_TABLE_H
#define PM_SYS_TABLE_H

#include <linux/types.h>
#include "call.h"

/** enum pm_kind - what an argument is */
enum pm_kind {
	PM_ARG_NONE,	/* the call has no such argument: home passes 0 */
	PM_ARG_INT,	/* a number, passed as it is */
	PM_ARG_STR,	/* a string, up to PATH_MAX bytes */
	PM_ARG_STRV,	/* pointers to strings, up to a NULL */
	PM_ARG_FIX,	/* a structure of @unit bytes */
	PM_ARG_CNT,	/* @add bytes and as many elements of @unit bytes as argument @from says */
	PM_ARG_PTR,	/* as many bytes as the int says that argument @from points to */
	PM_ARG_SIZED,	/* a structure that begins with its own size, a u32 */
	PM_ARG_BITS,	/* a bit map of longs, with as many bits as argument @from says */
	PM_ARG_MASK,	/* pselect6's pair of signal mask and size */
	PM_ARG_IOV,	/* an array of as many struct iovec as argument @from says */
	PM_ARG_MSG,	/* a struct msghdr */
	PM_ARG_MMSG,	/* an array of as many struct mmsghdr as argument @from says */
};

/* pm_arg.dir. A buffer that is in and out comes back only where the call changed it, so
 * this is also right where it is not known how much a call writes, or when.
 */
#define PM_IN		1
#define PM_OUT		2
#define PM_INOUT	3

/** enum pm_width - type of a count */
enum pm_width {
	PM_SIZE,	/* size_t */
	PM_UINT,
	PM_SINT,	/* int; a negative count stands for an empty buffer, home says EINVAL */
};

/**
 * struct pm_arg - one argument
 * @kind: enum pm_kind
 * @dir: PM_IN, PM_OUT or PM_INOUT; of an IOV and MSG the direction of the data
 * @from: number of the argument that says how large it is
 * @width: enum pm_width of that argument
 * @ret: of PM_OUT: 1 if the return value says how many elements were written, otherwise
 *	the whole buffer was written if the call succeeded
 * @holes: of PM_OUT: the call leaves bytes out that are to be 0
 * @soft: the call does not mind if it cannot write there
 * @add: see PM_ARG_CNT; written too if the call succeeded
 * @unit: bytes of the structure or of an element
 */
struct pm_arg {
	u8 kind;
	u8 dir;
	u8 from;
	u8 width;
	u8 ret;
	u8 holes;
	u8 soft;
	u8 add;
	u16 unit;
};

/**
 * struct pm_timeout - how long a call waits at most
 * @arg: argument that says it, 0 if none does
 * @ms: it is an int, in ms, negative for ever; otherwise it points to a struct timespec
 */
struct pm_timeout {
	u8 arg;
	bool ms;
};

/* pm_sysrow.flags */
#define PM_ROW_READ	1	/* argument 1 receives data and may be filled in pieces */
#define PM_ROW_WRITE	2	/* argument 1 sends data and may be sent in pieces */
#define PM_ROW_POS	4	/* argument 3 is the position in the file */
#define PM_ROW_WAITS	8	/* EINTR means that nothing has happened: it can be made again */

/**
 * struct pm_sysrow - one system call
 * @name: as in unistd.h
 * @class: where it runs; of a row with a selector the class for most arguments
 * @flags: PM_ROW_*
 * @timeout: how long it waits at most
 * @arg: its arguments
 * @select: completes @row, a copy of this row, for these arguments; or NULL
 */
struct pm_sysrow {
	const char *name;
	u8 class;
	u8 flags;
	struct pm_timeout timeout;
	struct pm_arg arg[6];
	void (*select)(struct pm_sysrow *row, const unsigned long *args);
};

/*
 * pm_sysrow() - the row of call @nr as it stands in the table
 * A number that the kernel does not have is PM_HOME without arguments, home answers ENOSYS; one
 * that the table does not know yet is PM_RECALL. Return: never NULL.
 */
const struct pm_sysrow *pm_sysrow(unsigned int nr);

/*
 * pm_sysrow_for() - the row of call @nr with these arguments
 * @copy: room for a row that had to be completed
 * Return: the row, never NULL; valid as long as @copy is.
 */
const struct pm_sysrow *pm_sysrow_for(unsigned int nr, const unsigned long *args,
				      struct pm_sysrow *copy);

/* Selectors, sys_select.c and sys_ioctl.c. */
void pm_select_arch_prctl(struct pm_sysrow *row, const unsigned long *args);
void pm_select_clock(struct pm_sysrow *row, const unsigned long *args);
void pm_select_fcntl(struct pm_sysrow *row, const unsigned long *args);
void pm_select_fsconfig(struct pm_sysrow *row, const unsigned long *args);
void pm_select_get_mempolicy(struct pm_sysrow *row, const unsigned long *args);
void pm_select_get_robust_list(struct pm_sysrow *row, const unsigned long *args);
void pm_select_getsockopt(struct pm_sysrow *row, const unsigned long *args);
void pm_select_ioctl(struct pm_sysrow *row, const unsigned long *args);
void pm_select_itimer(struct pm_sysrow *row, const unsigned long *args);
void pm_select_kcmp(struct pm_sysrow *row, const unsigned long *args);
void pm_select_mmap(struct pm_sysrow *row, const unsigned long *args);
void pm_select_mq_notify(struct pm_sysrow *row, const unsigned long *args);
void pm_select_msgctl(struct pm_sysrow *row, const unsigned long *args);
void pm_select_personality(struct pm_sysrow *row, const unsigned long *args);
void pm_select_prctl(struct pm_sysrow *row, const unsigned long *args);
void pm_select_semctl(struct pm_sysrow *row, const unsigned long *args);
void pm_select_recvfrom(struct pm_sysrow *row, const unsigned long *args);
void pm_select_send(struct pm_sysrow *row, const unsigned long *args);
void pm_select_setsockopt(struct pm_sysrow *row, const unsigned long *args);
void pm_select_shmctl(struct pm_sysrow *row, const unsigned long *args);

#endif
