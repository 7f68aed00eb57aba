// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl: what its argument is.
 *
 * The number of a command says direction and size only where its author meant it
 * to: there are values dressed as pointers, structures of another size, and
 * structures with pointers in them. So what is not known here and whose argument could be a
 * pointer is not guessed: the process comes home for it. A command that is known carries its
 * structure both ways, and the program sees what has changed.
 */
#include <linux/blktrace_api.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/nsfs.h>
#include <linux/random.h>
#include <linux/serial.h>
#include <linux/sockios.h>
#include <linux/termios.h>
#include "sys_table.h"

/* No page is mapped below: such an argument is a number, or EFAULT on any machine. */
#define PM_NOT_A_POINTER	4096

/** struct pm_ioctl - a known command; @size 0 for a value */
struct pm_ioctl {
	u32 cmd;
	u16 size;
};

static const struct pm_ioctl pm_ioctls[] = {
	/* terminals */
	{ TCGETS, sizeof(struct termios) },
	{ TCSETS, sizeof(struct termios) },
	{ TCSETSW, sizeof(struct termios) },
	{ TCSETSF, sizeof(struct termios) },
	{ TCGETA, sizeof(struct termio) },
	{ TCSETA, sizeof(struct termio) },
	{ TCSETAW, sizeof(struct termio) },
	{ TCSETAF, sizeof(struct termio) },
	{ TCGETS2, sizeof(struct termios2) },
	{ TCSETS2, sizeof(struct termios2) },
	{ TCSETSW2, sizeof(struct termios2) },
	{ TCSETSF2, sizeof(struct termios2) },
	{ TCSBRK }, { TCXONC }, { TCFLSH }, { TCSBRKP }, { TIOCSBRK }, { TIOCCBRK },
	{ TIOCEXCL }, { TIOCNXCL }, { TIOCSCTTY }, { TIOCNOTTY }, { TIOCVHANGUP },
	{ TIOCCONS }, { TIOCSIG }, { TIOCGPTPEER }, { TIOCMIWAIT },
	{ TIOCGEXCL, sizeof(int) },
	{ TIOCGPGRP, sizeof(pid_t) },
	{ TIOCSPGRP, sizeof(pid_t) },
	{ TIOCGSID, sizeof(pid_t) },
	{ TIOCOUTQ, sizeof(int) },
	{ TIOCSTI, 1 },
	{ TIOCGWINSZ, sizeof(struct winsize) },
	{ TIOCSWINSZ, sizeof(struct winsize) },
	{ TIOCMGET, sizeof(int) },
	{ TIOCMBIS, sizeof(int) },
	{ TIOCMBIC, sizeof(int) },
	{ TIOCMSET, sizeof(int) },
	{ TIOCGSOFTCAR, sizeof(int) },
	{ TIOCSSOFTCAR, sizeof(int) },
	{ TIOCGSERIAL, sizeof(struct serial_struct) },
	{ TIOCSSERIAL, sizeof(struct serial_struct) },
	{ TIOCSERGETLSR, sizeof(int) },
	{ TIOCGICOUNT, sizeof(struct serial_icounter_struct) },
	{ TIOCGRS485, sizeof(struct serial_rs485) },
	{ TIOCSRS485, sizeof(struct serial_rs485) },
	{ TIOCGLCKTRMIOS, sizeof(struct termios) },
	{ TIOCSLCKTRMIOS, sizeof(struct termios) },
	{ TIOCPKT, sizeof(int) },
	{ TIOCGPKT, sizeof(int) },
	{ TIOCSETD, sizeof(int) },
	{ TIOCGETD, sizeof(int) },
	{ TIOCGPTN, sizeof(int) },
	{ TIOCSPTLCK, sizeof(int) },
	{ TIOCGPTLCK, sizeof(int) },
	{ TIOCGDEV, sizeof(int) },
	/* any file */
	{ FIONCLEX }, { FIOCLEX },
	{ FIONREAD, sizeof(int) },
	{ FIONBIO, sizeof(int) },
	{ FIOASYNC, sizeof(int) },
	{ FIOQSIZE, sizeof(loff_t) },
	{ FIBMAP, sizeof(int) },
	{ FIGETBSZ, sizeof(int) },
	{ FICLONE },
	{ FICLONERANGE, sizeof(struct file_clone_range) },
	{ FIFREEZE, sizeof(int) },
	{ FITHAW, sizeof(int) },
	{ FITRIM, sizeof(struct fstrim_range) },
	{ FS_IOC_GETFLAGS, sizeof(long) },
	{ FS_IOC_SETFLAGS, sizeof(long) },
	{ FS_IOC_GETVERSION, sizeof(long) },
	{ FS_IOC_SETVERSION, sizeof(long) },
	{ FS_IOC_FSGETXATTR, sizeof(struct fsxattr) },
	{ FS_IOC_FSSETXATTR, sizeof(struct fsxattr) },
	{ FS_IOC_GETFSLABEL, FSLABEL_MAX },
	{ FS_IOC_SETFSLABEL, FSLABEL_MAX },
	/* disks */
	{ BLKRRPART }, { BLKFLSBUF }, { BLKRASET }, { BLKFRASET },
	{ BLKROSET, sizeof(int) },
	{ BLKROGET, sizeof(int) },
	{ BLKGETSIZE, sizeof(long) },
	{ BLKGETSIZE64, sizeof(u64) },
	{ BLKRAGET, sizeof(long) },
	{ BLKFRAGET, sizeof(long) },
	{ BLKSECTGET, sizeof(short) },
	{ BLKSSZGET, sizeof(int) },
	{ BLKPBSZGET, sizeof(int) },
	{ BLKBSZGET, sizeof(size_t) },
	{ BLKBSZSET, sizeof(size_t) },
	{ BLKIOMIN, sizeof(int) },
	{ BLKIOOPT, sizeof(int) },
	{ BLKALIGNOFF, sizeof(int) },
	{ BLKROTATIONAL, sizeof(short) },
	{ BLKDISCARDZEROES, sizeof(int) },
	{ BLKDISCARD, 2 * sizeof(u64) },
	{ BLKSECDISCARD, 2 * sizeof(u64) },
	{ BLKZEROOUT, 2 * sizeof(u64) },
	{ BLKGETDISKSEQ, sizeof(u64) },
	{ HDIO_GETGEO, sizeof(struct hd_geometry) },
	/* sockets */
	{ FIOSETOWN, sizeof(int) },
	{ SIOCSPGRP, sizeof(int) },
	{ FIOGETOWN, sizeof(int) },
	{ SIOCGPGRP, sizeof(int) },
	{ SIOCATMARK, sizeof(int) },
	{ SIOCGSTAMP_OLD, 16 },
	{ SIOCGSTAMPNS_OLD, 16 },
	{ SIOCGSTAMP_NEW, 16 },
	{ SIOCGSTAMPNS_NEW, 16 },
	{ SIOCOUTQNSD, sizeof(int) },
	{ SIOCDARP, sizeof(struct arpreq) },
	{ SIOCGARP, sizeof(struct arpreq) },
	{ SIOCSARP, sizeof(struct arpreq) },
	{ SIOCGSKNS },
	/* random numbers, name spaces */
	{ RNDGETENTCNT, sizeof(int) },
	{ RNDADDTOENTCNT, sizeof(int) },
	{ RNDZAPENTCNT }, { RNDCLEARPOOL }, { RNDRESEEDCRNG },
	{ NS_GET_USERNS }, { NS_GET_PARENT }, { NS_GET_NSTYPE },
	{ NS_GET_OWNER_UID, sizeof(uid_t) },
};

