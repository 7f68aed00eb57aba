// SPDX-License-Identifier: GPL-2.0
/*
 * The source: serves pages of a frozen address space, and of the files it maps.
 *
 * A source has no state but the pages themselves: the sink knows what it still wants and
 * asks for it, urgently on its fetch channel, ahead of need on its push channel, and
 * says at last on the push channel that it wants no more. Each channel has a kernel
 * thread that ends with the channel, and so with the address space at either end; or when
 * nothing is left to be asked for, and the channel becomes a spare one again.
 *
 * A sink opens its channels before it is known here who it is: the deputy says so with the
 * freeze (pm_mm_offer()). Who asks for anything without being it is not served.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/bitops.h>
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "compat.h"
#include "link.h"
#include "pager.h"
#include "space.h"

/* A sink has two channels here, and may have two of an attempt that has just failed. */
#define PM_SERVERS_MAX	4
/* Home has one channel to look at what is mapped, and may have one that is just ending. */
#define PM_LOOKERS_MAX	4
/* How often to read a page for which there is no memory, and ms between. */
#define PM_READ_TRIES	50
#define PM_READ_PAUSE	100

/**
 * struct pm_answer - the pages of one answer
 * @head: what goes before them
 * @pages: held references to those in head.data
 * @n: number of @pages
 * @vec: the message
 */
struct pm_answer {
	struct pm_pages head;
	struct page *pages[PM_FETCH_PAGES];
	struct kvec vec[PM_FETCH_PAGES + 1];
	unsigned int n;
};

static void pm_answer_put(struct pm_answer *answer)
{
	while (answer->n)
		put_page(answer->pages[--answer->n]);
}

/*
 * Find the pages of @mask; those that can't be read are left out of the answer.
 * Return: 0, or -ENOMEM if one can't be read now.
 */
static int pm_answer_collect(struct pm_answer *answer, struct pm_mm *mm, u64 base, u64 mask)
{
	u64 data = 0, zero = 0;
	int err = 0;

	mmap_read_lock(mm->mm);
	while (mask && !err) {
		unsigned int i = __ffs64(mask);
		unsigned long addr = base + ((unsigned long)i << PAGE_SHIFT);
		struct page *page = pm_addr_shared(base) ? pm_object_read(mm, addr) :
							   pm_read_page(mm->mm, addr);
		bool empty;

		mask &= mask - 1;
		if (IS_ERR(page)) {
			err = PTR_ERR(page) == -ENOMEM ? -ENOMEM : 0;
			continue;
		}
		if (page) {
			void *from = kmap_local_page(page);

			empty = !memchr_inv(from, 0, PAGE_SIZE);
			kunmap_local(from);
			if (!empty) {
				answer->pages[answer->n++] = page;
				data |= BIT_ULL(i);
				continue;
			}
			put_page(page);
		}
		zero |= BIT_ULL(i);
	}
	mmap_read_unlock(mm->mm);
	answer->head.base = cpu_to_le64(base);
	answer->head.data = cpu_to_le64(data);
	answer->head.zero = cpu_to_le64(zero);
	if (err)
		pm_answer_put(answer);
	return err;
}

static int pm_answer_send(struct pm_answer *answer, struct pm_chan *chan, u32 seq)
{
	struct kvec *vec = answer->vec;
	unsigned int i;
	int err;

	vec[0].iov_base = &answer->head;
	vec[0].iov_len = sizeof(answer->head);
	for (i = 0; i < answer->n; i++) {
		vec[i + 1].iov_base = page_address(answer->pages[i]);
		vec[i + 1].iov_len = PAGE_SIZE;
	}
	err = pm_chan_sendv(chan, PM_MSG_PAGES, 0, seq, vec, answer->n + 1);
	pm_answer_put(answer);
	return err;
}

static int pm_serve_fetch(struct pm_server *server, const struct pm_buf *req)
{
	const struct pm_fetch *fetch = (const void *)req->data;
	struct pm_answer *answer;
	int err, tries = 0;
	u64 base, mask;

	if (req->len != sizeof(*fetch))
		return -EPROTO;
	base = le64_to_cpu(fetch->base);
	mask = le64_to_cpu(fetch->mask);
	if (!mask || base % (PM_FETCH_PAGES * PAGE_SIZE) ||
	    (base >= TASK_SIZE_MAX && !pm_addr_shared(base)))
		return -EPROTO;
	answer = kzalloc(sizeof(*answer), GFP_KERNEL);
	if (!answer)
		return -ENOMEM;
	if (!mmget_not_zero(server->mm->mm)) {
		err = -ESRCH;
		goto free;
	}
	/* a page that is to be swapped in may have to wait for memory */
	while ((err = pm_answer_collect(answer, server->mm, base, mask)) &&
	       ++tries < PM_READ_TRIES && !pm_chan_dead(server->chan))
		msleep(PM_READ_PAUSE);
	mmput_async(server->mm->mm);
	if (!err)
		err = pm_answer_send(answer, server->chan, req->seq);
free:
	kfree(answer);
	return err;
}

