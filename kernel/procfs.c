// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/PID/migrate
 *
 * Write a node id or "home": the write returns when the process runs there, or
 * with an error while the process runs on where it was. Read: one "name: value"
 * per line, with every reason that forbids to move the process.
 *
 * procfs has no interface to add a file to /proc/PID. We let procfs do all the
 * work by its own rules (owner, permissions, hidepid, listing, lifetime), but from
 * a longer table: an ftrace handler on proc_pident_lookup() and
 * proc_pident_readdir() replaces the table that they are called with.
 *
 * Unloading. An open file pins the module. What does not pin it:
 *  - a lookup or readdir that was given our table before the handler went away. It
 *    holds the lock of the directory, so taking that lock once waits for it;
 *  - inodes in the dcache, or held by O_PATH descriptors and bind mounts. They are
 *    made bad and their dentries invalidated;
 *  - an open that has taken our file operations from the inode and sleeps, for example
 *    in a security module. (Were the module their owner, the kernel would warn about
 *    opens while the module is going.) So these operations are memory of their own,
 *    with an open() that takes the reference and goes on with pm_migrate_fops. At the end
 *    they get the open() of a bad inode; and they stay allocated if anybody still held
 *    one of the inodes then, for we can't see how long;
 *  - an open that has entered our open(), but has no reference yet. It does not sleep, so
 *    synchronize_rcu_tasks() waits for it.
 *
 * Permissions are judged by the credentials with which the file was opened, so
 * that an inherited descriptor lends nobody the rights of the one who uses it.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/kmemleak.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "compat.h"
#include "compat_procfs.h"
#include "link.h"
#include "move.h"
#include "procfs.h"

#define PM_WRITE_MAX	32	/* longer input is no node id */

static struct pm_pid_table pm_table;	/* constant while the hook is installed */

/**
 * struct pm_target - out of band question to pm_migrate_show(): whose file is this?
 * @seq: a seq_file without a buffer, which marks the question
 * @task: the answer, a counted reference
 */
struct pm_target {
	struct seq_file seq;
	struct task_struct *task;
};

static void pm_migrate_say(void *arg, const char *text)
{
	seq_printf(arg, "can_move: no: %s\n", text);
}

/* Reasons name addresses of the program, so the reader must be allowed to see its maps. */
static bool pm_migrate_may_read(const struct file *file, struct task_struct *task)
{
	const struct cred *old = override_creds(file->f_cred);
	bool may = pm_ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS);

	revert_creds(old);
	return may;
}

/*
 * Called by procfs with a reference to the process (its leader) whose file it is: for
 * each read, and for pm_migrate_task(). This saves us from knowing the layout of
 * struct proc_inode.
 */
static int pm_migrate_show(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			   struct task_struct *task)
{
	struct pm_info info;

	if (task->flags & PF_KTHREAD)
		return -EOPNOTSUPP;
	if (!m->buf) {
		container_of(m, struct pm_target, seq)->task = get_task_struct(task);
		return 0;
	}
	if (!pm_migrate_may_read(m->file, task))
		return -EACCES;

	pm_info(task, &info);
	seq_printf(m, "node: %u\nhome: %u\nmoves: %llu\nstate: %s\n", info.node, info.home,
		   info.moves, pm_state_name(info.state));
	if (!pm_can_move(task, pm_migrate_say, m))
		seq_puts(m, "can_move: yes\n");
	return 0;
}

/* The process whose file this is, or ERR_PTR: -ESRCH gone, -EOPNOTSUPP kernel thread. */
static struct task_struct *pm_migrate_task(struct file *file)
{
	const struct seq_file *seq = file->private_data;
	struct pm_target target = { .seq.private = file_inode(file) };
	int err = seq->op->show(&target.seq, NULL);

	return err ? ERR_PTR(err) : target.task;
}

/* "7" or "home", with white space around it and nothing else. */
static int pm_migrate_parse(char *text, u32 *node)
{
	text = strim(text);
	if (!strcmp(text, "home")) {
		*node = PM_NODE_HOME;
		return 0;
	}
	if (!isdigit(*text) || kstrtou32(text, 10, node) || !*node || *node > PM_NODE_MAX)
		return -EINVAL;
	return 0;
}

static ssize_t pm_migrate_write(struct file *file, const char __user *data, size_t count,
				loff_t *pos)
{
	char text[PM_WRITE_MAX], why[PM_WHY_LEN] = "";
	struct task_struct *task;
	const struct cred *old;
	u32 node;
	int err;

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, data, count))
		return -EFAULT;
	text[count] = '\0';
	if (strlen(text) != count)
		return -EINVAL;
	err = pm_migrate_parse(text, &node);
	if (err)
		return err;

	task = pm_migrate_task(file);
	if (IS_ERR(task))
		return PTR_ERR(task);
	old = override_creds(file->f_cred);
	err = pm_move(task, node, why, sizeof(why));
	revert_creds(old);
	if (err)
		pr_debug("process %d does not move to %u (%d): %s\n", task_tgid_nr(task), node,
			 err, why);
	put_task_struct(task);
	return err ? err : count;
}

