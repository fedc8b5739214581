/* SPDX-License-Identifier: MIT */
#include "file_store/stripe.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <coracle/fiber.h>
#include <coracle/random.h>

#include "file_store/directory.h"
#include "file_store/state.h"
#include "runtime/forked.h"

#define TURNS   50   /* before it sleeps */
#define WAIT_MS 5000 /* longer than any healthy owner has it */
#define TRIES   8    /* to find a state that others do not take away meanwhile */

/* --- one --- */

/* Else its locks are those of the process that forked this one, where unlocking would unlock. */
static bool is_of_this_process(struct cor_file_store *store)
{
	return atomic_load_explicit(&store->forks, memory_order_relaxed) == cor_forked_count;
}

int cor_stripe_try_lock(struct cor_file_store *store, uint32_t stripe)
{
	int rc = is_of_this_process(store) ? cor_mutex_try_lock(&store->stripes[stripe]) : -ESTALE;

	if (rc < 0)
		return rc;
	rc = cor_state_try_lock(store->state, stripe);
	if (rc < 0)
		cor_mutex_unlock(&store->stripes[stripe]);
	return rc == -EAGAIN ? -EBUSY : rc;
}

void cor_stripe_unlock(struct cor_file_store *store, uint32_t stripe)
{
	cor_state_unlock(store->state, stripe);
	cor_mutex_unlock(&store->stripes[stripe]);
}

/* OFD locks cannot be waited for with a deadline, and their owner may be stopped. */
static int lock_between_processes(struct cor_file_store *store, uint32_t stripe)
{
	int rc = cor_state_try_lock(store->state, stripe);

	for (int tries = 0; rc == -EAGAIN; tries++) {
		int slept = 0;
		if (tries < TURNS)
			sched_yield();
		else
			slept = cor_sleep_ms(1);
		if (slept < 0)
			return slept;
		rc = cor_state_try_lock(store->state, stripe);
	}
	return rc;
}

static bool is_ours(struct cor_file_store *store)
{
	return is_of_this_process(store) && cor_state_is_current(store->state);
}

static int wait_for_both(struct cor_file_store *store, uint32_t stripe)
{
	struct cor_scope scope;
	int rc;

	cor_scope_enter(&scope, WAIT_MS);
	rc = cor_mutex_lock(&store->stripes[stripe]);
	if (rc == 0) {
		rc = lock_between_processes(store, stripe);
		if (rc < 0)
			cor_mutex_unlock(&store->stripes[stripe]);
	}
	cor_scope_leave(&scope);
	return rc;
}

/* Both locks. -ESTALE: the state is not the one that others use. */
static int lock_once(struct cor_file_store *store, uint32_t stripe)
{
	int rc = cor_stripe_try_lock(store, stripe);

	if (rc == -EBUSY)
		rc = wait_for_both(store, stripe);
	if (rc < 0 || is_ours(store))
		return rc;
	cor_stripe_unlock(store, stripe);
	return -ESTALE;
}

int cor_stripe_lock(struct cor_file_store *store, uint32_t stripe)
{
	int rc = lock_once(store, stripe);

	for (int tries = 0; rc == -ESTALE && tries < TRIES; tries++) {
		rc = cor_stripes_reopen(store);
		if (rc == 0)
			rc = lock_once(store, stripe);
	}
	return rc == -ESTALE ? -EIO : rc;
}

/* --- all --- */

/* In the place of the old ones: who reads meanwhile uses one or the other. */
static int take_over(struct cor_file_store *store, int directory, int state, uint64_t seed)
{
	if (dup3(directory, store->directory, O_CLOEXEC) < 0 ||
		dup3(state, store->state, O_CLOEXEC) < 0)
		return -errno;
	atomic_store(&store->seed, seed);
	atomic_store(&store->has_counts, false);
	return 0;
}

static int reopen(struct cor_file_store *store)
{
	int directory = cor_cache_directory_open(store->cache);
	uint64_t seed = 0;
	int state = directory < 0 ? directory : cor_state_open(directory, &seed);
	int rc = state < 0 ? state : take_over(store, directory, state, seed);

	if (state >= 0)
		close(state);
	if (directory >= 0)
		close(directory);
	if (rc < 0)
		return rc;
	if (atomic_load(&store->forks) != cor_forked_count) {
		uint64_t fresh;
		cor_random_fill(&fresh, sizeof fresh);
		atomic_store(&store->version_seed, fresh);
		atomic_store(&store->forks, cor_forked_count);
	}
	return 0;
}

int cor_stripes_reopen(struct cor_file_store *store)
{
	uint32_t locked = 0;
	int rc = 0;

	while (rc == 0 && locked < COR_STRIPES) {
		rc = cor_mutex_lock(&store->stripes[locked]);
		locked += rc == 0;
	}
	/* Another thread may have done it meanwhile. */
	if (rc == 0 && !is_ours(store))
		rc = reopen(store);
	while (locked != 0)
		cor_mutex_unlock(&store->stripes[--locked]);
	return rc;
}
