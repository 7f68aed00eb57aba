// SPDX-License-Identifier: GPL-2.0
/*
 * Where surrogates come from.
 *
 * For each home node that sends processes here, a small user-space helper is process 1 of a pid
 * namespace: the nursery. It opens /dev/procmig, waits for arrivals and clones a child for each,
 * with the pid that the process has at home and a time namespace that continues home's clocks. The
 * child comes back with the arrival's ticket and becomes the surrogate (surrogate.c). If the helper
 * dies, its namespace and all surrogates of that home die with it.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/uaccess.h>
#include <linux/umh.h>
#include <linux/procmig.h>
#include "fault.h"
#include "link.h"
#include "nursery.h"
#include "proc.h"

#define PM_MAX_ARRIVALS	256
/* How long a helper may take until it serves. */
#define PM_HELPER_TIMEOUT	(5 * HZ)

static char *pm_helper = "/usr/lib/procmig/procmig-surrogate";
module_param_named(helper, pm_helper, charp, 0400);
MODULE_PARM_DESC(helper, "path of the surrogate helper");

/**
 * struct pm_nursery - one home's
 * @entry: in pm_nurseries
 * @home: node id
 * @served: a helper has it open
 * @started: when a helper was last started, in jiffies
 * @arrivals: not yet taken by the helper
 */
struct pm_nursery {
	struct list_head entry;
	u32 home;
	bool served;
	unsigned long started;
	struct list_head arrivals;
};

/**
 * struct pm_arrival - a process that wants to come
 * @entry: in pm_nursery.arrivals, then in pm_taken
 * @ticket: random, known to the helper only
 * @chan: process channel, counted reference
 * @mono: home's CLOCK_MONOTONIC minus ours, ns
 * @boot: the same of CLOCK_BOOTTIME
 */
struct pm_arrival {
	struct list_head entry;
	u64 ticket;
	struct pm_chan *chan;
	s64 mono;
	s64 boot;
};

/* Protects everything below; nothing sleeps under it. */
static DEFINE_SPINLOCK(pm_nursery_lock);
static LIST_HEAD(pm_nurseries);
static LIST_HEAD(pm_taken);
static unsigned int pm_arrivals;
static unsigned int pm_serving;
static bool pm_closing;
/* woken when an arrival is queued, a helper leaves, or the module is about to go */
static DECLARE_WAIT_QUEUE_HEAD(pm_nursery_wait);

static void pm_arrival_free(struct pm_arrival *arrival)
{
	pm_chan_drop(arrival->chan);
	kfree(arrival);
}

static struct pm_nursery *__pm_nursery_find(u32 home)
{
	struct pm_nursery *nursery;

	list_for_each_entry(nursery, &pm_nurseries, entry)
		if (nursery->home == home)
			return nursery;
	return NULL;
}

static int pm_start_helper(u32 home)
{
	static char *envp[2] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	char id[12];
	char *argv[3] = { pm_helper, id, NULL };
	int err;

	snprintf(id, sizeof(id), "%u", home);
	err = call_usermodehelper(pm_helper, argv, envp, UMH_WAIT_EXEC);
	if (err)
		pr_err_ratelimited("cannot run the surrogate helper %s: %d (parameter helper)\n",
				   pm_helper, err);
	return err;
}

/* Those whose homes have given them up: they say nothing before. Under the lock; to be freed. */
static void pm_arrivals_prune(struct list_head *list, struct list_head *dead)
{
	struct pm_arrival *arrival, *next;

	list_for_each_entry_safe(arrival, next, list, entry) {
		if (!pm_chan_readable(arrival->chan))
			continue;
		list_move(&arrival->entry, dead);
		pm_arrivals--;
	}
}

static void pm_arrivals_free(struct list_head *dead)
{
	struct pm_arrival *arrival, *next;

	list_for_each_entry_safe(arrival, next, dead, entry)
		pm_arrival_free(arrival);
}

/* Queue an arrival; *@start: no helper serves this home, nor is one on its way. */
static int pm_arrival_queue(struct pm_arrival *arrival, u32 home, bool *start)
{
	struct pm_nursery *nursery, *fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	int err = -EBUSY;
	LIST_HEAD(dead);

	if (!fresh)
		return -ENOMEM;
	spin_lock(&pm_nursery_lock);
	if (pm_arrivals >= PM_MAX_ARRIVALS) {
		/* helpers may have died before they served */
		list_for_each_entry(nursery, &pm_nurseries, entry)
			pm_arrivals_prune(&nursery->arrivals, &dead);
	}
	if (pm_closing || pm_arrivals >= PM_MAX_ARRIVALS)
		goto unlock;
	nursery = __pm_nursery_find(home);
	*start = !nursery || (!nursery->served &&
			      time_after(jiffies, nursery->started + PM_HELPER_TIMEOUT));
	if (!nursery) {
		nursery = fresh;
		fresh = NULL;
		nursery->home = home;
		INIT_LIST_HEAD(&nursery->arrivals);
		list_add(&nursery->entry, &pm_nurseries);
	}
	if (*start)
		nursery->started = jiffies;
	list_add_tail(&arrival->entry, &nursery->arrivals);
	pm_arrivals++;
	err = 0;
unlock:
	spin_unlock(&pm_nursery_lock);
	pm_arrivals_free(&dead);
	kfree(fresh);
	return err;
}

