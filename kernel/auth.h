/* SPDX-License-Identifier: GPL-2.0 */
/* Mutual authentication of nodes; see auth.c for the protocol. */
#ifndef PM_AUTH_H
#define PM_AUTH_H

#include "link.h"

struct pm_chan;
struct pm_node;

/**
 * struct pm_session - what a handshake has agreed on
 * @id: of the session, known to both ends, not secret
 * @key: authenticates the channels that join the link
 * @proto: protocol version
 * @features: optional features that both ends have
 * @node: id of the peer
 * @machine: of the peer
 * @release: its kernel release
 */
struct pm_session {
	u64 id;
	u8 key[PM_MAC_LEN];
	u32 proto;
	u64 features;
	u32 node;
	struct pm_machine machine;
	char release[PM_RELEASE_LEN + 1];
};

/**
 * struct pm_handshake - one handshake in progress
 * @mine: own hello
 * @len: bytes of the peer's hello
 * @peer: its hello as received, then its MAC
 * @client: we connected
 * @session: filled as far as the handshake got
 * @why: sentence about what went wrong
 */
struct pm_handshake {
	struct pm_hello mine;
	size_t len;
	union {
		struct pm_hello peer;
		u8 bytes[PM_HELLO_MAX + PM_MAC_LEN];
	};
	bool client;
	struct pm_session session;
	char why[PM_WHY_LEN];
};

int pm_auth_init(void);
void pm_auth_exit(void);
int pm_auth_set_key(const void *key, size_t len);
bool pm_auth_have_key(void);
bool pm_auth_is_key(const void *key, size_t len);

int pm_auth_client_hello(struct pm_handshake *hs, struct pm_chan *chan, u32 node);
int pm_auth_client_proof(struct pm_handshake *hs, struct pm_chan *chan);
int pm_auth_server_hello(struct pm_handshake *hs, struct pm_chan *chan,
			 const struct pm_first *first, unsigned long deadline);
int pm_auth_server_answer(struct pm_handshake *hs, struct pm_chan *chan,
			  unsigned long deadline);

int pm_auth_join(const struct pm_session *session, struct pm_join *join);
int pm_auth_check_join(const struct pm_session *session, const struct pm_join *join);

#endif
