// SPDX-License-Identifier: GPL-2.0
/*
 * Mutual authentication.
 *
 * All nodes of a cluster share a key K. A link begins with three messages; H are
 * the hellos (struct pm_hello), each with a fresh random nonce:
 *
 *	client -> server	Hc, HMAC(K, "hello" | Hc)
 *	server -> client	Hs, HMAC(K, "server" | Hc | Hs)
 *	client -> server	HMAC(K, "client" | Hc | Hs)
 *
 * The first MAC only keeps strangers from learning anything: it can be replayed, and
 * the answer is then of no use. The other two prove knowledge of K for this handshake,
 * and their labels keep either side from being shown its own proof.
 *
 * HMAC(K, "session" | Hc | Hs) is the session key, HMAC(K, "id" | Hc | Hs) gives the
 * session its id. Further connections of the link begin with a struct pm_join under
 * the session key; its counter is accepted once (pm_link_fresh()).
 *
 * Who is at the other end is known for sure when a connection begins. What follows is
 * neither encrypted nor protected against somebody who can change packets under way.
 */
#define pr_fmt(fmt) "procmig: " fmt
#include <crypto/algapi.h>
#include <crypto/hash.h>
#include <linux/random.h>
#include <linux/string_helpers.h>
#include <linux/utsname.h>
#include "compat.h"
#include "node.h"

#define PM_HELLO_TIMEOUT	(3 * HZ)

static struct crypto_shash *pm_hmac;
static DEFINE_MUTEX(pm_hmac_lock);	/* protects the key in pm_hmac and all below */
static u8 pm_key[PM_KEY_MAX];
static size_t pm_key_len;

/**
 * pm_mac() - HMAC-SHA256 of a label and two pieces of data
 * @key: key of PM_MAC_LEN bytes, or NULL for the cluster key
 * @label: what the MAC is for; its terminating zero is part of it
 * @a: first piece
 * @alen: its length
 * @b: second piece
 * @blen: its length, may be 0
 * @out: PM_MAC_LEN bytes
 *
 * Context: may sleep.
 * Return: 0, -ENOKEY, or an error of the crypto API.
 */
static int pm_mac(const u8 *key, const char *label, const void *a, size_t alen,
		  const void *b, size_t blen, u8 *out)
{
	SHASH_DESC_ON_STACK(desc, pm_hmac);
	size_t len = PM_MAC_LEN;
	int err = -ENOKEY;

	mutex_lock(&pm_hmac_lock);
	if (!key) {
		key = pm_key;
		len = pm_key_len;
	}
	if (!len)
		goto unlock;
	err = crypto_shash_setkey(pm_hmac, key, len);
	if (err)
		goto unlock;
	desc->tfm = pm_hmac;
	err = crypto_shash_init(desc) ?:
	      crypto_shash_update(desc, (const u8 *)label, strlen(label) + 1) ?:
	      crypto_shash_update(desc, a, alen) ?:
	      crypto_shash_finup(desc, b, blen, out);
	shash_desc_zero(desc);
unlock:
	mutex_unlock(&pm_hmac_lock);
	return err;
}

/* A MAC under the cluster key over both hellos, the client's first. */
static int pm_mac_hellos(const struct pm_handshake *hs, const char *label, u8 *out)
{
	size_t mine = sizeof(hs->mine);

	if (hs->client)
		return pm_mac(NULL, label, &hs->mine, mine, hs->bytes, hs->len, out);
	return pm_mac(NULL, label, hs->bytes, hs->len, &hs->mine, mine, out);
}

static int pm_mac_compare(struct pm_handshake *hs, const u8 *mac, const u8 *expect)
{
	if (!crypto_memneq(mac, expect, PM_MAC_LEN))
		return 0;
	strscpy(hs->why, "not authentic: the peer has another cluster key", sizeof(hs->why));
	return -EKEYREJECTED;
}

