// SPDX-License-Identifier: GPL-2.0
/*
 * Vectors of strings: the arguments and the environment of an exec.
 *
 * They can be large and many, so a vector is one segment, with its strings one after the
 * other. The remote node takes them in the order in which the kernel copies them, up to the first
 * that cannot be had: there home's kernel stops too, and says why. What is more than any
 * kernel accepts is not carried: that call is recalled.
 */
#include <linux/binfmts.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include "call.h"

/* Nothing can be there. The kernel looks for error codes in these pointers: it is none. */
#define PM_NO_STRING	TASK_SIZE_MAX

/* ---- remote ---- */

/* Strings in the vector of the program; -EFAULT, -E2BIG. */
static long strv_count(const unsigned long __user *vector)
{
	unsigned long string;
	long n;

	for (n = 0; n <= PM_STRV_MAX; n++) {
		if (get_user(string, vector + n))
			return -EFAULT;
		if (!string)
			return n;
		cond_resched();
	}
	return -E2BIG;
}

/* Append one string. Return: 0, 1 the kernel will refuse it, -ENOMEM, -E2BIG. */
static int strv_add(struct pm_plan *plan, struct pm_seg *seg, const char __user *string)
{
	long len = strnlen_user(string, MAX_ARG_STRLEN);
	u8 *to, *nul;
	int err;

	if (!len)
		return 1;
	len = min_t(long, len, MAX_ARG_STRLEN);
	err = pm_plan_reserve(plan, sizeof(struct pm_seg_in) + round_up(seg->ok + len, 8));
	if (err)
		return err;
	to = plan->buf + seg->pos + seg->ok;
	if (copy_from_user(to, string, len))
		return 1;
	nul = memchr(to, 0, len);
	if (nul)
		len = nul - to + 1;
	else if (len < MAX_ARG_STRLEN)
		to[len - 1] = 0;	/* changed meanwhile, by another thread */
	seg->ok += len;
	return !nul && len == MAX_ARG_STRLEN;
}

/**
 * pm_strv_capture() - collect the strings of a vector
 * @plan: the plan (remote)
 * @seg: the vector, with @pos; gets @ok, and a @len that is larger if something is missing
 *
 * Context: the calling task, may sleep. Return: 0, -ENOMEM, -E2BIG.
 */
int pm_strv_capture(struct pm_plan *plan, struct pm_seg *seg)
{
	const unsigned long __user *vector = (void __user *)seg->uaddr;
	struct pm_strv head = {};
	unsigned long string;
	long n = strv_count(vector);
	int ret;

	seg->ok = 0;
	if (n < 0)
		return n == -EFAULT ? 0 : n;
	ret = pm_plan_reserve(plan, sizeof(struct pm_seg_in) + sizeof(head));
	if (ret)
		return ret;
	head.count = cpu_to_le32(n);
	memcpy(plan->buf + seg->pos, &head, sizeof(head));
	seg->ok = sizeof(head);
	while (!ret && n--) {
		ret = get_user(string, vector + n) ? 1 :
		      strv_add(plan, seg, (const char __user *)string);
		cond_resched();
	}
	if (ret < 0)
		return ret;
	seg->len = seg->ok + ret;
	return 0;
}

/* ---- home ---- */

/* The string at @pos; where the next one begins. */
static const u8 *strv_next(const u8 *pos, const u8 *end)
{
	const u8 *nul = memchr(pos, 0, end - pos);

	return nul ? nul + 1 : end;
}

static size_t strv_pointers(const struct pm_seg *seg)
{
	return (seg->count + 1) * sizeof(unsigned long);
}

/**
 * pm_strv_parse() - check a vector from the remote node
 * @plan: the plan (home)
 * @seg: the vector; gets @count and the @len that it takes in the scratch area
 *
 * The pointers come first, then the strings. It can be accessed as a whole: what is missing
 * shows in the pointers.
 * Return: 0 or -EPROTO.
 */
int pm_strv_parse(const struct pm_plan *plan, struct pm_seg *seg)
{
	const u8 *pos = plan->buf + seg->pos, *end = pos + seg->ok;
	struct pm_strv head;
	u32 n = 0;

	seg->len = seg->ok;
	if (!seg->ok)
		return seg->uaddr && !seg->cut ? -EPROTO : 0;
	if (seg->ok < sizeof(head))
		return -EPROTO;
	memcpy(&head, pos, sizeof(head));
	seg->count = le32_to_cpu(head.count);
	for (pos += sizeof(head); pos < end && n <= PM_STRV_MAX; n++)
		pos = strv_next(pos, end);
	if (seg->count > PM_STRV_MAX || head.zero || n > seg->count)
		return -EPROTO;
	if (!seg->cut && (n < seg->count || (n && end[-1])))
		return -EPROTO;
	seg->len = strv_pointers(seg) + seg->ok - sizeof(head);
	seg->cut = false;
	return 0;
}

/**
 * pm_strv_fill() - lay a vector out in the scratch area
 * @plan: the plan (home)
 * @seg: the vector, with its place
 *
 * Context: the deputy, may sleep. Return: 0 or -EFAULT.
 */
int pm_strv_fill(const struct pm_plan *plan, const struct pm_seg *seg)
{
	unsigned long __user *pointer = (unsigned long __user *)seg->place + seg->count;
	const u8 *first = plan->buf + seg->pos + sizeof(struct pm_strv);
	const u8 *end = plan->buf + seg->pos + seg->ok, *pos = first;
	unsigned long strings = seg->place + strv_pointers(seg);
	u32 n;

	if (!seg->ok)
		return 0;
	if (copy_to_user((void __user *)strings, first, end - first) || put_user(0UL, pointer))
		return -EFAULT;
	for (n = seg->count; n--; cond_resched()) {
		if (put_user(pos < end ? strings + (pos - first) : PM_NO_STRING, --pointer))
			return -EFAULT;
		if (pos < end)
			pos = strv_next(pos, end);
	}
	return 0;
}
