/* SPDX-License-Identifier: MIT */
/* Futures in the order in which they are done. */
#include <coracle/future.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>

#include "base/compiler.h"
#include "executor/future.h"
#include "executor/pool.h"
#include "executor/work.h"
#include "runtime/wait_list.h"

struct entry {
	struct cor_callback callback;
	struct cor_completion_set *set;
	struct entry *next; /* among those that are done */
	bool is_attached;
};

/* Callbacks that are being called have a reference: they may come when the set has been ended. */
struct cor_completion_set {
	_Atomic uint32_t references;
	struct cor_wait_list waiters; /* its lock is for the two below, too */
	struct entry *first;
	struct entry *last;
	size_t len;
	struct entry entries[];
};

static void drop(struct cor_completion_set *set, uint32_t references)
{
	if (atomic_fetch_sub_explicit(&set->references, references, memory_order_acq_rel) ==
		references)
		free(set);
}

static void add(struct cor_completion_set *set, struct entry *entry)
{
	cor_wait_list_lock(&set->waiters);
	entry->next = NULL;
	if (set->first)
		set->last->next = entry;
	else
		set->first = entry;
	set->last = entry;
	struct cor_waiter *waiters = cor_wait_list_take_all(&set->waiters);
	cor_wait_list_unlock(&set->waiters);
	cor_wait_list_signal_all(waiters);
}

static void done(struct cor_callback *callback)
{
	struct entry *entry = cor_container_of(callback, struct entry, callback);
	struct cor_completion_set *set = entry->set;

	add(set, entry);
	drop(set, 1);
}

/* --- each one once --- */

static int compare(const void *a, const void *b)
{
	const struct cor_future *const *one = a, *const *other = b;

	return (*one > *other) - (*one < *other);
}

/* The different ones, sorted, in *ret, for the caller to free. Returns how many, or -ENOMEM. */
static ssize_t sort(struct cor_future *const *futures, size_t len, struct cor_future ***ret)
{
	struct cor_future **sorted = malloc((len ? len : 1) * sizeof *sorted);
	size_t count = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++)
		sorted[i] = futures[i];
	qsort(sorted, len, sizeof *sorted, compare);
	for (size_t i = 0; i < len; i++)
		if (i == 0 || sorted[i] != sorted[i - 1])
			sorted[count++] = sorted[i];
	*ret = sorted;
	return (ssize_t)count;
}

/* Takes it out of those that have not come yet. */
static bool is_first_time(
	struct cor_future *const *sorted, bool *has_come, size_t len, struct cor_future *future)
{
	struct cor_future *const *at = bsearch(&future, sorted, len, sizeof *sorted, compare);
	bool *mine = &has_come[at - sorted];
	bool is_first = !*mine;

	*mine = true;
	return is_first;
}

static void attach(struct cor_completion_set *set, struct cor_future *future)
{
	struct entry *entry = &set->entries[set->len++];

	cor_future_keep(future); /* until the end: the user may drop what has come */
	entry->set = set;
	entry->callback.done = done;
	atomic_fetch_add(&set->references, 1);
	entry->is_attached = cor_future_attach(future, &entry->callback);
	if (!entry->is_attached)
		done(&entry->callback);
}

/* --- a completion --- */

static int fill(struct cor_completion_set *set, struct cor_future *const *futures, size_t len)
{
	struct cor_future **sorted;
	ssize_t count = sort(futures, len, &sorted);

	if (count < 0)
		return (int)count;
	bool *has_come = calloc(count ? (size_t)count : 1, sizeof *has_come);
	for (size_t i = 0; has_come && i < len; i++)
		if (is_first_time(sorted, has_come, (size_t)count, futures[i]))
			attach(set, futures[i]);
	int rc = has_come ? 0 : -ENOMEM;
	free(has_come);
	free(sorted);
	return rc;
}

int cor_completion_begin(
	struct cor_completion *completion, struct cor_future *const *futures, size_t len)
{
	struct cor_completion_set *set = calloc(1, sizeof *set + len * sizeof set->entries[0]);

	*completion = (struct cor_completion){ .set = set };
	if (!set)
		return -ENOMEM;
	atomic_init(&set->references, 1);
	int rc = fill(set, futures, len);
	completion->left = set->len;
	return rc;
}

static struct entry *take(struct cor_completion_set *set)
{
	struct entry *entry = set->first;

	if (entry)
		set->first = entry->next;
	return entry;
}

/* A thread of their pool works on those that are queued: it may be the only one. */
static void help(struct cor_completion_set *set)
{
	for (size_t i = 0; i < set->len; i++)
		if (cor_future_state(set->entries[i].callback.future) == COR_FUTURE_QUEUED &&
			cor_pool_helps(set->entries[i].callback.future))
			return;
}

int cor_completion_next(struct cor_completion *completion, struct cor_future **ret)
{
	struct cor_completion_set *set = completion->set;
	struct cor_waiter self;

	*ret = NULL;
	if (completion->left == 0)
		return 0;
	for (bool has_helped = false;; has_helped = true) {
		cor_wait_begin(&self.wait, "cor_completion_next");
		cor_wait_list_lock(&set->waiters);
		struct entry *entry = take(set);
		if (!entry && has_helped)
			cor_wait_list_add(&set->waiters, &self);
		cor_wait_list_unlock(&set->waiters);
		if (entry) {
			completion->left--;
			*ret = entry->callback.future;
			return 0;
		}
		int rc = has_helped ? cor_wait_list_wait(&set->waiters, &self) : 0;
		if (rc < 0)
			return rc;
		if (!has_helped)
			help(set);
	}
}

void cor_completion_end(struct cor_completion *completion)
{
	struct cor_completion_set *set = completion->set;
	uint32_t references = 1; /* its own, and of callbacks that will not come */

	if (!set)
		return;
	for (size_t i = 0; i < set->len; i++) {
		struct entry *entry = &set->entries[i];
		struct cor_future *future = entry->callback.future;
		if (entry->is_attached && cor_future_detach(&entry->callback))
			references++;
		cor_future_drop(future);
	}
	drop(set, references);
	*completion = (struct cor_completion){ 0 };
}

/* --- waiting for several --- */

static bool is_enough(struct cor_future *future, enum cor_wait_for what)
{
	if (what == COR_WAIT_FIRST)
		return true;
	return what == COR_WAIT_FIRST_FAILURE && cor_future_state(future) == COR_FUTURE_ENDED &&
	       cor_future_result(future) < 0;
}

int cor_futures_wait(struct cor_future *const *futures, size_t len, enum cor_wait_for what)
{
	struct cor_completion completion;
	struct cor_future *future;
	int rc = cor_completion_begin(&completion, futures, len);

	while (rc == 0 && (rc = cor_completion_next(&completion, &future)) == 0 && future)
		if (is_enough(future, what))
			break;
	cor_completion_end(&completion);
	return rc;
}
