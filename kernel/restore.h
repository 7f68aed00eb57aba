/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PM_RESTORE_H
#define PM_RESTORE_H

#include "space.h"

/** enum pm_restore_stage - what may come next in the image */
enum pm_restore_stage {
	PM_STAGE_MM,	/* bounds */
	PM_STAGE_VMA,	/* files, mappings, pages at home */
	PM_STAGE_PAGE,	/* pages at prev, pages themselves */
};

/**
 * struct pm_restore - a restore in progress
 * @stage: what may come next
 * @home: the process comes home, its mappings are still there
 * @bounds: of the image
 * @pos: end of the last mapping
 * @vvar: where the data of the vdso begins
 * @files: struct file by id, with a reference
 * @keep: home: pages that never left, as PM_SRC_HOME
 * @shown: home: pages of pm_shown_range() that have come with the image
 * @thp: huge pages are off only meanwhile
 */
struct pm_restore {
	enum pm_restore_stage stage;
	bool home;
	struct pm_img_mm bounds;
	unsigned long pos;
	unsigned long vvar;
	struct xarray files;
	struct pm_pagemap keep;
	u64 shown;
	bool thp;
};

/** struct pm_area - a mapping of the image, checked; @policy: at home, of memory nodes */
struct pm_area {
	unsigned long start;
	unsigned long end;
	unsigned long pgoff;
	u32 flags;
	u32 kind;
	u32 pkey;
	struct file *file;
	bool policy;
};

/* mm_restore.c: map [@start, @end) of @area, over whatever is there. Return: 0 or errno. */
int pm_area_map(const struct pm_area *area, unsigned long start, unsigned long end);

/* mm_home.c: make the home's mappings match @area, which follows on address @pos */
int pm_home_area(const struct pm_area *area, unsigned long pos);
/* ... and after the last one, drop all pages that are out of date, but those that /proc shows. */
int pm_home_finish(struct pm_mm *mm);
/* The page @addr has come with the image. */
void pm_home_renewed(struct pm_restore *restore, unsigned long addr);
/* After the image, drop also what /proc has shown till now and has not come. */
int pm_home_settle(struct pm_restore *restore);

#endif
