// SPDX-License-Identifier: GPL-2.0
/* A netlink socket: the interfaces are listed, and changes of them are heard of. */
#include "../move.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

MOVE_TEST(net_netlink)
{
	struct {
		struct nlmsghdr nlh;
		struct ifinfomsg ifi;
	} req = {
		.nlh = { sizeof(req), RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 7, 0 },
		.ifi.ifi_family = AF_UNSPEC,
	};
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK }, from;
	static char buf[32768];
	struct nlmsghdr *nlh;
	int fd, lo = 0, done = 0, len;
	socklen_t size;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, bind(fd, (void *)&addr, sizeof(addr)));
	move_begin();
	move_here();
	addr.nl_pid = 0;
	EXPECT_EQ(sizeof(req), sendto(fd, &req, sizeof(req), 0, (void *)&addr, sizeof(addr)));
	move_here();
	while (!done) {
		size = sizeof(from);
		len = recvfrom(fd, buf, sizeof(buf), 0, (void *)&from, &size);
		ASSERT_LT(0, len);
		EXPECT_EQ(0, from.nl_pid);
		for (nlh = (void *)buf; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
			struct ifinfomsg *ifi = NLMSG_DATA(nlh);

			EXPECT_EQ(7, nlh->nlmsg_seq);
			if (nlh->nlmsg_type == NLMSG_DONE)
				done = 1;
			else if (nlh->nlmsg_type == RTM_NEWLINK && ifi->ifi_flags & IFF_LOOPBACK)
				lo = ifi->ifi_index;
		}
	}
	EXPECT_EQ(if_nametoindex("lo"), lo);
	/* what is wrong is said in a message */
	req.nlh.nlmsg_type = 999;
	EXPECT_EQ(sizeof(req), send(fd, &req, sizeof(req), 0));
	len = recv(fd, buf, sizeof(buf), 0);
	ASSERT_LE((int)NLMSG_LENGTH(sizeof(struct nlmsgerr)), len);
	nlh = (void *)buf;
	EXPECT_EQ(NLMSG_ERROR, nlh->nlmsg_type);
	EXPECT_EQ(-EOPNOTSUPP, ((struct nlmsgerr *)NLMSG_DATA(nlh))->error);
	close(fd);
}
