// SPDX-License-Identifier: GPL-2.0
/*
 * A userfaultfd of the module's own on the program's address space. Nobody reads it: its
 * only use is that the kernel calls handle_userfault() for pages that are missing.
 *
 * It is made by a worker that adopts the address space, so that neither the program's
 * descriptor table and limits nor its privileges matter.
 */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <linux/userfaultfd.h>
#include <linux/workqueue.h>
#include "compat.h"
#include "space.h"

static struct workqueue_struct *pm_uffd_wq;

/**
 * struct pm_uffd_job - work handed to a worker, on the stack of who waits for it
 * @work: the work
 * @mm: address space, alive
 * @file: to be closed, or the result
 * @start: address of a range
 * @len: its length
 * @err: result
 */
struct pm_uffd_job {
	struct work_struct work;
	struct pm_mm *mm;
	struct file *file;
	unsigned long start;
	unsigned long len;
	int err;
};

/*
 * A page of current->mm for the arguments of ioctls. Other threads of the program may be running:
 * it is where they map nothing.
 */
#define PM_UFFD_SCRATCH		0x100000000000UL
#define PM_UFFD_STRIDE		0x100000000UL
#define PM_UFFD_TRIES		64

static unsigned long pm_uffd_scratch(void)
{
	unsigned long addr = PM_UFFD_SCRATCH, scratch;
	int tries = 0;

	do {
		scratch = vm_mmap(NULL, addr, PAGE_SIZE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, 0);
		addr += PM_UFFD_STRIDE;
	} while (scratch == (unsigned long)-EEXIST && ++tries < PM_UFFD_TRIES);
	return scratch;
}

/* Run an ioctl whose argument goes through the user page @scratch of current->mm. */
static int pm_uffd_ioctl(struct file *file, unsigned int cmd, unsigned long scratch,
			 const void *arg, size_t len)
{
	if (copy_to_user((void __user *)scratch, arg, len))
		return -EFAULT;
	return file->f_op->unlocked_ioctl(file, cmd, scratch);
}

static struct file *pm_uffd_open(unsigned long scratch)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct file *file;
	int fd, err;

	fd = pm_syscall6(__NR_userfaultfd, O_CLOEXEC, 0, 0, 0, 0, 0);
	if (fd < 0)
		return ERR_PTR(fd);
	file = fget(fd);
	close_fd(fd);
	if (!file)
		return ERR_PTR(-EBADF);
	err = pm_uffd_ioctl(file, UFFDIO_API, scratch, &api, sizeof(api));
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

/*
 * The next mapping at or after *@start that is to be watched; false if there is none. Those of
 * which no page is missing are watched too: the kernel joins two mappings only if both are.
 */
static bool pm_uffd_next(struct pm_mm *mm, unsigned long *start, unsigned long *end)
{
	struct vm_area_struct *vma;

	mmap_read_lock(mm->mm);
	vma = find_vma(mm->mm, *start);
	while (vma && !vma_is_anonymous(vma) && !(pm_vma_shared(vma) && pm_vma_is_shmem(vma)))
		vma = find_vma(mm->mm, vma->vm_end);
	if (vma) {
		*start = max(*start, vma->vm_start);
		*end = vma->vm_end;
	}
	mmap_read_unlock(mm->mm);
	return vma;
}

static int pm_uffd_register(struct pm_mm *mm, struct file *file, unsigned long scratch)
{
	unsigned long start, end = 0;
	int err;

	for (start = 0; pm_uffd_next(mm, &start, &end); start = end) {
		struct uffdio_register reg = {
			.range = { .start = start, .len = end - start },
			.mode = UFFDIO_REGISTER_MODE_MISSING,
		};

		err = pm_uffd_ioctl(file, UFFDIO_REGISTER, scratch, &reg, sizeof(reg));
		if (err)
			return err;
	}
	return 0;
}

/* Have a worker do @job. Context: sleeps, no locks held. */
static void pm_uffd_run(struct pm_uffd_job *job, work_func_t work)
{
	INIT_WORK_ONSTACK(&job->work, work);
	queue_work(pm_uffd_wq, &job->work);
	flush_work(&job->work);
	destroy_work_on_stack(&job->work);
}

