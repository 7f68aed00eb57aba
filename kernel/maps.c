// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/PID/maps of a process that runs elsewhere: the mappings are those of that node, which lists
 * them on a page channel; the files are home's. Who opens it gets the text of that moment.
 */
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "compat.h"
#include "compat_procfs.h"
#include "link.h"
#include "outside.h"
#include "proc.h"
#include "space.h"

/* A list is cut to this: more than a process has, unless vm.max_map_count has been raised. */
#define PM_MAPS_MAX	80000
/* More text than this is not written: long names of very many files. */
#define PM_MAPS_TEXT	(32 << 20)
/* Text of a line without the name of its file, about. */
#define PM_MAPS_LINE	100

/* ---- where it runs ---- */

static u32 pm_maps_id(struct pm_mm *mm, struct vm_area_struct *vma)
{
	u32 id = 0;

	if (vma->vm_file && pm_pagefs_file(vma->vm_file, &id, NULL))
		return id;
	return pm_vma_object(mm, vma);
}

/* Up to @max mappings. Return: how many. */
static unsigned int pm_maps_list(struct pm_mm *mm, struct pm_img_vma *img, unsigned int max)
{
	struct vm_area_struct *vma;
	unsigned int n = 0;

	mmap_read_lock(mm->mm);
	for (vma = find_vma(mm->mm, 0); vma && n < max; vma = find_vma(mm->mm, vma->vm_end)) {
		int kind = pm_vma_kind(vma, NULL);

		img[n++] = (struct pm_img_vma){
			.start = cpu_to_le64(vma->vm_start),
			.end = cpu_to_le64(vma->vm_end),
			.flags = cpu_to_le32(pm_vma_flags(vma)),
			.kind = cpu_to_le32(kind < 0 ? PM_VMA_ANON : kind),
			.pgoff = cpu_to_le64(vma->vm_pgoff),
			.file = cpu_to_le32(pm_maps_id(mm, vma)),
		};
	}
	mmap_read_unlock(mm->mm);
	return n;
}

/**
 * pm_serve_maps() - answer a request for the list of mappings
 * @mm: address space; the caller keeps it alive
 * @chan: where to
 * @req: the request
 *
 * Context: may sleep. Return: 0, -EPROTO, -ENOMEM, or an error of pm_chan_send().
 */
int pm_serve_maps(struct pm_mm *mm, struct pm_chan *chan, const struct pm_buf *req)
{
	unsigned int n = min(READ_ONCE(mm->mm->map_count) + 16, PM_MAPS_MAX);
	struct pm_img_vma *img;
	struct pm_maps head = {
		.start_brk = cpu_to_le64(mm->mm->start_brk),
		.brk = cpu_to_le64(mm->mm->brk),
		.start_stack = cpu_to_le64(mm->mm->start_stack),
	};
	int err;

	if (req->len)
		return -EPROTO;
	img = kvcalloc(n, sizeof(*img), GFP_KERNEL);
	if (!img)
		return -ENOMEM;
	n = pm_maps_list(mm, img, n);
	err = pm_chan_send(chan, PM_MSG_MAPS, req->seq, &head, sizeof(head), img, n * sizeof(*img));
	kvfree(img);
	return err;
}

/* ---- at home ---- */

static bool pm_maps_ok(const struct pm_buf *buf)
{
	size_t len = buf->len - sizeof(struct pm_maps);

	return buf->len >= sizeof(struct pm_maps) && !(len % sizeof(struct pm_img_vma)) &&
	       len / sizeof(struct pm_img_vma) <= PM_MAPS_MAX;
}

/* Its file at home with a reference, or NULL. */
static struct file *pm_maps_file(struct pm_mm *mm, const struct pm_img_vma *img)
{
	struct pm_object *object;
	struct file *file = NULL;

	if (le32_to_cpu(img->kind) == PM_VMA_FILE)
		return pm_files_get(mm, le32_to_cpu(img->file));
	if (le32_to_cpu(img->kind) != PM_VMA_OBJECT)
		return NULL;
	object = pm_object_get(mm, le32_to_cpu(img->file));
	if (object) {
		file = get_file(object->file);
		pm_object_put(object);
	}
	return file;
}

static const char *pm_maps_name(const struct pm_maps *head, const struct pm_img_vma *img)
{
	u64 start = le64_to_cpu(img->start), end = le64_to_cpu(img->end);
	u64 stack = le64_to_cpu(head->start_stack);

	switch (le32_to_cpu(img->kind)) {
	case PM_VMA_VDSO:
		return "[vdso]";
	case PM_VMA_VVAR:
		return "[vvar]";
	case PM_VMA_OBJECT:
		return "/dev/zero (deleted)";
	case PM_VMA_ANON:
		if (start <= le64_to_cpu(head->brk) && end >= le64_to_cpu(head->start_brk))
			return "[heap]";
		return start <= stack && end >= stack ? "[stack]" : NULL;
	default:
		return NULL;
	}
}