static void pm_fill_hello(struct pm_hello *hello)
{
	memset(hello, 0, sizeof(*hello));
	hello->first.magic = cpu_to_le32(PM_MAGIC);
	hello->first.len = cpu_to_le16(sizeof(*hello));
	hello->first.kind = cpu_to_le16(PM_CHAN_LINK);
	hello->proto_min = cpu_to_le16(PM_PROTO_MIN);
	hello->proto_max = cpu_to_le16(PM_PROTO_MAX);
	hello->node = cpu_to_le32(pm_self_id());
	get_random_bytes(hello->nonce, sizeof(hello->nonce));
	strscpy_pad((char *)hello->release, init_utsname()->release, sizeof(hello->release));
	pm_machine_pack(&hello->machine, pm_machine_self());
	/* somebody may have changed it since */
	hello->machine.pid_max = cpu_to_le32(pm_pid_max());
}

static int pm_read_hello(struct pm_handshake *hs, struct pm_chan *chan,
			 const struct pm_first *first, unsigned long deadline)
{
	size_t len = le16_to_cpu(first->len);

	if (first->magic != cpu_to_le32(PM_MAGIC) ||
	    first->kind != cpu_to_le16(PM_CHAN_LINK) ||
	    len < sizeof(struct pm_hello) || len > PM_HELLO_MAX) {
		strscpy(hs->why, "does not speak this protocol", sizeof(hs->why));
		return -EPROTO;
	}
	hs->len = len;
	hs->peer.first = *first;
	return pm_chan_read_raw(chan, hs->bytes + sizeof(*first),
				len - sizeof(*first) + PM_MAC_LEN, deadline);
}

static void pm_copy_release(char *to, const u8 *from)
{
	unsigned int i;

	for (i = 0; i < PM_RELEASE_LEN && from[i]; i++)
		to[i] = from[i] > ' ' && from[i] < 0x7f ? from[i] : '?';
	to[i] = 0;
}

/* What an authentic hello says; versions are for pm_agree(). */
static int pm_parse_hello(struct pm_handshake *hs)
{
	struct pm_session *session = &hs->session;

	session->node = le32_to_cpu(hs->peer.node);
	if (!session->node || session->node > PM_NODE_MAX) {
		snprintf(hs->why, sizeof(hs->why), "%u is no node id", session->node);
		return -EPROTO;
	}
	if (session->node == pm_self_id()) {
		snprintf(hs->why, sizeof(hs->why), "it has our own node id %u", session->node);
		return -EPROTO;
	}
	pm_copy_release(session->release, hs->peer.release);
	pm_machine_unpack(&session->machine, &hs->peer.machine);
	return 0;
}

/* Choose version and features, derive the session's key and id. */
static int pm_agree(struct pm_handshake *hs)
{
	u32 min = le16_to_cpu(hs->peer.proto_min);
	u32 max = le16_to_cpu(hs->peer.proto_max);
	u8 id[PM_MAC_LEN];
	__le64 le;
	int err;

	if (min > max || min > PM_PROTO_MAX || max < PM_PROTO_MIN) {
		snprintf(hs->why, sizeof(hs->why),
			 "it speaks protocol versions %u to %u, this node %u to %u",
			 min, max, PM_PROTO_MIN, PM_PROTO_MAX);
		return -EPROTONOSUPPORT;
	}
	hs->session.proto = min_t(u32, max, PM_PROTO_MAX);
	hs->session.features = le64_to_cpu(hs->peer.features & hs->mine.features);
	err = pm_mac_hellos(hs, "procmig session", hs->session.key);
	if (!err)
		err = pm_mac_hellos(hs, "procmig id", id);
	if (err)
		return err;
	memcpy(&le, id, sizeof(le));
	hs->session.id = le64_to_cpu(le);
	return 0;
}

