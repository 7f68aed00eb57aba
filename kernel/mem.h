/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of a migrated process.
 *
 * A *source* is a node that holds pages of the process which the place where it
 * runs now (the *sink*) does not have yet. There are at most two at a time: the
 * home node, which keeps what never left it, and the node that the process ran on
 * before (*prev*), which is drained by a background push and then forgotten. When
 * the process is at home and drained, there is none.
 *
 * Anonymous memory is genuine anonymous memory at both ends; missing pages are
 * caught by a userfaultfd that the module owns and answers itself in the context of
 * the faulting task. Private file mappings at a remote node map a pseudo file whose
 * page cache is filled from the home node.
 */
#ifndef PM_MEM_H
#define PM_MEM_H

#include <linux/mm_types.h>
#include <linux/types.h>

struct file;
struct mm_struct;
struct pm_dec;
struct pm_enc;
struct pm_files;
struct pm_opens;
struct pt_regs;
struct task_struct;

struct pm_mm;	/* one per address space and node, see mm.c */

/*
 * A program with no more private pages than these moves with all of them: to ask for them would
 * take longer than to send them. Channels for pages are opened when there is a need.
 */
#define PM_SMALL_PAGES	128

/** struct pm_mm_stats - counters of one address space on this node */
struct pm_mm_stats {
	u64 eager;	/* pages that came or went with the image */
	u64 demand;	/* pages pulled by a fault */
	u64 ahead;	/* pages that came along with a pull */
	u64 pushed;	/* pages pushed in the background */
	u64 file;	/* file pages fetched */
	u64 zero;	/* pages not sent since they were zero */
	u64 left;	/* pages that are still elsewhere */
	u64 fault_ns;	/* total time that faults waited */
};

/*
 * pm_mm_create() - the module's state for the address space @mm (not always current's: at home
 * it is made before the freeze in the context of whoever asks for the move)
 * @proc: number of the process; @home: node id of its home
 * The object does not pin mm_users: when the last task leaves the address space
 * the memory goes as usual (exit_mmap) and the object notices.
 * Return: object with one reference or ERR_PTR. May sleep.
 */
struct pm_mm *pm_mm_create(u64 proc, u32 home, struct mm_struct *mm);
struct pm_mm *pm_mm_get(struct pm_mm *mm);
void pm_mm_put(struct pm_mm *mm);
/* Is it still the address space of @task? Not after an exec. Takes task_lock(). */
bool pm_mm_belongs(struct pm_mm *mm, struct task_struct *task);

/*
 * pm_mm_connect() - sink, before the freeze: open the page channels to the sources
 * @prev: node that runs the process now (may be the home node, or this node's peer); 0: home
 * @later: they are opened when there is a need; so are those to a home that is 0
 * Context: any task (at home: the one that asks for the move, before the freeze).
 * Return: 0 or an error of pm_chan_open(). May sleep.
 */
int pm_mm_connect(struct pm_mm *mm, u32 prev, bool later);
/* Close them again: the freeze does not take place. May sleep. */
void pm_mm_sources_close(struct pm_mm *mm);

/*
 * pm_mm_can_move() - what forbids to move this address space, as sentences
 * Calls @say(@arg, sentence) for each mapping that can't move (shared writable
 * mapping, hugetlb, device, secret memory, uprobes, userfaultfd of the program ...),
 * naming address and object. @mms are address spaces that move with it, by
 * pm_mm_index(); @party is the number of a move for which they have stopped. Takes mmap_lock of
 * @task's mm for reading. May sleep. Return: number of reasons.
 */
int pm_mm_can_move(struct task_struct *task, struct xarray *mms, u64 party,
		   void (*say)(void *arg, const char *text), void *arg);

/*
 * pm_mm_offer() - source: the image goes to @sink, which may ask for pages from now on
 * Only that node and the one that the process runs on may; until a move has succeeded or failed
 * both. Channels that others have opened are closed. @sink 0: it does not go there after all.
 * Context: may sleep.
 */
void pm_mm_offer(struct pm_mm *mm, u32 sink);

