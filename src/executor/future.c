/* SPDX-License-Identifier: MIT */
#include "executor/future.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "executor/pool_queue.h"
#include "executor/typed.h"
#include "executor/work.h"
#include "runtime/wait_list.h"

/* --- life --- */

static size_t own_bytes(const struct cor_future *future)
{
	return sizeof *future + future->bytes + (future->has_id ? COR_REQUEST_ID_BYTES : 0);
}

static void keep_id(struct cor_future *future, const char *request_id)
{
	char *id = future->call + future->bytes;

	memcpy(id, request_id, COR_REQUEST_ID_BYTES);
	future->request_id = id;
}

struct cor_future *cor_future_make(
	struct cor_pool *pool, cor_call *fn, size_t bytes, const char *request_id)
{
	size_t id_bytes = request_id ? COR_REQUEST_ID_BYTES : 0;
	struct cor_future *future = NULL;
	struct cor_slab *slab;

	if (bytes <= UINT32_MAX)
		future = cor_slab_take(&pool->futures, sizeof *future + bytes + id_bytes, &slab);
	if (!future)
		return NULL;
	future->slab = slab;
	future->is_queued = future->is_calling = future->is_lost = false;
	atomic_init(&future->references, 2);
	atomic_init(&future->state, COR_FUTURE_QUEUED);
	future->lock = 0;
	future->callbacks = NULL;
	future->pool = pool;
	future->unit = pool->unit;
	future->fn = fn;
	future->request_id = NULL;
	future->account = NULL;
	future->operation = NULL;
	future->left = NULL;
	future->deadline_ns = COR_FOREVER;
	future->bytes = (uint32_t)bytes;
	future->has_id = request_id != NULL;
	if (request_id)
		keep_id(future, request_id);
	return future;
}

struct cor_future *cor_future_create(
	struct cor_pool *pool, cor_call *fn, const void *call, size_t bytes, const char *request_id)
{
	struct cor_future *future = cor_future_make(pool, fn, bytes, request_id);

	if (future)
		memcpy(future->call, call, bytes);
	return future;
}

struct cor_future *cor_future_keep(struct cor_future *future)
{
	atomic_fetch_add_explicit(&future->references, 1, memory_order_relaxed);
	return future;
}

static void destroy(struct cor_future *future)
{
	if (future->left)
		cor_ctx_finish(future->left);
	free(future->left);
	cor_typed_finish(future);
	cor_slab_give(future->slab, future, own_bytes(future));
}

static uint32_t count(uint32_t references)
{
	return references & ~COR_FUTURE_WATCHED;
}

bool cor_future_is_unheard(const struct cor_future *future)
{
	return count(atomic_load_explicit(&future->references, memory_order_acquire)) == 1;
}

/* Who has the only reference need not tell anybody: nobody could add one. */
void cor_future_drop(struct cor_future *future)
{
	if (!future)
		return;
	if (count(atomic_load_explicit(&future->references, memory_order_acquire)) == 1 ||
		count(atomic_fetch_sub_explicit(&future->references, 1, memory_order_acq_rel)) == 1)
		destroy(future);
}

void cor_future_leave(struct cor_future *future, struct cor_ctx *ctx)
{
	if (!ctx->arena.chunks && ctx->problem.status == 0)
		return;
	future->left = malloc(sizeof *future->left);
	if (future->left) {
		*future->left = *ctx;
		future->left->environment = NULL; /* it may be gone before the future */
		return;
	}
	cor_ctx_finish(ctx);
	cor_future_lose(future);
}

void cor_future_lose(struct cor_future *future)
{
	future->is_lost = true;
	future->result = -ENOMEM;
}

void cor_future_copy_call(struct cor_future *future, void *call)
{
	size_t bytes;
	const void *own = cor_typed_call(future, &bytes);

	if (!future->is_lost)
		memcpy(call, own, bytes);
}

/* --- states --- */

enum cor_future_state cor_future_state(const struct cor_future *future)
{
	return (enum cor_future_state)atomic_load_explicit(&future->state, memory_order_acquire);
}

static bool is_done(enum cor_future_state state)
{
	return state == COR_FUTURE_ENDED || state == COR_FUTURE_CANCELLED;
}

bool cor_future_is_done(const struct cor_future *future)
{
	return is_done(cor_future_state(future));
}

/* --- who is told --- */

static void call_back(struct cor_callback *callback)
{
	while (callback) {
		struct cor_callback *next = callback->next; /* it may go with its call */
		callback->done(callback);
		callback = next;
	}
}

static void lock(struct cor_future *future)
{
	cor_spin_lock(&future->lock);
}

static void unlock(struct cor_future *future)
{
	cor_spin_unlock(&future->lock);
}

/* Drops the reference of a future that nobody watches. False: somebody does. */
static bool drop_unwatched(struct cor_future *future)
{
	uint32_t references = atomic_load_explicit(&future->references, memory_order_relaxed);

	while (!(references & COR_FUTURE_WATCHED))
		if (atomic_compare_exchange_weak_explicit(&future->references, &references,
			    references - 1, memory_order_acq_rel, memory_order_relaxed)) {
			if (references == 1)
				destroy(future);
			return true;
		}
	return false;
}

/* To be called; those that are added meanwhile come after them. NULL: there are none. */
static struct cor_callback *take_all(struct cor_future *future)
{
	lock(future);
	struct cor_callback *callbacks = future->callbacks;
	for (struct cor_callback *at = callbacks; at; at = at->next)
		at->is_attached = false;
	future->callbacks = NULL;
	future->is_calling = callbacks != NULL;
	unlock(future);
	return callbacks;
}

