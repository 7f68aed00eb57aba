/* SPDX-License-Identifier: GPL-2.0 */
/*
 * procmig wire protocol: every byte that crosses a link is described here.
 *
 * All integers are little-endian and of fixed width; structures have no
 * implicit padding. Addresses on the wire are user-space addresses of the
 * migrated program, never kernel pointers. A receiver checks each length, id
 * and state before use; a peer that breaks a rule loses its link.
 *
 * Every TCP connection begins with the handshake of auth.c. Its first
 * authenticated message says what the connection is for (enum pm_chan_kind).
 * After that it is a stream of messages: struct pm_hdr, then hdr.len bytes.
 */
#ifndef PM_WIRE_H
#define PM_WIRE_H

#include <linux/types.h>

#define PM_PROTO_MIN		9	/* oldest protocol version we speak */
#define PM_PROTO_MAX		9	/* newest protocol version we speak */
#define PM_PORT_DEFAULT		7453

/* Largest payload of a control message, of a call (the strings of an exec) and of an image. */
#define PM_MAX_CTRL		(64 * 1024)
#define PM_MAX_CALL		(6 * 1024 * 1024 + 64 * 1024)
#define PM_MAX_IMAGE		(256 * 1024 * 1024)

/**
 * struct pm_hdr - what stands before every message
 * @len: bytes of payload that follow
 * @type: enum pm_msg
 * @flags: meaning depends on @type, 0 where none is defined
 * @seq: a request's number, repeated in its reply; 0 for one-way messages
 * @zero: must be 0
 */
struct pm_hdr {
	__le32 len;
	__le16 type;
	__le16 flags;
	__le32 seq;
	__le32 zero;
};

/** enum pm_chan_kind - what a connection is for */
enum pm_chan_kind {
	PM_CHAN_LINK = 1,	/* the control channel of a link */
	PM_CHAN_THREAD,		/* a deputy thread to its surrogate thread */
	PM_CHAN_FETCH,		/* urgent pages, the sink asks and waits */
	PM_CHAN_PUSH,		/* bulk pages, the sink asks ahead of need */
	PM_CHAN_PROC,		/* the moves of a process: who conducts them at either end */
	PM_CHAN_LOOK,		/* home looks at what is mapped */
	PM_CHAN_OBJECT,		/* home takes shared memory that has been left behind */
	PM_CHAN_CHANGED,	/* home tells that files have changed */
	PM_CHAN_SPARE,		/* whoever has opened it will say with OPEN what it is for */
	PM_CHAN_KINDS,
};

/**
 * struct pm_open - first authenticated message of any channel but LINK and SPARE
 * @proc: the home node's number for the process (unique, never reused); OBJECT: key of the object
 * @home: id of the home node
 * @tid: thread id at home (THREAD)
 * @tgid: process id at home
 * @prev: node that holds the memory now; @home if that is home; 0 if it is, and all of it is
 *	expected to come with the image: page channels are opened when there is a need (PROC)
 * @mono: CLOCK_MONOTONIC at home when this was sent, in ns (PROC)
 * @boot: CLOCK_BOOTTIME at home when this was sent, in ns (PROC)
 * @trip: number of the stay that PROC prepares and THREAD belongs to (PROC, THREAD)
 * @party: number of the move of several processes with which it comes, 0 if it comes alone (PROC)
 * @from: 0; or the process whose surrogate is to fork @proc, for the first thread of that (THREAD);
 *	or @proc itself, whose surrogate has been forked and runs there (PROC)
 */
struct pm_open {
	__le64 proc;
	__le32 home;
	__le32 tid;
	__le32 tgid;
	__le32 prev;
	__le64 mono;
	__le64 boot;
	__le64 trip;
	__le64 from;
	__le64 party;
};

/* ---- handshake (auth.c) and heartbeats (link.c) ---- */

#define PM_MAGIC	0x476d7250	/* "PrmG" */
#define PM_NONCE_LEN	32
#define PM_MAC_LEN	32		/* HMAC-SHA256 */
#define PM_RELEASE_LEN	64
#define PM_CPU_WORDS	32
#define PM_XFEATURES	64

