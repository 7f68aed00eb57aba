/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records of an image that describe an address space, in this order: MM, FILE*, VMA*,
 * MAP* (where = HOME), MAP_END, then MAP (where = HERE), PAGE and BAD mixed.
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
};

/**
 * struct pm_file_ident - what tells one state of a file from another, on its home node
 * @dev: device number
 * @ino: inode number
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

/** enum pm_img_kind - what is mapped */
enum pm_img_kind {
	PM_VMA_ANON,	/* private anonymous memory */
	PM_VMA_FILE,	/* private mapping of a file */
	PM_VMA_VDSO,	/* text of the vdso */
	PM_VMA_VVAR,	/* data of the vdso */
};

/* pm_img_vma.flags */
#define PM_VMA_READ	BIT(0)
#define PM_VMA_WRITE	BIT(1)
#define PM_VMA_EXEC	BIT(2)
#define PM_VMA_SHARED	BIT(3)	/* MAP_SHARED of a file that can't be written */
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
#define PM_VMA_ALL	(BIT(16) - 1)
#define PM_VMA_PROT	(PM_VMA_READ | PM_VMA_WRITE | PM_VMA_EXEC)

/**
 * struct pm_img_vma - a mapping
 * @start: address, page aligned
 * @end: address, page aligned
 * @pgoff: first page of the file (FILE)
 * @flags: PM_VMA_*
 * @kind: enum pm_img_kind
 * @file: id of the file (FILE)
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

#define PM_CHUNK_SHIFT	21
#define PM_CHUNK_SIZE	BIT(PM_CHUNK_SHIFT)
#define PM_CHUNK_WORDS	8

/**
 * struct pm_img_map - which pages of 2 MiB of address space are at one place
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
