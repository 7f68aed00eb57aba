/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of the memory files: the address space object and what they share.
 *
 * Locking, outermost first:
 *   pm_mm.zap_lock (mutex): home pages are freed, or the process comes back to them
 *   mmap_lock of the address space
 *   pm_source.fetch_lock (mutex): one request on a fetch channel; nothing that takes
 *	mmap_lock happens under it, since a fault may hold mmap_lock when it asks
 *   pm_mm.lock (mutex): the lists and pointers of channels; short sections only
 *   pm_pagemap.lock (spinlock): which pages are missing; page table locks nest inside
 *
 * A page is missing at the sink until it has been installed, or given up by munmap()
 * and the like. Both happen under pm_pagemap.lock, so a page that has been given up is
 * never installed. Unmapping is seen by the MMU notifier, which the kernel calls when an
 * unmapping can't fail any more; MADV_DONTNEED by pm_mm_before_call().
 */
#ifndef PM_SPACE_H
#define PM_SPACE_H

#include <linux/file.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "chan.h"
#include "mem.h"
#include "mem_wire.h"

/** enum pm_source_id - index of a source */
enum pm_source_id {
	PM_SRC_HOME,	/* the home node, for pages that never left it, and for files */
	PM_SRC_PREV,	/* another node, that the process ran on before */
	PM_SRCS,
};

/* bits of pm_chunk.flags */
#define PM_CHUNK_HUGE	0	/* it was a huge page, and is not one here */

/**
 * struct pm_chunk - 2 MiB of address space
 * @missing: pages that are missing, by source
 * @flags: PM_CHUNK_*, atomic bit operations
 */
struct pm_chunk {
	u64 missing[PM_SRCS][PM_CHUNK_WORDS];
	unsigned long flags;
};

/**
 * struct pm_pagemap - where missing pages are
 * @chunks: struct pm_chunk by address >> PM_CHUNK_SHIFT; entries live as long as the map
 * @lock: protects the bits and @left
 * @left: bits set, by source
 */
struct pm_pagemap {
	struct xarray chunks;
	spinlock_t lock;	/* nests in mmap_lock; page table locks nest in it */
	u64 left[PM_SRCS];
};

void pm_map_init(struct pm_pagemap *map);
/* Forget everything and free it. No concurrent users. */
void pm_map_clear(struct pm_pagemap *map);
/* Mark pages of one 2 MiB chunk, and only these, as missing at @src. May sleep. 0 or -ENOMEM. */
int pm_map_add(struct pm_pagemap *map, enum pm_source_id src, unsigned long addr,
	       const __le64 *bits);
/* The chunk that @addr is in, for which there are pages to come, was a huge page; was it? */
void pm_map_set_huge(struct pm_pagemap *map, unsigned long addr);
bool pm_map_is_huge(struct pm_pagemap *map, unsigned long addr);
/* Source of the missing page @addr, or -ENOENT. Any context. */
int pm_map_where(struct pm_pagemap *map, unsigned long addr);
/* Missing pages at @src in the PM_FETCH_PAGES pages that contain @addr. Any context. */
u64 pm_map_word(struct pm_pagemap *map, enum pm_source_id src, unsigned long addr);
/* First page in [@addr, @end) that is missing at @src, or @end. Any context. */
unsigned long pm_map_next(struct pm_pagemap *map, enum pm_source_id src, unsigned long addr,
			  unsigned long end);
/* Forget that pages in [@start, @end) are missing. May be long. */
void pm_map_forget(struct pm_pagemap *map, unsigned long start, unsigned long end);
/* For the installer, with @lock held. */
bool __pm_map_test(struct pm_pagemap *map, enum pm_source_id src, unsigned long addr);
void __pm_map_drop(struct pm_pagemap *map, enum pm_source_id src, unsigned long addr);

/**
 * struct pm_source - a node that has pages of ours
 * @node: its id, 0 if there is none
 * @fetch: channel, counted reference under pm_mm.lock; NULL when closed
 * @push: the same
 * @fetch_lock: one request at a time on @fetch
 * @seq: number of the last request on @fetch, under @fetch_lock
 * @stale: answers to come for askers that were killed, under @fetch_lock
 * @next: readahead: where the next fault of a sequence would be
 * @ahead: readahead: the window in pages
 * @broken: pages were lost: the source went away or could not read them
 */
