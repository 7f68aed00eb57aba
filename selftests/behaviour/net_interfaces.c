// SPDX-License-Identifier: GPL-2.0
/* What ioctl() tells of interfaces, by name and as a list with a pointer in it. */
#include "../move.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

MOVE_TEST(net_interfaces)
{
	struct ifreq list[32], req = { .ifr_name = "lo" };
	struct ifconf conf = { .ifc_len = sizeof(list), .ifc_req = list };
	int fd, i, found = 0;

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_LE(0, fd);
	move_begin();
	move_here();
	EXPECT_EQ(0, ioctl(fd, SIOCGIFFLAGS, &req));
	EXPECT_TRUE(req.ifr_flags & IFF_LOOPBACK);
	EXPECT_EQ(0, ioctl(fd, SIOCGIFMTU, &req));
	EXPECT_LT(1000, req.ifr_mtu);
	EXPECT_EQ(0, ioctl(fd, SIOCGIFINDEX, &req));
	EXPECT_LT(0, req.ifr_ifindex);
	EXPECT_EQ(0, ioctl(fd, SIOCGIFCONF, &conf));
	for (i = 0; i < conf.ifc_len / (int)sizeof(*list); i++)
		found |= !strcmp(list[i].ifr_name, "lo");
	EXPECT_TRUE(found);
	move_here();
	strcpy(req.ifr_name, "none0");
	EXPECT_EQ(-1, ioctl(fd, SIOCGIFFLAGS, &req));
	EXPECT_EQ(ENODEV, errno);
	/* not known, with what could be a pointer; and what no socket knows */
	EXPECT_EQ(-1, ioctl(fd, _IOWR('z', 77, struct ifreq), &req));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(-1, ioctl(fd, TIOCGWINSZ, &req));
	EXPECT_EQ(ENOTTY, errno);
	close(fd);
}