/* Largest hello that is read; later versions may append fields to struct pm_hello. */
#define PM_HELLO_MAX	1024

/**
 * struct pm_first - the first bytes of every connection, from the side that connects
 * @magic: PM_MAGIC
 * @len: length of the structure that begins with this one (struct pm_hello, struct pm_join)
 * @kind: enum pm_chan_kind
 */
struct pm_first {
	__le32 magic;
	__le16 len;
	__le16 kind;
};

/** struct pm_wire_machine - struct pm_machine on the wire */
struct pm_wire_machine {
	__le32 cpu[PM_CPU_WORDS];
	__le64 xfeatures;
	__le32 xsize;
	__le32 pid_max;
	__le32 xoffset[PM_XFEATURES];
	__u8 kernel[32];
	__u8 vdso[32];
};

/**
 * struct pm_hello - both sides of a new link, each followed by PM_MAC_LEN bytes
 * @first: @first.len may be larger than this structure: the rest is for newer versions
 * @proto_min: oldest protocol version that the sender speaks
 * @proto_max: newest protocol version that the sender speaks
 * @node: its node id
 * @features: optional features that it has, none is defined yet
 * @nonce: random, never used twice
 * @release: release of its kernel, for people; padded with zeros
 * @machine: what programs can see of it
 */
struct pm_hello {
	struct pm_first first;
	__le16 proto_min;
	__le16 proto_max;
	__le32 node;
	__le64 features;
	__u8 nonce[PM_NONCE_LEN];
	__u8 release[PM_RELEASE_LEN];
	struct pm_wire_machine machine;
};

/**
 * struct pm_join - first and only handshake message of any channel but LINK
 * @first: kind of the channel and length of this structure
 * @node: id of the node that opens the channel
 * @zero: must be 0
 * @session: id of the link's session
 * @counter: increases with every channel that the node opens in the session, from 1
 * @open: what the channel is for; of no meaning for SPARE
 * @mac: HMAC under the session key of all that stands before
 */
struct pm_join {
	struct pm_first first;
	__le32 node;
	__le32 zero;
	__le64 session;
	__le64 counter;
	struct pm_open open;
	__u8 mac[PM_MAC_LEN];
};

/**
 * struct pm_wire_load - how busy a node is
 * @load: runnable tasks, 1 minute average, 11 bits of fraction
 * @cpus: processors online
 * @mem_total: pages of memory
 * @mem_free: pages available without swapping
 * @guests: surrogates that it runs for other nodes
 * @zero: must be 0
 */
struct pm_wire_load {
	__le32 load;
	__le32 cpus;
	__le64 mem_total;
	__le64 mem_free;
	__le32 guests;
	__le32 zero;
};

/**
 * struct pm_heartbeat - once a second, both ways
 * @stamp: the sender's CLOCK_MONOTONIC in ns
 * @echo: @stamp of the last heartbeat that the sender received, 0 if none
 * @held: ns since that one was received
 * @load: the sender's load vector
 */
struct pm_heartbeat {
	__le64 stamp;
	__le64 echo;
	__le64 held;
	struct pm_wire_load load;
};

/** enum pm_msg - message types; the comment names direction and payload */
enum pm_msg {
	/* link channel */
	PM_MSG_HEARTBEAT = 1,	/* both ways: struct pm_heartbeat */

	/* spare channel */
	PM_MSG_OPEN,		/* struct pm_open; flags: enum pm_chan_kind that it is now */
	PM_MSG_SPARE,		/* fetch channel: I need it no more. Answer: it is spare; empty */

	/* process channel, home -> remote; its number is that of the FREEZE that it is about */
	PM_MSG_IMAGE = 32,	/* image to arrive with (records) */
	PM_MSG_RUN,		/* commit: run now; to a child with PM_BOND_RUN on THREAD; empty */
	PM_MSG_FREEZE,		/* THREAD channel: stop at the boundary; pm_freeze, seq: round */
	PM_MSG_RESUME,		/* the move failed, run on; empty, seq: the round */
	PM_MSG_CAPTURE,		/* all have stopped, relatives too: send the image; empty */
	PM_MSG_RELEASE,		/* the move worked: serve pages till drained, then die; empty */

