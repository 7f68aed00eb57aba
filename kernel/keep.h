/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared memory to which others at home can come at any time, by its name or its number: files that
 * are mapped to be written, POSIX and System V shared memory.
 *
 * While it is away home keeps watch (keep.c): who opens or attaches it waits until the processes
 * have been called home. When the last of these ends elsewhere, or unmaps it, what is in it stays
 * there until home has taken it (linger.c).
 */
#ifndef PM_KEEP_H
#define PM_KEEP_H

#include <linux/types.h>

struct file;
struct pm_chan;
struct pm_mm;
struct pm_object;

/* ---- home: keep.c ---- */

/*
 * pm_object_guard() - an object that is to leave is watched from now on
 * @mm: its address space; @id: number of the object
 * Context: sleeps, no locks held. Return: 0, also if it need not be; -EBUSY it is on its way home
 * from where it has been; -ENOMEM.
 */
int pm_object_guard(struct pm_mm *mm, u32 id);
/*
 * pm_object_unguard() - this address space does not have it away any more
 * @back: what is in it is here. If nobody else has it away either, it is fetched if it is not.
 * Context: sleeps. Caller holds pm_mm.lock, or @object cannot go. Nothing happens if not guarded.
 */
void pm_object_unguard(struct pm_mm *mm, struct pm_object *object, bool back);
/* The same for all; @came: those that the image had are here; false: none has ever left. */
void pm_objects_unguard(struct pm_mm *mm, bool came);
/* References to @file that the watch holds. Any context. */
long pm_kept_refs(const struct file *file);
int pm_keep_init(void);
void pm_keep_exit(void);	/* no process is away any more; waits for what is being fetched */

/* ---- remote: linger.c, with the list in object.c ---- */

/* An object has been left behind for @home to take: if there is a link. Context: may sleep. */
void pm_linger_added(u32 home);
/* object.c, see there */
void pm_linger_wait(u32 home, u64 key, struct pm_chan *chan, struct file **file);
void pm_linger_forget(u32 home, u64 key);

/* ---- object_page.c ---- */

/*
 * pm_kept_page() - home: put a page of an object in place that has no process any more
 * @file: the object; @offset: page aligned; @data: PAGE_SIZE bytes
 * Context: sleeps. Return: 0 or an error of the filesystem.
 */
int pm_kept_page(struct file *file, u64 offset, const void *data);

#endif
