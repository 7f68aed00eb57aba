// SPDX-License-Identifier: GPL-2.0
/*
 * Calls arrive at home: the segments are laid out in the deputy's scratch area, the call
 * runs on them, what it has written is collected.
 *
 * A segment that the program cannot access to its end is placed so that it ends
 * at a page that cannot be accessed either. So this kernel finds the fault where the program's
 * own would have been, and says and does what it would have done. Nothing of the
 * request is trusted: a pointer that the call gets is always one into the scratch
 * area, or NULL, or one beyond user space that no access gets past.
 */
#include <linux/file.h>
#include <linux/major.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/uaccess.h>
#include <net/sock.h>
#include <asm/unistd.h>
#include "call.h"
#include "compat.h"
#include "sys_table.h"

/* What a whole part of a large transfer brings at least; smaller ones are never continued. */
#define PM_PART_MIN	(1024 * 1024)

/* pm_plan.feed at home: one segment of the request. */
static int parse(struct pm_plan *plan, struct pm_seg *seg)
{
	struct pm_seg_in head;
	size_t data;
	u16 flags;

	if (plan->len - plan->next < sizeof(head))
		return -EPROTO;
	memcpy(&head, plan->buf + plan->next, sizeof(head));
	plan->next += sizeof(head);
	flags = le16_to_cpu(head.flags);
	seg->ok = le32_to_cpu(head.ok);
	seg->pos = plan->next;
	seg->cut = flags & PM_SEG_CUT;
	seg->wild = flags & PM_SEG_WILD;
	/* only whether it is NULL, and its alignment */
	seg->uaddr = flags & PM_SEG_NULL ? 0 : PAGE_SIZE + offset_in_page(le16_to_cpu(head.low));
	if (flags & ~(PM_SEG_NULL | PM_SEG_CUT | PM_SEG_WILD) || seg->ok > seg->len)
		return -EPROTO;
	if ((!seg->uaddr || seg->wild) && seg->ok)
		return -EPROTO;
	if (!seg->uaddr) {
		if (seg->cut || seg->wild)
			return -EPROTO;
	} else if (seg->var && seg->var != PM_VAR_STRV) {
		seg->len = seg->ok + seg->cut;
	} else if (!seg->var && seg->cut != (seg->ok < seg->len)) {
		return -EPROTO;
	}
	if (!(seg->dir & PM_IN))
		return 0;
	data = round_up((size_t)seg->ok, 8);
	if (data > plan->len - plan->next)
		return -EPROTO;
	plan->next += data;
	return seg->var == PM_VAR_STRV ? pm_strv_parse(plan, seg) : 0;
}

/* Direct I/O wants the alignment that the program has chosen. */
static size_t seg_align(const struct pm_seg *seg)
{
	if (seg->len >= PAGE_SIZE)
		return PAGE_SIZE;
	return seg->len >= 512 ? 512 : 16;
}

/*
 * Give each segment its place, in bytes from the start of the area. The first one that
 * is cut ends at the end of the area, where the guard is; each further one before a page of
 * its own.
 * Return: size of the area; @tail is the one at its end or NULL.
 */
static size_t lay_out(struct pm_plan *plan, struct pm_seg **tail)
{
	size_t next = 0, align;
	struct pm_seg *seg;

	*tail = NULL;
	for (seg = plan->segs; seg < plan->segs + plan->nseg; seg++) {
		if (!seg->uaddr || seg->wild)
			continue;
		if (!seg->cut) {
			align = seg_align(seg);
			next = round_up(next, align) + (seg->uaddr & (align - 1));
			seg->place = next;
			next += seg->len;
		} else if (seg->ok && !*tail) {
			*tail = seg;
		} else if (seg->ok) {
			next = round_up(next, PAGE_SIZE) + round_up(seg->ok, PAGE_SIZE);
			seg->place = next - seg->ok;
			next += PAGE_SIZE;
		}
	}
	next = round_up(next, PAGE_SIZE);
	return *tail ? next + round_up((*tail)->ok, PAGE_SIZE) : next;
}

