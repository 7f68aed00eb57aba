// SPDX-License-Identifier: GPL-2.0
/* Home: pages of mapped files, for the sink. */
#include <linux/fs.h>
#include "link.h"
#include "space.h"

/* As a page fault does, whatever the program has opened the file for. */
static ssize_t pm_files_read_some(struct file *file, void *data, size_t len, loff_t pos)
{
	struct kvec vec = { .iov_base = data, .iov_len = len };
	struct iov_iter iter;
	struct kiocb iocb;

	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, len);
	init_sync_kiocb(&iocb, file);
	iocb.ki_flags &= ~IOCB_DIRECT;
	iocb.ki_pos = pos;
	return vfs_iocb_iter_read(file, &iocb, &iter);
}

/* Bytes read, fewer than @len only at the end of the file, or negative errno. */
static ssize_t pm_files_read(struct file *file, void *data, size_t len, loff_t pos)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pm_files_read_some(file, data + done, len - done, pos + done);

		if (n < 0)
			return n;
		if (!n)
			break;
		done += n;
	}
	return done;
}

/* The same for @node, to which a promise may have been broken meanwhile. */
static ssize_t pm_files_read_for(struct pm_mm *mm, u32 id, u32 node, void *data, size_t len,
				 loff_t pos)
{
	struct file *file = pm_files_promised(mm, id, node, NULL), *again;
	ssize_t n;

	if (IS_ERR(file))
		return PTR_ERR(file);
	n = pm_files_read(file, data, len, pos);
	fput(file);
	again = pm_files_promised(mm, id, node, NULL);
	if (IS_ERR(again))
		return PTR_ERR(again);
	fput(again);
	return n;
}

/*
 * Answer a struct pm_file_fetch. @page_buf: room for PM_FETCH_PAGES pages.
 * Return: 0, -EPROTO for a malformed request, or an error of the channel.
 */
int pm_files_serve(struct pm_mm *mm, struct pm_chan *chan, const struct pm_buf *req,
		   void *page_buf)
{
	const struct pm_file_fetch *fetch = (const void *)req->data;
	struct pm_file_pages head = {};
	ssize_t n;
	u64 index;
	u32 count;

	if (req->len != sizeof(*fetch))
		return -EPROTO;
	index = le64_to_cpu(fetch->index);
	count = le32_to_cpu(fetch->count);
	if (!count || count > PM_FETCH_PAGES || index > (MAX_LFS_FILESIZE >> PAGE_SHIFT) - count)
		return -EPROTO;
	n = pm_files_read_for(mm, le32_to_cpu(fetch->file), pm_link_node(chan->link), page_buf,
			      (size_t)count << PAGE_SHIFT, index << PAGE_SHIFT);
	if (n < 0)
		head.err = cpu_to_le32(-n);
	else
		head.bytes = cpu_to_le32(n);
	return pm_chan_send(chan, PM_MSG_FILE_PAGES, req->seq, &head, sizeof(head), page_buf,
			    n > 0 ? n : 0);
}