/* Network interfaces: these take a struct ifreq without a pointer in it. */
static bool is_ifreq(u32 cmd)
{
	switch (cmd) {
	case SIOCGIFNAME:
	case SIOCSIFLINK:
	case SIOCGIFFLAGS ... SIOCSIFHWADDR:
	case SIOCGIFENCAP ... SIOCGIFHWADDR:
	case SIOCGIFSLAVE ... SIOCSIFHWBROADCAST:
	case SIOCGIFCOUNT:
	case SIOCGIFTXQLEN:
	case SIOCSIFTXQLEN:
	case SIOCGMIIPHY:
	case SIOCGMIIREG:
	case SIOCSMIIREG:
	case SIOCGIFMAP:
	case SIOCSIFMAP:
		return true;
	}
	return false;
}

void pm_select_ioctl(struct pm_sysrow *row, const unsigned long *args)
{
	u32 cmd = args[1];
	size_t i, size = 0;

	for (i = 0; i < ARRAY_SIZE(pm_ioctls); i++)
		if (pm_ioctls[i].cmd == cmd)
			break;
	if (i < ARRAY_SIZE(pm_ioctls))
		size = pm_ioctls[i].size;
	else if (is_ifreq(cmd))
		size = sizeof(struct ifreq);
	else if (args[2] >= PM_NOT_A_POINTER)
		row->class = PM_RECALL;
	if (size)
		row->arg[2] = (struct pm_arg){
			.kind = PM_ARG_FIX, .dir = PM_INOUT, .unit = size,
		};
}