struct pm_source {
	u32 node;
	struct pm_chan *fetch;
	struct pm_chan *push;
	struct mutex fetch_lock;	/* see above */
	u32 seq;
	u32 stale;
	unsigned long next;
	unsigned int ahead;
	bool broken;
};

/* bits of pm_mm.flags */
#define PM_MM_DEAD	0	/* the address space is gone */
#define PM_MM_AWAY	1	/* source: the process runs elsewhere, pages may be freed */
#define PM_MM_FROZEN	2	/* captured: what this node has must not change */
#define PM_MM_SINK	3	/* committed as a sink: pullers run */
#define PM_MM_MOVED	4	/* remote: the process has moved on */
#define PM_MM_SHARED	5	/* remote: it has, or had, shared memory */

struct pm_proc;
struct pm_restore;

/* Is @pte, which is present, of anonymous memory? Its lock is held. */
static inline bool pm_pte_anon(pte_t pte)
{
	return !pte_special(pte) && pfn_valid(pte_pfn(pte)) && PageAnon(pte_page(pte));
}

/* Index of an address space in an xarray, which needs some bits for itself. */
static inline unsigned long pm_mm_index(const struct mm_struct *mm)
{
	return (unsigned long)mm >> 4;
}

/**
 * struct pm_group - address spaces that may share memory with each other, and with nobody else
 * @mm: one of them; mmap_lock is held
 * @party: source: the others are those that have stopped for this move, 0: there are none
 * @mms: before a move: the others, by pm_mm_index(); or NULL
 */
struct pm_group {
	struct mm_struct *mm;
	u64 party;
	struct xarray *mms;
};

/**
 * struct pm_object - an object of shared memory as one address space knows it, see object.c
 * @ref: lifetime: the table, and who uses it
 * @by_inode: hash of object.c
 * @by_key: the other hash
 * @lingers: remote: list of object.c, of those that no process has any more
 * @mm: whose it is; not a reference, valid as long as the object is in the hashes
 * @home: the home of that
 * @id: see struct pm_img_object
 * @flags: the same, without PM_OBJ_PAGES
 * @key: the same
 * @party: source: the last move of several processes for which it was claimed
 * @told: this address space's image tells of its pages
 * @came: home: the image that is being read, or was the last, has it
 * @guarded: home: it counts in struct pm_kept, see keep.c
 * @left: remote: whoever was the last to have it has ended here, so its content is here
 * @served: remote: it is being sent home, under the lock of object.c
 * @forgotten: remote: home will not ask for it again, the same
 * @file: what is mapped, a reference
 */
struct pm_object {
	struct kref ref;
	struct hlist_node by_inode;
	struct hlist_node by_key;
	struct list_head lingers;
	struct pm_mm *mm;
	u32 home;
	u32 id;
	u32 flags;
	u64 key;
	u64 party;
	bool told;
	bool came;
	bool guarded;
	bool left;
	bool served;
	bool forgotten;
	struct file *file;
};

/* Marks in pm_mm.objects: PM_OBJ_KEPT, PM_OBJ_FILE. */
#define PM_OBJECT_KEPT	XA_MARK_0
#define PM_OBJECT_FILE	XA_MARK_1

/**
 * struct pm_mm - an address space on this node
 * @notifier: tells of unmapping and of the end
 * @ref: lifetime
 * @by_mm: hash of mm.c
 * @by_proc: hash of mm.c
 * @put_work: runs when the last reference is gone
 * @free_work: frees it after all grace periods
 * @proc: the process, as its home node numbers it
 * @home: id of the home node
 * @party: sink: number of the move of several processes with which it comes, 0 if it comes alone
 * @stopped: source: number of the move for which all its threads have stopped
 * @mm: kept by the notifier (mm_count)
 * @flags: PM_MM_*
 * @wait: woken when @flags, a source or the map change
 * @lock: protects @src channels, @servers, @npush, @sink, @next, @uffd, and what says so
 * @zap_lock: serialises the freeing of home pages with their return to use
 * @look_lock: home: one look at what is mapped at a time
 * @servers: struct pm_server: channels on which we serve pages
 * @npush: those of kind PM_CHAN_PUSH
 * @sink: home: node that the process runs on, as far as it is committed
 * @next: source: node that the image is meant for, 0 for none; like @sink it may have pages
 * @whole: source: the image that is being sent has all pages, so that the sink will want none
 * @drained: source: the last node that said that it wants no more of our pages, 0 for none
 * @src: where our missing pages are
 * @map: which pages are missing
 * @pullers: number of puller threads
 * @urgent: faults that wait for a page now
 * @cursor: where the puller of bulk pages should go on
 * @uffd: userfaultfd by which faults on missing pages are noticed, NULL if not armed
 * @unwatching: those for whom @uffd must not end, which waits for them; under @lock
 * @uffd_ctx: what mappings that @uffd watches point to
 * @files: home: exported files, counted reference under @lock; NULL before it has left home
 * @by_files: among the users of @files, under the lock of that
 * @opens: remote: which files of home are mapped, a reference; set before any is
 * @objects: struct pm_object by id, under @lock
 * @object_n: how many, under @lock
 * @object_last: last number of an object that was given, on any node; under @lock
 * @restore: a restore in progress
 * @eager: see struct pm_mm_stats, as all that follow
 * @demand: counter
 * @ahead: counter
 * @pushed: counter
 * @file: counter
 * @zero: counter
 * @fault_ns: counter
 */
