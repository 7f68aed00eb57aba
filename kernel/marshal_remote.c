// SPDX-License-Identifier: GPL-2.0
/*
 * Calls leave the remote node: in-data is collected from the program's memory, out-data is
 * put there. What the program may access is found out here, home is told where it ends.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "call.h"
#include "sys_table.h"

/* Strings are read in pieces of this size. */
#define PM_STR_STEP	256
/* Structures that say their own size are at least this long; 0 may stand for the oldest. */
#define PM_SIZED_MIN	64

/**
 * pm_plan_reserve() - room in the request
 * @plan: the plan (remote)
 * @more: bytes that will follow @plan->len
 *
 * Context: may sleep. Return: 0, -ENOMEM, -E2BIG. @plan->buf may have moved.
 */
int pm_plan_reserve(struct pm_plan *plan, size_t more)
{
	size_t need = plan->len + more;
	size_t cap;
	u8 *buf;

	if (need > PM_CALL_ROOM)
		return -E2BIG;
	if (need <= plan->cap)
		return 0;
	cap = max_t(size_t, 512, round_up(need, 64));
	if (plan->cap)
		cap = min_t(size_t, max(cap, plan->cap * 2), PM_CALL_ROOM);
	buf = kvmalloc(cap, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	/* a vector of strings being collected is behind @len */
	if (plan->cap)
		memcpy(buf, plan->buf, plan->cap);
	kvfree(plan->buf);
	plan->buf = buf;
	plan->cap = cap;
	return 0;
}

/*
 * How many bytes from @addr on may be written, up to @len. Nothing is faulted in: the
 * memory may still be on another node, and will be overwritten.
 */
static u32 writable(unsigned long addr, u32 len)
{
	struct mm_struct *mm = current->mm;
	unsigned long pos = addr, end = addr + len;
	struct vm_area_struct *vma;

	if (!access_ok((void __user *)addr, len) || mmap_read_lock_killable(mm))
		return 0;
	for (vma = find_vma(mm, pos); vma && pos < end; vma = find_vma(mm, pos)) {
		if (!(vma->vm_flags & VM_WRITE))
			break;
		if (vma->vm_start > pos && (!(vma->vm_flags & VM_GROWSDOWN) ||
					    vma->vm_end - pos > rlimit(RLIMIT_STACK)))
			break;
		pos = min(end, vma->vm_end);
	}
	mmap_read_unlock(mm);
	return pos - addr;
}

static u32 capture_bytes(u8 *to, unsigned long addr, u32 len)
{
	return len - copy_from_user(to, (void __user *)addr, len);
}

/* Up to and with the terminating NUL. */
static u32 capture_string(u8 *to, struct pm_seg *seg)
{
	u32 n = 0, step, got;
	u8 *nul;

	while (n < seg->len) {
		/* a step never crosses a page, so that the last one read is exact */
		step = PM_STR_STEP - ((seg->uaddr + n) & (PM_STR_STEP - 1));
		step = min(step, seg->len - n);
		got = capture_bytes(to + n, seg->uaddr + n, step);
		nul = memchr(to + n, 0, got);
		if (nul) {
			seg->len = nul - to + 1;
			return seg->len;
		}
		n += got;
		if (got < step)
			break;
	}
	return n;
}

static u32 capture_sized(u8 *to, struct pm_seg *seg)
{
	u32 size = 0;
	u32 got = capture_bytes(to, seg->uaddr, sizeof(size));

	if (got < sizeof(size))
		return got;
	memcpy(&size, to, sizeof(size));
	seg->len = clamp_t(u32, size, PM_SIZED_MIN, seg->len);
	return capture_bytes(to, seg->uaddr, seg->len);
}

/* pm_plan.feed at the remote node: one segment of the request. */
static int capture(struct pm_plan *plan, struct pm_seg *seg)
{
	struct pm_seg_in head = {};
	size_t room = 0;
	u8 *data;
	int err;

	/* a vector of strings takes more as it finds them */
	if (seg->dir & PM_IN && seg->var != PM_VAR_STRV)
		room = round_up(seg->len, 8);
	err = pm_plan_reserve(plan, sizeof(head) + room);
	if (err)
		return err;
	seg->pos = plan->len + sizeof(head);
	data = plan->buf + seg->pos;
	seg->wild = !access_ok((void __user *)seg->uaddr, 1);
	if (!seg->uaddr || !seg->len || seg->wild || seg->cut)
		seg->ok = 0;
	else if (!(seg->dir & PM_IN))
		seg->ok = writable(seg->uaddr, seg->len);
	else if (seg->var == PM_VAR_STR)
		seg->ok = capture_string(data, seg);
	else if (seg->var == PM_VAR_SIZED)
		seg->ok = capture_sized(data, seg);
	else if (seg->var == PM_VAR_STRV)
		err = pm_strv_capture(plan, seg);
	else
		seg->ok = capture_bytes(data, seg->uaddr, seg->len);
	if (err)
		return err;
	seg->cut = seg->uaddr && seg->ok < seg->len;

	head.ok = cpu_to_le32(seg->ok);
	head.low = cpu_to_le16(offset_in_page(seg->uaddr));
	head.flags = cpu_to_le16((seg->uaddr ? 0 : PM_SEG_NULL) | (seg->cut ? PM_SEG_CUT : 0) |
				 (seg->wild ? PM_SEG_WILD : 0));
	memcpy(plan->buf + plan->len, &head, sizeof(head));
	plan->len = seg->pos;
	if (seg->dir & PM_IN) {
		u32 padded = round_up(seg->ok, 8);

		data = plan->buf + seg->pos;
		memset(data + seg->ok, 0, padded - seg->ok);
		plan->len += padded;
	}
	return 0;
}

/**
 * pm_call_pack() - collect the in-data of a call of class PM_HOME
 * @call: nr, args and done are filled in; gets buf, len and what is asked of home. @args
 *	are those to be sent: of a large transfer they are those of this part.
 * Reads user memory of current: may fault, and so use the page channels. A bad user pointer
 * is no error: it travels as bad, and home's kernel says EFAULT where it would have said it.
 * Context: the calling task, may sleep.
 * Return: 0, -ENOMEM, or -EXDEV when this call cannot be carried. pm_call_free() in any case.
 */
int pm_call_pack(struct pm_call *call)
{
	struct pm_plan *plan = &call->plan;
	int err;

	pm_plan_init(plan, call->nr, capture);
	memcpy(plan->args, call->args, sizeof(plan->args));
	plan->remote = true;
	plan->skip = call->done;
	err = pm_plan_walk(plan);
	memcpy(call->args, plan->args, sizeof(call->args));
	call->buf = plan->buf;
	call->len = plan->len;
	return err == -E2BIG || err == -EPROTO ? -EXDEV : err;
}

/* Write what the call has changed: the rest may be in use by other threads, or read-only. */
static int put_changes(struct pm_call *call, const struct pm_seg *seg, const u8 *data, u32 len)
{
	const u8 *old = call->plan.buf + seg->pos;
	u32 first, end = 0;

	for (;;) {
		for (first = end; first < len && data[first] == old[first]; first++)
			;
		if (first == len)
			return 0;
		for (end = first; end < len && data[end] != old[end]; end++)
			;
		if (copy_to_user((void __user *)(seg->uaddr + first), data + first, end - first))
			return -EFAULT;
	}
}

static int put_one(struct pm_call *call, u32 n, const u8 *data, u32 len)
{
	const struct pm_seg *seg;

	if (n >= call->plan.nseg)
		return -EPROTO;
	seg = &call->plan.segs[n];
	if (!(seg->dir & PM_OUT) || len > seg->ok)
		return -EPROTO;
	if (seg->dir & PM_IN && !seg->whole)
		return put_changes(call, seg, data, len) && !seg->soft ? -EFAULT : 0;
	return copy_to_user((void __user *)seg->uaddr, data, len) ? -EFAULT : 0;
}

/**
 * pm_call_unpack() - put the out-data of a reply where the program wants it
 * @call: from pm_call_pack()
 * @data: out-data
 * @len: its size
 * @ret: the call's value at home; becomes -EFAULT where the program's memory has gone
 * Context: the calling task, may sleep.
 * Return: 0, or -EPROTO when the peer broke the format.
 */
int pm_call_unpack(struct pm_call *call, const void *data, size_t len, long *ret)
{
	const u8 *pos = data, *end = pos + len;
	struct pm_seg_out head;
	int err = 0;
	u32 n;

	while (pos < end) {
		if (end - pos < sizeof(head))
			return -EPROTO;
		memcpy(&head, pos, sizeof(head));
		pos += sizeof(head);
		n = le32_to_cpu(head.len);
		if (n > end - pos || round_up((size_t)n, 8) > end - pos)
			return -EPROTO;
		err = put_one(call, le32_to_cpu(head.seg), pos, n);
		if (err == -EPROTO)
			return err;
		if (err)
			*ret = err;
		pos += round_up((size_t)n, 8);
	}
	return 0;
}

/**
 * pm_call_free() - free what pm_call_pack() has allocated
 * @call: the call; may be packed again
 */
void pm_call_free(struct pm_call *call)
{
	kvfree(call->plan.buf);
	call->plan.buf = NULL;
	call->buf = NULL;
	call->len = 0;
	pm_plan_free(&call->plan);
}

/* Is there more to carry after a part that home did completely? */
static bool carry_on(const struct pm_call *call, long ret, u32 flags)
{
	if (ret <= 0 || !call->plan.left || ret != call->plan.asked)
		return false;
	if (call->plan.flags & PM_ROW_WRITE)
		return true;
	return (call->plan.flags & PM_ROW_READ) && (flags & PM_REPLY_WHOLE);
}

/* Has a move come between, when a call that does all that it is asked for had not done all? */
static bool breaks_off(const struct pm_call *call, long ret, u32 flags)
{
	if (!(call->plan.flags & (PM_ROW_READ | PM_ROW_WRITE)))
		return false;
	if (flags & PM_REPLY_AGAIN)
		return call->done;
	if (!(flags & PM_REPLY_BROKEN))
		return false;
	return ret > 0 ? ret < call->plan.asked : call->done && pm_is_restart(ret);
}

/**
 * pm_call_forward() - do a whole call of class PM_HOME, in as many parts as it needs
 * @nr: the call
 * @args: its arguments as the program gave them
 * @restart: it is a restart_syscall that stands for @nr
 * @carry: carries one part
 * @arg: for @carry
 * @recall: set if nothing has been done, since the call must be made at home
 * @done: bytes that it has carried before; becomes those that it has carried if it is to be
 *	made again for the rest, else 0
 * Only a large read or write needs more than one part. When a later part fails, the
 * program is told how much the earlier ones have done, as it would be on one machine.
 * Context: the calling task, may sleep.
 * Return: the value for the program.
 */
long pm_call_forward(unsigned int nr, const unsigned long *args, bool restart,
		     pm_carry_fn carry, void *arg, bool *recall, u64 *done)
{
	struct pm_call call = { .nr = nr, .restart = restart, .done = *done };
	bool more, broken = false;
	u32 flags;
	long ret;

	*recall = false;
	do {
		memcpy(call.args, args, sizeof(call.args));
		flags = 0;
		more = false;
		ret = pm_call_pack(&call);
		if (ret == -EXDEV)
			flags = PM_REPLY_RECALL;
		if (!ret) {
			ret = carry(arg, &call, &flags);
			more = carry_on(&call, ret, flags);
			broken = !more && breaks_off(&call, ret, flags);
		}
		pm_call_free(&call);
		if (ret > 0 && (more || broken)) {
			call.done += ret;
			call.more = flags & PM_REPLY_WHOLE;
		}
	} while (more);

	if (flags & PM_REPLY_RECALL)
		ret = 0;
	*recall = (flags & PM_REPLY_RECALL) && !call.done;
	*done = broken ? call.done : 0;
	if (broken)
		return -ERESTARTNOHAND;
	if (call.done)
		return call.done + max(ret, 0L);
	return ret;
}