/* The nursery of @home is no more: its arrivals fail. */
static void pm_nursery_drop(u32 home)
{
	struct pm_nursery *nursery;
	struct pm_arrival *arrival, *next;
	LIST_HEAD(dead);

	spin_lock(&pm_nursery_lock);
	nursery = __pm_nursery_find(home);
	if (nursery) {
		list_del(&nursery->entry);
		list_for_each_entry(arrival, &nursery->arrivals, entry)
			pm_arrivals--;
		list_splice(&nursery->arrivals, &dead);
	}
	/* the helper has taken them and made nothing of it */
	list_for_each_entry_safe(arrival, next, &pm_taken, entry) {
		if (pm_link_node(arrival->chan->link) != home)
			continue;
		list_move(&arrival->entry, &dead);
		pm_arrivals--;
	}
	spin_unlock(&pm_nursery_lock);
	pm_arrivals_free(&dead);
	kfree(nursery);
}

int pm_accept_proc(struct pm_chan *chan)
{
	struct pm_arrival *arrival;
	u32 home = le32_to_cpu(chan->open.home);
	bool start;
	s64 mono;
	int err;

	if (home != pm_link_node(chan->link))
		return -EPROTO;
	if (chan->open.from)
		return pm_accept_forked(chan);
	if (pm_fault(PM_FAULT_NURSERY))
		return -ENOMEM;
	arrival = kzalloc(sizeof(*arrival), GFP_KERNEL);
	if (!arrival)
		return -ENOMEM;
	arrival->ticket = get_random_u64();
	arrival->chan = pm_chan_get(chan);
	/* what home wrote is old by the time it took to get here */
	arrival->mono = le64_to_cpu(chan->open.mono) - ktime_get_ns();
	arrival->boot = le64_to_cpu(chan->open.boot) - ktime_get_boottime_ns();
	if (pm_link_clock(chan->link, &mono) && mono > arrival->mono) {
		arrival->boot += mono - arrival->mono;
		arrival->mono = mono;
	}
	err = pm_arrival_queue(arrival, home, &start);
	if (err) {
		pm_chan_put(chan);
		kfree(arrival);
		return err;
	}
	wake_up_all(&pm_nursery_wait);
	if (start && pm_start_helper(home))
		pm_nursery_drop(home);
	return 0;
}

/* ---- /dev/procmig: the helper's side ---- */

/* A file belongs to the nursery of the home in private_data, once it has said which (0 before). */
static u32 pm_file_home(const struct file *file)
{
	return (uintptr_t)file->private_data;
}

static int pm_dev_open(struct inode *inode, struct file *file)
{
	/* as long as it serves nobody, an open file is an ordinary user of the module */
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	file->private_data = NULL;
	return 0;
}

static int pm_dev_release(struct inode *inode, struct file *file)
{
	u32 home = pm_file_home(file);

	if (!home) {
		module_put(THIS_MODULE);
		return 0;
	}
	pm_nursery_drop(home);
	spin_lock(&pm_nursery_lock);
	pm_serving--;
	spin_unlock(&pm_nursery_lock);
	wake_up_all(&pm_nursery_wait);
	return 0;
}

/* From here on the file does not hold the module: the module's exit ends the helper. */
static long pm_dev_serve(struct file *file, u32 home)
{
	struct pm_nursery *nursery;
	long err = -ENOENT;

	if (pm_file_home(file))
		return -EBUSY;
	spin_lock(&pm_nursery_lock);
	nursery = __pm_nursery_find(home);
	if (nursery && !nursery->served && !pm_closing) {
		nursery->served = true;
		file->private_data = (void *)(uintptr_t)home;
		pm_serving++;
		err = 0;
	}
	spin_unlock(&pm_nursery_lock);
	if (!err)
		module_put(THIS_MODULE);
	return err;
}

static struct pm_arrival *pm_arrival_take(u32 home)
{
	struct pm_nursery *nursery;
	struct pm_arrival *arrival = NULL;

	spin_lock(&pm_nursery_lock);
	nursery = __pm_nursery_find(home);
	if (nursery)
		arrival = list_first_entry_or_null(&nursery->arrivals, struct pm_arrival, entry);
	if (arrival)
		list_move(&arrival->entry, &pm_taken);
	spin_unlock(&pm_nursery_lock);
	return arrival;
}

static long pm_dev_next(u32 home, struct procmig_spawn __user *user)
{
	struct procmig_spawn spawn = {};
	struct pm_arrival *arrival = NULL;
	int err;

	if (!home)
		return -EINVAL;
	err = wait_event_interruptible(pm_nursery_wait, READ_ONCE(pm_closing) ||
				       (arrival = pm_arrival_take(home)));
	if (err)
		return err;
	if (!arrival)
		return -ESHUTDOWN;
	spawn.ticket = arrival->ticket;
	spawn.mono = arrival->mono;
	spawn.boot = arrival->boot;
	spawn.pid = le32_to_cpu(arrival->chan->open.tgid);
	return copy_to_user(user, &spawn, sizeof(spawn)) ? -EFAULT : 0;
}

