/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine that carries arguments of system calls.
 *
 * Both nodes walk the same row of the table over the same arguments
 * (marshal_plan.c) and so come to the same list of segments: pieces of user memory
 * that the call may access. At each one the walk stops and asks its side: the remote node
 * reads the program's memory and writes the request (marshal_remote.c), home reads
 * the request (marshal_home.c). What a pointer points to is known before what is found
 * behind it is walked, so vectors need nothing special on the wire.
 *
 *	remote: walk + capture -> request -> home: walk + parse, place, run, collect
 *	remote: unpack <- out-data <-
 */
#ifndef PM_MARSHAL_H
#define PM_MARSHAL_H

#include <linux/types.h>
#include "wire.h"

/* Bytes of in-data and of out-data of one call, headers included. */
#define PM_CALL_ROOM	(PM_MAX_CALL - 8192)
#define PM_SEG_MAX	8192	/* pieces of user memory of one call */
#define PM_SEG_FEW	6	/* as many need no allocation */
#define PM_SEG_ARG	(~0U)	/* pm_seg.parent: the pointer is an argument */
#define PM_BAD_ADDR	(~0UL)	/* no user address: nothing can ever be there */

/** enum pm_made - how much of an out-segment a call has written */
enum pm_made {
	PM_MADE_ALL,	/* all of it */
	PM_MADE_RET,	/* what the return value says */
	PM_MADE_FIELD,	/* what a field of another segment says after the call */
};

/**
 * struct pm_seg - a piece of user memory of a call
 * @uaddr: the program's address; at home only its low bits and whether it is NULL
 * @place: address in the scratch area (home)
 * @len: bytes that the call may access
 * @count: strings in a vector of them (home)
 * @ok: the first bytes of them, which the program may access too
 * @pos: of its in-data in the request
 * @parent: the segment that holds the pointer to it, or PM_SEG_ARG
 * @off: where in @parent, or the number of the argument
 * @src: for PM_MADE_FIELD: the segment with the field, an int
 * @src_off: where the field is in it
 * @skip: of what was written, that many bytes belong to the buffers before this one
 * @need: nothing was written if the return value is less
 * @unit: bytes for each one of the return value
 * @add: bytes before that
 * @dir: PM_IN, PM_OUT or PM_INOUT
 * @made: enum pm_made
 * @whole: it is written back as it is, changed or not
 * @soft: it is no fault if nothing can be written there
 * @holes: the call leaves bytes out, which must not be old ones
 * @cut: the byte after @ok cannot be accessed; from the walk: none is wanted of it
 * @wild: not a user address at all
 * @var: @len is what the remote node finds, up to @len
 */
struct pm_seg {
	unsigned long uaddr;
	unsigned long place;
	u32 len;
	u32 count;
	u32 ok;
	u32 pos;
	u32 parent;
	u32 off;
	u32 src;
	u32 src_off;
	u32 skip;
	u32 need;
	u16 unit;
	u8 add;
	u8 dir;
	u8 made;
	bool whole;
	bool soft;
	bool holes;
	bool cut;
	bool wild;
	u8 var;
};

/* pm_seg.var */
#define PM_VAR_STR	1	/* a string */
#define PM_VAR_SIZED	2	/* the first u32 says it */
#define PM_VAR_STRV	3	/* a vector of strings; at home @len is what it takes there */

/**
 * struct pm_plan - the segments of one call
 * @nr: the call
 * @args: its arguments; the remote node may reduce a count
 * @flags: PM_ROW_* of its row
 * @ints: bit map of the arguments that are numbers
 * @buf: the request: being written by the remote node, read by home
 * @len: bytes written, or the size
 * @cap: bytes allocated (remote)
 * @next: bytes read (home)
 * @out: out-bytes asked for so far
 * @segs: the segments
 * @nseg: their number
 * @max: room in @segs
 * @few: room for the usual call
 * @feed: called for each new segment, fills @ok, @pos, @cut and of a variable one @len.
 *	Return: 0, -ENOMEM, -E2BIG no room, -EPROTO
 * @remote: this is the side that chooses how much goes into this call
 * @skip: bytes of a large transfer that have been carried before
 * @asked: bytes of it in this call
 * @left: bytes of it after this call
 */
struct pm_plan {
	unsigned int nr;
	unsigned long args[6];
	u8 flags;
	u8 ints;
	u8 *buf;
	size_t len;
	size_t cap;
	size_t next;
	size_t out;
	struct pm_seg *segs;
	u32 nseg;
	u32 max;
	struct pm_seg few[PM_SEG_FEW];
	int (*feed)(struct pm_plan *plan, struct pm_seg *seg);
	bool remote;
	u64 skip;
	u64 asked;
	u64 left;
};

/* The walk, marshal_plan.c. */
void pm_plan_init(struct pm_plan *plan, unsigned int nr,
		  int (*feed)(struct pm_plan *plan, struct pm_seg *seg));
void pm_plan_free(struct pm_plan *plan);
int pm_plan_walk(struct pm_plan *plan);
int pm_plan_add(struct pm_plan *plan, const struct pm_seg *model, u32 *index);
size_t pm_plan_room(const struct pm_plan *plan, u8 dir, size_t segs);
u64 pm_plan_part(const struct pm_plan *plan, u8 dir, size_t segs, u64 left);

/* Vectors and messages, marshal_vec.c. */
int pm_plan_iov(struct pm_plan *plan, const struct pm_seg *model, u64 count,
		const struct pm_seg *data, bool slice);
int pm_plan_msg(struct pm_plan *plan, u32 arg, u8 dir);
int pm_plan_mmsg(struct pm_plan *plan, u32 arg, u8 dir, u32 from);

/* Room for @more bytes after @plan->len of the request: 0, -ENOMEM, -E2BIG. marshal_remote.c */
int pm_plan_reserve(struct pm_plan *plan, size_t more);

/* Vectors of strings, marshal_strv.c. */
int pm_strv_capture(struct pm_plan *plan, struct pm_seg *seg);
int pm_strv_parse(const struct pm_plan *plan, struct pm_seg *seg);
int pm_strv_fill(const struct pm_plan *plan, const struct pm_seg *seg);

#endif
