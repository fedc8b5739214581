/* SPDX-License-Identifier: MIT */
#include "resolver/resolver.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include <coracle/clock.h>
#include <coracle/fiber.h>
#include <coracle/sync.h>

#include "resolver/literal.h"
#include "runtime/clock.h"
#include "runtime/mutex.h"
#include "runtime/signal_stack.h"

/* Of getaddrinfo() and the modules that it loads. */
#define STACK_BYTES (512 * 1024)

/* Points in time are those of who asked. */
struct entry {
	char host[COR_HOST_NAME_BYTES];
	struct cor_address *list; /* what was found last; NULL: nothing yet, or it is gone */
	size_t len;
	int64_t found_ns; /* when that was asked for */
	int error;        /* of the last lookup; 0: it went well */
	int64_t asked_ns; /* when that was asked for */
	int64_t used_ns;
	bool is_looking; /* it is queued, or a lookup is under way */
	uint32_t users;
	struct cor_condition done;
	struct entry *next; /* in the queue */
};

/* The mutex guards all of it, and is never held during a lookup. */
struct cor_resolver {
	const struct cor_lookup *lookup;
	_Atomic uint32_t references; /* the owner's, and one of each that looks up */
	struct cor_mutex mutex;
	struct cor_condition work;
	bool is_over;
	struct entry *queue_first, *queue_last;
	uint32_t queued;
	uint32_t lookers; /* threads, or fibers */
	uint32_t idle;    /* of them */
	size_t len;
	struct entry *entries[COR_RESOLVER_NAMES];
};

int cor_resolver_create(const struct cor_lookup *lookup, struct cor_resolver **ret)
{
	struct cor_resolver *resolver = calloc(1, sizeof *resolver);

	if (!resolver)
		return -ENOMEM;
	resolver->lookup = lookup ? lookup : &cor_system_lookup;
	atomic_init(&resolver->references, 1);
	*ret = resolver;
	return 0;
}

static void free_entry(struct entry *entry)
{
	free(entry->list);
	free(entry);
}

static void drop(struct cor_resolver *resolver)
{
	if (atomic_fetch_sub(&resolver->references, 1) != 1)
		return;
	for (size_t i = 0; i < resolver->len; i++)
		free_entry(resolver->entries[i]);
	free(resolver);
}

void cor_resolver_destroy(struct cor_resolver *resolver)
{
	if (!resolver)
		return;
	cor_mutex_lock_anyway(&resolver->mutex, __builtin_return_address(0));
	resolver->is_over = true;
	cor_condition_broadcast(&resolver->work);
	cor_mutex_unlock(&resolver->mutex);
	drop(resolver);
}

/* --- those who look up --- */

static struct entry *take_queued(struct cor_resolver *resolver)
{
	struct entry *entry = resolver->queue_first;

	resolver->queue_first = entry->next;
	if (!entry->next)
		resolver->queue_last = NULL;
	resolver->queued--;
	return entry;
}

/* RFC 8767 section 4: an old answer outlives silence, but not the news that the name is gone. */
static void keep_result(struct entry *entry, int rc, const struct cor_addresses *found)
{
	struct cor_address *list = NULL;

	if (rc == 0) {
		list = malloc(found->len * sizeof *list);
		rc = list ? 0 : -ENOMEM;
	}
	if (list) {
		memcpy(list, found->list, found->len * sizeof *list);
		entry->found_ns = entry->asked_ns;
	}
	if (list || rc == -ENOENT) {
		free(entry->list);
		entry->list = list;
		entry->len = list ? found->len : 0;
	}
	entry->error = rc;
	entry->is_looking = false;
	cor_condition_broadcast(&entry->done);
}

/* The mutex is locked, but for the lookup. */
static void look_up(struct cor_resolver *resolver, struct entry *entry)
{
	struct cor_addresses found = { 0 };

	cor_mutex_unlock(&resolver->mutex);
	int rc = resolver->lookup->find(resolver->lookup, entry->host, &found);
	cor_mutex_lock_anyway(&resolver->mutex, __builtin_return_address(0));
	keep_result(entry, rc, &found);
}

