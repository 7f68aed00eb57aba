// SPDX-License-Identifier: GPL-2.0
/*
 * Remote: which files of home are mapped here, so that home closes one when it is mapped no more: a
 * lock on it ends then, its space is freed, it can be unmounted.
 *
 * A forked child has mappings of its parent, and asks for their pages by itself. So they count
 * together here, as they have one table at home (filetable.c).
 */
#include <linux/slab.h>
#include "space.h"

/**
 * struct pm_opens - the files of an address space and of those that were forked from it here
 * @ref: one for each of these, one for each open file
 * @users: how many of these there are
 * @lock: protects @files
 * @files: by home's number: how often it is open, as a value
 */
struct pm_opens {
	struct kref ref;
	atomic_t users;
	struct mutex lock;	/* see above; nothing is taken in it */
	struct xarray files;
};

/* Home is to be told. */
#define PM_OPENS_UNTOLD	XA_MARK_0

/* Return: one without files, with a reference, or NULL. May sleep. */
struct pm_opens *pm_opens_new(void)
{
	struct pm_opens *opens = kzalloc(sizeof(*opens), GFP_KERNEL_ACCOUNT);

	if (!opens)
		return NULL;
	kref_init(&opens->ref);
	mutex_init(&opens->lock);
	xa_init(&opens->files);
	return opens;
}

struct pm_opens *pm_opens_get(struct pm_opens *opens)
{
	kref_get(&opens->ref);
	return opens;
}

static void pm_opens_free(struct kref *ref)
{
	struct pm_opens *opens = container_of(ref, struct pm_opens, ref);

	xa_destroy(&opens->files);
	kfree(opens);
}

void pm_opens_put(struct pm_opens *opens)
{
	kref_put(&opens->ref, pm_opens_free);
}

/* Let @mm have @opens, whose reference it takes over, instead of its own; either may be NULL. */
void pm_opens_use(struct pm_mm *mm, struct pm_opens *opens)
{
	struct pm_opens *old = mm->opens;

	if (opens)
		atomic_inc(&opens->users);
	WRITE_ONCE(mm->opens, opens);
	if (!old)
		return;
	atomic_dec(&old->users);
	pm_opens_put(old);
}

/* A file has been opened here once more. May sleep. Return: 0 or -ENOMEM. */
int pm_opens_add(struct pm_opens *opens, u32 id)
{
	void *entry;
	int err;

	mutex_lock(&opens->lock);
	entry = xa_load(&opens->files, id);
	err = xa_err(xa_store(&opens->files, id, xa_mk_value((entry ? xa_to_value(entry) : 0) + 1),
			      GFP_KERNEL_ACCOUNT));
	if (!err)
		xa_clear_mark(&opens->files, id, PM_OPENS_UNTOLD);
	mutex_unlock(&opens->lock);
	return err;
}

/**
 * pm_opens_close() - a file that was added is not open any more
 * @opens: where
 * @id: home's number of the file
 * @mm: the address space that had it open
 *
 * If it was the last one, current tells home on its way back to the program. Who cannot leaves that
 * to another one (pm_opens_late()), if there is one.
 * Context: may sleep.
 */
void pm_opens_close(struct pm_opens *opens, u32 id, struct pm_mm *mm)
{
	bool late = false;
	unsigned long n;

	mutex_lock(&opens->lock);
	n = xa_to_value(xa_load(&opens->files, id)) - 1;
	if (!n && pm_thread_closes(mm, id)) {
		xa_erase(&opens->files, id);
	} else {
		/* there is an entry: that needs no memory */
		xa_store(&opens->files, id, xa_mk_value(n), GFP_KERNEL_ACCOUNT);
		late = !n;
		if (late)
			xa_set_mark(&opens->files, id, PM_OPENS_UNTOLD);
	}
	mutex_unlock(&opens->lock);
	if (late && atomic_read(&opens->users) > 1)
		pm_guests_late(opens);
}

bool pm_opens_has(const struct pm_opens *opens, struct pm_mm *mm)
{
	return mm && READ_ONCE(mm->opens) == opens;
}

/**
 * pm_opens_late() - a file that is not open any more, of which home has not been told
 * @mm: an address space that runs here
 * @id: its number, if there is one: it is told now
 *
 * Context: may sleep, not if there is none.
 */
bool pm_opens_late(struct pm_mm *mm, u32 *id)
{
	struct pm_opens *opens = mm->opens;
	unsigned long index = 0;
	bool found;

	if (!opens || !xa_marked(&opens->files, PM_OPENS_UNTOLD))
		return false;
	mutex_lock(&opens->lock);
	found = xa_find(&opens->files, &index, ULONG_MAX, PM_OPENS_UNTOLD);
	if (found)
		xa_erase(&opens->files, index);
	mutex_unlock(&opens->lock);
	*id = index;
	return found;
}
