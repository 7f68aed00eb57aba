// SPDX-License-Identifier: GPL-2.0
/* Arrays of struct iovec, and messages of sockets. */
#include <linux/fs.h>
#include <linux/socket.h>
#include <linux/uio.h>
#include "marshal.h"
#include "sys_table.h"

/* Largest control data that is carried; messages have far less. */
#define PM_CONTROL_MAX	65536

static u8 *plan_data(struct pm_plan *plan, u32 seg, u32 off)
{
	return plan->buf + plan->segs[seg].pos + off;
}

/*
 * Check an array of struct iovec; at the remote node also cut the part that goes into
 * this call out of it.
 * Return: 1 if it can be walked, 0 if the kernel will refuse it, -E2BIG.
 */
static int iov_check(struct pm_plan *plan, u32 array, u32 count, u8 dir, bool slice)
{
	u64 total = 0, skip, room, part;
	struct iovec iov;
	u32 i;

	for (i = 0; i < count; i++) {
		memcpy(&iov, plan_data(plan, array, i * sizeof(iov)), sizeof(iov));
		if ((ssize_t)iov.iov_len < 0)
			return 0;
		total = min_t(u64, total + iov.iov_len, MAX_RW_COUNT);
	}
	if (!plan->remote)
		return total > PM_CALL_ROOM ? -E2BIG : 1;
	room = pm_plan_room(plan, dir, count);
	if (!slice)
		return total > room ? -E2BIG : 1;

	skip = min(plan->skip, total);
	room = pm_plan_part(plan, dir, count, total - skip);
	plan->asked = room;
	plan->left = total - skip - room;
	for (i = 0; i < count; i++) {
		memcpy(&iov, plan_data(plan, array, i * sizeof(iov)), sizeof(iov));
		part = min_t(u64, skip, iov.iov_len);
		iov.iov_base += part;
		iov.iov_len -= part;
		skip -= part;
		part = min_t(u64, room, iov.iov_len);
		iov.iov_len = part;
		room -= part;
		memcpy(plan_data(plan, array, i * sizeof(iov)), &iov, sizeof(iov));
	}
	return 1;
}

/**
 * pm_plan_iov() - an array of struct iovec and its buffers
 * @plan: the plan
 * @model: where the pointer to the array is, and its value
 * @count: elements
 * @data: what is the same for all buffers
 * @slice: a part of them will do
 * Context: may sleep.
 * Return: as pm_plan_add().
 */
int pm_plan_iov(struct pm_plan *plan, const struct pm_seg *model, u64 count,
		const struct pm_seg *data, bool slice)
{
	struct pm_seg seg = *model;
	bool stop = false;
	u32 array, i, last;
	int fine, err;

	seg.dir = PM_IN;
	seg.len = count > UIO_MAXIOV ? 0 : count * sizeof(struct iovec);
	err = pm_plan_add(plan, &seg, &array);
	if (err || plan->segs[array].ok < seg.len)
		return err;
	count = seg.len / sizeof(struct iovec);
	fine = iov_check(plan, array, count, data->dir, slice);
	if (fine < 0)
		return fine;
	seg = *data;
	seg.parent = array;
	for (i = 0; i < count; i++) {
		struct iovec iov;

		memcpy(&iov, plan_data(plan, array, i * sizeof(iov)), sizeof(iov));
		seg.off = i * sizeof(iov) + offsetof(struct iovec, iov_base);
		seg.uaddr = (unsigned long)iov.iov_base;
		/* the kernel does not go beyond the first byte that it cannot access */
		seg.cut = stop;
		seg.len = fine ? iov.iov_len : 0;
		err = pm_plan_add(plan, &seg, &last);
		if (err)
			return err;
		stop |= plan->segs[last].cut;
		seg.skip += seg.len;
	}
	return 0;
}