/* A thread stays for the next name, a fiber does not. */
static void look_up_queue(struct cor_resolver *resolver, bool stays)
{
	int rc = 0;

	cor_mutex_lock_anyway(&resolver->mutex, __builtin_return_address(0));
	while (!resolver->is_over && rc == 0) {
		if (resolver->queue_first) {
			look_up(resolver, take_queued(resolver));
			continue;
		}
		if (!stays)
			break;
		resolver->idle++;
		rc = cor_condition_wait(&resolver->work, &resolver->mutex);
		resolver->idle--;
	}
	resolver->lookers--;
	cor_mutex_unlock(&resolver->mutex);
	drop(resolver);
}

static void *run_thread(void *arg)
{
	look_up_queue(arg, true);
	return NULL;
}

static int run_fiber(void *arg)
{
	look_up_queue(arg, false);
	return 0;
}

/* Signals are for threads that know what to do with them. */
static int start_thread(struct cor_resolver *resolver)
{
	sigset_t others, before;
	pthread_attr_t attributes;
	pthread_t thread;
	int rc = -pthread_attr_init(&attributes);

	if (rc < 0)
		return rc;
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
	cor_signals_of_others(&others);
	pthread_sigmask(SIG_SETMASK, &others, &before);
	rc = -pthread_create(&thread, &attributes, run_thread, resolver);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return rc == -EAGAIN ? -ENOMEM : rc;
}

static int start_fiber(struct cor_resolver *resolver)
{
	const struct cor_fiber_options options = { .name = "resolver" };

	return cor_fiber_start(NULL, run_fiber, resolver, &options, NULL);
}

/* As many as there are names to look up. Returns 0 if there is at least one. */
static int start_looker(struct cor_resolver *resolver)
{
	if (resolver->queued <= resolver->idle || resolver->lookers == COR_RESOLVER_THREADS)
		return 0;
	atomic_fetch_add(&resolver->references, 1);
	resolver->lookers++;
	int rc = resolver->lookup->manner == COR_LOOKUP_YIELDS ? start_fiber(resolver)
							       : start_thread(resolver);
	if (rc == 0)
		return 0;
	resolver->lookers--;
	drop(resolver); /* who calls has a reference */
	/* NOLINTNEXTLINE(analyzer-use-after-free,clang-analyzer-unix.Malloc) */
	return resolver->lookers != 0 ? 0 : rc;
}

/* --- those who ask --- */

static int ask(struct cor_resolver *resolver, struct entry *entry, int64_t now_ns)
{
	entry->next = NULL;
	if (resolver->queue_last)
		resolver->queue_last->next = entry;
	else
		resolver->queue_first = entry;
	resolver->queue_last = entry;
	resolver->queued++;
	entry->is_looking = true;
	entry->asked_ns = now_ns;
	int rc = start_looker(resolver);
	if (rc < 0) { /* nobody looks up: it is the only one in the queue */
		(void)take_queued(resolver);
		entry->is_looking = false;
		return rc;
	}
	cor_condition_signal(&resolver->work);
	return 0;
}

static bool is_younger(int64_t since_ns, int64_t now_ns, int64_t ms)
{
	return now_ns - since_ns < ms * COR_NS_PER_MS;
}

static bool is_usable(const struct entry *entry, int64_t now_ns, int64_t ms)
{
	return entry->list && is_younger(entry->found_ns, now_ns, ms);
}

/* Returns 0 when the lookup is over or `patience_ms` are, or -ETIMEDOUT or -ECANCELED. */
static int wait_for_result(struct cor_resolver *resolver, struct entry *entry, int64_t patience_ms)
{
	struct cor_scope scope;
	int rc = 0;

	cor_scope_enter(&scope, patience_ms);
	while (entry->is_looking && rc == 0)
		rc = cor_condition_wait(&entry->done, &resolver->mutex);
	cor_scope_leave(&scope);
	return rc < 0 ? cor_scope_error() : 0;
}