static int pm_send_hello(struct pm_handshake *hs, struct pm_chan *chan, u8 *mac)
{
	struct kvec vec[] = {
		{ .iov_base = &hs->mine, .iov_len = sizeof(hs->mine) },
		{ .iov_base = mac, .iov_len = PM_MAC_LEN },
	};

	return pm_sock_push(chan, vec, ARRAY_SIZE(vec), sizeof(hs->mine) + PM_MAC_LEN, 0);
}

/**
 * pm_auth_client_hello() - first half of the handshake, connecting side
 * @hs: zeroed; @hs->session and @hs->why are filled
 * @chan: the connection
 * @node: id of the node that should be there
 *
 * On success the peer is authentic, but does not know that we are.
 *
 * Context: may sleep for some seconds.
 * Return: 0, or -EKEYREJECTED, -EPROTO, -EPROTONOSUPPORT, -EPIPE, -ETIMEDOUT, -ENOKEY,
 * -ENOMEM.
 */
int pm_auth_client_hello(struct pm_handshake *hs, struct pm_chan *chan, u32 node)
{
	unsigned long deadline = jiffies + PM_HELLO_TIMEOUT;
	struct pm_first first;
	u8 mac[PM_MAC_LEN];
	int err;

	hs->client = true;
	pm_fill_hello(&hs->mine);
	err = pm_mac(NULL, "procmig hello", &hs->mine, sizeof(hs->mine), NULL, 0, mac) ?:
	      pm_send_hello(hs, chan, mac) ?:
	      pm_chan_read_raw(chan, &first, sizeof(first), deadline) ?:
	      pm_read_hello(hs, chan, &first, deadline) ?:
	      pm_mac_hellos(hs, "procmig server", mac) ?:
	      pm_mac_compare(hs, hs->bytes + hs->len, mac) ?:
	      pm_parse_hello(hs);
	if (err)
		return err;
	if (hs->session.node != node) {
		snprintf(hs->why, sizeof(hs->why), "it is node %u, not %u as configured here",
			 hs->session.node, node);
		return -EPROTO;
	}
	return pm_agree(hs);
}

/**
 * pm_auth_client_proof() - second half of the handshake, connecting side
 * @hs: of pm_auth_client_hello()
 * @chan: the connection
 *
 * The peer may send and open channels as soon as it has this.
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int pm_auth_client_proof(struct pm_handshake *hs, struct pm_chan *chan)
{
	u8 mac[PM_MAC_LEN];

	return pm_mac_hellos(hs, "procmig client", mac) ?:
	       pm_chan_write_raw(chan, mac, sizeof(mac));
}

/**
 * pm_auth_server_hello() - first half of the handshake, accepting side
 * @hs: zeroed; @hs->session.node and what the hello said are filled, or @hs->why
 * @chan: the connection
 * @first: the first bytes that came
 * @deadline: jiffies by which the peer must have sent its hello
 *
 * On success the hello was made by somebody with the key, but may be a replay.
 *
 * Context: may sleep until @deadline.
 * Return: as pm_auth_client_hello().
 */
int pm_auth_server_hello(struct pm_handshake *hs, struct pm_chan *chan,
			 const struct pm_first *first, unsigned long deadline)
{
	u8 mac[PM_MAC_LEN];

	return pm_read_hello(hs, chan, first, deadline) ?:
	       pm_mac(NULL, "procmig hello", hs->bytes, hs->len, NULL, 0, mac) ?:
	       pm_mac_compare(hs, hs->bytes + hs->len, mac) ?:
	       pm_parse_hello(hs);
}

/**
 * pm_auth_server_answer() - second half of the handshake, accepting side
 * @hs: of pm_auth_server_hello()
 * @chan: the connection
 * @deadline: jiffies by which the peer must have proved itself
 *
 * A peer without a common version is answered as well, so that it can say why.
 *
 * Context: may sleep until @deadline.
 * Return: 0: the peer is authentic; otherwise as pm_auth_client_hello().
 */
