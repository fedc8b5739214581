/* SPDX-License-Identifier: MIT */
/* A handler that returns without having waited for its group ends the process, and is named. */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage.h"

static int forget_group(struct cor_ctx *ctx, struct nap *nap)
{
	struct cor_group group;

	cor_group_begin(&group, ctx, COR_ALL);
	cor_group_start(&group, take_nap, nap);
	return 0;
}

static void forget_in_child(struct stage *stage)
{
	struct nap nap = { .ms = 10 };
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, forget_group, &nap);
	cor_ignore(cor_group_wait(&group));
}

static int serve_badly(void *arg)
{
	struct cor_ctx *ctx;
	struct nap nap = { .ms = 10 };

	(void)arg;
	if (cor_ctx_create(&(struct cor_ctx_options){ 0 }, &ctx) < 0)
		_exit(3);
	cor_ignore(forget_group(ctx, &nap));
	cor_ctx_destroy(ctx);
	_exit(4);
}

static void forget_in_handler(struct stage *stage)
{
	const struct cor_fiber_options options = { .name = "get_book" };
	struct cor_fiber *fiber;

	(void)stage;
	cor_ignore(cor_fiber_start(NULL, serve_badly, NULL, &options, &fiber));
	cor_fiber_join(fiber, NULL);
}

static void forget_outside(void)
{
	struct cor_ctx *ctx;

	cor_ignore(cor_ctx_create(&(struct cor_ctx_options){ 0 }, &ctx));
	cor_ignore(forget_group(ctx, &(struct nap){ 0 }));
	cor_ctx_destroy(ctx);
}

/* Runs it in a process of its own, which must be ended by the line. */
static void assert_last_words(void (*play)(struct stage *stage), const char *name)
{
	char words[512] = "", expected[512];
	size_t len = 0;
	ssize_t got;
	int ends[2], status;

	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit no_core = { 0 };
		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGABRT, SIG_DFL);
		dup2(ends[1], STDERR_FILENO);
		if (play)
			stage_play(play, 0);
		else
			forget_outside();
		_exit(5);
	}
	close(ends[1]);
	while (len < sizeof words - 1 &&
		(got = read(ends[0], words + len, sizeof words - 1 - len)) > 0)
		len += (size_t)got;
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	snprintf(expected, sizeof expected,
		"coracle: %s began a group and returned without cor_group_wait(), although "
		"children use its memory: call it on every way out\n",
		name);
	words[len] = '\0';
	assert_memory_equal(words, expected, strlen(expected));
	assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGABRT : WEXITSTATUS(status) != 5);
}

static void test_handler_is_named(void **state)
{
	(void)state;
	assert_last_words(forget_in_handler, "get_book");
}

static void test_child_is_named(void **state)
{
	(void)state;
	assert_last_words(forget_in_child, "forget_group");
}

static void test_outside_a_fiber_there_is_no_name(void **state)
{
	(void)state;
	assert_last_words(NULL, "a function outside a fiber");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handler_is_named),
		cmocka_unit_test(test_child_is_named),
		cmocka_unit_test(test_outside_a_fiber_there_is_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