/*
 * pm_mm_capture() - source: describe the frozen address space of current in @enc
 * Layout, brk, arg/env bounds, vdso, mapped files, which pages exist here and which
 * are still at home, and the hot pages with their content: the dirty private pages of
 * file mappings and up to @hot pages nearest to use (those round @sp first).
 * Of an object that several processes of the move @party share, one image tells the pages.
 * Changes nothing: the process can go on here if the move fails.
 */
int pm_mm_capture(struct pm_mm *mm, struct pm_enc *enc, unsigned long sp, unsigned int hot,
		  u64 party);

/*
 * pm_mm_restore() - sink: make current's address space that of the image
 * Takes one record of the image at a time (PM_TAG_MM..PM_TAG_MM_LAST), then
 * pm_mm_restore_end(). At a remote node everything that was mapped is unmapped
 * first; at home the mappings that still hold pages of the process are kept.
 * At home a failure leaves all pages that the process left there intact.
 */
int pm_mm_restore_begin(struct pm_mm *mm);
int pm_mm_restore(struct pm_mm *mm, u32 tag, const void *data, size_t len);
int pm_mm_restore_end(struct pm_mm *mm);

/* Sink: the move is committed; pull everything. Home, each time that the process has gone to
 * another node: it runs at @sink now; when @sink wants home's pages no more they are
 * freed. Neither waits for the network.
 */
void pm_mm_sink_commit(struct pm_mm *mm);
void pm_mm_source_commit(struct pm_mm *mm, u32 sink);

/*
 * Sink: the move failed after pm_mm_connect(), before the commit. At home the pages that never
 * left stay, and are served on. At a remote node the surrogate dies instead; then
 * pm_mm_put() is enough. Sleeps; at home in the context of a task of the address space.
 */
void pm_mm_sink_abort(struct pm_mm *mm);

/* Source: the move failed, the process runs on here; nothing has been freed. Ends an offer. */
void pm_mm_source_abort(struct pm_mm *mm);

/* Sink: wait until nothing is left at prev. Killable; 0, -EINTR, -ETIMEDOUT, -EPIPE: prev gone. */
int pm_mm_drain(struct pm_mm *mm, long timeout);
/* Source: wait until the sink has everything that it wants of this node. 0, -EINTR, -EPIPE. */
int pm_mm_wait_drained(struct pm_mm *mm);
bool pm_mm_drained(struct pm_mm *mm);	/* as a sink: nothing is left at prev */
/* Sink: wait until nothing is left anywhere. Same returns. */
int pm_mm_drain_all(struct pm_mm *mm);

/*
 * pm_mm_fork() - the same for @user_mm, that of a forked child of @from's process
 * @sink: home: the node where it runs, 0 there; @copy, @shares: see mm_fork.c. May sleep.
 */
struct pm_mm *pm_mm_fork(struct pm_mm *from, struct mm_struct *user_mm, u64 proc, u32 sink,
			 bool copy, bool shares);
/*
 * Home: current, which does not run here and has no relatives, unmaps the shared memory that it has
 * from its parent: it would only be in the way. May sleep. Return: 0, -ENOMEM.
 */
int pm_mm_forked_trim(void);

/* Has the program memory that a child would share with it? May sleep. */
bool pm_mm_shares(struct pm_mm *mm);

/*
 * pm_mm_before_call() - a task of this address space is about to run a local system
 * call: keep the page map right (munmap, mremap, madvise, mmap with MAP_FIXED, brk,
 * fork: what is given up is forgotten, what is moved is fetched first).
 * Context: the calling task, no locks. Return: 0, or a negative errno that the call is to
 * return without being run.
 */
int pm_mm_before_call(struct pm_mm *mm, const struct pt_regs *regs);

/*
 * Where a local call may unmap shared memory, pm_mm_unmaps(), what it leaves unmapped is forgotten
 * after it. Context: the calling task, no locks; may sleep.
 */
