/* SPDX-License-Identifier: MIT */
/* A child of fork() looks names up with threads of its own: those of its parent are not there. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <coracle/fiber.h>

#include "outbound/plain.h"
#include "runtime/calls.h"

#define PATIENCE_MS 20000

/* Whether the lookup has an end before the patience has one. */
static bool finds_nobody(const char *host)
{
	const struct cor_destination destination = { .host = cor_str(host), .port = 80 };
	struct cor_arena arena = { 0 };
	const struct cor_carrier_request request = { .destination = &destination,
		.arena = &arena,
		.method = COR_STR("GET"),
		.authority = cor_str(host),
		.path = COR_STR("/"),
		.body_bytes = COR_BODY_ABSENT };
	struct cor_scope scope;
	static void *state; /* stays open: it has the resolver */
	struct cor_wire *wire;

	if (cor_plain_carrier.open(&cor_plain_carrier, &cor_carrier_calls, &state) < 0 ||
		cor_plain_carrier.begin(state, &request, &wire) < 0)
		return false;
	cor_scope_enter(&scope, PATIENCE_MS);
	int rc = wire->carrier->connect(wire);
	bool is_told = rc < 0 && wire->fault.kind == COR_FAILED_RESOLVE;
	cor_scope_leave(&scope);
	wire->carrier->end(wire);
	return is_told;
}

static void test_a_child_has_its_own_resolver(void **state)
{
	int status;

	(void)state;
	assert_true(finds_nobody("nobody.invalid"));
	pid_t child = fork();
	if (child == 0)
		_exit(finds_nobody("nobody-else.invalid") ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_child_has_its_own_resolver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