static void pm_uffd_arm_work(struct work_struct *work)
{
	struct pm_uffd_job *job = container_of(work, struct pm_uffd_job, work);
	struct pm_mm *mm = job->mm;
	unsigned long scratch;

	kthread_use_mm(mm->mm);
	scratch = pm_uffd_scratch();
	if (IS_ERR_VALUE(scratch)) {
		job->err = scratch;
		goto unuse;
	}
	job->file = pm_uffd_open(scratch);
	job->err = PTR_ERR_OR_ZERO(job->file);
	if (job->err)
		goto unmap;
	/* from the first registration on, faults must find their way to us */
	WRITE_ONCE(mm->uffd_ctx, job->file->private_data);
	job->err = pm_uffd_register(mm, job->file, scratch);
	if (job->err) {
		__fput_sync(job->file);
		WRITE_ONCE(mm->uffd_ctx, NULL);
	}
unmap:
	vm_munmap(scratch, PAGE_SIZE);
unuse:
	kthread_unuse_mm(mm->mm);
}

/**
 * pm_uffd_arm() - from now on faults on missing pages come to pm_handle_userfault()
 * @mm: address space of current, with a page map
 *
 * Context: sleeps, no locks held. Return: 0 or negative errno; nothing is armed then.
 */
int pm_uffd_arm(struct pm_mm *mm)
{
	struct pm_uffd_job job = { .mm = mm };

	if (!READ_ONCE(mm->map.left[PM_SRC_HOME]) && !READ_ONCE(mm->map.left[PM_SRC_PREV]))
		return 0;
	pm_uffd_run(&job, pm_uffd_arm_work);
	if (!job.err)
		mm->uffd = job.file;
	return job.err;
}

static void pm_uffd_disarm_work(struct work_struct *work)
{
	struct pm_uffd_job *job = container_of(work, struct pm_uffd_job, work);

	__fput_sync(job->file);
}

/**
 * pm_uffd_disarm() - nothing is missing any more: let go of all mappings
 * @mm: address space, alive or dead
 *
 * Context: sleeps, takes mmap_lock for writing (in a worker). Idempotent.
 */
void pm_uffd_disarm(struct pm_mm *mm)
{
	struct pm_uffd_job job = { .mm = mm };

	mutex_lock(&mm->lock);
	job.file = mm->uffd;
	mm->uffd = NULL;
	mutex_unlock(&mm->lock);
	if (!job.file)
		return;
	wait_event(mm->wait, !READ_ONCE(mm->unwatching));
	pm_uffd_run(&job, pm_uffd_disarm_work);
	WRITE_ONCE(mm->uffd_ctx, NULL);
	wake_up_all(&mm->wait);
}

static void pm_uffd_unwatch_work(struct work_struct *work)
{
	struct pm_uffd_job *job = container_of(work, struct pm_uffd_job, work);
	struct uffdio_range range = { .start = job->start, .len = job->len };
	unsigned long scratch;

	kthread_use_mm(job->mm->mm);
	scratch = pm_uffd_scratch();
	job->err = IS_ERR_VALUE(scratch) ? (int)scratch :
		   pm_uffd_ioctl(job->file, UFFDIO_UNREGISTER, scratch, &range, sizeof(range));
	if (!IS_ERR_VALUE(scratch))
		vm_munmap(scratch, PAGE_SIZE);
	kthread_unuse_mm(job->mm->mm);
}

/**
 * pm_uffd_unwatch() - let go of a range of which nothing is missing any more
 * @mm: address space of current
 * @start: first address
 * @end: end of the range
 *
 * Context: sleeps, takes mmap_lock for writing (in a worker).
 * Return: 0, or an error: then some of it may still be watched.
 */
int pm_uffd_unwatch(struct pm_mm *mm, unsigned long start, unsigned long end)
{
	struct pm_uffd_job job = { .mm = mm, .start = start, .len = end - start };

	mutex_lock(&mm->lock);
	job.file = mm->uffd;
	mm->unwatching += !!job.file;
	mutex_unlock(&mm->lock);
	if (!job.file)
		return 0;
	pm_uffd_run(&job, pm_uffd_unwatch_work);
	mutex_lock(&mm->lock);
	mm->unwatching--;
	mutex_unlock(&mm->lock);
	wake_up_all(&mm->wait);
	return job.err;
}

int pm_uffd_init(void)
{
	pm_uffd_wq = alloc_workqueue("procmig-uffd", WQ_UNBOUND, 0);
	return pm_uffd_wq ? 0 : -ENOMEM;
}

void pm_uffd_exit(void)
{
	destroy_workqueue(pm_uffd_wq);
}
