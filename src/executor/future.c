/* SPDX-License-Identifier: MIT */
#include "executor/future.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "executor/pool.h"
#include "executor/work.h"
#include "runtime/wait_list.h"

/* --- life --- */

struct cor_future *cor_future_create(
	struct cor_pool *pool, cor_job *fn, const void *call, size_t bytes)
{
	struct cor_future *future = malloc(sizeof *future + bytes);

	if (!future)
		return NULL;
	future->is_queued = false;
	atomic_init(&future->references, 2);
	atomic_init(&future->state, COR_FUTURE_QUEUED);
	future->pool = pool;
	future->fn = fn;
	future->bytes = bytes;
	future->caller = NULL;
	future->deadline_ns = COR_FOREVER;
	future->left = NULL;
	future->waiters = (struct cor_wait_list){ 0 };
	future->callbacks = NULL;
	future->callbacks_last = NULL;
	future->request_id[0] = '\0';
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
	free(future);
}

void cor_future_drop(struct cor_future *future)
{
	if (future && atomic_fetch_sub_explicit(&future->references, 1, memory_order_acq_rel) == 1)
		destroy(future);
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

void cor_future_end(struct cor_future *future, enum cor_future_state state)
{
	cor_wait_list_lock(&future->waiters);
	atomic_store_explicit(&future->state, state, memory_order_release);
	struct cor_waiter *waiters = cor_wait_list_take_all(&future->waiters);
	struct cor_callback *callbacks = future->callbacks;
	for (struct cor_callback *at = callbacks; at; at = at->next)
		at->is_attached = false;
	future->callbacks = NULL;
	cor_wait_list_unlock(&future->waiters);
	cor_wait_list_signal_all(waiters);
	call_back(callbacks);
	cor_future_drop(future);
}

bool cor_future_attach(struct cor_future *future, struct cor_callback *callback)
{
	callback->future = future;
	callback->next = NULL;
	callback->previous = NULL;
	cor_wait_list_lock(&future->waiters);
	callback->is_attached = !cor_future_is_done(future);
	if (callback->is_attached) {
		callback->previous = future->callbacks ? future->callbacks_last : NULL;
		if (future->callbacks)
			future->callbacks_last->next = callback;
		else
			future->callbacks = callback;
		future->callbacks_last = callback;
	}
	bool is_attached = callback->is_attached;
	cor_wait_list_unlock(&future->waiters);
	return is_attached;
}

bool cor_future_detach(struct cor_callback *callback)
{
	struct cor_future *future = callback->future;

	cor_wait_list_lock(&future->waiters);
	bool is_attached = callback->is_attached;
	if (is_attached) {
		if (callback->previous)
			callback->previous->next = callback->next;
		else
			future->callbacks = callback->next;
		if (callback->next)
			callback->next->previous = callback->previous;
		else
			future->callbacks_last = callback->previous;
		callback->is_attached = false;
	}
	cor_wait_list_unlock(&future->waiters);
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
}

int cor_future_on_done(
	struct cor_future *future, void (*done)(struct cor_future *future, void *arg), void *arg)
{
	struct user_callback *user = malloc(sizeof *user);

	if (!user)
		return -ENOMEM;
	*user = (struct user_callback){ .callback.done = tell_user, .done = done, .arg = arg };
	if (!cor_future_attach(future, &user->callback))
		tell_user(&user->callback);
	return 0;
}

/* --- waiting --- */

/* Does not wait if it is done. */
static bool join_waiters(struct cor_future *future, struct cor_waiter *waiter)
{
	cor_wait_list_lock(&future->waiters);
	bool waits = !cor_future_is_done(future);
	if (waits)
		cor_wait_list_add(&future->waiters, waiter);
	cor_wait_list_unlock(&future->waiters);
	return waits;
}

int cor_future_wait(struct cor_future *future)
{
	return cor_future_wait_in(future, "cor_future_wait");
}

int cor_future_wait_in(struct cor_future *future, const char *call)
{
	struct cor_waiter waiter;

	if (cor_future_is_done(future) || cor_pool_helps(future))
		return 0;
	cor_wait_begin(&waiter.wait, call);
	return join_waiters(future, &waiter) ? cor_wait_list_wait(&future->waiters, &waiter) : 0;
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
	if (bytes != future->bytes)
		return -EINVAL;
	if (cor_future_state(future) == COR_FUTURE_ENDED)
		memcpy(call, future->call, bytes);
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