struct pm_mm {
	struct mmu_notifier notifier;
	struct kref ref;
	struct hlist_node by_mm;
	struct hlist_node by_proc;
	struct work_struct put_work;
	struct rcu_work free_work;
	u64 proc;
	u32 home;
	u64 party;
	u64 stopped;
	struct mm_struct *mm;
	unsigned long flags;
	wait_queue_head_t wait;
	struct mutex lock;	/* see above */
	struct mutex zap_lock;	/* see above */
	struct mutex look_lock;	/* see above; nothing is taken in it */
	struct list_head servers;
	unsigned int npush;
	u32 sink;
	u32 next;
	bool whole;
	u32 drained;
	struct pm_source src[PM_SRCS];
	struct pm_pagemap map;
	atomic_t pullers;
	atomic_t urgent;
	unsigned long cursor;
	struct file *uffd;
	unsigned int unwatching;
	void *uffd_ctx;
	struct pm_files *files;
	struct list_head by_files;
	struct pm_opens *opens;
	struct xarray objects;
	u32 object_n;
	u32 object_last;
	struct pm_restore *restore;
	atomic64_t eager;
	atomic64_t demand;
	atomic64_t ahead;
	atomic64_t pushed;
	atomic64_t file;
	atomic64_t zero;
	atomic64_t fault_ns;
};

/* mm.c */
struct pm_mm *pm_mm_find(struct mm_struct *mm);	/* counted reference or NULL; any context */
bool pm_mm_watches(struct mm_struct *mm, const void *ctx);	/* is @ctx our userfaultfd on it? */
struct pm_mm *pm_mm_find_proc(u64 proc, u32 home);	/* the same by number, the newest */
/* Take a counted reference to a channel of a source, NULL if closed. May sleep. */
struct pm_chan *pm_mm_chan(struct pm_mm *mm, struct pm_chan **chan);
/* Kill and drop a channel of a source. Idempotent. */
void pm_mm_chan_close(struct pm_mm *mm, struct pm_chan **chan);
/* Kill the channels of all who are served here, but those to nodes that pm_mm_serves(). */
void pm_mm_servers_kill(struct pm_mm *mm);
/* May @node have pages of this node's? Caller holds pm_mm.lock. */
bool pm_mm_serves(const struct pm_mm *mm, u32 node);
static inline bool pm_mm_dead(struct pm_mm *mm)
{
	return test_bit(PM_MM_DEAD, &mm->flags);
}

/* mm_capture_page.c */
int pm_capture_pages(struct pm_mm *mm, struct pm_enc *enc, unsigned long sp, unsigned int hot);

/* maps.c */
int pm_serve_maps(struct pm_mm *mm, struct pm_chan *chan, const struct pm_buf *req);

/* sink.c: open a channel on which @node serves pages; it does so when this returns. May sleep. */
struct pm_chan *pm_source_chan(struct pm_mm *mm, u32 node, enum pm_chan_kind kind);
/* The same for what is not of an address space. */
struct pm_chan *pm_served_chan(u32 node, enum pm_chan_kind kind, const struct pm_open *open);
/* The fetch channel to the home node, with a reference; or ERR_PTR. May sleep. */
struct pm_chan *pm_source_home(struct pm_mm *mm);
/* While it is restored: open those to the home node that it was expected to need none of. */
int pm_mm_connect_late(struct pm_mm *mm);

