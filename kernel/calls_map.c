// SPDX-License-Identifier: GPL-2.0
/*
 * Files are mapped, and are not any more. First what the surrogate does, then what its deputy does.
 *
 * The deputy maps the file at the same address: it checks all that is to be checked, and the
 * mapping is there for the way home. What is unmapped it hears of when none there maps the file.
 */
#include <linux/file.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include "calls.h"
#include "compat.h"
#include "mem_wire.h"
#include "promise.h"

/* ---- mapping ---- */

#define PM_MMAP_LOCAL_FLAGS (MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_LOCKED)

/* Find room here for a mapping whose address the kernel may choose. */
static unsigned long pm_reserve(const unsigned long *args)
{
	unsigned long flags = args[3] & (MAP_FIXED_NOREPLACE | MAP_32BIT);

	return pm_syscall6(__NR_mmap, args[0], args[1], PROT_NONE,
			   flags | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static long pm_map_imported(struct pm_thread *thread, const struct pm_map_reply *map,
			    const unsigned long *args)
{
	struct file *file = pm_mm_file_import(thread->proc->mm, le32_to_cpu(map->file),
					      &map->ident);
	unsigned long ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = vm_mmap(file, args[0], args[1], args[2], (args[3] & MAP_TYPE) | MAP_FIXED |
		      (args[3] & PM_MMAP_LOCAL_FLAGS), args[5]);
	fput(file);
	return ret;
}

long pm_both_mmap(struct pm_thread *thread, struct pt_regs *regs, const unsigned long *orig)
{
	unsigned long args[6] = { orig[0], orig[1], orig[2], orig[3], orig[4], orig[5] };
	bool fixed = args[3] & MAP_FIXED;
	struct pm_map_req req = {};
	const struct pm_reply *reply;
	struct pm_buf *buf;
	const void *data;
	unsigned long where;
	size_t len;
	long ret;
	int i;

	if (fixed) {
		ret = pm_mm_before_call(thread->proc->mm, regs);
		/* what home has of what is there goes at once, whether this succeeds or not */
		ret = ret ?: pm_mm_before_replace(thread->proc->mm, args[0], args[1]);
		if (ret)
			return ret;
	} else {
		where = pm_reserve(args);
		if (IS_ERR_VALUE(where))
			return where;
		args[0] = where;
	}
	for (i = 0; i < 6; i++)
		req.args[i] = cpu_to_le64(args[i]);
	buf = pm_request(thread, PM_MSG_MAP, &req, sizeof(req), NULL, 0);
	reply = pm_take_reply(thread, buf, &data, &len);
	ret = le64_to_cpu(reply->ret);
	if (le32_to_cpu(reply->flags) & PM_REPLY_AGAIN)
		ret = -ERESTARTNOINTR;
	else if (le32_to_cpu(reply->flags) & PM_REPLY_RECALL)
		ret = -EXDEV;
	else if (!IS_ERR_VALUE(ret))
		ret = len == sizeof(struct pm_map_reply) && ret == args[0] ?
		      pm_map_imported(thread, data, args) : -EINVAL;
	pm_reply_free(thread, buf);
	if (IS_ERR_VALUE(ret) && !fixed)
		vm_munmap(args[0], args[1]);
	if (ret == -EXDEV)
		return pm_recall(thread);
	if (ret == -ERESTARTNOINTR)
		set_thread_flag(TIF_NOTIFY_SIGNAL);
	return ret;
}

static int pm_map_answer(struct pm_thread *thread, u32 seq, long ret,
			 const struct pm_map_reply *map)
{
	struct pm_reply reply = {
		.ret = cpu_to_le64(ret), .mask = cpu_to_le64(current->blocked.sig[0]),
	};

	pm_stores_settle(thread->proc->node);
	return pm_chan_send(thread->chan, PM_MSG_REPLY, seq, &reply, sizeof(reply),
			    map, sizeof(*map));
}

/* The remote side can serve regular files: private mappings, and those that are never written. */
static bool pm_map_served(const struct file *file, unsigned long flags)
{
	if (!S_ISREG(file_inode(file)->i_mode) || flags & MAP_ANONYMOUS ||
	    file_inode(file)->i_sb->s_magic == HUGETLBFS_MAGIC)
		return false;
	return (flags & MAP_TYPE) == MAP_PRIVATE ||
	       ((flags & MAP_TYPE) == MAP_SHARED && !(file->f_mode & FMODE_WRITE));
}

/*
 * Map for the program. *@file: what is mapped, with a reference, if this succeeds: of an overlay,
 * not what was opened. Return: as mmap().
 */
static long pm_map_native(struct pm_mm *mm, const unsigned long *args, struct file **file)
{
	unsigned long flags = args[3] & ~(MAP_POPULATE | MAP_LOCKED | MAP_FIXED_NOREPLACE);
	struct vm_area_struct *vma;
	long ret;

	pm_zap_hold(mm);
	ret = pm_syscall6(__NR_mmap, args[0], args[1], args[2], flags | MAP_FIXED, args[4],
			  args[5]);
	if (!IS_ERR_VALUE(ret)) {
		mmap_read_lock(current->mm);
		vma = find_vma(current->mm, ret);
		*file = vma && vma->vm_file ? get_file(vma->vm_file) : NULL;
		mmap_read_unlock(current->mm);
		if (!*file)
			ret = -EINVAL;
	}
	pm_zap_release(mm);
	return ret;
}

static int pm_map_export(struct pm_mm *mm, struct file *file, struct pm_map_reply *map)
{
	int id = pm_mm_file_export(mm, file), err;

	if (id < 0)
		return id;
	map->file = cpu_to_le32(id);
	err = pm_mm_file_ident(mm, id, &map->ident);
	if (err)
		pm_mm_file_close(mm, id);
	return err;
}

int pm_deputy_map(struct pm_thread *thread, const struct pm_buf *buf)
{
	const struct pm_map_req *req = (const void *)buf->data;
	struct pm_mm *mm = thread->proc->mm;
	struct pm_map_reply map = {};
	unsigned long args[6];
	struct file *file;
	int i, err;
	long ret;

	if (buf->len != sizeof(*req))
		return -EPROTO;
	if (pm_deputy_leaving(thread))
		return pm_answer(thread, buf->seq, 0, PM_REPLY_AGAIN);
	for (i = 0; i < 6; i++)
		args[i] = le64_to_cpu(req->args[i]);
	if (args[3] & MAP_ANONYMOUS || pm_scratch_hits(args[0], args[1]))
		return pm_answer(thread, buf->seq, 0, PM_REPLY_RECALL);
	file = fget(args[4]);
	if (!file)
		return pm_answer(thread, buf->seq, -EBADF, 0);
	if (!pm_map_served(file, args[3])) {
		fput(file);
		return pm_answer(thread, buf->seq, 0, PM_REPLY_RECALL);
	}
	fput(file);
	ret = pm_map_native(mm, args, &file);
	/* it is memory that the program has remotely; or home counts what is gone there */
	if (test_and_clear_bit(PM_T_OWN, &thread->flags) || ret == -ENOMEM)
		return pm_answer(thread, buf->seq, 0, PM_REPLY_RECALL);
	if (IS_ERR_VALUE(ret))
		return pm_answer(thread, buf->seq, ret, 0);
	err = pm_map_export(mm, file, &map);
	fput(file);
	if (err) {
		vm_munmap(args[0], args[1]);
		return pm_answer(thread, buf->seq, err, 0);
	}
	return pm_map_answer(thread, buf->seq, ret, &map);
}

/* ---- unmapping ---- */

/**
 * struct pm_closed - a file that is not mapped any more
 * @entry: in pm_thread.closed
 * @id: home's number of the file
 */
struct pm_closed {
	struct list_head entry;
	u32 id;
};

bool pm_thread_closes(struct pm_mm *mm, u32 id)
{
	struct pm_thread *thread = pm_thread_current();
	struct pm_closed *closed;

	if (!thread || thread->proc->role != PM_SURROGATE || thread->proc->mm != mm ||
	    !test_syscall_work(SYSCALL_USER_DISPATCH) || current->flags & PF_EXITING ||
	    fatal_signal_pending(current))
		return false;
	closed = kmalloc(sizeof(*closed), GFP_KERNEL_ACCOUNT);
	if (!closed)
		return false;
	closed->id = id;
	list_add_tail(&closed->entry, &thread->closed);
	pm_thread_kick(thread);
	return true;
}

static void pm_guest_late(struct pm_thread *thread, const void *opens)
{
	if (pm_opens_has(opens, thread->proc->mm) &&
	    !(READ_ONCE(thread->task->flags) & PF_EXITING))
		pm_thread_kick(thread);
}

void pm_guests_late(const struct pm_opens *opens)
{
	pm_each_guest(pm_guest_late, opens);
}

/* Take the first number off the list, 0 if it is empty. */
static u32 pm_closed_take(struct pm_thread *thread)
{
	struct pm_closed *closed = list_first_entry_or_null(&thread->closed, struct pm_closed,
							    entry);
	u32 id = closed ? closed->id : 0;

	if (closed) {
		list_del(&closed->entry);
		kfree(closed);
	}
	return id;
}

void pm_closed_free(struct pm_thread *thread)
{
	while (pm_closed_take(thread))
		;
}

static void pm_tell_close(struct pm_thread *thread, u32 id, bool wait)
{
	struct pm_file_close end = { .file = cpu_to_le32(id) };
	struct pm_buf *buf;
	const void *data;
	size_t len;

	if (!wait) {
		if (pm_surrogate_send(thread, PM_MSG_CLOSE, 0, &end, sizeof(end), NULL, 0))
			pm_surrogate_lost(thread, -EPIPE);
		return;
	}
	buf = pm_request(thread, PM_MSG_CLOSE, &end, sizeof(end), NULL, 0);
	pm_take_reply(thread, buf, &data, &len);
	pm_reply_free(thread, buf);
}

void pm_tell_late(struct pm_thread *thread)
{
	u32 id;

	while (pm_opens_late(thread->proc->mm, &id))
		pm_tell_close(thread, id, false);
}

void pm_tell_closed(struct pm_thread *thread)
{
	u32 id;

	while ((id = pm_closed_take(thread)))
		pm_tell_close(thread, id, !pm_unseen(thread));
	pm_tell_late(thread);
}

int pm_deputy_close(struct pm_thread *thread, const struct pm_buf *buf)
{
	const struct pm_file_close *end = (const void *)buf->data;

	if (buf->len != sizeof(*end) || end->zero)
		return -EPROTO;
	pm_mm_file_close(thread->proc->mm, le32_to_cpu(end->file));
	if (buf->seq)
		return pm_deputy_reply(thread, buf->seq, 0, 0, NULL, 0);
	pm_deputy_works();
	return 0;
}