/* The name, the buffers and the control data of the struct user_msghdr at @base of @hdr. */
static int plan_one_msg(struct pm_plan *plan, u32 hdr, u32 base, const struct pm_seg *data,
			bool slice)
{
	struct pm_seg seg = {
		.parent = hdr, .dir = data->dir, .made = PM_MADE_FIELD, .src = hdr,
		.need = data->need,
	};
	struct user_msghdr msg;
	int err;

	if (plan->remote && plan->skip) {	/* it went with the first part */
		size_t none = 0;

		memcpy(plan_data(plan, hdr, base + offsetof(struct user_msghdr, msg_controllen)),
		       &none, sizeof(none));
	}
	memcpy(&msg, plan_data(plan, hdr, base), sizeof(msg));

	seg.off = base + offsetof(struct user_msghdr, msg_name);
	seg.src_off = base + offsetof(struct user_msghdr, msg_namelen);
	seg.uaddr = (unsigned long)msg.msg_name;
	seg.len = clamp_t(int, msg.msg_namelen, 0, sizeof(struct sockaddr_storage));
	err = pm_plan_add(plan, &seg, NULL);
	if (err)
		return err;

	/* what is received has holes that nobody writes */
	if (msg.msg_controllen > PM_CONTROL_MAX)
		return -E2BIG;
	seg.off = base + offsetof(struct user_msghdr, msg_control);
	seg.dir = data->dir == PM_IN ? PM_IN : PM_INOUT;
	seg.uaddr = (unsigned long)msg.msg_control;
	seg.len = msg.msg_controllen;
	err = pm_plan_add(plan, &seg, NULL);
	if (err)
		return err;

	seg.off = base + offsetof(struct user_msghdr, msg_iov);
	seg.uaddr = (unsigned long)msg.msg_iov;
	return pm_plan_iov(plan, &seg, msg.msg_iovlen, data, slice);
}

/**
 * pm_plan_msg() - a struct msghdr
 * @plan: the plan
 * @arg: number of the argument
 * @dir: PM_IN for sendmsg, PM_OUT for recvmsg
 * Return: as pm_plan_add().
 */
int pm_plan_msg(struct pm_plan *plan, u32 arg, u8 dir)
{
	struct pm_seg data = { .dir = dir, .made = PM_MADE_RET, .unit = 1 };
	struct pm_seg seg = {
		.parent = PM_SEG_ARG, .off = arg, .uaddr = plan->args[arg],
		.len = sizeof(struct user_msghdr), .dir = dir == PM_IN ? PM_IN : PM_INOUT,
	};
	u32 hdr;
	int err;

	err = pm_plan_add(plan, &seg, &hdr);
	if (err || plan->segs[hdr].ok < seg.len)
		return err;
	return plan_one_msg(plan, hdr, 0, &data, true);
}

/**
 * pm_plan_mmsg() - an array of struct mmsghdr
 * @plan: the plan
 * @arg: number of the argument
 * @dir: PM_IN for sendmmsg, PM_OUT for recvmmsg
 * @from: number of the argument with the count
 * Return: as pm_plan_add(), or -EAGAIN: the count has been reduced to what has room, walk again.
 */
int pm_plan_mmsg(struct pm_plan *plan, u32 arg, u8 dir, u32 from)
{
	u32 count = min_t(u32, plan->args[from], UIO_MAXIOV);
	struct pm_seg seg = {
		.parent = PM_SEG_ARG, .off = arg, .uaddr = plan->args[arg],
		.len = count * sizeof(struct mmsghdr), .dir = PM_INOUT,
	};
	u32 array, i;
	int err;

	err = pm_plan_add(plan, &seg, &array);
	if (err)
		return err;
	for (i = 0; i < plan->segs[array].ok / sizeof(struct mmsghdr); i++) {
		u32 base = i * sizeof(struct mmsghdr);
		struct pm_seg data = {
			.dir = dir, .made = PM_MADE_FIELD, .src = array, .need = i + 1,
			.src_off = base + offsetof(struct mmsghdr, msg_len),
		};

		err = plan_one_msg(plan, array, base, &data, false);
		if (err == -E2BIG && i && plan->remote) {
			plan->args[from] = i;
			return -EAGAIN;
		}
		if (err)
			return err;
	}
	return 0;
}