/* fetch.c: ask a source */
int pm_fetch_page(struct pm_mm *mm, unsigned long addr, bool locked);
int pm_fetch_range(struct pm_mm *mm, unsigned long start, unsigned long end);
struct pm_buf *pm_fetch_file(struct pm_mm *mm, u32 id, u64 index, u32 count);

/* opens.c */
struct pm_opens *pm_opens_new(void);
struct pm_opens *pm_opens_get(struct pm_opens *opens);
void pm_opens_put(struct pm_opens *opens);
void pm_opens_use(struct pm_mm *mm, struct pm_opens *opens);
int pm_opens_add(struct pm_opens *opens, u32 id);
void pm_opens_close(struct pm_opens *opens, u32 id, struct pm_mm *mm);

/* install.c */
int pm_install_page(struct pm_mm *mm, unsigned long addr, const void *data);
int pm_install_pages(struct pm_mm *mm, enum pm_source_id src, const struct pm_buf *buf,
		     u64 base, u64 mask, bool locked);
int pm_install_zero(struct vm_area_struct *vma, unsigned long addr, bool write);
int pm_install_bad(struct mm_struct *mm, unsigned long addr);

/* closed.c: shared memory that nobody else can get at */
/* A thread that uses the address space, with a reference, or NULL. Does not sleep. */
struct task_struct *pm_task_of(const struct mm_struct *mm);
/* Is it a mapping of shared memory? Caller holds mmap_lock. */
bool pm_vma_shared(struct vm_area_struct *vma);
/* Is it a System V segment, as one address space has attached it? */
bool pm_file_sysv(const struct file *file);
/* PM_OBJ_* of an object at its home. */
u32 pm_file_flags(const struct file *file);
int pm_object_closed(const struct pm_group *group, struct file *file, char *why, size_t len);
void pm_objects_zap(struct pm_mm *mm);
void pm_objects_return(struct pm_mm *mm);

/* object.c: the table of objects */
/* The number of a mapped file, 0 if it is no object that @mm knows. Does not sleep. */
u32 pm_object_of(struct pm_mm *mm, struct file *file);
/* The file of an object that one has who comes with @mm, with a reference, or NULL. */
struct file *pm_object_kin(struct pm_mm *mm, u64 key);
/*
 * Enter an object under a number that is free; @key 0: it has none yet, or a relative is just
 * giving it one. Caller holds pm_mm.lock. 0, -E2BIG, -ENOMEM.
 */
int pm_object_enter(struct pm_mm *mm, u32 id, u64 key, u32 flags, struct file *file);
/* The number of the object that is mapped, or 0. Caller holds mmap_lock. */
u32 pm_vma_object(struct pm_mm *mm, struct vm_area_struct *vma);
struct pm_object *pm_object_get(struct pm_mm *mm, u32 id);
struct pm_object *pm_object_next(struct pm_mm *mm, unsigned long *id);
void pm_object_put(struct pm_object *object);
bool pm_object_claim(struct pm_object *object, u64 party);
bool pm_object_coming(struct file *file);
long pm_object_refs(struct file *file);
/*
 * Home: it may have got a name since it left last, or lost it; @keep: others can come to it by a
 * descriptor. Context: may sleep.
 */
void pm_object_renew(struct pm_mm *mm, struct pm_object *object, bool keep);
/* Home: number of a process that has the object away, or 0. Does not sleep. */
u64 pm_object_owner(const struct file *file);
void pm_objects_drop(struct pm_mm *mm);
/* The address by which a page of @vma is known, see mem_wire.h. Caller holds mmap_lock. */
u64 pm_page_addr(struct pm_mm *mm, struct vm_area_struct *vma, unsigned long addr);

/* object_image.c */
int pm_object_export(struct pm_mm *mm, struct file *file);
int pm_object_import(struct pm_mm *mm, const struct pm_img_object *img);
int pm_objects_inherit(struct pm_mm *mm, struct pm_mm *from);
void pm_objects_untold(struct pm_mm *mm);

/* object_page.c */
bool pm_object_chunk(struct file *file, bool all, pgoff_t *index, u64 *here);
/* May there be an old page of shared memory at this address, in whose place the new one is put? */
bool pm_object_has(struct pm_mm *mm, u64 addr);
void pm_objects_cut(struct pm_mm *mm);
struct page *pm_object_read(struct pm_mm *mm, u64 addr);
int pm_object_install(struct pm_mm *mm, enum pm_source_id src, u64 addr, const void *data);
int pm_object_zero(struct file *file, pgoff_t index);
int pm_object_fetch(struct pm_mm *mm, u32 id);
int pm_objects_fetch(struct pm_mm *mm);
void pm_object_punch(struct pm_mm *mm, u64 start, u64 end);