void cor_future_end(struct cor_future *future, enum cor_future_state state)
{
	struct cor_callback *callbacks;

	atomic_store_explicit(&future->state, state, memory_order_release);
	if (drop_unwatched(future))
		return;
	while ((callbacks = take_all(future)) != NULL)
		call_back(callbacks);
	cor_future_drop(future);
}

void cor_future_end_all(struct cor_future *first, enum cor_future_state state, int result)
{
	while (first) {
		struct cor_future *next = first->next;
		first->result = result;
		cor_future_end(first, state);
		first = next;
	}
}

/* They are few. */
static void add(struct cor_future *future, struct cor_callback *callback)
{
	struct cor_callback **end = &future->callbacks;

	callback->previous = NULL;
	for (; *end; end = &(*end)->next)
		callback->previous = *end;
	*end = callback;
}

static void take_out(struct cor_future *future, struct cor_callback *callback)
{
	if (callback->previous)
		callback->previous->next = callback->next;
	else
		future->callbacks = callback->next;
	if (callback->next)
		callback->next->previous = callback->previous;
}

/* Locks the future. */
static void begin_to_attach(struct cor_future *future, struct cor_callback *callback)
{
	callback->future = future;
	callback->next = NULL;
	lock(future);
	atomic_fetch_or_explicit(&future->references, COR_FUTURE_WATCHED, memory_order_acq_rel);
}

/* Unlocks it. */
static bool attach_if(bool can_be, struct cor_future *future, struct cor_callback *callback)
{
	callback->is_attached = can_be;
	if (can_be)
		add(future, callback);
	unlock(future);
	return can_be;
}

bool cor_future_attach(struct cor_future *future, struct cor_callback *callback)
{
	begin_to_attach(future, callback);
	return attach_if(!cor_future_is_done(future), future, callback);
}

/* The same, but behind those that have not all been called yet, if there are any. */
static bool attach_in_turn(struct cor_future *future, struct cor_callback *callback)
{
	begin_to_attach(future, callback);
	bool are_left = future->callbacks || future->is_calling;
	return attach_if(are_left || !cor_future_is_done(future), future, callback);
}

bool cor_future_detach(struct cor_callback *callback)
{
	struct cor_future *future = callback->future;

	lock(future);
	bool is_attached = callback->is_attached;
	if (is_attached)
		take_out(future, callback);
	callback->is_attached = false;
	unlock(future);
	return is_attached;
}

struct user_callback {
	struct cor_callback callback;
	void (*done)(struct cor_future *future, void *arg);
	void *arg;
};

static void tell_user(struct cor_callback *callback)
{
	struct user_callback *user = cor_container_of(callback, struct user_callback, callback);

	user->done(callback->future, user->arg);
	free(user);
} /* NOLINT(analyzer-malloc-leak): it is the same user */

int cor_future_on_done(
	struct cor_future *future, void (*done)(struct cor_future *future, void *arg), void *arg)
{
	struct user_callback *user = malloc(sizeof *user);

	if (!user)
		return -ENOMEM;
	*user = (struct user_callback){ .callback.done = tell_user, .done = done, .arg = arg };
	if (!attach_in_turn(future, &user->callback))
		tell_user(&user->callback);
	return 0;
}

/* --- waiting --- */

struct waiter {
	struct cor_callback callback;
	struct cor_wait wait;
};

static void go_on(struct cor_callback *callback)
{
	cor_wait_signal(&cor_container_of(callback, struct waiter, callback)->wait);
}

int cor_future_wait_in(struct cor_future *future, const char *call)
{
	struct waiter waiter = { .callback.done = go_on };

	if (cor_future_is_done(future) || cor_pool_helps(future))
		return 0;
	cor_wait_begin(&waiter.wait, call);
	if (!cor_future_attach(future, &waiter.callback))
		return 0;
	int rc = cor_wait(&waiter.wait, COR_FOREVER);
	if (rc == 0 || cor_future_detach(&waiter.callback))
		return rc;
	cor_wait_settle(&waiter.wait); /* it is being signalled */
	return 0;
}

int cor_future_wait(struct cor_future *future)
{
	return cor_future_wait_in(future, "cor_future_wait");
}

int cor_future_result(const struct cor_future *future)
{
	switch (cor_future_state(future)) {
	case COR_FUTURE_ENDED:
		return future->result;
	case COR_FUTURE_CANCELLED:
		return -ECANCELED;
	default:
		return -EBUSY;
	}
}

int cor_future_read_call(const struct cor_future *future, void *call, size_t bytes)
{
	struct cor_future *mine = (struct cor_future *)(uintptr_t)future;
	size_t own_bytes;

	(void)cor_typed_call(mine, &own_bytes);
	if (bytes != own_bytes)
		return -EINVAL;
	if (cor_future_state(future) == COR_FUTURE_ENDED)
		cor_future_copy_call(mine, call);
	return cor_future_result(future);
}

const struct cor_problem *cor_future_problem(const struct cor_future *future)
{
	if (cor_future_state(future) != COR_FUTURE_ENDED || !future->left)
		return NULL;
	return cor_problem_of(future->left);
}

bool cor_future_cancel(struct cor_future *future)
{
	if (cor_future_state(future) == COR_FUTURE_QUEUED &&
		cor_pool_withdraw(future, COR_FUTURE_CANCELLED))
		cor_future_end(future, COR_FUTURE_CANCELLED);
	return cor_future_state(future) == COR_FUTURE_CANCELLED;
}
