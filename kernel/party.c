// SPDX-License-Identifier: GPL-2.0
/*
 * Several processes move as one.
 *
 * Each is moved by its own deputy, as if it were alone (deputy_move.c, deputy_leave.c), but at
 * three points all wait for each other:
 *
 *   1. all of them have stopped: from here on their shared memory does not change
 *   2. the images of all are restored: they may run
 *   3. all say that they run (not when they come home, where that is up to their deputies)
 *
 * The last one is the commit point. Who fails before that, or does not come in time, fails for all,
 * and each goes on where it was. What some may have done at the new node by then nobody has seen
 * but their relatives, who are dropped with them.
 */
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "family.h"

struct pm_party *pm_party_new(unsigned int n, u64 family)
{
	struct pm_party *party = kzalloc(sizeof(*party), GFP_KERNEL_ACCOUNT);

	if (!party)
		return NULL;
	kref_init(&party->ref);
	spin_lock_init(&party->lock);
	init_waitqueue_head(&party->wait);
	party->id = get_random_u64() | 1;
	party->family = family ?: party->id;
	party->n = n;
	return party;
}

void pm_party_get(struct pm_party *party)
{
	kref_get(&party->ref);
}

static void pm_party_free(struct kref *ref)
{
	kfree(container_of(ref, struct pm_party, ref));
}

void pm_party_put(struct pm_party *party)
{
	if (party)
		kref_put(&party->ref, pm_party_free);
}

/* If all are here, on to the next step. Under the lock. */
static void pm_party_step(struct pm_party *party)
{
	lockdep_assert_held(&party->lock);
	if (party->here < party->n)
		return;
	party->here = 0;
	WRITE_ONCE(party->step, party->step + 1);
	wake_up_all(&party->wait);
}

int pm_party_meet(struct pm_party *party)
{
	unsigned int step;
	long left;
	int err;

	if (!party)
		return 0;
	spin_lock(&party->lock);
	step = party->step;
	if (!party->err) {
		party->here++;
		pm_party_step(party);
	}
	spin_unlock(&party->lock);
	left = wait_event_killable_timeout(party->wait, READ_ONCE(party->step) != step ||
					   READ_ONCE(party->err), PM_PARTY_TIMEOUT);
	spin_lock(&party->lock);
	/* once all have come, none has missed it */
	if (party->step == step && !party->err)
		WRITE_ONCE(party->err, left < 0 ? -EAGAIN : -EBUSY);
	err = party->step == step ? party->err : 0;
	spin_unlock(&party->lock);
	if (err)
		wake_up_all(&party->wait);
	return left < 0 && err ? -EINTR : err;
}

void pm_party_fail(struct pm_party *party, int err)
{
	/* what has ended one is not the end of the others, who can try again without it */
	if (err == -EPIPE || err == -EPROTO || err == -EINTR || err == -EHOSTUNREACH ||
	    err == -ESRCH || fatal_signal_pending(current))
		err = -EAGAIN;
	spin_lock(&party->lock);
	if (!party->err)
		WRITE_ONCE(party->err, err);
	spin_unlock(&party->lock);
	wake_up_all(&party->wait);
}

int pm_party_complete(struct pm_party *party, struct pm_proc *proc)
{
	struct pm_kin *kin = pm_kin_find(current, proc);
	unsigned int i;
	int err = !kin ? -ENOMEM : kin->more ? -EAGAIN : 0;

	for (i = 1; kin && i < kin->n && !err; i++)
		if (READ_ONCE(kin->asked[i].proc->party) != party->id)
			err = -EAGAIN;
	pm_kin_free(kin);
	return err;
}

void pm_party_leave(struct pm_party *party)
{
	spin_lock(&party->lock);
	party->n--;
	if (!party->err)
		pm_party_step(party);
	spin_unlock(&party->lock);
}