/* puller.c */
int pm_puller_start(struct pm_mm *mm, enum pm_source_id src);

/* uffd.c */
int pm_uffd_arm(struct pm_mm *mm);
void pm_uffd_disarm(struct pm_mm *mm);
int pm_uffd_unwatch(struct pm_mm *mm, unsigned long start, unsigned long end);

int pm_uffd_init(void);
void pm_uffd_exit(void);

/* huge.c: nothing is missing any more. Context: a kernel thread, no locks held. */
void pm_huge_again(struct pm_mm *mm);

/* zap.c: free home pages when drained and away; zap all but @keep in [start, end) */
void pm_zap_try(struct pm_mm *mm);
/* Home: unmap a file that is not mapped where it runs. Context: a kernel thread. */
void pm_zap_file(struct pm_mm *mm, const struct file *file);
int pm_zap_range(unsigned long start, unsigned long end, struct pm_pagemap *keep);

/* layout.c: kinds and flags of mappings, bounds of the address space */
int pm_vma_kind(struct vm_area_struct *vma, const char **why);
u32 pm_vma_flags(struct vm_area_struct *vma);
int pm_vma_set_flags(unsigned long start, unsigned long end, u32 have, u32 want);
void pm_bounds_get(struct mm_struct *mm, struct pm_img_mm *img);
int pm_bounds_set(struct mm_struct *mm, const struct pm_img_mm *img);
int pm_layout_join(struct mm_struct *mm);
/* Arguments and environment, which /proc shows: their first PM_SHOWN_PAGES pages. */
#define PM_SHOWN_PAGES	64
void pm_shown_range(struct mm_struct *mm, unsigned long *start, unsigned long *end);

/* mm_restore.c, mm_home.c: the state of a restore, see there */
void pm_mm_restore_cancel(struct pm_mm *mm);

/* pagefs.c */
int pm_pagefs_init(void);
void pm_pagefs_exit(void);
bool pm_pagefs_file(struct file *file, u32 *id, struct pm_file_ident *ident);
int pm_pagefs_inherit(struct pm_mm *mm);

/**
 * struct pm_question - what home asks about the memory of a process
 * @type: of the message and of the answer
 * @req: the message
 * @len: bytes
 * @ok: is the answer well-formed, whose type is right?
 * @wait: jiffies to wait for it
 * @tries: how often to ask one that is just moving
 */
struct pm_question {
	u16 type;
	const void *req;
	size_t len;
	bool (*ok)(const struct pm_buf *buf);
	long wait;
	int tries;
};

/*
 * look.c: home asks the node of @proc
 * @mm: unless NULL, what was looked at, with a reference, on success
 * Context: sleeps, killable, no locks held.
 * Return: the answer (pm_buf_free()), or ERR_PTR: -ESRCH it is at home, -EPIPE it does not get
 * anywhere, -EINTR, or another error of the link.
 */
struct pm_buf *pm_look(struct pm_proc *proc, const struct pm_question *question,
		       struct pm_mm **mm);
int pm_serve_peek(struct pm_mm *mm, struct pm_chan *chan, const struct pm_buf *req);

/* filetable.c */
struct file *pm_files_get(struct pm_mm *mm, u32 id);
/* Fill @set with the files, by their addresses. Return: 0 or -ENOMEM. May sleep. */
int pm_files_list(struct pm_mm *mm, struct xarray *set);
int pm_files_renew(struct pm_mm *mm);
void pm_files_share(struct pm_mm *mm, struct pm_mm *from);
void pm_files_drop(struct pm_mm *mm);
/*
 * The file of @id with a reference, or ERR_PTR. @node, unless 0, is promised to hear of changes;
 * @ident, unless NULL, gets the file's numbers. May sleep.
 */
struct file *pm_files_promised(struct pm_mm *mm, u32 id, u32 node, struct pm_file_ident *ident);

/* file_pages.c */
int pm_files_serve(struct pm_mm *mm, struct pm_chan *chan, const struct pm_buf *req,
		   void *page_buf);

#endif
