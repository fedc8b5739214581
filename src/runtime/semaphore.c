/* SPDX-License-Identifier: MIT */
#include <coracle/sync.h>

#include "runtime/wait_list.h"

/*
 * The word holds the free permits, or this bit and none: somebody may be waiting, and who gives
 * must look. It is set and cleared under the list's lock only.
 */
#define WAITED (1u << 31)

/* NOLINTNEXTLINE(readability-non-const-parameter): what is there is written to *expected */
static bool swap(struct cor_semaphore *semaphore, uint32_t *expected, uint32_t to)
{
	return __atomic_compare_exchange_n(
		&semaphore->permits, expected, to, true, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

void cor_semaphore_init(struct cor_semaphore *semaphore, uint32_t permits)
{
	*semaphore = (struct cor_semaphore){ .permits = permits < WAITED ? permits : WAITED - 1 };
}

static bool take_free(struct cor_semaphore *semaphore)
{
	uint32_t word = __atomic_load_n(&semaphore->permits, __ATOMIC_ACQUIRE);

	while (word != 0 && word != WAITED)
		if (swap(semaphore, &word, word - 1))
			return true;
	return false;
}

/* The list is locked. Returns false when a permit came free meanwhile and was taken. */
static bool mark_waited(struct cor_semaphore *semaphore)
{
	uint32_t word = __atomic_load_n(&semaphore->permits, __ATOMIC_ACQUIRE);

	for (;;) {
		if (word == WAITED)
			return true;
		if (swap(semaphore, &word, word == 0 ? WAITED : word - 1))
			return word == 0;
	}
}

int cor_semaphore_take(struct cor_semaphore *semaphore)
{
	struct cor_waiter waiter;

	if (take_free(semaphore))
		return 0;
	cor_wait_begin(&waiter.wait, "cor_semaphore_take");
	cor_wait_list_lock(&semaphore->waiters);
	bool waits = mark_waited(semaphore);
	if (waits)
		cor_wait_list_add(&semaphore->waiters, &waiter);
	cor_wait_list_unlock(&semaphore->waiters);
	return waits ? cor_wait_list_wait(&semaphore->waiters, &waiter) : 0;
}

static void give_to_waiter(struct cor_semaphore *semaphore)
{
	cor_wait_list_lock(&semaphore->waiters);
	struct cor_waiter *waiter = cor_wait_list_take(&semaphore->waiters);
	if (!waiter) {
		/*
		 * Who waited has given up. Nobody else changes a word that says WAITED without the
		 * lock.
		 */
		uint32_t word = __atomic_load_n(&semaphore->permits, __ATOMIC_ACQUIRE);
		while (!swap(semaphore, &word, word == WAITED ? 1 : word + 1))
			;
	}
	cor_wait_list_unlock(&semaphore->waiters);
	if (waiter)
		cor_wait_signal(&waiter->wait);
}

void cor_semaphore_give(struct cor_semaphore *semaphore)
{
	uint32_t word = __atomic_load_n(&semaphore->permits, __ATOMIC_ACQUIRE);

	while (word != WAITED)
		if (swap(semaphore, &word, word + 1))
			return;
	give_to_waiter(semaphore);
}
