// SPDX-License-Identifier: GPL-2.0
/*
 * System calls in which both nodes have a part: signal actions and masks, the end of the process;
 * for mappings of files see calls_map.c. For each, first what the surrogate does, then what its
 * deputy does.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/sched/signal.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/syscall.h>
#include "calls.h"
#include "compat.h"

/* ---- the end ---- */

int pm_answer(struct pm_thread *thread, u32 seq, long ret, u32 flags)
{
	struct pm_reply reply = {
		.ret = cpu_to_le64(ret), .flags = cpu_to_le32(flags),
		.mask = cpu_to_le64(current->blocked.sig[0]),
	};

	return pm_chan_send(thread->chan, PM_MSG_REPLY, seq, &reply, sizeof(reply), NULL, 0);
}

/*
 * Home ends the deputy, or the process, first. A thread of several then ends here as any thread
 * does: whoever waits for its end, or for a mutex of it, does so in memory that is here.
 */
static bool pm_both_exit(struct pm_thread *thread, struct pt_regs *regs)
{
	bool group = regs->orig_ax == __NR_exit_group || thread_group_empty(current);
	struct pm_exit end = {
		.code = cpu_to_le32((regs->di & 0xff) << 8),
		.group = cpu_to_le32(group),
	};
	const struct pm_reply *reply;
	struct pm_buf *buf;
	const void *data;
	size_t len;
	u32 flags;

	pm_usage_read(&end.usage);
	/* does not return if the process ends */
	buf = pm_request(thread, PM_MSG_EXIT, &end, sizeof(end), NULL, 0);
	reply = pm_take_reply(thread, buf, &data, &len);
	flags = le32_to_cpu(reply->flags);
	pm_reply_free(thread, buf);
	if (flags & PM_REPLY_AGAIN)
		regs->ax = pm_restart(-ERESTARTNOINTR);
	else
		pm_chan_set_kick(thread->chan, NULL, NULL);
	return flags & PM_REPLY_AGAIN;
}

int pm_deputy_exit(struct pm_thread *thread, const struct pm_buf *buf)
{
	const struct pm_exit *end = (const void *)buf->data;
	int code;

	if (buf->len != sizeof(*end))
		return -EPROTO;
	code = le32_to_cpu(end->code) & 0xff00;
	/* a signal that is on its way to it may be given back, and is another thread's then */
	if (!end->group && buf->seq && (pm_deputy_leaving(thread) || !pm_window_open(thread)))
		return pm_answer(thread, buf->seq, 0, PM_REPLY_AGAIN);
	pm_usage_add(thread, &end->usage);
	if (end->group) {
		pm_chan_send(thread->chan, PM_MSG_DIE, 0, NULL, 0, NULL, 0);
		pm_do_group_exit(code);
	}
	pm_scratch_free(&thread->scratch);
	/* without a number it has never been there: its clone has failed */
	if (!buf->seq || !pm_answer(thread, buf->seq, 0, 0))
		pm_syscall6(__NR_exit, code >> 8, 0, 0, 0, 0, 0);
	return -EPIPE;
}

/* ---- signal masks and actions ---- */

bool pm_unseen(const struct pm_thread *thread)
{
	return thread_group_empty(current) && !thread->proc->crowded &&
	       !pm_mm_shares(thread->proc->mm);
}

/* What the C library blocks for a moment, and no program can ask it for: its own ones too. */
#define PM_ALL_BLOCKED (~(u64)(sigmask(SIGKILL) | sigmask(SIGSTOP)))

/*
 * Home need not know of each change, since every call tells it; but what has become deliverable
 * must be delivered before the call returns. What has been blocked it must know before somebody
 * can send it, and soon in any case: there a signal with no handler kills, or is ignored, when it
 * is sent.
 */
static void pm_sync_mask(struct pm_thread *thread)
{
	__le64 mask = cpu_to_le64(current->blocked.sig[0]);
	struct pm_buf *buf;
	const void *data;
	size_t len;

	if (current->blocked.sig[0] == thread->home_mask)
		return;
	if (!(thread->home_mask & ~current->blocked.sig[0]) &&
	    (current->blocked.sig[0] == PM_ALL_BLOCKED || pm_unseen(thread))) {
		pm_masks_watch();
		return;
	}
	thread->home_mask = current->blocked.sig[0];
	buf = pm_request(thread, PM_MSG_MASK, &mask, sizeof(mask), NULL, 0);
	pm_take_reply(thread, buf, &data, &len);
	pm_reply_free(thread, buf);
}

