// SPDX-License-Identifier: GPL-2.0
/*
 * The sink makes the address space of current that of the image, record by record.
 *
 * Transparent huge pages are off meanwhile: until userfaultfd watches the mappings, one
 * could cover a page that is still to come.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pkeys.h>
#include <linux/prctl.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <asm/prctl.h>
#include "compat.h"
#include "fault.h"
#include "link.h"
#include "restore.h"

/**
 * pm_mm_restore_begin() - start to restore
 * @mm: address space of current, connected
 *
 * At a remote node, unmaps everything.
 * Context: current is its only running task; sleeps, no locks held. Return: 0 or negative errno.
 */
int pm_mm_restore_begin(struct pm_mm *mm)
{
	bool home = mm->home == pm_self_id();
	struct pm_restore *restore;
	struct pm_opens *opens;

	restore = kzalloc(sizeof(*restore), GFP_KERNEL_ACCOUNT);
	opens = home ? NULL : pm_opens_new();
	if (!restore || (!home && !opens)) {
		kfree(restore);
		if (opens)
			pm_opens_put(opens);
		return -ENOMEM;
	}
	pm_opens_use(mm, opens);
	restore->home = home;
	xa_init(&restore->files);
	pm_map_init(&restore->keep);
	mm->restore = restore;

	mutex_lock(&mm->zap_lock);
	clear_bit(PM_MM_AWAY, &mm->flags);
	mutex_unlock(&mm->zap_lock);
	pm_objects_return(mm);
	clear_bit(PM_MM_SINK, &mm->flags);
	clear_bit(PM_MM_FROZEN, &mm->flags);
	wake_up_all(&mm->wait);
	wait_event(mm->wait, !atomic_read(&mm->pullers));
	pm_uffd_disarm(mm);
	pm_map_forget(&mm->map, 0, PM_ADDR_END);

	mmap_write_lock(mm->mm);
	restore->thp = !test_and_set_bit(MMF_DISABLE_THP, &mm->mm->flags);
	mm->mm->def_flags = 0;
	mmap_write_unlock(mm->mm);
	pm_objects_untold(mm);
	if (restore->home)
		return 0;
	mm->mm->context.vdso = NULL;
	pm_objects_drop(mm);
	return vm_munmap(0, TASK_SIZE);
}

void pm_mm_restore_cancel(struct pm_mm *mm)
{
	struct pm_restore *restore = mm->restore;
	struct file *file;
	unsigned long index;

	mm->restore = NULL;
	if (!restore)
		return;
	if (restore->thp)
		clear_bit(MMF_DISABLE_THP, &mm->mm->flags);
	xa_for_each(&restore->files, index, file)
		fput(file);
	xa_destroy(&restore->files);
	pm_map_clear(&restore->keep);
	kfree(restore);
}

static int pm_restore_bounds(struct pm_mm *mm, const void *data, size_t len)
{
	struct pm_restore *restore = mm->restore;
	int exec_pkey;
	u32 last;

	if (restore->stage != PM_STAGE_MM || len != sizeof(restore->bounds))
		return -EPROTO;
	memcpy(&restore->bounds, data, len);
	exec_pkey = (s16)le32_to_cpu(restore->bounds.exec_pkey);
	if (exec_pkey < -1 || exec_pkey >= arch_max_pkey())
		return -EPROTO;
	last = le32_to_cpu(restore->bounds.objects);
	if (last > PM_OBJECTS_MAX)
		return -EPROTO;
	mutex_lock(&mm->lock);
	mm->object_last = max(mm->object_last, last);
	mutex_unlock(&mm->lock);
	restore->stage = PM_STAGE_VMA;
	if (!cpu_feature_enabled(X86_FEATURE_OSPKE))
		return 0;
	/* a mapping may have a key that has been freed since */
	mm->mm->context.pkey_allocation_map = BIT(arch_max_pkey()) - 1;
	mm->mm->context.execute_only_pkey = exec_pkey;
	return 0;
}

static int pm_restore_file(struct pm_mm *mm, const void *data, size_t len)
{
	struct pm_restore *restore = mm->restore;
	const struct pm_img_file *img = data;
	struct file *file;
	u32 id;
	int err;

	if (restore->stage != PM_STAGE_VMA || len != sizeof(*img))
		return -EPROTO;
	id = le32_to_cpu(img->id);
	if (xa_load(&restore->files, id))
		return -EPROTO;
	if (restore->home)
		/* who shares its memory may have unmapped it since */
		file = pm_files_get(mm, id) ?: ERR_PTR(-EBUSY);
	else
		file = pm_mm_file_import(mm, id, &img->ident);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = xa_err(xa_store(&restore->files, id, file, GFP_KERNEL));
	if (err)
		fput(file);
	return err;
}

