/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What rig-client (host) and rig-agent (PID 1 of a node) say to each other over
 * one virtio-serial port. A port carries one session at a time.
 *
 *	client			agent
 *	HELLO nonce  ------->		repeated until answered
 *	       <------------  READY nonce
 *	START        ------->		what to run
 *	DATA, EOF, SIGNAL, WINSIZE, CLOSED  ------->
 *	       <------------  DATA, CREDIT
 *	       <------------  EXIT		wait status
 *
 * A port has no notion of a connection in its data stream: what a former
 * session left in the queues may still arrive. HELLO and READY carry a nonce,
 * and both sides skip everything up to the one that they wait for.
 */
#ifndef RIG_PROTO_H
#define RIG_PROTO_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RIG_MAGIC	0x31674952u	/* "RIg1" */
#define RIG_PAYLOAD	(32 * 1024 - 64)
#define RIG_WINDOW	(256 * 1024)	/* stdin bytes under way */

enum rig_type {
	RIG_HELLO = 1,		/* payload: nonce */
	RIG_READY,		/* payload: nonce */
	RIG_START,		/* payload: struct rig_start, strings */
	RIG_DATA,		/* arg: 0 stdin, 1 stdout, 2 stderr */
	RIG_EOF,		/* stdin has ended */
	RIG_CLOSED,		/* arg: stream whose reader is gone */
	RIG_CREDIT,		/* arg: stdin bytes that the command has taken */
	RIG_SIGNAL,		/* arg: signal for the command's process group */
	RIG_WINSIZE,		/* arg: rows << 16 | columns */
	RIG_EXIT,		/* arg: wait status */
	RIG_FAIL,		/* arg: errno; payload: what failed */
};

struct rig_hdr {
	uint32_t magic;
	uint32_t type;
	uint32_t arg;
	uint32_t len;
};

struct rig_start {
	uint32_t uid;
	uint32_t tty;
	uint32_t winsize;
	uint32_t argc;		/* strings: TERM, then argc arguments */
};

/* A growing byte queue. */
struct rig_buf {
	char *data;
	size_t head;
	size_t len;
	size_t size;
};

static inline int rig_buf_add(struct rig_buf *b, const void *data, size_t len)
{
	if (b->head && b->head + b->len + len > b->size) {
		memmove(b->data, b->data + b->head, b->len);
		b->head = 0;
	}
	if (b->len + len > b->size) {
		size_t size = (b->len + len) * 2;
		char *p = realloc(b->data, size);

		if (!p)
			return -1;
		b->data = p;
		b->size = size;
	}
	memcpy(b->data + b->head + b->len, data, len);
	b->len += len;
	return 0;
}

static inline void rig_buf_drop(struct rig_buf *b, size_t len)
{
	b->head += len;
	b->len -= len;
	if (!b->len)
		b->head = 0;
}

static inline int rig_put(struct rig_buf *b, enum rig_type type, uint32_t arg,
			  const void *data, size_t len)
{
	struct rig_hdr h = { RIG_MAGIC, type, arg, len };

	if (rig_buf_add(b, &h, sizeof(h)))
		return -1;
	return len ? rig_buf_add(b, data, len) : 0;
}

/*
 * Return: the next whole frame of @b, skipping bytes that are none, or NULL.
 * The caller drops it with rig_next() when done.
 */
static inline struct rig_hdr *rig_peek(struct rig_buf *b, struct rig_hdr *h)
{
	while (b->len >= sizeof(*h)) {
		memcpy(h, b->data + b->head, sizeof(*h));
		if (h->magic == RIG_MAGIC && h->type >= RIG_HELLO &&
		    h->type <= RIG_FAIL && h->len <= RIG_PAYLOAD)
			return b->len >= sizeof(*h) + h->len ? h : NULL;
		rig_buf_drop(b, 1);
	}
	return NULL;
}

static inline char *rig_payload(struct rig_buf *b)
{
	return b->data + b->head + sizeof(struct rig_hdr);
}

static inline void rig_next(struct rig_buf *b, const struct rig_hdr *h)
{
	rig_buf_drop(b, sizeof(*h) + h->len);
}

/* Write what fits. Return: 0, or -1 if the other side is gone. */
static inline int rig_flush(int fd, struct rig_buf *b)
{
	while (b->len) {
		size_t chunk = b->len < 32768 ? b->len : 32768;
		ssize_t n = write(fd, b->data + b->head, chunk);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		rig_buf_drop(b, n);
	}
	return 0;
}

#endif
