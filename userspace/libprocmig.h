/* SPDX-License-Identifier: GPL-2.0 */
/* Generic netlink family "procmig" from user space: requests, answers, refusals, events. */
#ifndef LIBPROCMIG_H
#define LIBPROCMIG_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/procmig.h>
#include <stdbool.h>
#include <stddef.h>

struct pm_nl;

/* Called for each message; its attributes are there for mnl_attr_for_each() from PM_NL_OFFSET. */
typedef void (*pm_nl_fn)(const struct nlmsghdr *nlh, void *arg);
#define PM_NL_OFFSET	GENL_HDRLEN

/*
 * pm_nl_open() - connect to the module
 * Return: 0 and the connection in @nl (pm_nl_close()), -ENOENT if the module is not loaded, or
 * another negative errno.
 */
int pm_nl_open(struct pm_nl **nl);
void pm_nl_close(struct pm_nl *nl);
/* For poll(); only of use after pm_nl_subscribe(). */
int pm_nl_fd(const struct pm_nl *nl);

/* Begin request @cmd; attributes are added with pm_nl_put_*(), then it is sent. */
void pm_nl_begin(struct pm_nl *nl, __u8 cmd);
void pm_nl_put(struct pm_nl *nl, __u16 attr, const void *data, size_t len);
void pm_nl_put_u16(struct pm_nl *nl, __u16 attr, __u16 value);
void pm_nl_put_u32(struct pm_nl *nl, __u16 attr, __u32 value);

/*
 * pm_nl_do() - send the request and wait for the answer
 * @fn: called for the reply, if there is one; may be NULL
 * Return: 0, or the negative errno with which it was refused or failed; see pm_nl_why().
 */
int pm_nl_do(struct pm_nl *nl, pm_nl_fn fn, void *arg);

/*
 * pm_nl_dump() - send the request as a dump and call @fn for each object
 * When the kernel says that the list changed meanwhile, the dump is repeated; @fn only sees the
 * last one. Return: as pm_nl_do().
 */
int pm_nl_dump(struct pm_nl *nl, pm_nl_fn fn, void *arg);

/* The kernel's sentence on the last refusal, "" if it sent none. */
const char *pm_nl_why(const struct pm_nl *nl);

/* Receive events from now on, by pm_nl_event(). Use a connection of its own for them. */
int pm_nl_subscribe(struct pm_nl *nl);
/*
 * pm_nl_event() - wait for events and call @fn for each
 * Return: 0 after at least one, -EINTR, -ENOBUFS when some were lost, or another negative errno.
 */
int pm_nl_event(struct pm_nl *nl, pm_nl_fn fn, void *arg);

#endif
