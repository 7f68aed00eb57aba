// SPDX-License-Identifier: GPL-2.0
/*
 * What others at home see of a process that runs elsewhere.
 *
 * Its memory: whoever reads or writes it (process_vm_readv(), /proc/PID/mem) and may do so has it
 * brought home first, to stay. A program that looks at itself (/proc/self/smaps, mem ...) comes
 * home for the call that it makes, as for any other that cannot be carried.
 *
 * Its state: the kernel writes /proc/PID/stat, status, statm, wchan and syscall; then what the
 * deputy cannot tell is replaced in the text. A deputy that waits in its loop sleeps, while its
 * program computes; and its memory is at the other end, which tells how much it is with each call
 * and once a second. All else there is true already.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "compat.h"
#include "outside.h"
#include "proc.h"

/* ---- memory ---- */

bool pm_outside_access(const struct pt_regs *regs)
{
	return pm_is_away(task_tgid((struct task_struct *)regs->di));
}

bool pm_outside_mem(const struct pt_regs *regs)
{
	const struct file *file = (struct file *)regs->di;

	return pm_mm_away(file->private_data);
}

long pm_outside_self(void)
{
	set_bit(PM_T_OWN, &pm_thread_current()->flags);
	return -EAGAIN;
}

struct mm_struct *pm_outside_mm_access(struct task_struct *task, unsigned int mode)
{
	struct pm_proc *proc;
	struct mm_struct *mm;
	int err = 0;

	if (same_thread_group(task, current) && pm_thread_current()) {
		mm = ERR_PTR(pm_outside_self());
		goto put_module;
	}
	mm = pm_mm_access(task, mode);
	if (IS_ERR_OR_NULL(mm) || !(mode & PTRACE_MODE_ATTACH))
		goto put_module;
	proc = pm_proc_find(PM_DEPUTY, task_tgid(task));
	if (proc) {
		err = pm_call_home(proc);
		pm_proc_put(proc);
	}
	if (err) {
		mmput(mm);
		mm = ERR_PTR(err);
	}
put_module:
	module_put(THIS_MODULE);
	return mm;
}

/* The file was opened while the process was at home. */
static long pm_outside_fetch(const struct file *file)
{
	const struct mm_struct *mm = file->private_data;
	struct pm_proc *proc;
	int err = 0;

	if (mm == current->mm && pm_thread_current())
		return pm_outside_self();
	proc = pm_proc_find_id(pm_mm_away(mm));
	if (proc) {
		err = pm_call_home(proc);
		pm_proc_put(proc);
	}
	return err;
}

ssize_t pm_outside_mem_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	ssize_t ret = pm_outside_fetch(file);

	if (!ret)
		ret = pm_mem_read(file, to, len, pos);
	module_put(THIS_MODULE);
	return ret;
}

ssize_t pm_outside_mem_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	ssize_t ret = pm_outside_fetch(file);

	if (!ret)
		ret = pm_mem_write(file, from, len, pos);
	module_put(THIS_MODULE);
	return ret;
}

/* ---- state ---- */

/**
 * struct pm_seen - a thread and its process as they are where they run
 * @runs: it computes
 * @memory: of the process
 */
struct pm_seen {
	bool runs;
	struct pm_memory memory;
};

/** struct pm_field - a number to put into a line: the @nr th field, from 0 */
struct pm_field {
	unsigned int nr;
	u64 value;
};

bool pm_outside_shows(const struct pt_regs *regs)
{
	return pm_is_away(task_tgid((struct task_struct *)regs->cx));
}

/* False if it is at home again. */
static bool pm_see(struct task_struct *task, struct pm_seen *seen)
{
	struct pm_proc *proc = pm_proc_find(PM_DEPUTY, task_tgid(task));
	struct pm_thread *thread = pm_thread_find(task);
	bool away = proc && READ_ONCE(proc->state) == PM_AWAY;

	*seen = (struct pm_seen){};
	if (away)
		pm_proc_memory(proc, &seen->memory);
	if (thread) {
		seen->runs = away && test_bit(PM_T_IDLE, &thread->flags) &&
			     !READ_ONCE(thread->asleep);
		pm_thread_put(thread);
	}
	if (proc)
		pm_proc_put(proc);
	return away;
}

/* Replace fields of the line of numbers that begins at @at of the text. Without memory it stays. */
static void pm_put_fields(struct seq_file *m, size_t at, const struct pm_field *field, int n)
{
	char *text = kmemdup_nul(m->buf + at, m->count - at, GFP_KERNEL);
	char *pos = text, *token;
	unsigned int nr = 0;

	if (!text)
		return;
	m->count = at;
	while ((token = strsep(&pos, " "))) {
		if (nr)
			seq_putc(m, ' ');
		if (n && field->nr == nr) {
			seq_put_decimal_ull(m, "", field->value);
			field++;
			n--;
		} else {
			seq_puts(m, token);
		}
		nr++;
	}
	kfree(text);
}

/* The state is what follows the name, which may have blanks and brackets in it. */
static void pm_put_stat(struct seq_file *m, size_t at, const struct pm_seen *seen)
{
	const struct pm_memory *memory = &seen->memory;
	const struct pm_field fields[] = {
		{ 20, memory->pages[PM_MEM_SIZE] << PAGE_SHIFT },
		{ 21, pm_memory_rss(memory) },
		{ 32, 0 },	/* "wchan": it waits */
	};
	size_t state = m->count;

	while (state > at && m->buf[state - 1] != ')')
		state--;
	state++;
	if (state <= at + 1 || state >= m->count)
		return;
	if (m->buf[state] == 'S' && seen->runs)
		m->buf[state] = 'R';
	pm_put_fields(m, state, fields, seen->runs ? 3 : 2);
}