/* From offsets to addresses. Return: true if there are guards inside the area. */
static bool place_all(struct pm_plan *plan, const struct pm_scratch *scratch,
		      const struct pm_seg *tail)
{
	unsigned long end = scratch->base + scratch->size;
	bool guards = false;
	struct pm_seg *seg;

	for (seg = plan->segs; seg < plan->segs + plan->nseg; seg++) {
		if (!seg->uaddr) {
			seg->place = 0;
		} else if (seg->wild) {
			seg->place = PM_BAD_ADDR;
		} else if (seg == tail || (seg->cut && !seg->ok)) {
			seg->place = end - seg->ok;
		} else {
			seg->place += scratch->base;
			guards |= seg->cut;
		}
	}
	return guards;
}

/* Copy in-data to its place and fill in the pointers. */
static int fill(struct pm_plan *plan, const struct pm_seg *tail, unsigned long *args)
{
	struct pm_seg *seg;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(plan->args); i++)
		args[i] = plan->ints & BIT(i) ? plan->args[i] : 0;
	for (seg = plan->segs; seg < plan->segs + plan->nseg; seg++) {
		void __user *place = (void __user *)seg->place;

		if (seg->var == PM_VAR_STRV) {
			if (pm_strv_fill(plan, seg))
				return -ENOMEM;
		} else if ((seg->dir & PM_IN) &&
			   copy_to_user(place, plan->buf + seg->pos, seg->ok)) {
			return -ENOMEM;
		}
		if (seg->holes && clear_user(place, seg->ok))
			return -ENOMEM;
		if (seg->parent == PM_SEG_ARG)
			args[seg->off] = seg->place;
		else if (put_user(seg->place, (unsigned long __user *)
				  (plan->segs[seg->parent].place + seg->off)))
			return -ENOMEM;
		if (seg->cut && seg->ok && seg != tail &&
		    pm_syscall6(__NR_mprotect, seg->place + seg->ok, PAGE_SIZE, PROT_NONE, 0, 0, 0))
			return -ENOMEM;
	}
	return 0;
}

/* The value of the field that says how much was written to @seg. */
static u32 field_value(const struct pm_plan *plan, const struct pm_seg *seg)
{
	const struct pm_seg *src = &plan->segs[seg->src];
	u32 value;

	if (seg->src >= plan->nseg || src->ok < seg->src_off + sizeof(value) ||
	    get_user(value, (u32 __user *)(src->place + seg->src_off)))
		return 0;
	return value;
}

/* How much of a segment the program is to see. */
static u32 written(const struct pm_plan *plan, const struct pm_seg *seg, long ret)
{
	u64 n;

	if (!(seg->dir & PM_OUT) || !seg->uaddr)
		return 0;
	/* a select() that fails has written nothing */
	if (seg->dir == PM_INOUT)
		return seg->whole && ret < 0 ? 0 : seg->ok;
	if (ret < (long)seg->need)
		return 0;
	switch (seg->made) {
	case PM_MADE_RET:
		n = seg->add + (u64)ret * seg->unit;
		break;
	case PM_MADE_FIELD:
		n = field_value(plan, seg);
		break;
	default:
		n = seg->len;
	}
	n = n > seg->skip ? n - seg->skip : 0;
	return min_t(u64, n, seg->ok);
}

/* Give back the pointers that fill() has replaced in a segment that goes back. */
static void restore_pointers(const struct pm_plan *plan, u32 parent, u8 *data)
{
	const struct pm_seg *seg;

	for (seg = plan->segs + parent + 1; seg < plan->segs + plan->nseg; seg++)
		if (seg->parent == parent)
			memcpy(data + seg->off, plan->buf + plan->segs[parent].pos + seg->off,
			       sizeof(unsigned long));
}

/* Room for all that the call may write, before it runs: what it then has done is not undone. */
static int collect_reserve(const struct pm_plan *plan, struct pm_exec *exec)
{
	const struct pm_seg *seg;
	size_t size = 0;

	for (seg = plan->segs; seg < plan->segs + plan->nseg; seg++)
		if ((seg->dir & PM_OUT) && seg->uaddr && seg->ok)
			size += sizeof(struct pm_seg_out) + round_up((size_t)seg->ok, 8);
	if (!size)
		return 0;
	exec->out = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	return exec->out ? 0 : -ENOMEM;
}