	/* thread channel, deputy -> surrogate */
	PM_MSG_SIGNAL,		/* struct pm_wire_siginfo: queue this signal */
	PM_MSG_STOP,		/* job control: pause; empty */
	PM_MSG_CONT,		/* job control: go on; empty */
	PM_MSG_DIE,		/* the process is dead at home; empty */
	PM_MSG_REPLY,		/* to a request: struct pm_reply, then out-data */
	PM_MSG_LIMITS,		/* struct pm_limit[PM_LIMITS]; seq: number of the change */
	PM_MSG_SCHED,		/* struct pm_sched_told; seq: number of the change, by thread */

	/* process channel, remote -> home; also IMAGE, when all threads are frozen */
	PM_MSG_PREPARED = 64,	/* task and page channels exist; empty */
	PM_MSG_READY,		/* image restored, waiting for RUN; empty */
	PM_MSG_RUNNING,		/* about to enter user mode; empty */
	PM_MSG_FAILED,		/* struct pm_failed: arrival or capture failed */

	/* thread channel, surrogate -> deputy; answered by REPLY when seq != 0 */
	PM_MSG_CALL,		/* struct pm_call_hdr, then in-data */
	PM_MSG_EXIT,		/* struct pm_exit: exit or exit_group */
	PM_MSG_FATAL,		/* struct pm_wire_siginfo: default action ends me; take me home */
	PM_MSG_RECALL,		/* the next call must run at home; take me there; empty */
	PM_MSG_SIGBACK,		/* struct pm_wire_siginfo: blocked here, queue it at home again */
	PM_MSG_MASK,		/* __le64: my signal mask */
	PM_MSG_USAGE,		/* struct pm_usage; once a second while it computes */
	PM_MSG_ACTION,		/* struct pm_action: a signal's action has been set */
	PM_MSG_MAP,		/* struct pm_map_req: map a file; REPLY has a pm_map_reply */
	PM_MSG_CLONE,		/* struct pm_clone: I want a thread or a child; REPLY has its id */
	PM_MSG_BORN,		/* __le32: 0, the child exists here, and no REPLY; or errno */
	PM_MSG_FROZEN,		/* at my boundary, nothing more will come; empty, seq: the round */
	PM_MSG_STOPPED,		/* PROC channel: all threads are, I wait for CAPTURE; the same */
	PM_MSG_FETCHING,	/* PROC channel: they are, but have memory elsewhere; the same */
	PM_MSG_CPUTIMERS,	/* struct pm_img_cputimer[PM_CPU_TIMERS]: before an exec */
	PM_MSG_CLOSE,		/* struct pm_file_close: I do not map this file any more */

	/* fetch and push channels; the sink asks, urgently on one, ahead of need on the other */
	PM_MSG_FETCH = 96,	/* sink -> source: struct pm_fetch */
	PM_MSG_PAGES,		/* source -> sink: struct pm_pages + data */
	PM_MSG_FILE_FETCH,	/* sink -> source: struct pm_file_fetch */
	PM_MSG_FILE_PAGES,	/* source -> sink: struct pm_file_pages + data */
	PM_MSG_SERVING,		/* source -> sink, first of all: this channel is served; empty */
	PM_MSG_MAPS,		/* home asks the sink what is mapped; empty. Answer: struct pm_maps,
				 * then struct pm_img_vma for each
				 */
	PM_MSG_PEEK,		/* home asks the sink: struct pm_peek. Answer: what could be read */

	/* push channel */
	PM_MSG_DRAINED = 112,	/* sink -> source: I want no more pages of yours; empty */
	PM_MSG_DRAINED_ACK,	/* source -> sink: understood, this channel is spare again; empty */

	/* object channel, remote -> home; SERVING first */
	PM_MSG_OBJECT_PAGE = 120, /* struct pm_object_page, then a page */
	PM_MSG_OBJECT_END,	/* that was all; flags: PM_OBJECT_NONE: I have none; empty */
	PM_MSG_OBJECT_DONE,	/* home -> remote: I have it; empty */

