// SPDX-License-Identifier: GPL-2.0
/*
 * The sink asks a source and waits: pages for a fault, pages of a file.
 */
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include "link.h"
#include "space.h"

/* Readahead of faults, in pages. */
#define PM_AHEAD_MIN	1
#define PM_AHEAD_MAX	32

/*
 * Send a request and wait for its answer, skipping answers that nobody waits for any more.
 * Caller holds @source->fetch_lock. Return: the answer, or ERR_PTR: -EINTR (fatal signal),
 * -EPROTO (the link has been dropped), -EPIPE, -ENOMEM.
 */
static struct pm_buf *pm_ask(struct pm_source *source, struct pm_chan *chan, u16 type,
			     const void *req, size_t len, u16 answer)
{
	u32 seq = ++source->seq;
	struct pm_buf *buf;
	int err;

	lockdep_assert_held(&source->fetch_lock);
	err = pm_chan_send(chan, type, seq, req, len, NULL, 0);
	if (err)
		return ERR_PTR(err);
	for (;;) {
		buf = pm_chan_recv(chan, MAX_SCHEDULE_TIMEOUT);
		if (IS_ERR(buf)) {
			if (PTR_ERR(buf) == -EINTR)
				source->stale++;
			return buf;
		}
		if (buf->seq == seq && buf->type == answer)
			return buf;
		if (buf->seq == seq || !source->stale)
			break;
		source->stale--;
		pm_buf_free(buf);
	}
	pm_buf_free(buf);
	pm_link_drop(chan->link, "answer to a request that was not made");
	return ERR_PTR(-EPROTO);
}

/*
 * The pages to ask for when @addr is needed: those that are missing in a window from there
 * on, never beyond the aligned block that one request can name. The window doubles
 * while faults go on where the last one ended.
 */
static u64 pm_fetch_mask(struct pm_mm *mm, enum pm_source_id src, unsigned long addr)
{
	struct pm_source *source = &mm->src[src];
	unsigned int i = (addr >> PAGE_SHIFT) % PM_FETCH_PAGES;
	u64 word = pm_map_word(&mm->map, src, addr);

	if (!(word & BIT_ULL(i)))
		return 0;
	if (addr >= source->next && addr < source->next + source->ahead * PAGE_SIZE)
		source->ahead = min(2 * source->ahead, (unsigned int)PM_AHEAD_MAX);
	else
		source->ahead = PM_AHEAD_MIN;
	source->next = addr + source->ahead * PAGE_SIZE;
	word &= ~0ULL << i;
	if (i + source->ahead < PM_FETCH_PAGES)
		word &= BIT_ULL(i + source->ahead) - 1;
	return word;
}

/* Ask for @addr and what should come along. Return: answer, NULL if not missing, or ERR_PTR. */
static struct pm_buf *pm_fetch_ask(struct pm_mm *mm, enum pm_source_id src, unsigned long addr,
				   u64 *base, u64 *mask)
{
	struct pm_source *source = &mm->src[src];
	struct pm_buf *buf = NULL;
	struct pm_fetch req;
	struct pm_chan *chan;

	if (mutex_lock_killable(&source->fetch_lock))
		return ERR_PTR(-EINTR);
	/* only now: it may have become another source's, or have another use */
	chan = pm_mm_chan(mm, &source->fetch);
	if (!chan) {
		buf = ERR_PTR(-EPIPE);
		goto unlock;
	}
	*base = addr & ~(PM_FETCH_PAGES * PAGE_SIZE - 1);
	*mask = pm_fetch_mask(mm, src, addr);
	if (*mask) {
		req.base = cpu_to_le64(*base);
		req.mask = cpu_to_le64(*mask);
		buf = pm_ask(source, chan, PM_MSG_FETCH, &req, sizeof(req), PM_MSG_PAGES);
	}
	pm_chan_put(chan);
unlock:
	mutex_unlock(&source->fetch_lock);
	return buf;
}

/**
 * pm_fetch_page() - bring a missing page here
 * @mm: address space
 * @addr: page aligned address
 * @locked: the caller holds mmap_lock for reading
 *
 * Context: sleeps for the network, killable; without mmap_lock unless @locked.
 * Return: 0 if the page is not missing any more, -EAGAIN no memory now, -EINTR, or another
 * error if the page is lost; then the source is marked as broken.
 */
