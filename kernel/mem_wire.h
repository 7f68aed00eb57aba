/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records of an image that describe an address space, in this order: MM, then FILE, OBJECT and
 * VMA mixed, MAP* (where = HOME), MAP_END, then MAP (where = HERE), PAGE and BAD mixed.
 *
 * Where pages are named, a page of private memory goes by its address, one of shared memory by
 * that of its object (pm_object_addr()): it may be mapped at several places, or at none.
 */
#ifndef PM_MEM_WIRE_H
#define PM_MEM_WIRE_H

#include <linux/bits.h>
#include "wire.h"

/** enum pm_mem_tag - tags between PM_TAG_MM and PM_TAG_MM_LAST */
enum pm_mem_tag {
	PM_TAG_MEM_MM = PM_TAG_MM,	/* struct pm_img_mm */
	PM_TAG_MEM_FILE,		/* struct pm_img_file */
	PM_TAG_MEM_VMA,			/* struct pm_img_vma, ascending */
	PM_TAG_MEM_MAP,			/* struct pm_img_map */
	PM_TAG_MEM_MAP_END,		/* empty: no more PM_MAP_HOME */
	PM_TAG_MEM_PAGE,		/* struct pm_img_page, then 4096 bytes */
	PM_TAG_MEM_BAD,			/* struct pm_img_page: it cannot be read */
	PM_TAG_MEM_OBJECT,		/* struct pm_img_object */
};

/* pm_img_mm.flags */
#define PM_IMG_NOTHP	1	/* transparent huge pages are off for the process */
#define PM_IMG_LOCKFUT	2	/* mlockall(MCL_FUTURE) */
#define PM_IMG_ONFAULT	4	/* ... with MCL_ONFAULT */

/**
 * struct pm_img_mm - bounds of the address space
 * @start_code: as in struct mm_struct, and so on
 * @end_code: address
 * @start_data: address
 * @end_data: address
 * @start_brk: address
 * @brk: address
 * @start_stack: address
 * @mmap_base: address
 * @arg_start: address
 * @arg_end: address
 * @env_start: address
 * @env_end: address
 * @flags: PM_IMG_*
 * @membarrier: MEMBARRIER_STATE_* bits of the registrations
 * @pkeys: allocated protection keys
 * @exec_pkey: key of execute-only mappings, or -1
 * @vdso: address of the vdso, 0 if there is none
 * @objects: numbers of shared objects up to this one are taken
 * @zero: 0
 */
struct pm_img_mm {
	__le64 start_code;
	__le64 end_code;
	__le64 start_data;
	__le64 end_data;
	__le64 start_brk;
	__le64 brk;
	__le64 start_stack;
	__le64 mmap_base;
	__le64 arg_start;
	__le64 arg_end;
	__le64 env_start;
	__le64 env_end;
	__le64 vdso;
	__le32 flags;
	__le32 membarrier;
	__le32 pkeys;
	__le32 exec_pkey;
	__le32 objects;
	__le32 zero;
};

/**
 * struct pm_file_ident - what tells one state of a file from another, on its home node
 * @dev: device number, as stat() tells it; on an overlay that of the filesystem below
 * @ino: inode number, the same
 * @gen: generation of the inode
 * @ctime: change time in ns
 * @mtime: modification time in ns
 * @size: bytes
 */
struct pm_file_ident {
	__le64 dev;
	__le64 ino;
	__le64 gen;
	__le64 ctime;
	__le64 mtime;
	__le64 size;
};

/**
 * struct pm_img_file - a mapped file
 * @id: the home node's number for it
 * @zero: must be 0
 * @ident: which file it is
 */
struct pm_img_file {
	__le32 id;
	__le32 zero;
	struct pm_file_ident ident;
};

/*
 * Addresses of pages of shared objects lie above all of user memory. Between two objects some are
 * left out, so that no run of pages goes on from one to the next.
 */
#define PM_OBJECT_BASE	BIT_ULL(62)
#define PM_OBJECT_SHIFT	40
#define PM_OBJECT_SIZE	(BIT_ULL(PM_OBJECT_SHIFT) - 4096)	/* the largest object */
#define PM_OBJECTS_MAX	(BIT(21) - 1)				/* the last number */
#define PM_ADDR_END	BIT_ULL(63)

static inline u64 pm_object_addr(u32 id, u64 offset)
{
	return PM_OBJECT_BASE + ((u64)id << PM_OBJECT_SHIFT) + offset;
}

static inline bool pm_addr_shared(u64 addr)
{
	return addr >= PM_OBJECT_BASE;
}

/* The object of an address, which need not exist. */
static inline u32 pm_addr_object(u64 addr)
{
	return (addr - PM_OBJECT_BASE) >> PM_OBJECT_SHIFT;
}

static inline u64 pm_addr_offset(u64 addr)
{
	return addr & (BIT_ULL(PM_OBJECT_SHIFT) - 1);
}