static const struct file_operations pm_migrate_fops = {
	.owner = THIS_MODULE,
	.read = seq_read,
	.write = pm_migrate_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int pm_entry_open(struct inode *inode, struct file *file)
{
	int err;

	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	err = pm_table.single->open(inode, file);
	if (err)
		module_put(THIS_MODULE);
	else
		file->f_op = &pm_migrate_fops;	/* whose release puts the module */
	return err;
}

static const struct file_operations pm_entry_template = { .open = pm_entry_open };

/* What our inodes point to: a copy of the template, which may survive the module. */
static const struct file_operations *pm_entry_fops;

/*
 * proc_pident_lookup(dir, dentry, table, end), proc_pident_readdir(file, ctx, table, nr):
 * exchange the table of /proc/PID and leave all others alone.
 * Context: any; preemption is off.
 */
static void notrace pm_pident_hook(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct pt_regs *regs = ftrace_get_regs(fregs);

	if (regs->dx != (unsigned long)pm_table.base)
		return;
	if (regs->cx == (unsigned long)(pm_table.base + pm_table.nr))
		regs->cx = (unsigned long)(pm_table.copy + pm_table.nr + 1);
	else if ((u32)regs->cx == pm_table.nr)
		regs->cx = pm_table.nr + 1;
	else
		return;
	regs->dx = (unsigned long)pm_table.copy;
}

/* One ops for both functions, so that there is no moment with half of it installed. */
static struct ftrace_ops pm_pident_ops = {
	.func = pm_pident_hook,
	.flags = FTRACE_OPS_FL_SAVE_REGS,
};

static int pm_pident_filter(char *name, int reset)
{
	int err = ftrace_set_filter(&pm_pident_ops, name, strlen(name), reset);

	if (err)
		pr_err("this kernel cannot trace %s (%d): cannot load\n", name, err);
	return err;
}

int pm_procfs_init(void)
{
	int err = pm_pid_table_get(&pm_table);

	if (err)
		return err;
	pm_entry_fops = kmemdup(&pm_entry_template, sizeof(pm_entry_template), GFP_KERNEL);
	if (!pm_entry_fops) {
		err = -ENOMEM;
		goto free_table;
	}
	pm_table.copy[pm_table.nr] = (struct pm_pid_entry) {
		.name = "migrate",
		.len = strlen("migrate"),
		.mode = S_IFREG | 0600,
		.fop = pm_entry_fops,
		.show = pm_migrate_show,
	};

	err = pm_pident_filter("proc_pident_lookup", 1);
	if (err)
		goto free_entry;
	err = pm_pident_filter("proc_pident_readdir", 0);
	if (err)
		goto free_filter;
	err = register_ftrace_function(&pm_pident_ops);
	if (err) {
		pr_err("ftrace refuses the hook of /proc/PID (%d): cannot load\n", err);
		goto free_filter;
	}
	return 0;

free_filter:
	ftrace_free_filter(&pm_pident_ops);
free_entry:
	kfree(pm_entry_fops);
free_table:
	kfree(pm_table.copy);
	return err;
}

/**
 * struct pm_sweep - one walk over the inodes of all proc mounts
 * @match: is it wanted? Called with the inode list locked
 * @visit: called with a reference and without locks; may sleep
 */
struct pm_sweep {
	bool (*match)(const struct inode *inode);
	void (*visit)(struct inode *inode);
};

static void pm_sweep_super(struct super_block *sb, void *arg)
{
	const struct pm_sweep *sweep = arg;
	struct inode *inode, *last = NULL;

	spin_lock(&sb->s_inode_list_lock);
	list_for_each_entry(inode, &sb->s_inodes, i_sb_list) {
		if (!sweep->match(inode) || !igrab(inode))
			continue;
		spin_unlock(&sb->s_inode_list_lock);
		sweep->visit(inode);
		iput(last);
		last = inode;	/* keeps our place in the list */
		cond_resched();
		spin_lock(&sb->s_inode_list_lock);
	}
	spin_unlock(&sb->s_inode_list_lock);
	iput(last);
}

static bool pm_inode_is_pid_dir(const struct inode *inode)
{
	return inode->i_op == pm_table.dir;
}

static void pm_inode_wait_lookups(struct inode *inode)
{
	inode_lock(inode);
	inode_unlock(inode);
}

static bool pm_inode_is_ours(const struct inode *inode)
{
	return inode->i_fop == pm_entry_fops;
}

/* Somebody still has one of our inodes, and may be about to call pm_entry_fops->open(). */
static bool pm_entry_held;

static void pm_inode_forget(struct inode *inode)
{
	int (**open)(struct inode *, struct file *) = (void *)&pm_entry_fops->open;
	struct dentry *dentry;

	make_bad_inode(inode);
	WRITE_ONCE(*open, inode->i_fop->open);
	while ((dentry = d_find_alias(inode))) {
		d_invalidate(dentry);
		dput(dentry);
	}
	if (atomic_read(&inode->i_count) > 1)	/* more than the reference of the sweep */
		pm_entry_held = true;
}

void pm_procfs_exit(void)
{
	struct pm_sweep wait = { pm_inode_is_pid_dir, pm_inode_wait_lookups };
	struct pm_sweep forget = { pm_inode_is_ours, pm_inode_forget };
	struct file_system_type *proc = get_fs_type("proc");

	unregister_ftrace_function(&pm_pident_ops);
	ftrace_free_filter(&pm_pident_ops);
	iterate_supers_type(proc, pm_sweep_super, &wait);
	iterate_supers_type(proc, pm_sweep_super, &forget);
	synchronize_rcu_tasks();
	if (pm_entry_held)
		kmemleak_not_leak(pm_entry_fops);
	else
		kfree(pm_entry_fops);
	kfree(pm_table.copy);
}