static int pm_restore_object(struct pm_mm *mm, const void *data, size_t len)
{
	if (mm->restore->stage != PM_STAGE_VMA || len != sizeof(struct pm_img_object))
		return -EPROTO;
	return pm_object_import(mm, data);
}

/*
 * The file of an object, or NULL; @told: only if its pages are told in this image. While that is
 * read, nobody takes an object off the table.
 */
static struct file *pm_restore_shared(struct pm_mm *mm, u32 id, bool told)
{
	struct pm_object *object = pm_object_get(mm, id);
	struct file *file = object && (object->told || !told) ? object->file : NULL;

	if (object)
		pm_object_put(object);
	return file;
}

int pm_area_map(const struct pm_area *area, unsigned long start, unsigned long end)
{
	unsigned long prot = area->flags & PM_VMA_PROT, first = prot;
	unsigned long flags = MAP_FIXED, offset = 0, addr;
	int err;

	BUILD_BUG_ON(PM_VMA_READ != PROT_READ || PM_VMA_WRITE != PROT_WRITE ||
		     PM_VMA_EXEC != PROT_EXEC);
	if (area->kind == PM_VMA_ANON)
		flags |= MAP_ANONYMOUS;
	else
		offset = (area->pgoff << PAGE_SHIFT) + (start - area->start);
	flags |= area->flags & PM_VMA_SHARED ? MAP_SHARED : MAP_PRIVATE;
	flags |= area->flags & PM_VMA_GROWS ? MAP_GROWSDOWN : 0;
	flags |= area->flags & PM_VMA_NORESERVE ? MAP_NORESERVE : 0;
	/* what was writable once is accounted, or could never be one with what still is */
	if (area->flags & PM_VMA_ACCOUNT)
		first |= PROT_READ | PROT_WRITE;
	addr = vm_mmap(area->file, start, end - start, first, flags, offset);
	if (IS_ERR_VALUE(addr))
		return addr;
	err = 0;
	if (area->pkey)
		err = pm_syscall6(__NR_pkey_mprotect, start, end - start, prot, area->pkey, 0, 0);
	else if (first != prot)
		err = pm_syscall6(__NR_mprotect, start, end - start, prot, 0, 0, 0);
	if (err)
		return err;
	return pm_vma_set_flags(start, end, 0, area->flags);
}

/* The vdso at its old address; the data of it lies right before. */
static int pm_restore_vdso(struct pm_mm *mm, const struct pm_area *area)
{
	long size = pm_syscall6(__NR_arch_prctl, ARCH_MAP_VDSO_64, mm->restore->vvar, 0, 0, 0, 0);

	if (size < 0)
		return size;
	return (unsigned long)mm->mm->context.vdso == area->start ? 0 : -EXDEV;
}

/* Check a mapping of the image. Return: 0 or -EPROTO. */
static int pm_area_check(struct pm_mm *mm, const struct pm_img_vma *img, struct pm_area *area)
{
	struct pm_restore *restore = mm->restore;

	area->start = le64_to_cpu(img->start);
	area->end = le64_to_cpu(img->end);
	area->pgoff = le64_to_cpu(img->pgoff);
	area->flags = le32_to_cpu(img->flags);
	area->kind = le32_to_cpu(img->kind);
	area->pkey = le32_to_cpu(img->pkey);
	area->file = NULL;
	if (!PAGE_ALIGNED(area->start) || !PAGE_ALIGNED(area->end) ||
	    area->start >= area->end || area->end > TASK_SIZE || area->start < restore->pos ||
	    area->flags & ~PM_VMA_ALL || area->kind > PM_VMA_OBJECT)
		return -EPROTO;
	if (area->pkey == le32_to_cpu(restore->bounds.exec_pkey))
		area->pkey = 0;
	switch (area->kind) {
	case PM_VMA_ANON:
		return area->flags & PM_VMA_SHARED ? -EPROTO : 0;
	case PM_VMA_FILE:
		if (!(area->flags & PM_VMA_SHARED) || !(area->flags & PM_VMA_WRITE))
			area->file = xa_load(&restore->files, le32_to_cpu(img->file));
		break;
	case PM_VMA_OBJECT:
		if (area->flags & PM_VMA_SHARED)
			area->file = pm_restore_shared(mm, le32_to_cpu(img->file), false);
		break;
	default:
		return 0;
	}
	if (!area->file || area->flags & PM_VMA_GROWS ||
	    area->pgoff > (MAX_LFS_FILESIZE - (area->end - area->start)) >> PAGE_SHIFT)
		return -EPROTO;
	return 0;
}