/* Ask anew, and wait for the answer if the old one does not serve. */
static int renew(struct cor_resolver *resolver, struct entry *entry, int64_t now_ns)
{
	bool is_stale = is_usable(entry, now_ns, COR_RESOLVER_STALE_MS);
	bool has_failed = entry->error < 0 &&
			  is_younger(entry->asked_ns, now_ns, COR_RESOLVER_FAILURE_MS);

	if (!entry->is_looking && !has_failed) {
		int rc = ask(resolver, entry, now_ns);
		if (rc < 0)
			return is_stale ? 0 : rc;
	}
	return wait_for_result(resolver, entry, is_stale ? COR_RESOLVER_PATIENCE_MS : COR_FOREVER);
}

static int answer(struct cor_resolver *resolver, struct entry *entry, struct cor_addresses *ret)
{
	int64_t now_ns = cor_monotonic_ns();
	int rc = 0;

	entry->used_ns = now_ns;
	if (!is_usable(entry, now_ns, COR_RESOLVER_TTL_MS))
		rc = renew(resolver, entry, now_ns);
	if (rc < 0)
		return rc;
	if (!entry->list || (entry->error < 0 && !is_usable(entry, now_ns, COR_RESOLVER_STALE_MS)))
		return entry->error;
	ret->len = entry->len;
	memcpy(ret->list, entry->list, entry->len * sizeof *entry->list);
	return 0;
}

/* The place of the entry that may go first; the end if none may. */
static size_t oldest(const struct cor_resolver *resolver)
{
	size_t found = resolver->len;

	for (size_t i = 0; i < resolver->len; i++) {
		const struct entry *entry = resolver->entries[i];
		if (!entry->is_looking && entry->users == 0 &&
			(found == resolver->len ||
				entry->used_ns < resolver->entries[found]->used_ns))
			found = i;
	}
	return found;
}

static int add_entry(struct cor_resolver *resolver, const char *name, struct entry **ret)
{
	size_t at = resolver->len == COR_RESOLVER_NAMES ? oldest(resolver) : resolver->len;

	if (at == COR_RESOLVER_NAMES)
		return -ENOBUFS;
	struct entry *entry = calloc(1, sizeof *entry);
	if (!entry)
		return -ENOMEM;
	memcpy(entry->host, name, strlen(name) + 1);
	if (at == resolver->len)
		resolver->len++;
	else
		free_entry(resolver->entries[at]);
	resolver->entries[at] = entry;
	*ret = entry;
	return 0;
}

static int entry_of(struct cor_resolver *resolver, const char *name, struct entry **ret)
{
	for (size_t i = 0; i < resolver->len; i++) {
		if (strcmp(resolver->entries[i]->host, name) == 0) {
			*ret = resolver->entries[i];
			return 0;
		}
	}
	return add_entry(resolver, name, ret);
}

static int find_name(struct cor_resolver *resolver, const char *name, struct cor_addresses *ret)
{
	struct entry *entry;
	int rc = cor_mutex_lock(&resolver->mutex);

	if (rc < 0)
		return rc;
	rc = entry_of(resolver, name, &entry);
	if (rc == 0) {
		entry->users++;
		rc = answer(resolver, entry, ret);
		entry->users--;
	}
	cor_mutex_unlock(&resolver->mutex);
	return rc;
}

static void set_ports(struct cor_addresses *addresses, uint16_t port)
{
	for (size_t i = 0; i < addresses->len; i++) {
		struct cor_address *address = &addresses->list[i];
		if (address->any.sa_family == AF_INET)
			address->v4.sin_port = htons(port);
		else
			address->v6.sin6_port = htons(port);
	}
}

int cor_resolver_find(struct cor_resolver *resolver, struct cor_str host, uint16_t port,
	struct cor_addresses *ret)
{
	char name[COR_HOST_NAME_BYTES];
	int rc = cor_host_literal(host, ret, name);

	if (rc == 0)
		rc = find_name(resolver, name, ret);
	if (rc < 0)
		return rc;
	set_ports(ret, port);
	return 0;
}

const char *cor_resolver_strerror(int code)
{
	return code == -ENOENT    ? "no such name, or it has no address"
	       : code == -EAGAIN  ? "the name servers do not answer"
	       : code == -EINVAL  ? "it can be no name"
	       : code == -ENOBUFS ? "too many names are being looked up"
				  : cor_strerror(code);
}