static int pm_serve_file(struct pm_server *server, const struct pm_buf *req)
{
	if (!server->data) {
		server->data = kvmalloc(PM_FETCH_PAGES * PAGE_SIZE, GFP_KERNEL);
		if (!server->data)
			return -ENOMEM;
	}
	return pm_files_serve(server->mm, server->chan, req, server->data);
}

/*
 * Is this the channel that the node of the sink has opened last? What comes late on one of an
 * earlier attempt tells nothing about this one. Under pm_mm.lock.
 */
static bool pm_server_newest(struct pm_server *server)
{
	struct pm_server *other;
	u32 node = pm_link_node(server->chan->link);

	list_for_each_entry(other, &server->mm->servers, entry)
		if (other->chan->kind == server->chan->kind &&
		    pm_link_node(other->chan->link) == node)
			return other == server;
	return false;
}

/* Under pm_mm.lock. */
static void __pm_server_unlink(struct pm_server *server)
{
	list_del_init(&server->entry);
	if (server->chan->kind == PM_CHAN_PUSH)
		server->mm->npush--;
}

static void pm_server_unlink(struct pm_server *server)
{
	struct pm_mm *mm = server->mm;

	mutex_lock(&mm->lock);
	if (!list_empty(&server->entry))
		__pm_server_unlink(server);
	mutex_unlock(&mm->lock);
	wake_up_all(&mm->wait);
}

/*
 * The channel has nothing to do with the process any more, which may end: keep it as a spare one,
 * and say so. Return: 1, or an error.
 */
static int pm_server_spare(struct pm_server *server, u16 answer, u32 seq)
{
	int err = pm_accept_spare(server->chan);

	return err ?: pm_chan_send(server->chan, answer, seq, NULL, 0, NULL, 0) ?: 1;
}

/* Return: as pm_serve(). */
static int pm_serve_drained(struct pm_server *server, const struct pm_buf *req)
{
	struct pm_mm *mm = server->mm;
	int ret;

	if (server->chan->kind != PM_CHAN_PUSH || req->len)
		return -EPROTO;
	mutex_lock(&mm->lock);
	/* a dead channel: the process has come back meanwhile */
	if (!pm_chan_dead(server->chan) && pm_server_newest(server))
		WRITE_ONCE(mm->drained, server->node);
	__pm_server_unlink(server);
	mutex_unlock(&mm->lock);
	wake_up_all(&mm->wait);
	ret = pm_server_spare(server, PM_MSG_DRAINED_ACK, req->seq);
	pm_zap_try(mm);
	return ret;
}

/* Return: as pm_serve(). */
static int pm_serve_spare(struct pm_server *server, const struct pm_buf *req)
{
	if (server->chan->kind != PM_CHAN_FETCH || req->len)
		return -EPROTO;
	pm_server_unlink(server);
	return pm_server_spare(server, PM_MSG_SPARE, req->seq);
}

/* Is it the sink that asks? */
static bool pm_serve_may(struct pm_server *server)
{
	bool may;

	mutex_lock(&server->mm->lock);
	may = pm_mm_serves(server->mm, server->node);
	mutex_unlock(&server->mm->lock);
	/* one that has just ceased to be the sink may have asked before */
	if (!may && !pm_chan_dead(server->chan)) {
		pm_counter_add(PM_COUNT_FOREIGN);
		pr_warn_ratelimited("process %llu: node %u asked for pages and was refused\n",
				    server->mm->proc, server->node);
	}
	return may;
}

static int pm_serve_look(struct pm_server *server, const struct pm_buf *req)
{
	int err = -EPROTO;

	if (!mmget_not_zero(server->mm->mm))
		return -ESRCH;
	if (req->type == PM_MSG_MAPS)
		err = pm_serve_maps(server->mm, server->chan, req);
	else if (req->type == PM_MSG_PEEK)
		err = pm_serve_peek(server->mm, server->chan, req);
	mmput_async(server->mm->mm);
	return err;
}