static int pm_restore_vma(struct pm_mm *mm, const void *data, size_t len)
{
	struct pm_restore *restore = mm->restore;
	struct pm_area area;
	unsigned long pos = restore->pos;

	if (restore->stage != PM_STAGE_VMA || len != sizeof(struct pm_img_vma) ||
	    pm_area_check(mm, data, &area))
		return -EPROTO;
	restore->pos = area.end;
	if (restore->home)
		return pm_home_area(&area, pos);
	switch (area.kind) {
	case PM_VMA_VVAR:
		if (!restore->vvar)
			restore->vvar = area.start;
		return 0;
	case PM_VMA_VDSO:
		return pm_restore_vdso(mm, &area);
	default:
		return pm_area_map(&area, area.start, area.end);
	}
}

/* Is there room for all these pages: below the end of user memory, or in an object? */
static bool pm_restore_fits(struct pm_mm *mm, u64 addr, const struct pm_img_map *img)
{
	struct file *file;
	int i = PM_CHUNK_WORDS;

	while (i && !img->bits[i - 1])
		i--;
	if (!i)
		return addr < TASK_SIZE;
	addr += ((u64)i * 64 - 1 - __builtin_clzll(le64_to_cpu(img->bits[i - 1]))) << PAGE_SHIFT;
	if (!pm_addr_shared(addr))
		return addr < TASK_SIZE_MAX;
	file = pm_restore_shared(mm, pm_addr_object(addr), true);
	/* at home a file may have been cut off by its name: the pages come, and are dropped */
	return file && pm_addr_offset(addr) <
	       (mm->restore->home ? PM_OBJECT_SIZE : i_size_read(file_inode(file)));
}

static int pm_restore_map(struct pm_mm *mm, const void *data, size_t len)
{
	struct pm_restore *restore = mm->restore;
	const struct pm_img_map *img = data;
	unsigned long addr;
	int err = -EPROTO;
	bool huge;
	u32 where;

	if (len != sizeof(*img))
		return -EPROTO;
	addr = le64_to_cpu(img->addr);
	where = le32_to_cpu(img->where) & ~PM_MAP_HUGE;
	huge = img->where & cpu_to_le32(PM_MAP_HUGE);
	if (addr % PM_CHUNK_SIZE || !pm_restore_fits(mm, addr, img))
		return -EPROTO;
	if (where == PM_MAP_HOME && restore->stage == PM_STAGE_VMA)
		err = pm_map_add(restore->home ? &restore->keep : &mm->map, PM_SRC_HOME, addr,
				 img->bits);
	else if (where == PM_MAP_HERE && restore->stage == PM_STAGE_PAGE)
		err = pm_map_add(&mm->map, mm->src[PM_SRC_PREV].node ? PM_SRC_PREV : PM_SRC_HOME,
				 addr, img->bits);
	if (!err && huge)
		pm_map_set_huge(&mm->map, addr);
	return err;
}

static int pm_restore_map_end(struct pm_mm *mm)
{
	struct pm_restore *restore = mm->restore;
	int err;

	if (restore->stage != PM_STAGE_VMA)
		return -EPROTO;
	restore->stage = PM_STAGE_PAGE;
	err = restore->home ? pm_home_finish(mm) : 0;
	return err ?: pm_layout_join(mm->mm);
}

static int pm_restore_page(struct pm_mm *mm, const void *data, size_t len)
{
	const struct pm_img_page *img = data;
	unsigned long addr;
	int err;

	if (mm->restore->stage != PM_STAGE_PAGE || len != sizeof(*img) + PAGE_SIZE)
		return -EPROTO;
	addr = le64_to_cpu(img->addr);
	if (!PAGE_ALIGNED(addr) || addr >= TASK_SIZE)
		return -EPROTO;
	err = pm_install_page(mm, addr, img + 1);
	/* one that was kept here, or that somebody who looked has faulted in: this one is right */
	if (err == -EEXIST)
		err = access_process_vm(current, addr, (void *)(img + 1), PAGE_SIZE,
					FOLL_WRITE | FOLL_FORCE) == PAGE_SIZE ? 0 : -EFAULT;
	if (err)
		return err;
	if (mm->restore->home)
		pm_home_renewed(mm->restore, addr);
	pm_map_forget(&mm->map, addr, addr + PAGE_SIZE);
	atomic64_inc(&mm->eager);
	return 0;
}

