/* SPDX-License-Identifier: GPL-2.0 */
/* Images on the wire: a growing buffer of tagged records, and its reader. */
#ifndef PM_IMAGE_H
#define PM_IMAGE_H

#include <linux/types.h>
#include "wire.h"

/**
 * struct pm_enc - an image being written
 * @buf: kvmalloc'ed, grows
 * @len: bytes used
 * @cap: bytes allocated
 * @err: first error (-ENOMEM, -E2BIG); once set, further puts do nothing
 */
struct pm_enc {
	u8 *buf;
	size_t len;
	size_t cap;
	int err;
};

/** struct pm_dec - an image being read; @pos..@end is what is left, @err the first error */
struct pm_dec {
	const u8 *pos;
	const u8 *end;
	int err;
};

void pm_enc_init(struct pm_enc *enc);
void pm_enc_free(struct pm_enc *enc);
/* Append a record of @len bytes and return where to write them, NULL on error. May sleep. */
void *pm_enc_reserve(struct pm_enc *enc, u32 tag, size_t len);
/* Append a record with these bytes. Return: 0 or the encoder's error. */
int pm_enc_put(struct pm_enc *enc, u32 tag, const void *data, size_t len);
/* Append all records of another image. Return: 0 or an encoder's error. */
int pm_enc_append(struct pm_enc *enc, const struct pm_enc *part);

void pm_dec_init(struct pm_dec *dec, const void *data, size_t len);
/*
 * pm_dec_next() - the next record
 * Return: true and its tag, data and length; false at the end or on an error (see @err).
 */
bool pm_dec_next(struct pm_dec *dec, u32 *tag, const void **data, size_t *len);

#endif