/* Current is about to map something else there at both nodes. Return: as pm_mm_before_call(). */
int pm_mm_before_replace(struct pm_mm *mm, unsigned long start, unsigned long len);
bool pm_mm_unmaps(struct pm_mm *mm, unsigned int nr);
bool pm_mm_recalls(struct pm_mm *mm, const struct pt_regs *regs);	/* see mm_calls.c */
void pm_objects_prune(struct pm_mm *mm);

/*
 * pm_mm_file_export() - home: @file is (or will be) mapped by the process
 * Return: its id, the same for the same file, or negative errno.
 */
int pm_mm_file_export(struct pm_mm *mm, struct file *file);
/*
 * pm_mm_file_import() - remote: a pseudo file whose pages are those of the home
 * node's file @id; to be given to vm_mmap(). Return: file (fput()) or ERR_PTR.
 * @ident: identity at home: device, inode, change time, size (struct pm_file_ident in
 * mem_wire.h); files with the same identity share one page cache.
 */
struct pm_file_ident;
int pm_mm_file_ident(struct pm_mm *mm, u32 id, struct pm_file_ident *ident);	/* home */
int pm_objects_vouch(struct pm_mm *mm, const void *image, size_t len);	/* home */
/* Home: it has hopped, and left behind what pm_objects_vouch() has not found. May sleep. */
void pm_objects_left(struct pm_mm *mm);
/* Has it shared memory that is fetched as a whole before it goes on? Any context. */
bool pm_objects_whole(struct pm_mm *mm);
int pm_mm_file_vouch(struct pm_mm *mm, void *image, size_t len, struct pm_files **old);	/* home */
/* Let @mm have a table of files, whose reference it takes over; NULL: none. May sleep. */
void pm_files_replace(struct pm_mm *mm, struct pm_files *files);
void pm_files_put(struct pm_files *files);	/* @files may be NULL. May sleep. */
void pm_mm_file_close(struct pm_mm *mm, u32 id);	/* home */
/* Home: unmap those of current's files that are not among its files; it is away. May sleep. */
void pm_zap_closed(struct pm_mm *mm);
/* Home: in between nothing is unmapped by that, or by pm_mm_file_close(). May sleep. */
void pm_zap_hold(struct pm_mm *mm);
void pm_zap_release(struct pm_mm *mm);
/* Home: changes with each file that is closed; odd while it is done. 0: it has no table. */
unsigned long pm_files_closes(struct pm_mm *mm);
/* opens.c */
bool pm_opens_late(struct pm_mm *mm, u32 *id);
bool pm_opens_has(const struct pm_opens *opens, struct pm_mm *mm);	/* does @mm count there? */
/*
 * calls_map.c: a file is not mapped any more: current, if it is a thread of a program that runs in
 * @mm, will tell home. Return: false if not. May sleep.
 */
bool pm_thread_closes(struct pm_mm *mm, u32 id);
/* Somebody whose address space counts in @opens is to tell what is late. Does not sleep. */
void pm_guests_late(const struct pm_opens *opens);
struct file *pm_mm_file_import(struct pm_mm *mm, u32 id, const struct pm_file_ident *ident);

/*
 * proc.c: the memory of a surrogate process, which may be that of another one (vfork); with a
 * reference, or NULL. Any context that may sleep.
 */
struct pm_mm *pm_proc_mm(u64 id, u32 home);

void pm_mm_stats(struct pm_mm *mm, struct pm_mm_stats *stats);

/*
 * The hook of handle_userfault(): where pm_userfault_ours() (any context), call
 * pm_handle_userfault() instead of it.
 */
struct vm_fault;
bool pm_userfault_ours(struct vm_fault *vmf);
vm_fault_t pm_handle_userfault(struct vm_fault *vmf, unsigned long reason);

/* Number of the process whose home memory this is, if it runs elsewhere; else 0. Any context. */
u64 pm_mm_away(const struct mm_struct *mm);
/* Is it being restored? For its own tasks. */
bool pm_mm_arriving(const struct pm_mm *mm);

/* Module wide. Exit waits until no address space is left. */
int pm_mem_init(void);
void pm_mem_exit(void);

#endif