static int pm_outside_stat(struct seq_file *m, size_t at, struct task_struct *task, int err)
{
	struct pm_seen seen;

	if (!err && !seq_has_overflowed(m) && pm_see(task, &seen))
		pm_put_stat(m, at, &seen);
	module_put(THIS_MODULE);
	return err;
}

int pm_outside_proc_tgid_stat(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			      struct task_struct *task)
{
	size_t at = m->count;

	return pm_outside_stat(m, at, task, pm_proc_tgid_stat(m, ns, pid, task));
}

int pm_outside_proc_tid_stat(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			     struct task_struct *task)
{
	size_t at = m->count;

	return pm_outside_stat(m, at, task, pm_proc_tid_stat(m, ns, pid, task));
}

int pm_outside_proc_pid_statm(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			      struct task_struct *task)
{
	struct pm_field fields[] = { { 0 }, { 1 }, { 2 }, { 5 } };
	const u64 *pages;
	size_t at = m->count;
	int err = pm_proc_pid_statm(m, ns, pid, task);
	struct pm_seen seen;

	if (!err && !seq_has_overflowed(m) && pm_see(task, &seen)) {
		pages = seen.memory.pages;
		fields[0].value = pages[PM_MEM_SIZE];
		fields[1].value = pm_memory_rss(&seen.memory);
		fields[2].value = pages[PM_MEM_FILE] + pages[PM_MEM_SHMEM];
		fields[3].value = pages[PM_MEM_DATA] + pages[PM_MEM_STACK];
		pm_put_fields(m, at, fields, ARRAY_SIZE(fields));
	}
	module_put(THIS_MODULE);
	return err;
}

static u64 pm_first_number(const char *line)
{
	u64 number;

	return sscanf(line, "%*s %llu", &number) == 1 ? number : 0;
}

/* A line of /proc/PID/status, the one given or another one in its place. */
static void pm_put_status_line(struct seq_file *m, const char *line, const struct pm_seen *seen)
{
	const u64 *pages = seen->memory.pages;
	const u64 rss = pm_memory_rss(&seen->memory);
	const struct {
		const char *name;
		u64 pages;
		bool peak;
	} sizes[] = {
		{ "VmPeak:", pages[PM_MEM_SIZE], true },
		{ "VmSize:", pages[PM_MEM_SIZE] },
		{ "VmLck:", pages[PM_MEM_LOCKED] },
		{ "VmHWM:", rss, true },
		{ "VmRSS:", rss },
		{ "RssAnon:", pages[PM_MEM_ANON] },
		{ "RssFile:", pages[PM_MEM_FILE] },
		{ "RssShmem:", pages[PM_MEM_SHMEM] },
		{ "VmData:", pages[PM_MEM_DATA] },
		{ "VmStk:", pages[PM_MEM_STACK] },
		{ "VmLib:", pages[PM_MEM_LIB] },
		{ "VmPTE:", pages[PM_MEM_TABLES] },
		{ "VmSwap:", pages[PM_MEM_SWAP] },
	};
	u64 kib;
	int i;

	if (seen->runs && str_has_prefix(line, "State:\tS")) {
		seq_puts(m, "State:\tR (running)");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (!str_has_prefix(line, sizes[i].name))
			continue;
		kib = sizes[i].pages << (PAGE_SHIFT - 10);
		if (sizes[i].peak)
			kib = max(kib, pm_first_number(line));
		seq_printf(m, "%s\t%8llu kB", sizes[i].name, kib);
		return;
	}
	seq_puts(m, line);
}

static void pm_put_status(struct seq_file *m, size_t at, const struct pm_seen *seen)
{
	char *text = kmemdup_nul(m->buf + at, m->count - at, GFP_KERNEL);
	char *pos = text, *line;

	if (!text)
		return;
	m->count = at;
	while ((line = strsep(&pos, "\n"))) {
		pm_put_status_line(m, line, seen);
		if (pos)
			seq_putc(m, '\n');
	}
	kfree(text);
}

int pm_outside_proc_pid_status(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			       struct task_struct *task)
{
	size_t at = m->count;
	int err = pm_proc_pid_status(m, ns, pid, task);
	struct pm_seen seen;

	if (!err && !seq_has_overflowed(m) && pm_see(task, &seen))
		pm_put_status(m, at, &seen);
	module_put(THIS_MODULE);
	return err;
}

/* Of one that computes the kernel says the same to everybody who may ask. */
static int pm_outside_runs(struct seq_file *m, size_t at, struct task_struct *task, int err,
			   const char *text)
{
	struct pm_seen seen;

	if (!err && pm_see(task, &seen) && seen.runs) {
		m->count = at;
		seq_puts(m, text);
	}
	module_put(THIS_MODULE);
	return err;
}

int pm_outside_proc_pid_wchan(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			      struct task_struct *task)
{
	size_t at = m->count;

	return pm_outside_runs(m, at, task, pm_proc_pid_wchan(m, ns, pid, task), "0");
}

int pm_outside_proc_pid_syscall(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
				struct task_struct *task)
{
	size_t at = m->count;

	return pm_outside_runs(m, at, task, pm_proc_pid_syscall(m, ns, pid, task), "running\n");
}
