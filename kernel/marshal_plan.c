// SPDX-License-Identifier: GPL-2.0
/* The walk over the arguments of a call, the same on both nodes: see marshal.h. */
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "marshal.h"
#include "sys_table.h"

/* Longest structure that says its own size. */
#define PM_SIZED_MAX	4096
/* Longest socket address, generously. */
#define PM_ADDR_MAX	4096

/**
 * pm_plan_init() - an empty plan
 * @plan: the plan; its arguments are filled in by the caller
 * @nr: the call
 * @feed: this side's function for a new segment
 */
void pm_plan_init(struct pm_plan *plan, unsigned int nr,
		  int (*feed)(struct pm_plan *plan, struct pm_seg *seg))
{
	memset(plan, 0, offsetof(struct pm_plan, few));
	plan->nr = nr;
	plan->segs = plan->few;
	plan->max = PM_SEG_FEW;
	plan->feed = feed;
	plan->remote = false;
	plan->skip = 0;
	plan->asked = 0;
	plan->left = 0;
}

/**
 * pm_plan_free() - free the segments of a plan
 * @plan: the plan; its buffer belongs to the caller
 */
void pm_plan_free(struct pm_plan *plan)
{
	if (plan->segs != plan->few)
		kvfree(plan->segs);
	plan->segs = plan->few;
	plan->max = PM_SEG_FEW;
	plan->nseg = 0;
}

static int plan_grow(struct pm_plan *plan)
{
	u32 max = plan->max * 4;
	struct pm_seg *segs;

	if (plan->nseg >= PM_SEG_MAX)
		return -E2BIG;
	segs = kvmalloc_array(max, sizeof(*segs), GFP_KERNEL_ACCOUNT);
	if (!segs)
		return -ENOMEM;
	memcpy(segs, plan->segs, plan->nseg * sizeof(*segs));
	if (plan->segs != plan->few)
		kvfree(plan->segs);
	plan->segs = segs;
	plan->max = max;
	return 0;
}

/**
 * pm_plan_room() - how much more data fits into a call
 * @plan: the plan (remote)
 * @dir: PM_IN or PM_OUT
 * @segs: segments over which it will be spread
 * Return: bytes.
 */
size_t pm_plan_room(const struct pm_plan *plan, u8 dir, size_t segs)
{
	size_t used = dir & PM_IN ? plan->len : plan->out;

	/* a header and padding each; the rest is for the small arguments */
	used += segs * 16 + 8192;
	return used < PM_CALL_ROOM ? PM_CALL_ROOM - used : 0;
}

/**
 * pm_plan_part() - how much of a transfer goes into this call
 * @plan: the plan (remote)
 * @dir: PM_IN or PM_OUT
 * @segs: segments over which it will be spread
 * @left: bytes that are still to be transferred
 * Return: bytes; of more than one part whole pages, for files that are opened O_DIRECT.
 */
u64 pm_plan_part(const struct pm_plan *plan, u8 dir, size_t segs, u64 left)
{
	size_t room = pm_plan_room(plan, dir, segs);

	return left <= room ? left : round_down(room, PAGE_SIZE);
}

/**
 * pm_plan_add() - a new segment
 * @plan: the plan
 * @model: the segment as the walk knows it
 * @index: its number, or NULL
 * Context: may sleep.
 * Return: 0, -ENOMEM, -E2BIG when the call has no room for it, -EPROTO.
 */
int pm_plan_add(struct pm_plan *plan, const struct pm_seg *model, u32 *index)
{
	struct pm_seg *seg;
	int err;

	if (model->dir & PM_OUT) {
		size_t out = sizeof(struct pm_seg_out) + round_up((size_t)model->len, 8);

		if (out > PM_CALL_ROOM - plan->out)
			return -E2BIG;
		plan->out += out;
	}
	if (plan->nseg == plan->max) {
		err = plan_grow(plan);
		if (err)
			return err;
	}
	seg = &plan->segs[plan->nseg];
	*seg = *model;
	err = plan->feed(plan, seg);
	if (err)
		return err;
	if (index)
		*index = plan->nseg;
	plan->nseg++;
	return 0;
}

static u64 plan_count(const struct pm_plan *plan, const struct pm_arg *arg)
{
	unsigned long n = plan->args[arg->from];

	switch (arg->width) {
	case PM_SINT:
		return max((int)n, 0);
	case PM_UINT:
		return (u32)n;
	default:
		return n;
	}
}

/* A buffer and its count. One that has no room is left to the program's own kernel. */
static int plan_cnt(struct pm_plan *plan, const struct pm_arg *arg, struct pm_seg *seg)
{
	u64 n = plan_count(plan, arg);

	if (n > (PM_CALL_ROOM - arg->add) / arg->unit)
		return -E2BIG;
	seg->unit = arg->unit;
	seg->add = arg->add;
	seg->holes = arg->holes;
	if (arg->ret)
		seg->made = PM_MADE_RET;
	seg->len = arg->add + n * arg->unit;
	return pm_plan_add(plan, seg, NULL);
}

