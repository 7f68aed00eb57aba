// SPDX-License-Identifier: GPL-2.0
/*
 * Home fetches shared memory that was left behind on another node, where its last process has
 * ended (linger.c). See keep.c for who waits for it.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/shmem_fs.h>
#include "keep.h"
#include "link.h"
#include "space.h"

/* How often a node is asked that fails or has no room for one more channel; jiffies between. */
#define PM_FETCH_TRIES	3000
#define PM_FETCH_PAUSE	(HZ / 10)

/**
 * struct pm_taking - an object that is being fetched
 * @kept: it
 * @next: where the next page may be: they come in ascending order
 * @err: the first page that could not be put in place
 */
struct pm_taking {
	struct pm_kept *kept;
	u64 next;
	int err;
};

static struct pm_chan *pm_kept_chan(struct pm_kept *kept, u32 node)
{
	struct pm_open open = {
		.proc = cpu_to_le64(kept->key), .home = cpu_to_le32(pm_self_id()),
	};

	return pm_served_chan(node, PM_CHAN_OBJECT, &open);
}

/* What was given up there does not come. */
static void pm_taking_cut(struct pm_taking *taking, u64 end)
{
	struct inode *inode = file_inode(taking->kept->file);

	if (end > taking->next && shmem_mapping(inode->i_mapping))
		shmem_truncate_range(inode, taking->next, end - 1);
	taking->next = end;
}

static int pm_taking_page(struct pm_taking *taking, const struct pm_buf *buf)
{
	const struct pm_object_page *page = (const void *)buf->data;
	u64 offset;
	int err;

	if (buf->type != PM_MSG_OBJECT_PAGE || buf->len != sizeof(*page) + PAGE_SIZE)
		return -EPROTO;
	offset = le64_to_cpu(page->offset);
	if (!PAGE_ALIGNED(offset) || offset < taking->next || offset >= PM_OBJECT_SIZE)
		return -EPROTO;
	pm_taking_cut(taking, offset);
	err = pm_kept_page(taking->kept->file, offset, page + 1);
	taking->err = taking->err ?: err;
	taking->next = offset + PAGE_SIZE;
	return 0;
}

/* Take all of it. Return: 0; -ENOENT it is not there; or an error of the channel. */
static int pm_taking_run(struct pm_taking *taking, struct pm_chan *chan)
{
	struct pm_buf *buf;
	int err = 0;

	for (;;) {
		buf = pm_chan_recv(chan, MAX_SCHEDULE_TIMEOUT);
		if (IS_ERR(buf))
			return PTR_ERR(buf);
		if (buf->type == PM_MSG_OBJECT_END)
			break;
		err = pm_taking_page(taking, buf);
		pm_buf_free(buf);
		if (err)
			return err;
	}
	err = buf->flags & PM_OBJECT_NONE ? -ENOENT : 0;
	pm_buf_free(buf);
	if (!err)
		pm_taking_cut(taking, PM_OBJECT_SIZE);
	/* else it stays where it is, and is asked for again */
	if (!taking->err)
		pm_chan_send(chan, PM_MSG_OBJECT_DONE, 0, NULL, 0, NULL, 0);
	return err;
}

static int pm_kept_from(struct pm_kept *kept, u32 node)
{
	struct pm_taking taking = { .kept = kept };
	struct pm_chan *chan = pm_kept_chan(kept, node);
	int err;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	err = pm_taking_run(&taking, chan);
	if (err == -EPROTO)
		pm_link_drop(chan->link, "malformed shared memory");
	pm_chan_drop(chan);
	return err ?: taking.err;
}

/* As long as there is a link it can be tried again: also for room on a disk, for example. */
static int pm_kept_insist(struct pm_kept *kept, u32 node)
{
	int err, tries = 0;

	for (;;) {
		err = pm_kept_from(kept, node);
		if (!err || err == -ENOENT || err == -EPROTO || !pm_node_linked(node) ||
		    ++tries == PM_FETCH_TRIES)
			return err;
		schedule_timeout_idle(PM_FETCH_PAUSE);
	}
}

void pm_kept_take(struct pm_kept *kept)
{
	int i, err = -ENOENT;

	for (i = 0; i < ARRAY_SIZE(kept->nodes) && err == -ENOENT; i++)
		if (kept->nodes[i] && kept->nodes[i] != pm_self_id())
			err = pm_kept_insist(kept, kept->nodes[i]);
	/* one that it was only about to go to may have nothing */
	if (err && (err != -ENOENT || kept->nodes[0]))
		pr_warn_ratelimited("what processes had written to %pD at node %u is lost, or some of it (%d)\n",
				    kept->file, kept->nodes[0], err);
}