int pm_auth_server_answer(struct pm_handshake *hs, struct pm_chan *chan,
			  unsigned long deadline)
{
	u8 mac[PM_MAC_LEN];
	u8 proof[PM_MAC_LEN];

	pm_fill_hello(&hs->mine);
	return pm_mac_hellos(hs, "procmig server", mac) ?:
	       pm_send_hello(hs, chan, mac) ?:
	       pm_agree(hs) ?:
	       pm_chan_read_raw(chan, proof, sizeof(proof), deadline) ?:
	       pm_mac_hellos(hs, "procmig client", mac) ?:
	       pm_mac_compare(hs, proof, mac);
}

/**
 * pm_auth_join() - sign the first message of a further channel
 * @session: of the link
 * @join: complete but for its MAC
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int pm_auth_join(const struct pm_session *session, struct pm_join *join)
{
	return pm_mac(session->key, "procmig join", join, offsetof(struct pm_join, mac),
		      NULL, 0, join->mac);
}

/**
 * pm_auth_check_join() - is this join from the peer of the session?
 * @session: of the link with the node that the message names
 * @join: as received
 *
 * Context: may sleep.
 * Return: 0, -EKEYREJECTED, or an error of the crypto API.
 */
int pm_auth_check_join(const struct pm_session *session, const struct pm_join *join)
{
	u8 mac[PM_MAC_LEN];
	int err;

	err = pm_mac(session->key, "procmig join", join, offsetof(struct pm_join, mac),
		     NULL, 0, mac);
	if (!err && crypto_memneq(mac, join->mac, PM_MAC_LEN))
		err = -EKEYREJECTED;
	return err;
}

/**
 * pm_auth_set_key() - set or forget the cluster key
 * @key: the key
 * @len: PM_KEY_MIN..PM_KEY_MAX, or 0 to forget it
 *
 * Sessions that exist are not touched.
 *
 * Context: may sleep.
 * Return: 0 or -EINVAL.
 */
int pm_auth_set_key(const void *key, size_t len)
{
	if (len && (len < PM_KEY_MIN || len > PM_KEY_MAX))
		return -EINVAL;
	mutex_lock(&pm_hmac_lock);
	memzero_explicit(pm_key, sizeof(pm_key));
	memcpy(pm_key, key, len);
	pm_key_len = len;
	mutex_unlock(&pm_hmac_lock);
	return 0;
}

/**
 * pm_auth_is_key() - is this the cluster key?
 * @key: the key
 * @len: its length, 0: is there none?
 *
 * Context: may sleep.
 * Return: true if so.
 */
bool pm_auth_is_key(const void *key, size_t len)
{
	bool is;

	mutex_lock(&pm_hmac_lock);
	is = len == pm_key_len && !crypto_memneq(pm_key, key, len);
	mutex_unlock(&pm_hmac_lock);
	return is;
}

/**
 * pm_auth_have_key() - is there a cluster key?
 *
 * Context: may sleep.
 * Return: true if so.
 */
bool pm_auth_have_key(void)
{
	bool have;

	mutex_lock(&pm_hmac_lock);
	have = pm_key_len;
	mutex_unlock(&pm_hmac_lock);
	return have;
}

/**
 * pm_auth_init() - get HMAC-SHA256
 *
 * Context: may sleep and load modules.
 * Return: 0 or a negative errno.
 */
int pm_auth_init(void)
{
	pm_hmac = crypto_alloc_shash("hmac(sha256)", 0, 0);
	if (IS_ERR(pm_hmac)) {
		pr_err("hmac(sha256) is not available (%ld): cannot load\n", PTR_ERR(pm_hmac));
		return PTR_ERR(pm_hmac);
	}
	return 0;
}

/** pm_auth_exit() - forget the key and release what pm_auth_init() got */
void pm_auth_exit(void)
{
	crypto_free_shash(pm_hmac);
	memzero_explicit(pm_key, sizeof(pm_key));
	pm_key_len = 0;
}