/* pm_img_object.flags */
#define PM_OBJ_NORESERVE BIT(0)	/* memory is set aside as its pages come into being */
#define PM_OBJ_PAGES	BIT(1)	/* its pages are told in this image, not in that of a relative */
#define PM_OBJ_KEPT	BIT(2)	/* others at home can come to it: they get what was last in it */
#define PM_OBJ_FILE	BIT(3)	/* it is a file that is on a disk, or the like: msync() matters */
#define PM_OBJ_ALL	(BIT(4) - 1)

/**
 * struct pm_img_object - an object of shared memory, which mappings refer to
 * @id: number, 1 to PM_OBJECTS_MAX; a process has no two objects of one number, ever
 * @flags: PM_OBJ_*
 * @size: bytes
 * @key: what it is known by in all processes of the family
 */
struct pm_img_object {
	__le32 id;
	__le32 flags;
	__le64 size;
	__le64 key;
};

/* Inodes of one name: on an overlay its own, that below and that above. */
#define PM_CHANGED_MAX	3

#define PM_NOT_CUT	(~0ULL)

/**
 * struct pm_changed - a file has changed on its home node
 * @dev: as in struct pm_file_ident
 * @ino: the same
 * @size: bytes that it has now
 * @cut: the fewest to which it has been cut since this was told last, or PM_NOT_CUT
 */
struct pm_changed {
	__le64 dev;
	__le64 ino;
	__le64 size;
	__le64 cut;
};

/**
 * struct pm_maps - what is mapped where a process runs, for /proc/PID/maps
 * @start_brk: bounds of the heap
 * @brk: its end
 * @start_stack: where the stack began
 */
struct pm_maps {
	__le64 start_brk;
	__le64 brk;
	__le64 start_stack;
};

/** enum pm_img_kind - what is mapped */
enum pm_img_kind {
	PM_VMA_ANON,	/* private anonymous memory */
	PM_VMA_FILE,	/* private mapping of a file */
	PM_VMA_VDSO,	/* text of the vdso */
	PM_VMA_VVAR,	/* data of the vdso */
	PM_VMA_OBJECT,	/* shared memory */
};

/* pm_img_vma.flags */
#define PM_VMA_READ	BIT(0)
#define PM_VMA_WRITE	BIT(1)
#define PM_VMA_EXEC	BIT(2)
#define PM_VMA_SHARED	BIT(3)	/* MAP_SHARED: OBJECT, or FILE that can't be written */
#define PM_VMA_GROWS	BIT(4)	/* MAP_GROWSDOWN: the stack */
#define PM_VMA_NORESERVE BIT(5)
#define PM_VMA_LOCKED	BIT(6)
#define PM_VMA_DONTFORK	BIT(7)
#define PM_VMA_WIPE	BIT(8)
#define PM_VMA_HUGE	BIT(9)
#define PM_VMA_NOHUGE	BIT(10)
#define PM_VMA_DONTDUMP	BIT(11)
#define PM_VMA_MERGE	BIT(12)
#define PM_VMA_RANDOM	BIT(13)
#define PM_VMA_SEQ	BIT(14)
#define PM_VMA_ACCOUNT	BIT(15)	/* private memory that has been writable: it counts as used */
#define PM_VMA_ONFAULT	BIT(16)	/* LOCKED, by MLOCK_ONFAULT */
#define PM_VMA_ALL	(BIT(17) - 1)
#define PM_VMA_PROT	(PM_VMA_READ | PM_VMA_WRITE | PM_VMA_EXEC)

/**
 * struct pm_img_vma - a mapping
 * @start: address, page aligned
 * @end: address, page aligned
 * @pgoff: first page of the file (FILE) or object (OBJECT)
 * @flags: PM_VMA_*
 * @kind: enum pm_img_kind
 * @file: id of the file (FILE) or object (OBJECT)
 * @pkey: protection key
 */
struct pm_img_vma {
	__le64 start;
	__le64 end;
	__le64 pgoff;
	__le32 flags;
	__le32 kind;
	__le32 file;
	__le32 pkey;
};

/** enum pm_map_where - where pages are */
enum pm_map_where {
	PM_MAP_HOME,	/* on the home node, never left it */
	PM_MAP_HERE,	/* on the node that made the image */
};

/* Or-ed to it: the chunk is a huge page, or was one that has not been made huge again. */
#define PM_MAP_HUGE	BIT(8)

#define PM_CHUNK_SHIFT	21
#define PM_CHUNK_SIZE	BIT(PM_CHUNK_SHIFT)
#define PM_CHUNK_WORDS	8

/**
 * struct pm_img_map - which pages of 2 MiB of addresses are at one place
 * @addr: 2 MiB aligned
 * @where: enum pm_map_where
 * @zero: must be 0
 * @bits: bit N of word M is page 64 * M + N
 */
struct pm_img_map {
	__le64 addr;
	__le32 where;
	__le32 zero;
	__le64 bits[PM_CHUNK_WORDS];
};

/**
 * struct pm_img_page - a page that travels with the image; its bytes follow, unless it is bad
 * @addr: address, page aligned
 */
struct pm_img_page {
	__le64 addr;
};

#endif