/* A buffer whose length stands where another argument points to, walked before. */
static int plan_ptr(struct pm_plan *plan, const struct pm_arg *arg, struct pm_seg *seg)
{
	int n = 0;
	u32 i;

	for (i = 0; i < plan->nseg; i++)
		if (plan->segs[i].parent == PM_SEG_ARG && plan->segs[i].off == arg->from)
			break;
	if (i < plan->nseg && plan->segs[i].ok >= sizeof(n))
		memcpy(&n, plan->buf + plan->segs[i].pos, sizeof(n));
	n = max(n, 0);
	if (seg->dir == PM_OUT) {
		seg->made = PM_MADE_FIELD;
		seg->src = i;
		n = min(n, PM_ADDR_MAX);
	}
	if (n > PM_CALL_ROOM)
		return -E2BIG;
	seg->len = n;
	return pm_plan_add(plan, seg, NULL);
}

static int plan_bits(struct pm_plan *plan, const struct pm_arg *arg, struct pm_seg *seg)
{
	int n = plan->args[arg->from];

	seg->len = BITS_TO_LONGS((u64)max(n, 0)) * sizeof(long);
	if (seg->len > PM_CALL_ROOM)
		return -E2BIG;
	/* one may be the other, too */
	seg->whole = true;
	return pm_plan_add(plan, seg, NULL);
}

static int plan_mask(struct pm_plan *plan, struct pm_seg *seg)
{
	struct pm_seg mask = { .dir = PM_IN, .len = sizeof(u64) };
	int err;

	seg->len = sizeof(u64) + sizeof(size_t);
	err = pm_plan_add(plan, seg, &mask.parent);
	if (err)
		return err;
	seg = &plan->segs[mask.parent];
	if (seg->ok < seg->len)
		return 0;
	memcpy(&mask.uaddr, plan->buf + seg->pos, sizeof(mask.uaddr));
	return pm_plan_add(plan, &mask, NULL);
}

static int plan_arg(struct pm_plan *plan, const struct pm_arg *arg, u32 n)
{
	struct pm_seg seg = {
		.parent = PM_SEG_ARG, .off = n, .uaddr = plan->args[n], .dir = arg->dir,
		.soft = arg->soft,
	};
	struct pm_seg data = { .dir = arg->dir, .made = PM_MADE_RET, .unit = 1 };

	switch (arg->kind) {
	case PM_ARG_INT:
		plan->ints |= BIT(n);
		return 0;
	case PM_ARG_STR:
		seg.var = PM_VAR_STR;
		seg.len = PATH_MAX;
		return pm_plan_add(plan, &seg, NULL);
	case PM_ARG_STRV:
		seg.var = PM_VAR_STRV;
		seg.len = PM_CALL_ROOM;
		return pm_plan_add(plan, &seg, NULL);
	case PM_ARG_SIZED:
		seg.var = PM_VAR_SIZED;
		seg.len = PM_SIZED_MAX;
		return pm_plan_add(plan, &seg, NULL);
	case PM_ARG_FIX:
		seg.len = arg->unit;
		return pm_plan_add(plan, &seg, NULL);
	case PM_ARG_CNT:
		return plan_cnt(plan, arg, &seg);
	case PM_ARG_PTR:
		return plan_ptr(plan, arg, &seg);
	case PM_ARG_BITS:
		return plan_bits(plan, arg, &seg);
	case PM_ARG_MASK:
		return plan_mask(plan, &seg);
	case PM_ARG_IOV:
		return pm_plan_iov(plan, &seg, plan->args[arg->from], &data, true);
	case PM_ARG_MSG:
		return pm_plan_msg(plan, n, arg->dir);
	case PM_ARG_MMSG:
		return pm_plan_mmsg(plan, n, arg->dir, arg->from);
	default:
		return 0;
	}
}

/* The part of a large plain transfer that goes into this call. */
static void plan_slice(struct pm_plan *plan, const struct pm_sysrow *row)
{
	u64 total = min_t(u64, plan->args[2], MAX_RW_COUNT);

	if (!(row->flags & (PM_ROW_READ | PM_ROW_WRITE)))
		return;
	/* -1 is the current position for preadv2 and pwritev2, which take it from the file */
	if ((row->flags & PM_ROW_POS) && (long)plan->args[3] >= 0)
		plan->args[3] += plan->skip;
	if (row->arg[1].kind != PM_ARG_CNT || plan->skip > total ||
	    !access_ok((void __user *)plan->args[1], plan->args[2]))
		return;
	total -= plan->skip;
	plan->asked = pm_plan_part(plan, row->arg[1].dir, 1, total);
	plan->left = total - plan->asked;
	plan->args[1] += plan->skip;
	plan->args[2] = plan->asked;
}

/**
 * pm_plan_walk() - find all segments of a call
 * @plan: the plan, with its arguments
 * The arguments are walked from the last to the first, since a length that is behind a
 * pointer stands after its buffer.
 * Context: may sleep.
 * Return: 0, -EXDEV when home cannot run it, -ENOMEM, -E2BIG, -EPROTO.
 */
int pm_plan_walk(struct pm_plan *plan)
{
	struct pm_sysrow copy;
	const struct pm_sysrow *row = pm_sysrow_for(plan->nr, plan->args, &copy);
	size_t start = plan->len;
	int n, err;

	if (row->class != PM_HOME)
		return -EXDEV;
	plan->flags = row->flags;
	if (plan->remote)
		plan_slice(plan, row);
	do {
		if (plan->remote)
			plan->len = start;
		plan->out = 0;
		plan->nseg = 0;
		err = 0;
		for (n = ARRAY_SIZE(row->arg) - 1; n >= 0 && !err; n--)
			err = plan_arg(plan, &row->arg[n], n);
		/* fewer messages than the program gave have room; that is now their number */
	} while (err == -EAGAIN && plan->remote);
	return err;
}
