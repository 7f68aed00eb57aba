// SPDX-License-Identifier: GPL-2.0
/* Keys: made, found, read and revoked; the program comes home for each of these calls. */
#include "../move.h"
#include <linux/keyctl.h>

static int child(struct __test_metadata *_metadata)
{
	char text[64] = "";
	long key, ring;

	move_begin();
	move_here();
	ring = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (ring < 0)
		return 1;
	move_here();
	key = syscall(SYS_add_key, "user", "procmig:test", "payload", 7, KEY_SPEC_SESSION_KEYRING);
	if (key < 0)
		return 2;
	move_here();
	if (syscall(SYS_request_key, "user", "procmig:test", NULL, 0) != key)
		return 3;
	if (syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text)) != 7 || strcmp(text, "payload"))
		return 4;
	if (syscall(SYS_keyctl, KEYCTL_UPDATE, key, "other", 5))
		return 5;
	move_here();
	memset(text, 0, sizeof(text));
	if (syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text)) != 5 || strcmp(text, "other"))
		return 6;
	if (syscall(SYS_keyctl, KEYCTL_REVOKE, key))
		return 7;
	if (syscall(SYS_keyctl, KEYCTL_READ, key, text, 8) != -1 || errno != EKEYREVOKED)
		return 8;
	return 0;
}

MOVE_TEST(proc_keys)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(child(_metadata));
	EXPECT_EQ(0, wait_for(pid));
}
