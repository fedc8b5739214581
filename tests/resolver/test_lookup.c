/* SPDX-License-Identifier: MIT */
/* Lookups that block, on threads: who waits, what the end of a resolver leaves, and the sandbox. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../runtime/loop.h"
#include "resolver/resolver.h"
#include "sandbox/calls.h"
#include "sandbox/files.h"

/* A name server that answers when the test says so. */
struct gate {
	struct cor_lookup lookup;
	struct cor_semaphore begun, open;
	_Atomic int asked;
};

static int wait_at_gate(
	const struct cor_lookup *lookup, const char *host, struct cor_addresses *ret)
{
	struct gate *gate = cor_container_of(
		(struct cor_lookup *)(uintptr_t)lookup, struct gate, lookup);

	(void)host;
	atomic_fetch_add(&gate->asked, 1);
	cor_semaphore_give(&gate->begun);
	if (cor_semaphore_take(&gate->open) < 0)
		return -EIO;
	memset(ret->list, 0, sizeof *ret->list);
	ret->list[0].bytes = sizeof ret->list[0].v4;
	ret->list[0].v4.sin_family = AF_INET;
	ret->list[0].v4.sin_addr.s_addr = htonl(0x0a000001);
	ret->len = 1;
	return 0;
}

struct asker {
	struct cor_resolver *resolver;
	int result;
	pthread_t thread;
};

static int ask(void *arg)
{
	struct asker *asker = arg;
	struct cor_addresses addresses;

	asker->result = cor_resolver_find(asker->resolver, COR_STR("prices"), 80, &addresses);
	if (asker->result == 0 &&
		(addresses.len != 1 || cor_address_port(&addresses.list[0]) != 80))
		asker->result = -EINVAL;
	return asker->result;
}

static void *ask_in_thread(void *arg)
{
	ask(arg);
	return NULL;
}

static void *ask_in_fiber(void *arg)
{
	struct asker *asker = arg;
	struct cor_scheduler *scheduler;

	if (cor_scheduler_create(NULL, &scheduler) < 0)
		return NULL;
	if (cor_fiber_start(scheduler, ask, asker, NULL, NULL) == 0) {
		cor_scheduler_stop(scheduler);
		(void)!cor_scheduler_run(scheduler);
	}
	cor_scheduler_destroy(scheduler);
	return NULL;
}

/* Fibers of several schedulers and plain threads wait for one lookup. */
static void test_all_kinds_wait_for_one_lookup(void **state)
{
	struct gate gate = { .lookup = { .find = wait_at_gate } };
	struct cor_resolver *resolver;
	struct asker askers[8];

	(void)state;
	assert_int_equal(cor_resolver_create(&gate.lookup, &resolver), 0);
	for (size_t i = 0; i < COUNT(askers); i++) {
		askers[i] = (struct asker){ .resolver = resolver, .result = 1 };
		assert_int_equal(pthread_create(&askers[i].thread, NULL,
					 i % 2 ? ask_in_thread : ask_in_fiber, &askers[i]),
			0);
	}
	assert_int_equal(cor_semaphore_take(&gate.begun), 0);
	cor_semaphore_give(&gate.open);
	for (size_t i = 0; i < COUNT(askers); i++) {
		pthread_join(askers[i].thread, NULL);
		assert_int_equal(askers[i].result, 0);
	}
	assert_int_equal(gate.asked, 1);
	cor_resolver_destroy(resolver);
}

/* Whose time is up goes; the lookup, and its thread, outlive the resolver. */
static void test_a_resolver_ends_during_a_lookup(void **state)
{
	static struct gate gate = { .lookup = { .find = wait_at_gate } };
	struct cor_resolver *resolver;
	struct cor_addresses addresses;
	struct cor_scope scope;

	(void)state;
	assert_int_equal(cor_resolver_create(&gate.lookup, &resolver), 0);
	cor_scope_enter(&scope, 1);
	assert_int_equal(
		cor_resolver_find(resolver, COR_STR("prices"), 80, &addresses), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_int_equal(cor_semaphore_take(&gate.begun), 0);
	cor_resolver_destroy(resolver);
	cor_semaphore_give(&gate.open);
}

/* A name whose servers are silent does not hold up the others. */
static void test_silent_names_do_not_hold_up_others(void **state)
{
	static struct gate gate = { .lookup = { .find = wait_at_gate } };
	struct cor_resolver *resolver;
	struct cor_addresses addresses;
	struct cor_scope scope;

	(void)state;
	assert_int_equal(cor_resolver_create(&gate.lookup, &resolver), 0);
	cor_scope_enter(&scope, 1);
	assert_int_equal(
		cor_resolver_find(resolver, COR_STR("silent"), 80, &addresses), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_int_equal(cor_semaphore_take(&gate.begun), 0);
	struct asker asker = { .resolver = resolver, .result = 1 };
	assert_int_equal(pthread_create(&asker.thread, NULL, ask_in_thread, &asker), 0);
	assert_int_equal(cor_semaphore_take(&gate.begun), 0); /* of a second thread */
	cor_semaphore_give(&gate.open);
	cor_semaphore_give(&gate.open);
	pthread_join(asker.thread, NULL);
	assert_int_equal(asker.result, 0);
	cor_resolver_destroy(resolver);
}

/* --- the system --- */

/* Whatever the name, of "localhost", which needs no DNS. */
static int find_localhost(
	const struct cor_lookup *lookup, const char *host, struct cor_addresses *ret)
{
	(void)lookup;
	(void)host;
	return cor_system_lookup.find(&cor_system_lookup, "localhost", ret);
}

/* On a thread of the resolver. Returns how many addresses it has. */
static int find_on_system(void)
{
	static const struct cor_lookup lookup = { .find = find_localhost };
	struct cor_resolver *resolver;
	struct cor_addresses addresses = { 0 };
	int rc = cor_resolver_create(&lookup, &resolver);

	if (rc < 0)
		return rc;
	rc = cor_resolver_find(resolver, COR_STR("prices"), 80, &addresses);
	cor_resolver_destroy(resolver);
	return rc < 0 ? rc : (int)addresses.len;
}

static void test_the_system_knows_localhost(void **state)
{
	(void)state;
	assert_true(find_on_system() > 0);
}

#ifndef __SANITIZE_THREAD__ /* which has a thread of its own: there can be no sandbox */
/* In a process of its own: what a worker in the sandbox may still do. */
static int find_in_sandbox(void)
{
	struct cor_start_failure failure;
	int rc = cor_sandbox_files(NULL, 0, false, &failure);

	if (rc < 0 && rc != -EOPNOTSUPP)
		return 2;
	rc = cor_sandbox_calls(&failure);
	if (rc < 0 && rc != -EOPNOTSUPP)
		return 3;
	return find_on_system() > 0 ? 0 : 4;
}

static void test_the_sandbox_lets_names_be_found(void **state)
{
	int status = 0;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0)
		_exit(find_in_sandbox());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifndef __SANITIZE_THREAD__
		/* first: a sandbox is for a process without threads */
		cmocka_unit_test(test_the_sandbox_lets_names_be_found),
#endif
		cmocka_unit_test(test_all_kinds_wait_for_one_lookup),
		cmocka_unit_test(test_a_resolver_ends_during_a_lookup),
		cmocka_unit_test(test_silent_names_do_not_hold_up_others),
		cmocka_unit_test(test_the_system_knows_localhost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