static struct pm_arrival *pm_arrival_claim(u64 ticket)
{
	struct pm_arrival *arrival, *found = NULL;

	spin_lock(&pm_nursery_lock);
	list_for_each_entry(arrival, &pm_taken, entry) {
		if (arrival->ticket == ticket) {
			found = arrival;
			list_del(&arrival->entry);
			pm_arrivals--;
			break;
		}
	}
	spin_unlock(&pm_nursery_lock);
	return found;
}

struct pm_birth {
	struct callback_head work;
	struct pm_thread *thread;
	u32 prev;
};

static void pm_birth_work(struct callback_head *work)
{
	struct pm_birth *birth = container_of(work, struct pm_birth, work);
	struct pm_thread *thread = birth->thread;
	u32 prev = birth->prev;

	kfree(birth);
	if (current->flags & PF_EXITING)
		pm_thread_detach(thread);
	else
		pm_surrogate_start(thread, prev);
}

/* Turn current into the thread of the arrival, at its next boundary to user mode. */
static int pm_birth_prepare(struct pm_arrival *arrival)
{
	const struct pm_open *open = &arrival->chan->open;
	struct pm_birth *birth;
	struct pm_proc *proc;
	int err = -ENOMEM;

	birth = kzalloc(sizeof(*birth), GFP_KERNEL);
	if (!birth)
		return -ENOMEM;
	proc = pm_proc_make(PM_SURROGATE, le64_to_cpu(open->proc), le32_to_cpu(open->home),
			    task_tgid(current));
	if (!proc)
		goto free_birth;
	birth->thread = pm_thread_new(proc, current, le32_to_cpu(open->tgid));
	if (!birth->thread)
		goto put_proc;
	proc->chan = pm_chan_get(arrival->chan);
	proc->trip = le64_to_cpu(open->trip);
	proc->node = pm_self_id();
	proc->state = PM_LEAVING;
	birth->prev = le32_to_cpu(open->prev);
	init_task_work(&birth->work, pm_birth_work);
	err = task_work_add(current, &birth->work, TWA_RESUME);
	if (err)
		goto detach;
	pm_proc_put(proc);
	return 0;

detach:
	pm_thread_detach(birth->thread);
put_proc:
	pm_proc_put(proc);
free_birth:
	kfree(birth);
	return err;
}

static long pm_dev_become(u64 ticket)
{
	struct pm_arrival *arrival = pm_arrival_claim(ticket);
	int err;

	if (!arrival)
		return -ENOENT;
	err = thread_group_empty(current) ? pm_birth_prepare(arrival) : -EINVAL;
	if (err) {
		pm_arrival_free(arrival);
		return err;
	}
	pm_chan_put(arrival->chan);
	kfree(arrival);
	return 0;
}

static long pm_dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pm_arrival *arrival;
	u64 ticket;

	if (cmd == PROCMIG_IOC_SERVE)
		return pm_dev_serve(file, arg);
	if (cmd == PROCMIG_IOC_NEXT)
		return pm_dev_next(pm_file_home(file), (struct procmig_spawn __user *)arg);
	if (cmd != PROCMIG_IOC_BECOME && cmd != PROCMIG_IOC_FAILED)
		return -ENOTTY;
	if (copy_from_user(&ticket, (void __user *)arg, sizeof(ticket)))
		return -EFAULT;
	if (cmd == PROCMIG_IOC_BECOME)
		return pm_dev_become(ticket);
	arrival = pm_arrival_claim(ticket);
	if (!arrival)
		return -ENOENT;
	pm_arrival_free(arrival);
	return 0;
}

/* No owner: see pm_dev_open() and pm_dev_serve() for what holds the module. */
static const struct file_operations pm_dev_fops = {
	.open = pm_dev_open,
	.release = pm_dev_release,
	.unlocked_ioctl = pm_dev_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice pm_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "procmig",
	.fops = &pm_dev_fops,
	.mode = 0600,
};

int pm_nursery_init(void)
{
	return misc_register(&pm_dev);
}

void pm_nursery_exit(void)
{
	struct pm_arrival *arrival, *next;
	struct pm_nursery *nursery;
	LIST_HEAD(dead);

	misc_deregister(&pm_dev);
	WRITE_ONCE(pm_closing, true);
	wake_up_all(&pm_nursery_wait);
	wait_event(pm_nursery_wait, !READ_ONCE(pm_serving));
	/* those whose helper never came */
	while ((nursery = list_first_entry_or_null(&pm_nurseries, struct pm_nursery, entry)))
		pm_nursery_drop(nursery->home);
	spin_lock(&pm_nursery_lock);
	list_splice_init(&pm_taken, &dead);
	spin_unlock(&pm_nursery_lock);
	list_for_each_entry_safe(arrival, next, &dead, entry)
		pm_arrival_free(arrival);
}