static void pm_action_to_wire(struct pm_action *wire, int sig, const struct k_sigaction *ka)
{
	wire->signo = cpu_to_le32(sig);
	wire->action.handler = cpu_to_le64((unsigned long)ka->sa.sa_handler);
	wire->action.flags = cpu_to_le64(ka->sa.sa_flags);
	wire->action.restorer = cpu_to_le64((unsigned long)ka->sa.sa_restorer);
	wire->action.mask = cpu_to_le64(ka->sa.sa_mask.sig[0]);
}

/*
 * Nothing that home would notice: posix_spawn() sets all actions to the default that they mostly
 * have. Where that means to ignore the signal, to set it drops what is pending. (Of a thread that
 * set one while another one forked this process home may have heard too late.)
 */
static bool pm_action_same(int sig, const struct k_sigaction *old, const struct k_sigaction *now)
{
	return old->sa.sa_handler == SIG_DFL && now->sa.sa_handler == SIG_DFL &&
	       !((old->sa.sa_flags ^ now->sa.sa_flags) & ~SA_RESTORER) &&
	       !sig_kernel_ignore(sig);
}

static long pm_both_sigaction(struct pm_thread *thread, struct pt_regs *regs)
{
	struct pm_action wire = {};
	struct k_sigaction old = {}, ka;
	int sig = regs->di;
	bool known = regs->si && !pm_sigaction(sig, NULL, &old);
	long ret = pm_syscall(regs);
	bool alone;

	if (ret || !regs->si || pm_sigaction(sig, NULL, &ka))
		return ret;
	alone = pm_unseen(thread);
	if (alone && known && pm_action_same(sig, &old, &ka))
		return ret;
	pm_action_to_wire(&wire, sig, &ka);
	/* home reads the channel in order; what another thread sends might overtake it */
	if (alone)
		pm_surrogate_send(thread, PM_MSG_ACTION, 0, &wire, sizeof(wire), NULL, 0);
	else
		pm_reply_free(thread, pm_request(thread, PM_MSG_ACTION, &wire, sizeof(wire),
						 NULL, 0));
	return ret;
}

int pm_deputy_action(struct pm_thread *thread, const struct pm_buf *buf)
{
	const struct pm_action *wire = (const void *)buf->data;
	struct k_sigaction ka = {};
	int sig;

	if (buf->len != sizeof(*wire))
		return -EPROTO;
	sig = le32_to_cpu(wire->signo);
	ka.sa.sa_handler = (__sighandler_t)(unsigned long)le64_to_cpu(wire->action.handler);
	ka.sa.sa_flags = le64_to_cpu(wire->action.flags);
	ka.sa.sa_restorer = (__sigrestore_t)(unsigned long)le64_to_cpu(wire->action.restorer);
	ka.sa.sa_mask.sig[0] = le64_to_cpu(wire->action.mask);
	if (sig < 1 || !valid_signal(sig) || sig_kernel_only(sig))
		return -EPROTO;
	/* it fails for a signal that is about to end the process: see pm_restore_actions() */
	pm_sigaction(sig, &ka, NULL);
	return buf->seq ? pm_answer(thread, buf->seq, 0, 0) : 0;
}

bool pm_both_call(struct pm_thread *thread, struct pt_regs *regs, const unsigned long *args)
{
	switch (regs->orig_ax) {
	case __NR_exit:
	case __NR_exit_group:
		return pm_both_exit(thread, regs);
	case __NR_rt_sigaction:
		regs->ax = pm_both_sigaction(thread, regs);
		return true;
	case __NR_rt_sigprocmask:
	case __NR_rt_sigreturn:
		regs->ax = pm_syscall(regs);
		pm_sync_mask(thread);
		return true;
	case __NR_clone:
	case __NR_clone3:
	case __NR_fork:
	case __NR_vfork:
		regs->ax = pm_both_clone(thread, regs);
		return true;
	case __NR_mmap:
		regs->ax = pm_both_mmap(thread, regs, args);
		return true;
	default:
		regs->ax = pm_recall(thread);
		return true;
	}
}
