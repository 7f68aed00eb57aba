// SPDX-License-Identifier: GPL-2.0
/* Images on the wire: a growing buffer of tagged records, and its reader; see image.h. */
#include <linux/align.h>
#include <linux/mm.h>
#include <linux/string.h>
#include "image.h"

#define PM_ENC_FIRST	(16 * 1024)	/* size of the first allocation */
#define PM_REC_ALIGN	8

/**
 * pm_enc_init() - begin an empty image
 * @enc: encoder
 */
void pm_enc_init(struct pm_enc *enc)
{
	*enc = (struct pm_enc){};
}

/**
 * pm_enc_free() - free the buffer
 * @enc: encoder; empty afterwards
 *
 * Context: may sleep.
 */
void pm_enc_free(struct pm_enc *enc)
{
	kvfree(enc->buf);
	pm_enc_init(enc);
}

/* Make room for @more bytes. Return: 0 or the encoder's error. */
static int pm_enc_grow(struct pm_enc *enc, size_t more)
{
	size_t cap = max_t(size_t, enc->cap, PM_ENC_FIRST);
	u8 *buf;

	if (more > PM_MAX_IMAGE - enc->len) {
		enc->err = -E2BIG;
		return enc->err;
	}
	if (enc->len + more <= enc->cap)
		return 0;
	while (cap < enc->len + more)
		cap *= 2;
	cap = min_t(size_t, cap, PM_MAX_IMAGE);
	buf = kvmalloc(cap, GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	if (!buf) {
		enc->err = -ENOMEM;
		return enc->err;
	}
	memcpy(buf, enc->buf, enc->len);
	kvfree(enc->buf);
	enc->buf = buf;
	enc->cap = cap;
	return 0;
}

/**
 * pm_enc_reserve() - append a record without its content
 * @enc: encoder
 * @tag: enum pm_tag
 * @len: bytes of content
 *
 * The caller fills all of it before the next call: the buffer may move then.
 *
 * Context: may sleep.
 * Return: where the content belongs, NULL on error (@enc->err).
 */
void *pm_enc_reserve(struct pm_enc *enc, u32 tag, size_t len)
{
	struct pm_rec *rec;
	size_t size;

	if (enc->err)
		return NULL;
	if (len > PM_MAX_IMAGE) {
		enc->err = -E2BIG;
		return NULL;
	}
	size = sizeof(*rec) + ALIGN(len, PM_REC_ALIGN);
	if (pm_enc_grow(enc, size))
		return NULL;
	rec = (struct pm_rec *)(enc->buf + enc->len);
	rec->tag = cpu_to_le32(tag);
	rec->len = cpu_to_le32(len);
	memset((u8 *)(rec + 1) + len, 0, size - sizeof(*rec) - len);
	enc->len += size;
	return rec + 1;
}

/**
 * pm_enc_put() - append a record
 * @enc: encoder
 * @tag: enum pm_tag
 * @data: its content
 * @len: bytes of it
 *
 * Context: may sleep.
 * Return: 0 or the encoder's error.
 */
int pm_enc_put(struct pm_enc *enc, u32 tag, const void *data, size_t len)
{
	void *to = pm_enc_reserve(enc, tag, len);

	if (!to)
		return enc->err;
	memcpy(to, data, len);
	return 0;
}

/**
 * pm_enc_append() - append all records of another image
 * @enc: encoder
 * @part: the other one, which stays as it is
 *
 * Context: may sleep.
 * Return: 0 or an encoder's error.
 */
int pm_enc_append(struct pm_enc *enc, const struct pm_enc *part)
{
	if (part->err || pm_enc_grow(enc, part->len))
		return part->err ?: enc->err;
	memcpy(enc->buf + enc->len, part->buf, part->len);
	enc->len += part->len;
	return 0;
}

/**
 * pm_dec_init() - begin to read an image
 * @dec: decoder
 * @data: the image, not trusted; stays the caller's
 * @len: bytes of it
 */
void pm_dec_init(struct pm_dec *dec, const void *data, size_t len)
{
	dec->pos = data;
	dec->end = dec->pos + len;
	dec->err = 0;
}

/**
 * pm_dec_next() - the next record
 * @dec: decoder
 * @tag: its tag; may be one that we don't know
 * @data: its content, aligned to 8 bytes if the image is
 * @len: bytes of it
 *
 * Return: false at the end, or on an error: @dec->err is -EPROTO then.
 */
bool pm_dec_next(struct pm_dec *dec, u32 *tag, const void **data, size_t *len)
{
	size_t left = dec->end - dec->pos;
	const struct pm_rec *rec = (const void *)dec->pos;
	size_t size;

	if (dec->err || !left)
		return false;
	if (left < sizeof(*rec))
		goto malformed;
	size = le32_to_cpu(rec->len);
	left -= sizeof(*rec);
	if (size > left || ALIGN(size, PM_REC_ALIGN) > left)
		goto malformed;
	*tag = le32_to_cpu(rec->tag);
	*data = rec + 1;
	*len = size;
	dec->pos += sizeof(*rec) + ALIGN(size, PM_REC_ALIGN);
	return true;
malformed:
	dec->err = -EPROTO;
	return false;
}
