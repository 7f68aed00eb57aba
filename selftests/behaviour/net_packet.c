// SPDX-License-Identifier: GPL-2.0
/* A packet socket sees what goes over an interface; a filter, for which it comes home, chooses. */
#include "../move.h"
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

MOVE_TEST(net_packet)
{
	/* the last byte of the packet is 'Y' */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'Y', 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(*code), code };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) }, from;
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char text[256];
	socklen_t len;
	int raw, udp, n, one = 1;

	raw = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_LE(0, raw);
	ASSERT_LE(0, udp);
	ll.sll_ifindex = if_nametoindex("lo");
	len = sizeof(addr);
	ASSERT_EQ(0, bind(udp, (void *)&addr, len));
	ASSERT_EQ(0, getsockname(udp, (void *)&addr, &len));
	move_begin();
	move_here();
	EXPECT_EQ(0, setsockopt(raw, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
	move_here();
	EXPECT_EQ(0, bind(raw, (void *)&ll, sizeof(ll)));
	EXPECT_EQ(5, sendto(udp, "procX", 5, 0, (void *)&addr, sizeof(addr)));
	EXPECT_EQ(5, sendto(udp, "procY", 5, 0, (void *)&addr, sizeof(addr)));
	/* others use the interface too */
	do {
		len = sizeof(from);
		n = recvfrom(raw, text, sizeof(text), 0, (void *)&from, &len);
		if (n < 0 && errno == EAGAIN)
			usleep(1000);
	} while (n < 0 ? errno == EAGAIN : n != 33 || memcmp(text + 28, "proc", 4));
	EXPECT_EQ(33, n);
	EXPECT_EQ(0, memcmp(text + 28, "procY", 5));
	EXPECT_EQ(ll.sll_ifindex, from.sll_ifindex);
	EXPECT_EQ(htons(ETH_P_IP), from.sll_protocol);
	EXPECT_EQ(0, setsockopt(raw, SOL_SOCKET, SO_DETACH_FILTER, &one, sizeof(one)));
	close(raw);
	close(udp);
}