static void collect(const struct pm_plan *plan, struct pm_exec *exec)
{
	struct pm_seg_out head;
	u8 *pos = exec->out;
	u32 i, n;

	/* they stand from the last argument to the first; where they overlap the last one counts */
	for (i = plan->nseg; i-- > 0;) {
		const struct pm_seg *seg = &plan->segs[i];

		n = written(plan, seg, exec->ret);
		if (!n)
			continue;
		head.seg = cpu_to_le32(i);
		head.len = cpu_to_le32(n);
		memcpy(pos, &head, sizeof(head));
		pos += sizeof(head);
		if (copy_from_user(pos, (void __user *)seg->place, n))
			memset(pos, 0, n);
		if (seg->dir == PM_INOUT)
			restore_pointers(plan, i, pos);
		memset(pos + n, 0, round_up((size_t)n, 8) - n);
		pos += round_up((size_t)n, 8);
	}
	exec->out_len = pos - exec->out;
}

/* Files of which a large transfer does not stop half-way: regular ones, disks, /dev/zero ... */
static bool is_whole_file(struct file *file)
{
	const struct inode *inode = file_inode(file);

	return S_ISREG(inode->i_mode) || S_ISBLK(inode->i_mode) ||
	       (S_ISCHR(inode->i_mode) && imajor(inode) == MEM_MAJOR);
}

/* The MSG_* of a call on a socket. */
static unsigned int message_flags(unsigned int nr, const unsigned long *args)
{
	switch (nr) {
	case __NR_sendto:
	case __NR_recvfrom:
		return args[3];
	case __NR_sendmsg:
	case __NR_recvmsg:
		return args[2];
	default:
		return 0;
	}
}

/* Nor does a read from a socket that is asked to wait for all. Other transfers may. */
static bool is_whole(const struct pm_plan *plan)
{
	struct file *file;
	bool whole;

	if (plan->nr == __NR_recvfrom || plan->nr == __NR_recvmsg)
		return (message_flags(plan->nr, plan->args) & (MSG_WAITALL | MSG_PEEK)) ==
		       MSG_WAITALL;
	file = fget(plan->args[0]);
	whole = file && is_whole_file(file);
	if (file)
		fput(file);
	return whole;
}

/* Would it make a difference if what @plan writes were written in parts? */
static bool is_atomic(const struct pm_plan *plan)
{
	struct file *file = fget(plan->args[0]);
	struct socket *sock = file ? sock_from_file(file) : NULL;
	bool atomic = false;

	if (file && plan->flags & PM_ROW_WRITE)
		atomic = sock ? sock->type != SOCK_STREAM : file->f_flags & O_APPEND;
	if (file)
		fput(file);
	return atomic;
}

/* /dev/zero, random, urandom: a read brings all that it is asked for, unless it is disturbed. */
static bool is_endless(const struct inode *inode)
{
	return S_ISCHR(inode->i_mode) && imajor(inode) == MEM_MAJOR &&
	       (iminor(inode) == 5 || iminor(inode) == 8 || iminor(inode) == 9);
}

/* Pipes, stream sockets, terminals: a blocking write ends when all is written, if no time is set */
static bool is_stream(struct file *file, bool write)
{
	const struct inode *inode = file_inode(file);
	struct socket *sock = sock_from_file(file);

	if (file->f_flags & O_NONBLOCK)
		return false;
	if (sock)
		return sock->type == SOCK_STREAM && sock->sk &&
		       READ_ONCE(*(write ? &sock->sk->sk_sndtimeo : &sock->sk->sk_rcvtimeo)) ==
		       MAX_SCHEDULE_TIMEOUT;
	return S_ISFIFO(inode->i_mode) ||
	       (S_ISCHR(inode->i_mode) && (imajor(inode) == TTY_MAJOR ||
					   imajor(inode) == TTYAUX_MAJOR ||
					   imajor(inode) == UNIX98_PTY_SLAVE_MAJOR));
}

