// SPDX-License-Identifier: GPL-2.0
/*
 * What is in shared memory that home keeps, when its last process here has ended: home comes and
 * takes it, on a channel of its own, page by page. Nothing is kept for a home that is gone.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include "compat.h"
#include "keep.h"
#include "link.h"
#include "space.h"

/* Threads that wait for processes to end, or send, for all nodes. */
#define PM_LINGER_SERVERS	256

/* How often to read a page for which there is no memory. */
#define PM_LINGER_TRIES		50

void pm_linger_added(u32 home)
{
	/* who drops the link forgets what he finds, after the link is down */
	if (!pm_node_linked(home))
		pm_linger_forget(home, 0);
}

static int pm_linger_send_page(struct pm_chan *chan, pgoff_t index, struct page *page)
{
	struct pm_object_page head = { .offset = cpu_to_le64((u64)index << PAGE_SHIFT) };
	void *data = kmap_local_page(page);
	int err = pm_chan_send(chan, PM_MSG_OBJECT_PAGE, 0, &head, sizeof(head), data, PAGE_SIZE);

	kunmap_local(data);
	return err;
}

/* One page. Return: 0, -ENOMEM, or an error of the channel; one that cannot be read is lost. */
static int pm_linger_page(struct pm_chan *chan, struct pm_object *object, pgoff_t index)
{
	struct folio *folio = pm_shmem_find(file_inode(object->file), index);
	struct page *page;
	int err;

	if (IS_ERR(folio))
		return PTR_ERR(folio) == -ENOMEM ? -ENOMEM : 0;
	if (!folio)
		return object->flags & PM_OBJ_FILE ?
		       pm_linger_send_page(chan, index, ZERO_PAGE(0)) : 0;
	page = folio_file_page(folio, index);
	folio_unlock(folio);
	if (PageHWPoison(page))
		pr_warn_ratelimited("a page of shared memory of node %u cannot be read and is lost\n",
				    object->home);
	err = PageHWPoison(page) ? 0 : pm_linger_send_page(chan, index, page);
	folio_put(folio);
	return err;
}

/* One that is to be swapped in may have to wait for memory. */
static int pm_linger_try(struct pm_chan *chan, struct pm_object *object, pgoff_t index)
{
	int err, tries = 0;

	while ((err = pm_linger_page(chan, object, index)) == -ENOMEM &&
	       ++tries < PM_LINGER_TRIES && !pm_chan_dead(chan))
		schedule_timeout_idle(HZ / 10);
	return err;
}

static int pm_linger_send(struct pm_chan *chan, struct pm_object *object)
{
	u64 here[PM_CHUNK_WORDS];
	pgoff_t index = 0, first;
	int i, err = 0;

	while (!err && pm_object_chunk(object->file, object->flags & PM_OBJ_FILE, &index, here)) {
		first = index - PM_CHUNK_WORDS * 64;
		for (i = 0; i < PM_CHUNK_WORDS * 64 && !err; i++)
			if (here[i / 64] & BIT_ULL(i % 64))
				err = pm_linger_try(chan, object, first + i);
		cond_resched();
	}
	return err;
}

/* Has home got all of it? Else it comes again. */
static bool pm_linger_taken(struct pm_chan *chan)
{
	struct pm_buf *buf = pm_chan_recv(chan, MAX_SCHEDULE_TIMEOUT);
	bool taken = !IS_ERR(buf) && buf->type == PM_MSG_OBJECT_DONE;

	if (!IS_ERR(buf))
		pm_buf_free(buf);
	return taken;
}

static void pm_linger_serve(struct pm_chan *chan)
{
	u64 key = le64_to_cpu(chan->open.proc);
	struct pm_object *object = NULL;
	int err;

	err = pm_chan_send(chan, PM_MSG_SERVING, 0, NULL, 0, NULL, 0);
	if (!err)
		object = pm_linger_wait(pm_link_node(chan->link), key, chan);
	if (object)
		err = pm_linger_send(chan, object);
	if (!err)
		err = pm_chan_sendv(chan, PM_MSG_OBJECT_END, object ? 0 : PM_OBJECT_NONE, 0, NULL,
				    0);
	if (object)
		pm_linger_done(object, !err && pm_linger_taken(chan));
	else if (!err)
		pm_linger_taken(chan);
}

/**
 * pm_accept_object() - serve what is left of an object on a new channel
 * @chan: the channel, opened by its home
 *
 * Context: as pm_chan_serve(). Return: so, or -EACCES it is not the home.
 */
int pm_accept_object(struct pm_chan *chan)
{
	static struct pm_service lingering = {
		.name = "pm-object", .serve = pm_linger_serve, .max = PM_LINGER_SERVERS,
	};

	if (le32_to_cpu(chan->open.home) != pm_link_node(chan->link) || !chan->open.proc)
		return -EACCES;
	return pm_chan_serve(chan, &lingering);
}
