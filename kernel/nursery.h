/* SPDX-License-Identifier: GPL-2.0 */
/* Where surrogates come from, see nursery.c. */
#ifndef PM_NURSERY_H
#define PM_NURSERY_H

int pm_nursery_init(void);
/* No surrogate exists any more (they hold the module): the nurseries are told to end. */
void pm_nursery_exit(void);

#endif