	/* changed channel */
	PM_MSG_CHANGED = 124,	/* home -> remote: struct pm_changed, one or more; the answer:
				 * nobody sees the old pages any more; empty
				 */
};

/**
 * struct pm_peek - private anonymous memory that is to be read
 * @addr: of it
 * @len: bytes, up to a page
 * @zero: 0
 */
struct pm_peek {
	__le64 addr;
	__le32 len;
	__le32 zero;
};

/* pm_hdr.flags of PM_MSG_OBJECT_END */
#define PM_OBJECT_NONE	1

/** struct pm_object_page - a page of shared memory that has been left behind
 * @offset: in the object, page aligned
 */
struct pm_object_page {
	__le64 offset;
};

/** struct pm_failed - why an arrival or a capture failed
 * @err: positive errno
 * @step: enum pm_step in which it happened
 */
struct pm_failed {
	__le32 err;
	__le32 step;
};

/**
 * struct pm_freeze - where the frozen process will go
 * @dest: node id of the destination, home's id to come home
 * @zero: 0
 * @party: number of the move of several processes, or 0: then CAPTURE may come after the capture
 */
struct pm_freeze {
	__le32 dest;
	__le32 zero;
	__le64 party;
};

/** enum pm_mem - what is counted of the memory of a process, in pages; see proc(5), status */
enum pm_mem {
	PM_MEM_SIZE,	/* of its address space */
	PM_MEM_ANON,	/* resident, anonymous */
	PM_MEM_FILE,	/* resident, of files */
	PM_MEM_SHMEM,	/* resident, shared memory and tmpfs */
	PM_MEM_LOCKED,	/* of its address space, locked */
	PM_MEM_DATA,	/* of its address space, private and writable */
	PM_MEM_STACK,	/* of its address space */
	PM_MEM_LIB,	/* of its address space, executable, but for the program's own text */
	PM_MEM_TABLES,	/* page tables */
	PM_MEM_SWAP,	/* swapped out */
	PM_MEM_KINDS
};

/** struct pm_usage - resources used since the thread arrived on this node
 * @utime: user CPU time in ns
 * @stime: system CPU time in ns
 * @min_flt: minor faults
 * @maj_flt: faults that went to another node or to disk
 * @maxrss: high-water mark of resident pages
 * @memory: pages, see enum pm_mem
 * @asleep: 1 if it sleeps in a call that runs on this node
 */
struct pm_usage {
	__le64 utime;
	__le64 stime;
	__le64 min_flt;
	__le64 maj_flt;
	__le64 maxrss;
	__le64 memory[PM_MEM_KINDS];
	__le64 asleep;
};

/** struct pm_exit - the thread ends
 * @code: as in task_struct.exit_code: status << 8, or the signal number
 * @group: 1 for the whole process
 */
struct pm_exit {
	__le32 code;
	__le32 group;
	struct pm_usage usage;
};

/** struct pm_wire_siginfo - one queued signal
 * @signo: signal number
 * @shared: 1 when it was sent to the process, 0 to the thread: back it goes to the same
 * @info: siginfo_t as user space sees it on x86-64 (128 bytes)
 */
struct pm_wire_siginfo {
	__le32 signo;
	__le32 shared;
	__u8 info[128];
};

/** struct pm_wire_regs - general registers, in the order of x86 struct pt_regs */
struct pm_wire_regs {
	__le64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8;
	__le64 ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};

/** struct pm_img_sigaction - disposition of one signal, see rt_sigaction(2) */
struct pm_img_sigaction {
	__le64 handler;
	__le64 flags;
	__le64 restorer;
	__le64 mask;
};

/** struct pm_action - see PM_MSG_ACTION */
struct pm_action {
	__le32 signo;
	__le32 zero;
	struct pm_img_sigaction action;
};

/* pm_clone.bonds */
#define PM_BOND_FAMILY	1	/* the parent has shared memory: they are a family from now on */
#define PM_BOND_RUN	2	/* the child does not run before RUN */

