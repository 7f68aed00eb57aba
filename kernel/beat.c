// SPDX-License-Identifier: GPL-2.0
/*
 * The control channel of a link: a heartbeat each second in both directions, with the load of the
 * sender and what tells how far the clocks are apart. Without them the link is dropped.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched/loadavg.h>
#include "node.h"

#define PM_BEAT			HZ

static atomic_t pm_guests;	/* surrogates on this node */

/**
 * pm_guests_add() - the number of surrogates here changes
 * @n: by how much
 *
 * Context: any.
 */
void pm_guests_add(int n)
{
	atomic_add(n, &pm_guests);
}

/**
 * pm_load_self() - how busy this node is
 * @load: filled
 *
 * Context: any.
 */
void pm_load_self(struct pm_load *load)
{
	load->load = READ_ONCE(avenrun[0]);
	load->cpus = num_online_cpus();
	load->mem_total = totalram_pages();
	load->mem_free = max_t(long, si_mem_available(), 0);
	load->guests = max(atomic_read(&pm_guests), 0);
}

/**
 * struct pm_beats - heartbeats of a link, state of its kthread
 * @next: jiffies when the next one is due
 * @echo: stamp of the peer's last one
 * @echo_ns: when it arrived, in ns
 */
struct pm_beats {
	unsigned long next;
	__le64 echo;
	u64 echo_ns;
};

static int pm_beat_send(struct pm_chan *ctrl, struct pm_beats *beats)
{
	struct pm_heartbeat beat = {};
	struct pm_load load;
	u64 now = ktime_get_ns();

	pm_load_self(&load);
	beat.stamp = cpu_to_le64(now);
	beat.echo = beats->echo;
	beat.held = cpu_to_le64(beats->echo ? now - beats->echo_ns : 0);
	beat.load.load = cpu_to_le32(load.load);
	beat.load.cpus = cpu_to_le32(load.cpus);
	beat.load.mem_total = cpu_to_le64(load.mem_total);
	beat.load.mem_free = cpu_to_le64(load.mem_free);
	beat.load.guests = cpu_to_le32(load.guests);
	beats->next = jiffies + PM_BEAT;
	return pm_chan_send(ctrl, PM_MSG_HEARTBEAT, 0, &beat, sizeof(beat), NULL, 0);
}

/*
 * The quickest exchange tells most about the clocks: what it says of the peer's is too low by its
 * way here, and never too high. What it told ages, since clocks drift apart. Under link->lock.
 */
static void __pm_link_clock(struct pm_link *link, u64 stamp, u64 now, u64 rtt)
{
	link->clock_rtt += link->clock_rtt / 64;
	if (link->clock_rtt && rtt > link->clock_rtt)
		return;
	link->clock_rtt = max(rtt, 1ULL);
	link->clock = stamp - now;
}

bool pm_link_clock(struct pm_link *link, s64 *offset)
{
	bool known;

	spin_lock(&link->lock);
	known = link->clock_rtt;
	*offset = link->clock;
	spin_unlock(&link->lock);
	return known;
}

/* Note what a heartbeat says. Return: false if it is malformed. */
static bool pm_beat_receive(struct pm_link *link, struct pm_beats *beats,
			    const struct pm_buf *buf)
{
	const struct pm_heartbeat *beat = (const void *)buf->data;
	u64 now = ktime_get_ns();
	u64 rtt;

	if (buf->type != PM_MSG_HEARTBEAT || buf->len != sizeof(*beat))
		return false;
	beats->echo = beat->stamp;
	beats->echo_ns = now;
	rtt = now - le64_to_cpu(beat->echo) - le64_to_cpu(beat->held);

	spin_lock(&link->lock);
	/* Nonsense is possible, as the peer tells its part. */
	if (beat->echo && rtt < NSEC_PER_SEC * 3600ULL) {
		ewma_pm_rtt_add(&link->rtt, div_u64(rtt, NSEC_PER_USEC));
		__pm_link_clock(link, le64_to_cpu(beat->stamp), now, rtt);
	}
	link->load.load = le32_to_cpu(beat->load.load);
	link->load.cpus = le32_to_cpu(beat->load.cpus);
	link->load.mem_total = le64_to_cpu(beat->load.mem_total);
	link->load.mem_free = le64_to_cpu(beat->load.mem_free);
	link->load.guests = le32_to_cpu(beat->load.guests);
	spin_unlock(&link->lock);
	return true;
}

/* Both ends are sure of each other. */
static void pm_link_set_up(struct pm_link *link)
{
	struct pm_node *node = link->node;

	spin_lock(&link->lock);
	if (!link->dead)
		WRITE_ONCE(link->up, true);
	spin_unlock(&link->lock);
	if (!link->up)
		return;
	atomic64_inc(&node->ups);
	pm_counter_add(PM_COUNT_UP);
	pm_node_set_up(link);
	pr_info("link to node %u is up (protocol %u, kernel %s)\n", node->id,
		link->session.proto, link->session.release);
	pm_event_link(node->id, true);
}

/* Exchange heartbeats until something is wrong. Return: what. */
static const char *pm_link_serve(struct pm_link *link, struct pm_chan *ctrl)
{
	struct pm_beats beats = {};
	struct pm_buf *buf;
	bool good;
	long left;

	if (pm_beat_send(ctrl, &beats))
		return "the connection was closed";
	/* what has come while this thread did not get to look is not silence */
	while (time_before(jiffies, READ_ONCE(link->heard) + pm_dead_after()) ||
	       pm_chan_readable(ctrl)) {
		left = beats.next - jiffies;
		if (left <= 0) {
			if (pm_beat_send(ctrl, &beats))
				return "the connection was closed";
			continue;
		}
		buf = pm_chan_recv(ctrl, left);
		if (IS_ERR(buf)) {
			if (PTR_ERR(buf) == -ETIMEDOUT)
				continue;
			if (PTR_ERR(buf) == -ENOMEM)
				return "out of memory";
			if (link->up)
				return "the connection was closed";
			return "the peer closed the connection after the handshake: see its log";
		}
		good = pm_beat_receive(link, &beats, buf);
		pm_buf_free(buf);
		if (!good) {
			pm_counter_add(PM_COUNT_PROTO);
			return "it sent a malformed heartbeat";
		}
		if (!link->up)
			pm_link_set_up(link);
	}
	return "the node is silent";
}

/**
 * pm_link_run() - serve the control channel until the link is dead
 * @link: link of pm_node_adopt()
 *
 * An accepted link is up at once: the peer proved itself last. One that we made is up
 * when the first heartbeat shows that the peer accepted our proof.
 *
 * Context: kthread of the node.
 */
void pm_link_run(struct pm_link *link)
{
	struct pm_chan *ctrl = NULL;

	spin_lock(&link->lock);
	if (link->ctrl)
		ctrl = pm_chan_get(link->ctrl);
	spin_unlock(&link->lock);
	if (!ctrl)
		return;
	if (!link->active)
		pm_link_set_up(link);
	pm_link_drop(link, pm_link_serve(link, ctrl));
	pm_chan_put(ctrl);
	if (!link->up)
		return;
	pm_counter_add(PM_COUNT_DOWN);
	pm_event_link(link->node->id, false);
}