bool pm_call_resumes(unsigned int nr, const unsigned long *args)
{
	u8 row = pm_sysrow(nr)->flags;
	unsigned int flags = message_flags(nr, args);
	struct file *file;
	bool resumes;

	if (!(row & (PM_ROW_READ | PM_ROW_WRITE)) || row & PM_ROW_POS ||
	    flags & (MSG_DONTWAIT | MSG_PEEK | MSG_OOB))
		return false;
	file = fget(args[0]);
	if (!file)
		return false;
	if (row & PM_ROW_WRITE || flags & MSG_WAITALL)
		resumes = is_stream(file, row & PM_ROW_WRITE);
	else
		resumes = is_endless(file_inode(file));
	fput(file);
	return resumes;
}

static long run(struct pm_plan *plan, const unsigned long *args, bool restart)
{
	if (!restart)
		return pm_syscall6(plan->nr, args[0], args[1], args[2], args[3], args[4], args[5]);
	if (!pm_restart_fixup(plan->nr, args))
		return -EINTR;
	return pm_syscall6(__NR_restart_syscall, 0, 0, 0, 0, 0, 0);
}

/**
 * pm_call_run() - run a forwarded call in the deputy's context
 * @scratch: the deputy's area for arguments
 * @nr: the call; of a restart, the call that is restarted
 * @args: its arguments as they were sent
 * @how: PM_CALL_*: of a restart, run restart_syscall for it
 * @until: when its time is over, see pm_wait_bound()
 * @data: in-data from the peer, not trusted
 * @len: its size
 * @exec: filled on success, pm_exec_free()
 * Context: the deputy, without locks; sleeps as the call does.
 * Return: 0, -EPROTO when the peer broke the format or sent a call that is not home's, or
 * -ENOMEM.
 */
int pm_call_run(struct pm_scratch *scratch, unsigned int nr, const u64 *args, u32 how,
		u64 *until, const void *data, size_t len, struct pm_exec *exec)
{
	unsigned long place[6];
	struct pm_plan plan;
	struct pm_seg *tail = NULL;
	bool guards;
	int i, err;

	memset(exec, 0, sizeof(*exec));
	pm_plan_init(&plan, nr, parse);
	for (i = 0; i < ARRAY_SIZE(plan.args); i++)
		plan.args[i] = args[i];
	plan.buf = (u8 *)data;	/* only read */
	plan.len = len;
	err = pm_plan_walk(&plan);
	if (err && err != -ENOMEM)
		err = -EPROTO;
	if (!err && plan.next != plan.len)
		err = -EPROTO;
	if (err)
		goto free_plan;
	/* without room for it the program's own memory has to do */
	if ((how & PM_CALL_SPLIT && is_atomic(&plan)) ||
	    (plan.nseg && pm_scratch_reserve(scratch, lay_out(&plan, &tail)))) {
		exec->flags = PM_REPLY_RECALL;
		goto free_plan;
	}
	guards = plan.nseg && place_all(&plan, scratch, tail);
	err = fill(&plan, tail, place);
	if (!err)
		err = collect_reserve(&plan, exec);
	if (!err) {
		pm_wait_bound(nr, place, until, 0);
		exec->ret = run(&plan, place, how & PM_CALL_RESTART);
		collect(&plan, exec);
	}
	if (plan.flags & (PM_ROW_READ | PM_ROW_WRITE) && exec->ret >= PM_PART_MIN &&
	    is_whole(&plan))
		exec->flags |= PM_REPLY_WHOLE;
	if (guards)	/* the pages that are guards now are not for the next call */
		pm_scratch_free(scratch);
free_plan:
	pm_plan_free(&plan);
	return err;
}

/**
 * pm_exec_free() - free the out-data of a call
 * @exec: from pm_call_run()
 */
void pm_exec_free(struct pm_exec *exec)
{
	kvfree(exec->out);
	exec->out = NULL;
	exec->out_len = 0;
}