/* A page that can't be read, wherever it is. */
static int pm_restore_bad(struct pm_mm *mm, const void *data, size_t len)
{
	const struct pm_img_page *img = data;
	unsigned long addr;
	int err;

	if (mm->restore->stage != PM_STAGE_PAGE || len != sizeof(*img))
		return -EPROTO;
	addr = le64_to_cpu(img->addr);
	if (!PAGE_ALIGNED(addr) || addr >= TASK_SIZE)
		return -EPROTO;
	err = pm_zap_range(addr, addr + PAGE_SIZE, NULL);
	if (err)
		return err;
	mmap_read_lock(mm->mm);
	err = pm_install_bad(mm->mm, addr);
	mmap_read_unlock(mm->mm);
	if (mm->restore->home)
		pm_home_renewed(mm->restore, addr);
	pm_map_forget(&mm->map, addr, addr + PAGE_SIZE);
	return err == -ENOMEM ? err : 0;
}

/**
 * pm_mm_restore() - take one record of the image
 * @mm: address space of current
 * @tag: PM_TAG_MM .. PM_TAG_MM_LAST
 * @data: its content, not checked yet
 * @len: bytes
 *
 * Context: as pm_mm_restore_begin().
 * Return: 0, -EPROTO for a malformed image, or what the kernel says of a mapping.
 */
int pm_mm_restore(struct pm_mm *mm, u32 tag, const void *data, size_t len)
{
	if (!mm->restore)
		return -EINVAL;
	switch (tag) {
	case PM_TAG_MEM_MM:
		return pm_restore_bounds(mm, data, len);
	case PM_TAG_MEM_FILE:
		return pm_restore_file(mm, data, len);
	case PM_TAG_MEM_OBJECT:
		return pm_restore_object(mm, data, len);
	case PM_TAG_MEM_VMA:
		return pm_restore_vma(mm, data, len);
	case PM_TAG_MEM_MAP:
		return pm_restore_map(mm, data, len);
	case PM_TAG_MEM_MAP_END:
		return pm_restore_map_end(mm);
	case PM_TAG_MEM_PAGE:
		return pm_restore_page(mm, data, len);
	case PM_TAG_MEM_BAD:
		return pm_restore_bad(mm, data, len);
	default:
		return -EPROTO;
	}
}

/*
 * Before userfaultfd watched, somebody who looks at the process (ps) may have faulted in zeroes
 * where pages are still to come.
 */
static int pm_restore_purge(struct pm_mm *mm)
{
	unsigned long addr, end;
	int src, err = 0;

	for (src = 0; src < PM_SRCS; src++) {
		addr = 0;
		while (!err && (addr = pm_map_next(&mm->map, src, addr, PM_ADDR_END)) <
			       PM_ADDR_END) {
			end = addr + PAGE_SIZE;
			while (pm_map_where(&mm->map, end) == src)
				end += PAGE_SIZE;
			if (pm_addr_shared(addr))
				pm_object_punch(mm, addr, end);
			else
				err = pm_zap_range(addr, end, NULL);
			addr = end;
			cond_resched();
		}
	}
	return err;
}

/**
 * pm_mm_restore_end() - the image is complete: watch for missing pages
 * @mm: address space of current
 *
 * From here on user memory can be used; pages come on demand.
 * Context: as pm_mm_restore_begin().
 * Return: 0, -EPROTO incomplete, -EPIPE a source is gone, -ENOMEM, or another errno.
 */
int pm_mm_restore_end(struct pm_mm *mm)
{
	int src, err;

	if (!mm->restore || mm->restore->stage != PM_STAGE_PAGE)
		return -EPROTO;
	if (pm_fault(PM_FAULT_PAGES_LOST))
		return -EPIPE;
	err = pm_mm_connect_late(mm);
	if (!err)
		err = pm_uffd_arm(mm);
	if (!err && mm->restore->home)
		err = pm_home_settle(mm->restore);
	if (!err)
		err = pm_restore_purge(mm);
	if (!err)
		pm_objects_cut(mm);
	if (!err)
		err = pm_bounds_set(mm->mm, &mm->restore->bounds);
	if (!err && cpu_feature_enabled(X86_FEATURE_OSPKE))
		mm->mm->context.pkey_allocation_map = le32_to_cpu(mm->restore->bounds.pkeys) | 1;
	if (!err)
		mm->restore->thp = false;
	for (src = 0; src < PM_SRCS && !err; src++) {
		if (mm->src[src].push)
			err = pm_puller_start(mm, src);
		else if (READ_ONCE(mm->map.left[src]))
			err = -EPIPE;
	}
	pm_mm_restore_cancel(mm);
	pm_objects_prune(mm);
	return err ?: pm_objects_fetch(mm);
}
