// SPDX-License-Identifier: GPL-2.0
/*
 * The remote end of promises: a home tells that files of it have changed. When it gets its answer
 * nobody here sees the old pages any more (promise.c). Nothing here waits for the network.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/writeback.h>
#include "link.h"
#include "pagefs.h"

/* Messages that are handled at once, of all nodes. */
#define PM_CHANGERS_MAX	64
/* How long a message may be in coming. */
#define PM_CHANGED_WAIT	(5 * HZ)

/** struct pm_sweep - a visit of all states of a file; @change: its number */
struct pm_sweep {
	u32 home;
	const struct pm_changed *changed;
	u64 change;
};

/* Under the lock of the hash. Return: 1 and a reference to one that has not been visited, or 0. */
static int pm_sweep_next(struct inode *inode, unsigned long hash, void *data)
{
	struct pm_pagefs_inode *our = inode->i_private;
	const struct pm_sweep *sweep = data;

	if (!our || our->key.home != sweep->home || our->change >= sweep->change ||
	    our->key.ident.dev != sweep->changed->dev ||
	    our->key.ident.ino != sweep->changed->ino || !igrab(inode))
		return 0;
	WRITE_ONCE(our->change, sweep->change);
	return 1;
}

/*
 * A page is out of date. One that is being fetched is noticed by who does so; a large one is not
 * fetched, but made of others, which may be back in its place. Return: false: begin again.
 */
static bool pm_changed_drop(struct address_space *mapping, struct folio *folio)
{
	bool ours;

	if (!folio_trylock(folio)) {
		if (!folio_test_uptodate(folio) && !folio_test_large(folio))
			return true;
		/* whoever has it locked does not wait for the network */
		folio_lock(folio);
	}
	ours = folio->mapping == mapping;
	if (ours)
		generic_error_remove_page(mapping, &folio->page);
	folio_unlock(folio);
	return ours || !folio_test_large(folio);
}

/* Take all pages out of the cache, and out of the memory of programs. */
static void pm_changed_drop_all(struct address_space *mapping)
{
	struct folio_batch batch;
	pgoff_t index = 0;
	unsigned int i;

	folio_batch_init(&batch);
	while (filemap_get_folios(mapping, &index, ULONG_MAX, &batch)) {
		for (i = 0; i < folio_batch_count(&batch); i++)
			if (!pm_changed_drop(mapping, batch.folios[i]))
				index = 0;
		folio_batch_release(&batch);
		cond_resched();
	}
}

/* As truncate_pagecache(): what programs have written behind the new end goes too. */
static void pm_changed_cut(struct inode *inode, u64 cut)
{
	if (cut != PM_NOT_CUT)
		unmap_mapping_range(inode->i_mapping, round_up(cut, PAGE_SIZE), 0, 1);
}

static void pm_changed_renew(struct inode *inode, const struct pm_sweep *sweep)
{
	u64 size = le64_to_cpu(sweep->changed->size), cut = le64_to_cpu(sweep->changed->cut);
	struct pm_pagefs_inode *our = inode->i_private;
	bool latest;

	/* who finds that the file has grown has to wait: nothing that is written then may go */
	inode_lock(inode);
	latest = pm_pagefs_change(inode) == sweep->change;
	if (latest)
		i_size_write(inode, min(size, cut));
	down_write(&our->copying);
	/* pairs with the one in pm_pagefs_fill() */
	smp_mb();
	pm_changed_cut(inode, cut);
	pm_changed_drop_all(inode->i_mapping);
	/* a page may have been copied meanwhile */
	pm_changed_cut(inode, cut);
	up_write(&our->copying);
	if (latest)
		i_size_write(inode, size);
	inode_unlock(inode);
}

/* @n files of @home have changed. Return: 0 or -EPROTO. */
static int pm_changed_sweep(u32 home, const struct pm_changed *changed, unsigned int n)
{
	static atomic64_t changes = ATOMIC64_INIT(0);
	struct pm_sweep sweep = { .home = home };
	struct inode *inode;

	for (; n; n--, changed++) {
		if (le64_to_cpu(changed->size) > MAX_LFS_FILESIZE ||
		    (le64_to_cpu(changed->cut) > MAX_LFS_FILESIZE &&
		     le64_to_cpu(changed->cut) != PM_NOT_CUT))
			return -EPROTO;
		sweep.changed = changed;
		sweep.change = atomic64_inc_return(&changes);
		while ((inode = find_inode_nowait(pm_pagefs_mnt->mnt_sb, le64_to_cpu(changed->ino),
						  pm_sweep_next, &sweep))) {
			wait_on_inode(inode);
			pm_changed_renew(inode, &sweep);
			iput(inode);
		}
	}
	return 0;
}

static int pm_changed_serve(struct pm_chan *chan)
{
	u32 home = pm_link_node(chan->link);
	const struct pm_changed *changed;
	struct pm_buf *buf;
	unsigned int n;
	int err = 0;

	buf = pm_chan_recv(chan, PM_CHANGED_WAIT);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	changed = (const void *)buf->data;
	n = buf->len / sizeof(*changed);
	if (buf->type != PM_MSG_CHANGED || buf->len % sizeof(*changed) || n > PM_CHANGED_MAX)
		err = -EPROTO;
	err = err ?: pm_changed_sweep(home, changed, n);
	pm_buf_free(buf);
	return err ?: pm_chan_send(chan, PM_MSG_CHANGED, 1, NULL, 0, NULL, 0);
}

static void pm_changed_answer(struct pm_chan *chan)
{
	if (pm_changed_serve(chan) == -EPROTO)
		pm_link_drop(chan->link, "malformed change of a file");
}

/**
 * pm_accept_changed() - a home tells on a new channel that one of its files has changed
 * @chan: the channel
 *
 * Context and return: as pm_chan_serve().
 */
int pm_accept_changed(struct pm_chan *chan)
{
	static struct pm_service changers = {
		.name = "pm-changed", .serve = pm_changed_answer, .max = PM_CHANGERS_MAX,
	};

	return pm_chan_serve(chan, &changers);
}