/** struct pm_clone - a new thread or process
 * @flags: CLONE_*, without those that are about addresses
 * @mask: the signal mask of who creates it
 * @exit_signal: what its end will send to its parent; 0 for a thread
 * @bonds: PM_BOND_*, by which somebody sees what parent or child does; 0 for a thread
 * @tid: a process: the id that home has proposed, with which it is being made already; or 0
 * @zero: 0
 *
 * The reply has the id; for a process, its data is struct pm_cloned.
 */
struct pm_clone {
	__le64 flags;
	__le64 mask;
	__le32 exit_signal;
	__le32 bonds;
	__le32 tid;
	__le32 zero;
};

/** struct pm_cloned - the process that there is now at home
 * @proc: home's number for it
 * @pidfd: with CLONE_PIDFD the program's descriptor of it, otherwise -1
 * @next_tid: an id that is proposed for the next one that this thread forks, 0 for none
 * @next: home's number for that one
 */
struct pm_cloned {
	__le64 proc;
	__le32 pidfd;
	__le32 next_tid;
	__le64 next;
};

/** struct pm_map_req - the six arguments of mmap(); the address is where to map, exactly */
struct pm_map_req {
	__le64 args[6];
};

/* pm_call_hdr.flags */
#define PM_CALL_RESTART	1	/* this is restart_syscall of call @nr */
#define PM_CALL_MORE	4	/* the rest of a transfer that must not be interrupted by a move */
#define PM_CALL_SPLIT	8	/* the first part of a transfer that has more than one */
#define PM_CALL_CHECK	2	/* it runs remotely: only ask seccomp filters; ret 0: go */

/**
 * struct pm_call_hdr - a forwarded system call
 * @nr: system call number
 * @flags: PM_CALL_*
 * @mask: the thread's signal mask
 * @usage: CPU time used so far on the remote node
 * @regs: the thread's registers at the call
 *
 * In-data follows, laid out by the row of @nr (marshal.c).
 */
struct pm_call_hdr {
	__le32 nr;
	__le32 flags;
	__le64 mask;
	struct pm_usage usage;
	struct pm_wire_regs regs;
};

/* pm_seg_in.flags */
#define PM_SEG_NULL	1	/* the program gave NULL */
#define PM_SEG_CUT	2	/* the byte after @ok cannot be accessed in the program's memory */
#define PM_SEG_WILD	4	/* the program gave an address beyond those of user space */

/**
 * struct pm_seg_in - in-data of a call: one piece of user memory, in the order of the arguments
 * @ok: accessible bytes of it; if it is an in-buffer, that many follow, padded to 8
 * @low: its address modulo the page size: alignment matters to direct I/O
 * @flags: PM_SEG_*
 */
struct pm_seg_in {
	__le32 ok;
	__le16 low;
	__le16 flags;
};

/* Most pointers in one string vector: more than the kernel gives them room for. */
#define PM_STRV_MAX	(6 * 1024 * 1024 / 8)

/**
 * struct pm_strv - in-data of a vector of strings (argv, envp)
 * @count: strings in the vector
 * @zero: 0
 *
 * The strings follow with their terminating NULs, the last one first, as the kernel copies them.
 * Those behind the first that cannot be accessed are missing, and so is that one (PM_SEG_CUT). Of
 * one that is too long the bytes that are allowed are there, and it is the last.
 */
struct pm_strv {
	__le32 count;
	__le32 zero;
};

/**
 * struct pm_seg_out - out-data of a call: what was written to one piece
 * @seg: number of its struct pm_seg_in, from 0
 * @len: bytes that follow, padded to 8
 */
struct pm_seg_out {
	__le32 seg;
	__le32 len;
};

/* pm_reply.flags */
#define PM_REPLY_AGAIN	1	/* not run: back up and issue the call again */
#define PM_REPLY_RECALL	2	/* cannot be carried: issue it again at home */
#define PM_REPLY_WHOLE	4	/* the rest is to be read too: a regular file, MSG_WAITALL */
#define PM_REPLY_DENIED 16	/* a seccomp filter has answered: @ret is what the program sees */
#define PM_REPLY_BROKEN	32	/* a move has come in between: what is left is to be done yet */
#define PM_REPLY_SIGMASK 8	/* the signal was taken under the temporary mask @mask */

