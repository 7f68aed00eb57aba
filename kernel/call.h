/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System calls of a migrated process: one table (sys_table.c), one engine that
 * carries arguments (marshal.h). Neither knows channels or threads.
 */
#ifndef PM_CALL_H
#define PM_CALL_H

#include <linux/errno.h>
#include <linux/types.h>
#include "marshal.h"

static inline bool pm_is_restart(long ret)
{
	return ret == -ERESTARTSYS || ret == -ERESTARTNOINTR || ret == -ERESTARTNOHAND ||
	       ret == -ERESTART_RESTARTBLOCK;
}

/** enum pm_class - where a call runs; the table has one row for each x86-64 call */
enum pm_class {
	PM_LOCAL,	/* where the program runs, untouched */
	PM_HOME,	/* at home, arguments carried by the engine */
	PM_BOTH,	/* both sides have a part: handlers in calls_both.c */
	PM_RECALL,	/* the process comes home, runs it natively and may leave again */
};

/** struct pm_sysrow - one row of the table, see sys_table.c for the argument descriptions */
struct pm_sysrow;

/* Where a call with these arguments runs. */
enum pm_class pm_call_class(unsigned int nr, const unsigned long *args);

/**
 * struct pm_call - one call, or one part of a large transfer, being carried; remote side
 * @nr: the call; for a restart, the call that is restarted
 * @args: the arguments to be sent; of a part they are not those in the registers
 * @restart: it is a restart_syscall that stands for @nr
 * @done: bytes that earlier parts have carried
 * @more: a further part of a read that is to be whole: no move comes between
 * @buf: request payload (in-data), NULL if there is none
 * @len: bytes of @buf
 * @plan: belongs to the engine
 */
struct pm_call {
	unsigned int nr;
	unsigned long args[6];
	bool restart;
	bool more;
	u64 done;
	u8 *buf;
	size_t len;
	struct pm_plan plan;
};

/*
 * Carries one call home and back: sends nr, args (not those of the registers), restart and
 * buf, gives the out-data of the reply to pm_call_unpack(), stores the PM_REPLY_* in @flags.
 * Return: the value for the program, without meaning if @flags say RECALL.
 */
typedef long (*pm_carry_fn)(void *arg, struct pm_call *call, u32 *flags);

long pm_call_forward(unsigned int nr, const unsigned long *args, bool restart,
		     pm_carry_fn carry, void *arg, bool *recall, u64 *done);
int pm_call_unpack(struct pm_call *call, const void *data, size_t len, long *ret);

/* What pm_call_forward() does before and after each @carry. */
int pm_call_pack(struct pm_call *call);
void pm_call_free(struct pm_call *call);

#define PM_SCRATCH_GUARD	65536	/* bytes after the area that cannot be accessed */

/**
 * struct pm_scratch - home: user memory in the deputy's address space for arguments
 * @base: start of the mapping, 0 if there is none yet
 * @size: its size without the guard that follows it
 */
struct pm_scratch {
	unsigned long base;
	unsigned long size;
};

/**
 * struct pm_exec - one call being run at home
 * @out: out-data of the reply, kvmalloc'ed
 * @out_len: its size
 * @ret: return value
 * @flags: PM_REPLY_*
 */
struct pm_exec {
	u8 *out;
	size_t out_len;
	long ret;
	u32 flags;
};

int pm_call_run(struct pm_scratch *scratch, unsigned int nr, const u64 *args, u32 how,
		u64 *until, const void *data, size_t len, struct pm_exec *exec);
void pm_exec_free(struct pm_exec *exec);
void pm_scratch_free(struct pm_scratch *scratch);
bool pm_scratch_hits(unsigned long start, unsigned long len);
int pm_scratch_reserve(struct pm_scratch *scratch, size_t bytes);

/*
 * Home: a transfer that ends only when all is done: a blocking write to a stream, a read with
 * MSG_WAITALL or of /dev/urandom. When it is broken off, the rest can be transferred later.
 * May sleep.
 */
bool pm_call_resumes(unsigned int nr, const unsigned long *args);
void pm_wait_bound(unsigned int nr, unsigned long *args, u64 *until, unsigned long room);

/* Home: restart blocks hold pointers that the first run of a call was given. */
bool pm_restart_fixup(unsigned int nr, const unsigned long *args);
void pm_restart_native(unsigned int nr, const struct pm_wire_regs *regs);

#endif
