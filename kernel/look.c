// SPDX-License-Identifier: GPL-2.0
/*
 * Home looks at the memory of a process that runs elsewhere, without bringing it back: what is
 * mapped (maps.c), and the arguments and environment that /proc/PID/cmdline and environ show, which
 * programs write over to tell what they do.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "compat.h"
#include "link.h"
#include "outside.h"
#include "proc.h"
#include "space.h"

/* While it goes from one node to another nobody answers; ms until it is asked again. */
#define PM_LOOK_PAUSE	50

/* ---- where it runs ---- */

/**
 * pm_serve_peek() - answer a request for a piece of memory
 * @mm: address space; the caller keeps it alive
 * @chan: where to
 * @req: the request
 *
 * Pages that are still elsewhere are fetched. Memory that is not anonymous is not read: as for who
 * asks for arguments on one machine.
 * Context: may sleep. Return: 0, -EPROTO, -ENOMEM, or an error of pm_chan_send().
 */
int pm_serve_peek(struct pm_mm *mm, struct pm_chan *chan, const struct pm_buf *req)
{
	const struct pm_peek *peek = (const void *)req->data;
	u32 len;
	void *data;
	int n, err;

	if (req->len != sizeof(*peek))
		return -EPROTO;
	len = le32_to_cpu(peek->len);
	if (!len || len > PAGE_SIZE)
		return -EPROTO;
	data = kmalloc(len, GFP_KERNEL);
	if (!data)
		return -ENOMEM;
	n = pm_access_remote_vm(mm->mm, le64_to_cpu(peek->addr), data, len, FOLL_ANON);
	err = pm_chan_send(chan, PM_MSG_PEEK, req->seq, data, max(n, 0), NULL, 0);
	kfree(data);
	return err;
}

/* ---- at home ---- */

static struct pm_buf *pm_look_ask(struct pm_mm *mm, u32 node, const struct pm_question *question)
{
	struct pm_chan *chan = pm_source_chan(mm, node, PM_CHAN_LOOK);
	struct pm_buf *buf;
	int err;

	if (IS_ERR(chan))
		return ERR_CAST(chan);
	err = pm_chan_send(chan, question->type, 1, question->req, question->len, NULL, 0);
	buf = err ? ERR_PTR(err) : pm_chan_recv(chan, question->wait);
	if (!IS_ERR(buf) && (buf->type != question->type || !question->ok(buf))) {
		pm_link_drop(chan->link, "malformed answer about the memory of a process");
		pm_buf_free(buf);
		buf = ERR_PTR(-EPROTO);
	}
	pm_chan_finish(chan);
	return buf;
}

/* Its address space with a reference, and where it is; NULL: it is at home. */
static struct pm_mm *pm_look_where(struct pm_proc *proc, u32 *node)
{
	struct pm_mm *mm = NULL;

	spin_lock(&proc->lock);
	if (proc->state == PM_AWAY && proc->mm) {
		mm = pm_mm_get(proc->mm);
		*node = proc->node;
	}
	spin_unlock(&proc->lock);
	return mm;
}

static struct pm_buf *pm_look_try(struct pm_proc *proc, const struct pm_question *question,
				  struct pm_mm **mmp)
{
	struct pm_buf *buf = ERR_PTR(-EINTR);
	struct pm_mm *mm;
	u32 node;

	mm = pm_look_where(proc, &node);
	if (!mm)
		return ERR_PTR(-ESRCH);
	/* one at a time: the node has few places for those who look */
	if (!mutex_lock_killable(&mm->look_lock)) {
		buf = pm_look_ask(mm, node, question);
		mutex_unlock(&mm->look_lock);
	}
	if (IS_ERR(buf) || !mmp)
		pm_mm_put(mm);
	else
		*mmp = mm;
	return buf;
}

struct pm_buf *pm_look(struct pm_proc *proc, const struct pm_question *question,
		       struct pm_mm **mm)
{
	struct pm_buf *buf;
	int tries = 0;

	while ((buf = pm_look_try(proc, question, mm)) == ERR_PTR(-EPIPE) &&
	       ++tries < question->tries)
		if (schedule_timeout_killable(msecs_to_jiffies(PM_LOOK_PAUSE)))
			break;
	return buf;
}

/* Those who show arguments ask for anonymous memory only; nobody else does. */
bool pm_outside_reads(const struct pt_regs *regs)
{
	return regs->r8 == FOLL_ANON && pm_mm_away((struct mm_struct *)regs->di);
}

static bool pm_peek_ok(const struct pm_buf *buf)
{
	return buf->len <= PAGE_SIZE;
}

/* Return: bytes read, or negative errno: what is at home is all that there is. */
static int pm_peek(struct mm_struct *mm, unsigned long addr, void *data, int len)
{
	const struct pm_peek peek = { .addr = cpu_to_le64(addr), .len = cpu_to_le32(len) };
	/* there is a copy at home */
	const struct pm_question question = {
		.type = PM_MSG_PEEK, .req = &peek, .len = sizeof(peek), .ok = pm_peek_ok,
		.wait = 2 * HZ, .tries = 4,
	};
	struct pm_proc *proc = pm_proc_find_id(pm_mm_away(mm));
	struct pm_buf *buf;
	int n;

	if (!proc)
		return -ESRCH;
	buf = pm_look(proc, &question, NULL);
	pm_proc_put(proc);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	n = min_t(int, buf->len, len);
	memcpy(data, buf->data, n);
	pm_buf_free(buf);
	return n ?: -EFAULT;
}

int pm_outside_access_remote_vm(struct mm_struct *mm, unsigned long addr, void *data, int len,
				unsigned int flags)
{
	int n = len > 0 && len <= PAGE_SIZE ? pm_peek(mm, addr, data, len) : -EINVAL;

	if (n < 0)
		n = pm_access_remote_vm(mm, addr, data, len, flags);
	module_put(THIS_MODULE);
	return n;
}