/**
 * struct pm_reply - result of a forwarded call
 * @ret: as the kernel's own return value, -ERESTART* included
 * @flags: PM_REPLY_*
 * @nsig: that many struct pm_wire_siginfo follow, then out-data
 * @mask: the thread's signal mask after the call
 */
struct pm_reply {
	__le64 ret;
	__le32 flags;
	__le32 nsig;
	__le64 mask;
};

/** struct pm_range - user addresses [@start, @end), page aligned */
struct pm_range {
	__le64 start;
	__le64 end;
};

/* Pages of one request, and of one file request. */
#define PM_FETCH_PAGES	64
/* Largest payload on FETCH and PUSH channels: a full answer. */
#define PM_MAX_PAGES	(PM_FETCH_PAGES * 4096 + 64)

/**
 * struct pm_fetch - the sink wants pages
 * @base: user address, a multiple of PM_FETCH_PAGES pages
 * @mask: bit N is the page N pages after @base
 */
struct pm_fetch {
	__le64 base;
	__le64 mask;
};

/**
 * struct pm_pages - answer to struct pm_fetch, same seq
 * @base: of the request
 * @data: these pages follow, 4096 bytes each, ascending
 * @zero: these pages are all zero
 *
 * A page of the request in neither mask cannot be read, there or anywhere: who touches it gets
 * SIGBUS.
 */
struct pm_pages {
	__le64 base;
	__le64 data;
	__le64 zero;
};

/** struct pm_file_fetch - pages of a mapped file, from the home node
 * @file: id of the file in the image
 * @count: pages wanted
 * @index: first page of the file
 */
struct pm_file_fetch {
	__le32 file;
	__le32 count;
	__le64 index;
};

/** struct pm_file_pages - answer to struct pm_file_fetch
 * @bytes: valid bytes that follow, from the start of the first page; fewer than
 *	asked means that the file ends there
 * @err: positive errno, or 0
 */
struct pm_file_pages {
	__le32 bytes;
	__le32 err;
};

/** struct pm_file_close - a file is not mapped any more, nor by who was forked there
 * @file: its id, which may be that of another one after this
 * @zero: must be 0
 */
struct pm_file_close {
	__le32 file;
	__le32 zero;
};

/* ---- image records ---- */

/** struct pm_rec - a tagged record of an image; @len bytes follow, padded to 8 */
struct pm_rec {
	__le32 tag;
	__le32 len;
};

/** enum pm_tag - records of an image; an unknown tag is an error */
enum pm_tag {
	/* for each thread, in this order */
	PM_TAG_TASK = 1,	/* __le64: thread id; what follows is this thread's */
	PM_TAG_IDENTITY,	/* struct pm_img_identity */
	PM_TAG_XSTATE,		/* NT_X86_XSTATE, standard format */
	PM_TAG_THREAD,		/* struct pm_img_thread */
	/* then of the process */
	PM_TAG_PROC,		/* struct pm_img_proc */
	PM_TAG_RLIMITS,		/* struct pm_limit[PM_LIMITS] */
	PM_TAG_SIGACTIONS,	/* struct pm_img_sigaction[64] */
	PM_TAG_CPUTIMERS,	/* struct pm_img_cputimer[PM_CPU_TIMERS] */
	PM_TAG_MM = 32,		/* owned by the memory files, see mem_wire.h */
	PM_TAG_MM_LAST = 63,
};

/* Limits that bound memory: STACK, DATA, AS, MEMLOCK. */
#define PM_LIMITS	4

/** struct pm_limit - as struct rlimit64, see getrlimit(2) */
struct pm_limit {
	__le64 cur;
	__le64 max;
};

/* pm_img_thread.restart */
enum pm_restart {
	PM_RESTART_NONE,
	PM_RESTART_HOME,	/* the restart block stays with the deputy */
	PM_RESTART_FUTEX,	/* the restart block travels: see @futex_* */
};

