// SPDX-License-Identifier: GPL-2.0
/*
 * Which pages of an address space are missing here, and where they are.
 *
 * One bit for each page and source, in chunks of 2 MiB that exist only where pages are
 * missing: 100 GiB of memory need 13 MiB while they are on their way.
 */
#include <linux/bitops.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "space.h"

static unsigned int pm_word_of(unsigned long addr)
{
	return (addr & (PM_CHUNK_SIZE - 1)) >> (PAGE_SHIFT + 6);
}

static u64 pm_bit_of(unsigned long addr)
{
	return BIT_ULL((addr >> PAGE_SHIFT) & 63);
}

static struct pm_chunk *pm_chunk_of(struct pm_pagemap *map, unsigned long addr)
{
	return xa_load(&map->chunks, addr >> PM_CHUNK_SHIFT);
}

void pm_map_init(struct pm_pagemap *map)
{
	xa_init(&map->chunks);
	spin_lock_init(&map->lock);
	memset(map->left, 0, sizeof(map->left));
}

void pm_map_clear(struct pm_pagemap *map)
{
	struct pm_chunk *chunk;
	unsigned long index;

	xa_for_each(&map->chunks, index, chunk) {
		kfree(chunk);
		cond_resched();
	}
	xa_destroy(&map->chunks);
	memset(map->left, 0, sizeof(map->left));
}

int pm_map_add(struct pm_pagemap *map, enum pm_source_id src, unsigned long addr,
	       const __le64 *bits)
{
	struct pm_chunk *chunk = pm_chunk_of(map, addr);
	int i, other, err;

	if (!chunk) {
		chunk = kzalloc(sizeof(*chunk), GFP_KERNEL_ACCOUNT);
		if (!chunk)
			return -ENOMEM;
		err = xa_err(xa_store(&map->chunks, addr >> PM_CHUNK_SHIFT, chunk,
				      GFP_KERNEL_ACCOUNT));
		if (err) {
			kfree(chunk);
			return err;
		}
	}
	spin_lock(&map->lock);
	for (i = 0; i < PM_CHUNK_WORDS; i++) {
		u64 add = le64_to_cpu(bits[i]);

		for (other = 0; other < PM_SRCS; other++) {
			map->left[other] -= hweight64(chunk->missing[other][i] & add);
			chunk->missing[other][i] &= ~add;
		}
		chunk->missing[src][i] |= add;
		map->left[src] += hweight64(add);
	}
	spin_unlock(&map->lock);
	return 0;
}

void pm_map_set_huge(struct pm_pagemap *map, unsigned long addr)
{
	struct pm_chunk *chunk = pm_chunk_of(map, addr);

	if (chunk)
		set_bit(PM_CHUNK_HUGE, &chunk->flags);
}

bool pm_map_is_huge(struct pm_pagemap *map, unsigned long addr)
{
	struct pm_chunk *chunk = pm_chunk_of(map, addr);

	return chunk && test_bit(PM_CHUNK_HUGE, &chunk->flags);
}

bool __pm_map_test(struct pm_pagemap *map, enum pm_source_id src, unsigned long addr)
{
	struct pm_chunk *chunk = pm_chunk_of(map, addr);

	lockdep_assert_held(&map->lock);
	return chunk && (chunk->missing[src][pm_word_of(addr)] & pm_bit_of(addr));
}

void __pm_map_drop(struct pm_pagemap *map, enum pm_source_id src, unsigned long addr)
{
	struct pm_chunk *chunk = pm_chunk_of(map, addr);

	lockdep_assert_held(&map->lock);
	if (!__pm_map_test(map, src, addr))
		return;
	WRITE_ONCE(chunk->missing[src][pm_word_of(addr)],
		   chunk->missing[src][pm_word_of(addr)] & ~pm_bit_of(addr));
	WRITE_ONCE(map->left[src], map->left[src] - 1);
}

u64 pm_map_word(struct pm_pagemap *map, enum pm_source_id src, unsigned long addr)
{
	struct pm_chunk *chunk = pm_chunk_of(map, addr);

	return chunk ? READ_ONCE(chunk->missing[src][pm_word_of(addr)]) : 0;
}

int pm_map_where(struct pm_pagemap *map, unsigned long addr)
{
	int src;

	for (src = 0; src < PM_SRCS; src++)
		if (pm_map_word(map, src, addr) & pm_bit_of(addr))
			return src;
	return -ENOENT;
}

unsigned long pm_map_next(struct pm_pagemap *map, enum pm_source_id src, unsigned long addr,
			  unsigned long end)
{
	unsigned long index;
	struct pm_chunk *chunk;

	if (addr >= end)
		return end;
	xa_for_each_range(&map->chunks, index, chunk, addr >> PM_CHUNK_SHIFT,
			  (end - 1) >> PM_CHUNK_SHIFT) {
		unsigned long base = index << PM_CHUNK_SHIFT;
		int i;

		for (i = base < addr ? pm_word_of(addr) : 0; i < PM_CHUNK_WORDS; i++) {
			unsigned long first = base + ((unsigned long)i << (PAGE_SHIFT + 6));
			u64 word = READ_ONCE(chunk->missing[src][i]);

			if (first < addr)
				word &= ~(pm_bit_of(addr) - 1);
			if (word)
				return min(end, first + (__ffs64(word) << PAGE_SHIFT));
		}
	}
	return end;
}

/* Bits of the word that begins at @first whose pages are in [@start, @end). */
static u64 pm_bits_within(unsigned long first, unsigned long start, unsigned long end)
{
	unsigned long last = first + (64UL << PAGE_SHIFT);
	u64 bits = ~0ULL;

	if (first >= end || last <= start)
		return 0;
	if (start > first)
		bits &= ~0ULL << ((start - first) >> PAGE_SHIFT);
	if (end < last)
		bits &= ~0ULL >> ((last - end) >> PAGE_SHIFT);
	return bits;
}

void pm_map_forget(struct pm_pagemap *map, unsigned long start, unsigned long end)
{
	struct pm_chunk *chunk;
	unsigned long index;
	int i, src;

	if (start >= end)
		return;
	xa_for_each_range(&map->chunks, index, chunk, start >> PM_CHUNK_SHIFT,
			  (end - 1) >> PM_CHUNK_SHIFT) {
		if (start <= index << PM_CHUNK_SHIFT && end >= (index + 1) << PM_CHUNK_SHIFT)
			clear_bit(PM_CHUNK_HUGE, &chunk->flags);
		spin_lock(&map->lock);
		for (i = 0; i < PM_CHUNK_WORDS; i++) {
			unsigned long first = (index << PM_CHUNK_SHIFT) +
					      ((unsigned long)i << (PAGE_SHIFT + 6));
			u64 drop = pm_bits_within(first, start, end);

			for (src = 0; src < PM_SRCS; src++) {
				u64 *word = &chunk->missing[src][i];

				WRITE_ONCE(map->left[src],
					   map->left[src] - hweight64(*word & drop));
				WRITE_ONCE(*word, *word & ~drop);
			}
		}
		spin_unlock(&map->lock);
	}
}