int pm_fetch_page(struct pm_mm *mm, unsigned long addr, bool locked)
{
	int src = pm_map_where(&mm->map, addr);
	ktime_t start = ktime_get();
	struct pm_buf *buf;
	u64 base, mask;
	int err;

	if (src < 0)
		return 0;
	atomic_inc(&mm->urgent);
	buf = pm_fetch_ask(mm, src, addr, &base, &mask);
	atomic_dec(&mm->urgent);
	if (!buf)
		return 0;
	err = PTR_ERR_OR_ZERO(buf);
	if (!err) {
		err = pm_install_pages(mm, src, buf, base, mask, locked);
		pm_buf_free(buf);
		atomic64_inc(&mm->demand);
		atomic64_add(hweight64(mask) - 1, &mm->ahead);
		atomic64_add(ktime_to_ns(ktime_sub(ktime_get(), start)), &mm->fault_ns);
		/* what follows is likely to be next */
		WRITE_ONCE(mm->cursor, base + ((unsigned long)fls64(mask) << PAGE_SHIFT));
	}
	if (err == -ENOMEM)
		return -EAGAIN;
	if (err && err != -EINTR && pm_map_where(&mm->map, addr) != src)
		return 0;	/* it has come another way */
	if (err && err != -EINTR) {
		WRITE_ONCE(mm->src[src].broken, true);
		wake_up_all(&mm->wait);
	}
	return err;
}

/**
 * pm_fetch_range() - bring all missing pages of a range here
 * @mm: address space of current
 * @start: first address
 * @end: end of the range
 *
 * Context: sleeps, killable, no locks held. Return: 0, -EINTR, -EFAULT if pages are lost.
 */
int pm_fetch_range(struct pm_mm *mm, unsigned long start, unsigned long end)
{
	int src, err;

	for (src = 0; src < PM_SRCS; src++) {
		unsigned long addr = start;

		while ((addr = pm_map_next(&mm->map, src, addr, end)) < end) {
			err = pm_fetch_page(mm, addr, false);
			if (err == -EINTR || fatal_signal_pending(current))
				return -EINTR;
			if (err && err != -EAGAIN)
				return -EFAULT;
			if (err)
				schedule_timeout_killable(HZ / 100);
		}
	}
	return 0;
}

/**
 * pm_fetch_file() - read pages of a file of the home node
 * @mm: address space with a channel to its home
 * @id: number of the file
 * @index: first page
 * @count: pages, up to PM_FETCH_PAGES
 *
 * Context: sleeps for the network, killable.
 * Return: answer with a checked struct pm_file_pages and its data, or ERR_PTR.
 */
struct pm_buf *pm_fetch_file(struct pm_mm *mm, u32 id, u64 index, u32 count)
{
	struct pm_source *source = &mm->src[PM_SRC_HOME];
	struct pm_file_fetch req = {
		.file = cpu_to_le32(id),
		.count = cpu_to_le32(count),
		.index = cpu_to_le64(index),
	};
	const struct pm_file_pages *head;
	struct pm_chan *chan;
	struct pm_buf *buf;
	u32 bytes;
	int err;

	chan = pm_source_home(mm);
	if (IS_ERR(chan))
		return ERR_CAST(chan);
	if (mutex_lock_killable(&source->fetch_lock)) {
		buf = ERR_PTR(-EINTR);
		goto put;
	}
	buf = pm_ask(source, chan, PM_MSG_FILE_FETCH, &req, sizeof(req), PM_MSG_FILE_PAGES);
	mutex_unlock(&source->fetch_lock);
	if (IS_ERR(buf))
		goto put;
	head = (const void *)buf->data;
	err = -EPROTO;
	if (buf->len < sizeof(*head))
		goto drop;
	bytes = le32_to_cpu(head->bytes);
	if (bytes > count << PAGE_SHIFT || bytes != buf->len - sizeof(*head))
		goto drop;
	err = -EIO;
	if (head->err)
		goto free;
	atomic64_add(count, &mm->file);
	goto put;
drop:
	pm_link_drop(chan->link, "malformed file pages");
free:
	pm_buf_free(buf);
	buf = ERR_PTR(err);
put:
	pm_chan_put(chan);
	return buf;
}