/* A line as show_map_vma() writes it. */
static void pm_maps_line(struct seq_file *m, struct pm_mm *mm, const struct pm_maps *head,
			 const struct pm_img_vma *img)
{
	struct file *file = pm_maps_file(mm, img);
	const char *name = pm_maps_name(head, img);
	u32 flags = le32_to_cpu(img->flags);
	dev_t dev = file ? file_inode(file)->i_sb->s_dev : 0;

	seq_setwidth(m, 25 + sizeof(void *) * 6 - 1);
	seq_printf(m, "%08llx-%08llx %c%c%c%c %08llx %02x:%02x %lu ", le64_to_cpu(img->start),
		   le64_to_cpu(img->end), flags & PM_VMA_READ ? 'r' : '-',
		   flags & PM_VMA_WRITE ? 'w' : '-', flags & PM_VMA_EXEC ? 'x' : '-',
		   flags & PM_VMA_SHARED ? 's' : 'p',
		   file ? le64_to_cpu(img->pgoff) << PAGE_SHIFT : 0, MAJOR(dev), MINOR(dev),
		   file ? file_inode(file)->i_ino : 0);
	if (file || name)
		seq_pad(m, ' ');
	if (file) {
		seq_file_path(m, file, "\n");
		fput(file);
	} else if (name) {
		seq_puts(m, name);
	}
	seq_putc(m, '\n');
}

static void pm_maps_write(struct seq_file *m, struct pm_mm *mm, const struct pm_buf *buf)
{
	const struct pm_maps *head = (const void *)buf->data;
	const struct pm_img_vma *img = (const void *)(head + 1);
	const struct pm_img_vma *end = (const void *)(buf->data + buf->len);
	const struct vm_area_struct *gate = pm_gate_vma(mm->mm);

	while (img < end && !seq_has_overflowed(m))
		pm_maps_line(m, mm, head, img++);
	if (gate)
		seq_printf(m, "%08lx-%08lx %c-%cp 00000000 00:00 0                  [vsyscall]\n",
			   gate->vm_start, gate->vm_end, gate->vm_flags & VM_READ ? 'r' : '-',
			   gate->vm_flags & VM_EXEC ? 'x' : '-');
}

/** struct pm_maps_text - the content of an open file */
struct pm_maps_text {
	size_t len;
	char data[];
};

/* The text; -EMSGSIZE when @size is too small. */
static struct pm_maps_text *pm_maps_text(struct pm_mm *mm, const struct pm_buf *buf, size_t size)
{
	struct pm_maps_text *text = kvmalloc(sizeof(*text) + size, GFP_KERNEL_ACCOUNT);
	struct seq_file m = { .size = size };

	if (!text)
		return ERR_PTR(-ENOMEM);
	m.buf = text->data;
	pm_maps_write(&m, mm, buf);
	text->len = m.count;
	if (!seq_has_overflowed(&m))
		return text;
	kvfree(text);
	return ERR_PTR(-EMSGSIZE);
}

static struct pm_maps_text *pm_maps_of(struct pm_mm *mm, const struct pm_buf *buf)
{
	size_t size = PAGE_SIZE + buf->len / sizeof(struct pm_img_vma) * 2 * PM_MAPS_LINE;
	struct pm_maps_text *text;

	do {
		text = pm_maps_text(mm, buf, size);
		size *= 2;
	} while (text == ERR_PTR(-EMSGSIZE) && size <= PM_MAPS_TEXT);
	return text;
}

static ssize_t pm_maps_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	const struct pm_maps_text *text = file->private_data;

	return simple_read_from_buffer(to, len, pos, text->data, text->len);
}

static int pm_maps_release(struct inode *inode, struct file *file)
{
	kvfree(file->private_data);
	return 0;
}

static const struct file_operations pm_maps_fops = {
	.owner = THIS_MODULE,
	.read = pm_maps_read,
	.llseek = default_llseek,
	.release = pm_maps_release,
};

bool pm_outside_opens(const struct pt_regs *regs)
{
	struct pid *pid = pm_procfs_pid((struct inode *)regs->di);
	bool away = false;
	struct task_struct *task;

	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_PID);
	if (task)
		away = pm_is_away(task_tgid(task));
	rcu_read_unlock();
	return away;
}

static struct pm_maps_text *pm_maps_open(struct task_struct *task)
{
	static const struct pm_question question = {
		.type = PM_MSG_MAPS, .ok = pm_maps_ok, .wait = 10 * HZ, .tries = 20,
	};
	struct pm_maps_text *text;
	struct pm_proc *proc;
	struct pm_buf *buf;
	struct pm_mm *mm;

	if (!pm_ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
		return ERR_PTR(-EACCES);
	proc = pm_proc_find(PM_DEPUTY, task_tgid(task));
	if (!proc)
		return ERR_PTR(-ESRCH);
	buf = pm_look(proc, &question, &mm);
	pm_proc_put(proc);
	if (IS_ERR(buf))
		return fatal_signal_pending(current) ? ERR_PTR(-EINTR) : ERR_CAST(buf);
	text = pm_maps_of(mm, buf);
	pm_mm_put(mm);
	pm_buf_free(buf);
	return text;
}

int pm_outside_pid_maps_open(struct inode *inode, struct file *file)
{
	struct task_struct *task = get_pid_task(pm_procfs_pid(inode), PIDTYPE_PID);
	struct pm_maps_text *text;
	int err;

	text = task ? pm_maps_open(task) : ERR_PTR(-ESRCH);
	if (task)
		put_task_struct(task);
	if (!IS_ERR(text)) {
		file->private_data = text;
		__module_get(THIS_MODULE);
		fops_put(file->f_op);
		file->f_op = &pm_maps_fops;
		err = 0;
	} else if (PTR_ERR(text) == -EACCES || PTR_ERR(text) == -EINTR) {
		err = PTR_ERR(text);
	} else {
		/* it comes or has come home, or its node is lost */
		err = pm_pid_maps_open(inode, file);
	}
	module_put(THIS_MODULE);
	return err;
}