/* Return: 0 it is to go on, 1 the channel is spare again, or an error: that ends it. */
static int pm_serve(struct pm_server *server, const struct pm_buf *req)
{
	if (server->chan->kind == PM_CHAN_LOOK)
		return pm_serve_look(server, req);
	if (!pm_serve_may(server))
		return -EACCES;
	switch (req->type) {
	case PM_MSG_FETCH:
		return pm_serve_fetch(server, req);
	case PM_MSG_FILE_FETCH:
		return pm_serve_file(server, req);
	case PM_MSG_DRAINED:
		return pm_serve_drained(server, req);
	case PM_MSG_SPARE:
		return pm_serve_spare(server, req);
	default:
		return -EPROTO;
	}
}

static void pm_server_free(struct pm_server *server)
{
	pm_chan_put(server->chan);
	pm_mm_put(server->mm);
	kvfree(server->data);
	kfree(server);
}

static int pm_server_kthread(void *arg)
{
	struct pm_server *server = arg;
	struct pm_buf *req;
	int err = pm_chan_send(server->chan, PM_MSG_SERVING, 0, NULL, 0, NULL, 0);

	while (!err) {
		req = pm_chan_recv(server->chan, MAX_SCHEDULE_TIMEOUT);
		if (IS_ERR(req))
			break;
		err = pm_serve(server, req);
		pm_buf_free(req);
	}
	if (err == -EPROTO)
		pm_link_drop(server->chan->link, "malformed request for pages");
	if (err != 1)
		pm_chan_kill(server->chan);
	pm_server_unlink(server);
	pm_server_free(server);
	module_put_and_kthread_exit(0);
}

static int pm_server_link(struct pm_server *server)
{
	struct pm_mm *mm = server->mm;
	bool look = server->chan->kind == PM_CHAN_LOOK;
	struct pm_server *pos;
	unsigned int n = 0;
	int err = 0;

	mutex_lock(&mm->lock);
	list_for_each_entry(pos, &mm->servers, entry)
		n += pos->node == server->node &&
		     (pos->chan->kind == PM_CHAN_LOOK) == look;
	if (pm_mm_dead(mm)) {
		err = -ESRCH;
	} else if (look) {
		err = server->node != mm->home ? -EACCES : n >= PM_LOOKERS_MAX ? -EBUSY : 0;
		if (!err)
			list_add(&server->entry, &mm->servers);
	} else if (n >= PM_SERVERS_MAX || (mm->next && !pm_mm_serves(mm, server->node))) {
		err = -EBUSY;
	} else {
		list_add(&server->entry, &mm->servers);
		if (server->chan->kind == PM_CHAN_PUSH) {
			mm->npush++;
			/* what this node said in an earlier attempt does not count */
			if (mm->drained == server->node)
				mm->drained = 0;
		}
	}
	mutex_unlock(&mm->lock);
	return err;
}

static int pm_server_start(struct pm_chan *chan)
{
	struct pm_server *server;
	struct task_struct *task;
	struct pm_mm *mm;
	int err;

	mm = pm_mm_find_proc(le64_to_cpu(chan->open.proc), le32_to_cpu(chan->open.home)) ?:
	     pm_proc_mm(le64_to_cpu(chan->open.proc), le32_to_cpu(chan->open.home));
	if (!mm)
		return -ESRCH;
	server = kzalloc(sizeof(*server), GFP_KERNEL);
	if (!server) {
		pm_mm_put(mm);
		return -ENOMEM;
	}
	server->mm = mm;
	server->chan = pm_chan_get(chan);
	server->node = pm_link_node(chan->link);
	err = pm_server_link(server);
	if (err)
		goto free;
	__module_get(THIS_MODULE);
	task = kthread_run(pm_server_kthread, server, "pm-%s/%llu",
			   chan->kind == PM_CHAN_FETCH ? "fetch" :
			   chan->kind == PM_CHAN_PUSH ? "push" : "look", mm->proc);
	if (!IS_ERR(task))
		return 0;
	err = PTR_ERR(task);
	module_put(THIS_MODULE);
	pm_server_unlink(server);
free:
	pm_server_free(server);
	return err;
}

/**
 * pm_accept_fetch() - serve urgent pages, or what is mapped, on a new channel
 * @chan: the channel, opened by the sink
 *
 * Context: process context, may sleep.
 * Return: 0, or -ESRCH no such process here, -EBUSY too many channels, -ENOMEM.
 */
int pm_accept_fetch(struct pm_chan *chan)
{
	return pm_server_start(chan);
}

/**
 * pm_accept_push() - serve bulk pages on a new channel
 * @chan: the channel, opened by the sink
 *
 * Context and return as pm_accept_fetch().
 */
int pm_accept_push(struct pm_chan *chan)
{
	return pm_server_start(chan);
}