/** struct pm_img_thread - a thread's state
 * @regs: registers, with a restarted call already backed up
 * @fsbase: FS base (TLS)
 * @gsbase: GS base
 * @mask: blocked signals
 * @altstack_sp, @altstack_size, @altstack_flags: sigaltstack
 * @robust_list: user address, 0 for none
 * @clear_child_tid: user address, 0 for none
 * @rseq: user address, 0 for none
 * @rseq_len, @rseq_sig: of the registration
 * @restart: enum pm_restart
 * @restart_nr: call that restart_syscall stands for
 * @restart_arg: its user pointer (rmtp of a sleep, ufds of a poll)
 * @restart_arg2: nfds of a poll
 * @futex_uaddr, @futex_time, @futex_val, @futex_bitset, @futex_flags: restart of a futex wait;
 *	time is absolute in the program's clock (home's CLOCK_MONOTONIC, or realtime by flags)
 * @ds, @es, @fs, @gs: selectors, of which 32-bit code makes use: none or the flat one
 * @part: bytes that the interrupted call has transferred, which goes on from there
 * @comm: thread name
 */
struct pm_img_thread {
	struct pm_wire_regs regs;
	__le64 fsbase;
	__le64 gsbase;
	__le64 mask;
	__le64 altstack_sp;
	__le64 altstack_size;
	__le32 altstack_flags;
	__le32 restart;
	__le64 robust_list;
	__le64 clear_child_tid;
	__le64 rseq;
	__le32 rseq_len;
	__le32 rseq_sig;
	__le64 restart_arg;
	__le32 restart_arg2;
	__le32 restart_nr;
	__le64 futex_uaddr;
	__le64 futex_time;
	__le32 futex_val;
	__le32 futex_bitset;
	__le32 futex_flags;
	__le16 ds, es;
	__le16 fs, gs;
	__le32 zero;
	__le64 part;
	__u8 comm[16];
};

/* Processors beyond these are not told apart: 1024. */
#define PM_AFFINITY_WORDS	16

/** struct pm_sched - how a thread is scheduled
 * @nice: nice value
 * @policy: SCHED_NORMAL, SCHED_BATCH or SCHED_IDLE, see sched(7)
 * @cpus: processors that it may use, bit map; of home's, or what is meant there
 */
struct pm_sched {
	__le32 nice;
	__le32 policy;
	__le64 cpus[PM_AFFINITY_WORDS];
};

/** struct pm_sched_told - see PM_MSG_SCHED
 * @tid: of the thread, at home
 * @zero: 0
 * @sched: how it is scheduled from now on
 */
struct pm_sched_told {
	__le32 tid;
	__le32 zero;
	struct pm_sched sched;
};

/** struct pm_img_identity - who a thread is
 * @uid: real user id at home, under which the surrogate runs without capabilities
 * @gid: real group id at home
 * @personality: see personality(2)
 * @seccomp: 1 if it has filters, which home asks before each call
 * @sched: how it is scheduled
 */
struct pm_img_identity {
	__le32 uid;
	__le32 gid;
	__le32 personality;
	__le32 seccomp;
	struct pm_sched sched;
};

/** enum pm_clock - clocks that must not go back at a move */
enum pm_clock {
	PM_CLOCK_MONO,		/* CLOCK_MONOTONIC */
	PM_CLOCK_COARSE,	/* CLOCK_MONOTONIC_COARSE */
	PM_CLOCK_BOOT,		/* CLOCK_BOOTTIME */
	PM_CLOCK_RAW,		/* CLOCK_MONOTONIC_RAW */
	PM_CLOCKS,
};

/**
 * struct pm_img_proc - what belongs to the process
 * @clocks: what its clocks said when it was frozen, in ns, in the program's own terms
 * @cpu_seen: features of the processors that the program may have looked at
 */
struct pm_img_proc {
	__le64 clocks[PM_CLOCKS];
	__le32 cpu_seen[PM_CPU_WORDS];
};

#define PM_CPU_TIMERS	2	/* ITIMER_VIRTUAL, ITIMER_PROF */

/** struct pm_img_cputimer - CPU time in ns until a timer fires (0: not armed), its interval */
struct pm_img_cputimer {
	__le64 left;
	__le64 interval;
};

#endif
