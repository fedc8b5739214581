/* SPDX-License-Identifier: MIT */
/**
 * The waiters for one thing, in order of arrival. See wait.h for the wait itself.
 *
 * The lock is a spin lock, held for a few instructions and never over a yield. A waiter that is
 * taken from the list must be signalled; one that is still in it may leave with
 * cor_wait_list_withdraw().
 */
#ifndef CORACLE_RUNTIME_WAIT_LIST_H
#define CORACLE_RUNTIME_WAIT_LIST_H

#include <sched.h>
#include <stdbool.h>

#include <coracle/sync.h>

#include "runtime/wait.h"

struct cor_waiter {
	struct cor_wait wait;
	struct cor_waiter *next;
	struct cor_waiter *previous;
	bool queued;
	void *item; /* what a channel hands over */
	int result; /* what came of it, for those with more than one outcome */
};

/* NOLINTNEXTLINE(readability-non-const-parameter): the exchange writes */
static inline void cor_spin_lock(uint32_t *lock)
{
	int tries = 0;

	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) != 0)
		while (__atomic_load_n(lock, __ATOMIC_RELAXED) != 0)
			if (++tries % 64 == 0)
				sched_yield(); /* its holder may have lost the processor */
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the store writes */
static inline void cor_spin_unlock(uint32_t *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

static inline void cor_wait_list_lock(struct cor_wait_list *list)
{
	cor_spin_lock(&list->lock);
}

static inline void cor_wait_list_unlock(struct cor_wait_list *list)
{
	cor_spin_unlock(&list->lock);
}

/** Add at the end. The list is locked. */
static inline void cor_wait_list_add(struct cor_wait_list *list, struct cor_waiter *waiter)
{
	waiter->next = NULL;
	waiter->previous = list->last;
	waiter->queued = true;
	if (list->last)
		list->last->next = waiter;
	else
		list->first = waiter;
	list->last = waiter;
}

static inline void cor_wait_list_remove(struct cor_wait_list *list, struct cor_waiter *waiter)
{
	if (waiter->previous)
		waiter->previous->next = waiter->next;
	else
		list->first = waiter->next;
	if (waiter->next)
		waiter->next->previous = waiter->previous;
	else
		list->last = waiter->previous;
	waiter->queued = false;
}

/** Take the first one; NULL if the list is empty. The list is locked. */
static inline struct cor_waiter *cor_wait_list_take(struct cor_wait_list *list)
{
	struct cor_waiter *waiter = list->first;

	if (waiter)
		cor_wait_list_remove(list, waiter);
	return waiter;
}

/** Take all of them out, first to last by their `next`. The list is locked. */
static inline struct cor_waiter *cor_wait_list_take_all(struct cor_wait_list *list)
{
	struct cor_waiter *first = list->first;

	for (struct cor_waiter *waiter = first; waiter; waiter = waiter->next)
		waiter->queued = false;
	list->first = NULL;
	list->last = NULL;
	return first;
}

/** Signal those that were taken out. The list is not locked. */
static inline void cor_wait_list_signal_all(struct cor_waiter *waiter)
{
	while (waiter) {
		struct cor_waiter *next = waiter->next; /* the waiter goes with its signal */
		cor_wait_signal(&waiter->wait);
		waiter = next;
	}
}

/**
 * Leave the list, which is not locked. Returns false when somebody has taken the waiter and will
 * signal it.
 */
static inline bool cor_wait_list_withdraw(struct cor_wait_list *list, struct cor_waiter *waiter)
{
	cor_wait_list_lock(list);
	bool queued = waiter->queued;
	if (queued)
		cor_wait_list_remove(list, waiter);
	cor_wait_list_unlock(list);
	return queued;
}

/**
 * Wait for the signal as the scope allows, or leave the list. Yields.
 * Returns 0 when signalled (even if that was late), or -ETIMEDOUT or -ECANCELED, no longer in the
 * list.
 */
int cor_wait_list_wait(struct cor_wait_list *list, struct cor_waiter *waiter) COR_CHECKED;

#endif
