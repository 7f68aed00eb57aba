/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of the family as JSON; everything that procmig prints is made from that. */
#ifndef PM_JSON_H
#define PM_JSON_H

#include <jansson.h>
#include "libprocmig.h"

/* The message as an object; a new reference. Units are in the names: _ns, _ms, _us, _s. */
json_t *pm_json(const struct nlmsghdr *nlh);
/* pm_nl_fn: store it in the json_t * that @arg points to; pm_json_append(): in the array there. */
void pm_json_store(const struct nlmsghdr *nlh, void *arg);
void pm_json_append(const struct nlmsghdr *nlh, void *arg);

/*
 * Look up "name" or "group.name"; what is missing is 0 or "".
 */
json_t *pm_json_get(const json_t *object, const char *path);
long long pm_json_int(const json_t *object, const char *path);
const char *pm_json_str(const json_t *object, const char *path);

#endif
