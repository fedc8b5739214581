/* SPDX-License-Identifier: MIT */
/* When lines are written, by whom, and what happens to those that nobody reads. */
#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <coracle/fiber.h>
#include <coracle/json.h>

#include "context/context.h"
#include "observe/access.h"
#include "observe/sink.h"

static struct capture capture;

static unsigned count(const char *text, const char *what)
{
	unsigned found = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		found++;
	return found;
}

static void run_fiber(int (*entry)(void *arg))
{
	struct cor_scheduler *scheduler;
	struct cor_fiber *fiber;

	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, entry, NULL, NULL, &fiber), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_fiber_join(fiber, NULL);
	cor_scheduler_destroy(scheduler);
}

static void test_levels(void **state)
{
	(void)state;
	for (int level = COR_LOG_ERROR; level <= COR_LOG_DEBUG; level++) {
		capture_open(&capture, COR_LOG_TEXT, (enum cor_log_level)level, COR_LOG_ACCESS_OFF);
		for (int line = COR_LOG_ERROR; line <= COR_LOG_DEBUG; line++)
			cor_logger_log(capture.logger, (enum cor_log_level)line, NULL, "x");
		assert_int_equal(count(capture_take(&capture), "\n"), level + 1);
		capture_close(&capture);
	}
}

static void test_access_switch(void **state)
{
	const struct cor_access_line good = { .status = 200 };
	const struct cor_access_line refused = { .status = 400, .reason = "no Host" };

	(void)state;
	capture_open(&capture, COR_LOG_TEXT, COR_LOG_INFO, COR_LOG_ACCESS_OFF);
	assert_false(cor_access_wanted(capture.logger));
	cor_access_log(capture.logger, &good);
	assert_string_equal(capture_take(&capture), "");
	cor_access_log(capture.logger, &refused);
	assert_string_equal(capture_take(&capture),
		"2026-01-31T23:59:59.123Z info - - 400 0B 0.000ms reason=\"no Host\"\n");
	capture_close(&capture);
	assert_false(cor_access_wanted(NULL));
	cor_access_log(NULL, &refused);
	cor_logger_log(NULL, COR_LOG_ERROR, NULL, "nobody listens");
}

static int log_three(void *arg)
{
	(void)arg;
	cor_logger_log(capture.logger, COR_LOG_INFO, NULL, "one");
	cor_logger_log(capture.logger, COR_LOG_WARNING, NULL, "two");
	assert_string_equal(capture_take(&capture), "");
	assert_int_equal(cor_yield(), 0);
	assert_int_equal(cor_sleep_ms(1), 0); /* the loop has waited */
	assert_int_equal(count(capture_take(&capture), "\n"), 2);
	cor_logger_log(capture.logger, COR_LOG_INFO, NULL, "three");
	assert_string_equal(capture_take(&capture), "");
	cor_logger_log(capture.logger, COR_LOG_ERROR, NULL, "four");
	assert_int_equal(count(capture_take(&capture), "\n"), 2);
	cor_logger_log(capture.logger, COR_LOG_INFO, NULL, "last");
	return 0;
}

static void test_lines_of_a_turn_are_gathered(void **state)
{
	(void)state;
	capture_open(&capture, COR_LOG_TEXT, COR_LOG_INFO, COR_LOG_ACCESS_OFF);
	run_fiber(log_three);
	char text[256];
	snprintf(text, sizeof text, "%s", capture_take(&capture));
	cor_logger_flush(capture.logger);
	size_t len = strlen(text);
	snprintf(text + len, sizeof text - len, "%s", capture_take(&capture));
	assert_string_equal(text, "2026-01-31T23:59:59.123Z info last\n");
	capture_close(&capture);
}

#define OTHERS_LINES 200

static void *log_from_outside(void *arg)
{
	(void)arg;
	for (int i = 0; i < OTHERS_LINES; i++)
		cor_logger_log(capture.logger, COR_LOG_INFO, NULL, "outside");
	return NULL;
}

static int log_inside(void *arg)
{
	(void)arg;
	for (int i = 0; i < OTHERS_LINES; i++) {
		cor_logger_log(capture.logger, COR_LOG_INFO, NULL, "inside");
		assert_int_equal(cor_yield(), 0);
	}
	return 0;
}

static void test_other_threads_write_immediately(void **state)
{
	pthread_t thread;

	(void)state;
	capture_open(&capture, COR_LOG_TEXT, COR_LOG_INFO, COR_LOG_ACCESS_OFF);
	assert_int_equal(pthread_create(&thread, NULL, log_from_outside, NULL), 0);
	run_fiber(log_inside);
	pthread_join(thread, NULL);
	cor_logger_flush(capture.logger);
	const char *text = capture_take(&capture);
	assert_int_equal(count(text, "Z info outside\n"), OTHERS_LINES);
	assert_int_equal(count(text, "Z info inside\n"), OTHERS_LINES);
	capture_close(&capture);
}

static struct capture second;

/* In one order, and in the other: each line is out once the loop has waited. */
static int log_with_two(void *arg)
{
	struct capture *first = arg, *other = first == &capture ? &second : &capture;

	for (int i = 0; i < 3; i++) {
		cor_logger_log(first->logger, COR_LOG_INFO, NULL, "one");
		cor_logger_log(other->logger, COR_LOG_INFO, NULL, "other");
		assert_int_equal(cor_sleep_ms(1), 0);
		assert_int_equal(count(capture_take(first), "Z info one\n"), 1);
		assert_int_equal(count(capture_take(other), "Z info other\n"), 1);
	}
	return 0;
}

static int log_with_two_in_turn(void *arg)
{
	(void)arg;
	return log_with_two(&capture);
}

static int log_with_two_the_other_way(void *arg)
{
	(void)arg;
	return log_with_two(&second);
}

static void test_two_loggers_on_one_thread(void **state)
{
	int (*const ways[])(void *) = { log_with_two_in_turn, log_with_two_the_other_way };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		capture_open(&capture, COR_LOG_TEXT, COR_LOG_INFO, COR_LOG_ACCESS_OFF);
		capture_open(&second, COR_LOG_TEXT, COR_LOG_INFO, COR_LOG_ACCESS_OFF);
		run_fiber(ways[i]);
		capture_close(&second);
		capture_close(&capture);
	}
}

/* A pipe holds 64 KiB, and so does the logger. */
static int log_too_much(void *arg)
{
	char text[1000];

	(void)arg;
	memset(text, 'x', sizeof text);
	for (int i = 0; i < 300; i++)
		cor_logger_log(capture.logger, COR_LOG_INFO, NULL, "%.*s|", (int)sizeof text, text);
	return 0;
}

static int log_after_reading(void *arg)
{
	unsigned kept = 0, got;
	char expected[128];

	(void)log_too_much(arg);
	do {
		got = count(capture_take(&capture), "|\n");
		kept += got;
		assert_int_equal(cor_sleep_ms(1), 0); /* the rest is written */
	} while (got != 0);
	cor_logger_log(capture.logger, COR_LOG_ERROR, NULL, "and on");
	snprintf(expected, sizeof expected,
		"2026-01-31T23:59:59.123Z warning %u log lines were lost\n"
		"2026-01-31T23:59:59.123Z error and on\n",
		300 - kept);
	if (strcmp(capture_take(&capture), expected) != 0)
		fail_msg("%u lines came, then %.200s", kept, capture.text);
	assert_true(kept > 64 && kept < 200);
	return 0;
}

static void test_a_slow_reader_loses_lines_and_learns_it(void **state)
{
	(void)state;
	capture_open(&capture, COR_LOG_TEXT, COR_LOG_INFO, COR_LOG_ACCESS_OFF);
	run_fiber(log_after_reading);
	capture_close(&capture);
}

static void *log_too_much_outside(void *arg)
{
	(void)log_too_much(arg);
	return NULL;
}

/*
 * What standard error usually is: a descriptor that blocks and is shared. Its reader must not hold
 * anybody up.
 */
static void log_to_a_reader_that_does_not_read(const int ends[2], bool asks)
{
	const struct cor_logger_options options = { .fd = ends[1], .level = COR_LOG_INFO };
	pthread_t thread;

	assert_int_equal(cor_logger_create(&options, &capture.logger), 0);
	if (asks)
		capture.logger->writer.way = COR_LOG_WHEN_DUE;
	assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
	run_fiber(log_too_much);
	assert_int_equal(pthread_create(&thread, NULL, log_too_much_outside, NULL), 0);
	pthread_join(thread, NULL);
	cor_logger_destroy(capture.logger);
	close(ends[0]);
	close(ends[1]);
}

static void test_a_reader_that_does_not_read(void **state)
{
	int ends[2];

	(void)state;
	for (int asks = 0; asks < 2; asks++) {
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		log_to_a_reader_that_does_not_read(ends, asks);
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	log_to_a_reader_that_does_not_read(ends, false);
}

/* A sandbox may have no terminals. */
static void test_a_terminal_that_does_not_scroll(void **state)
{
	int ends[2] = { posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), -1 };

	(void)state;
	if (ends[0] >= 0 && grantpt(ends[0]) == 0 && unlockpt(ends[0]) == 0)
		ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ends[1] < 0) {
		printf("# left out: no pseudo-terminal can be opened here: %s\n", strerror(errno));
		return;
	}
	log_to_a_reader_that_does_not_read(ends, false);
}

/* The lines that came, plus those reported lost. */
static unsigned account_for(const char *text)
{
	unsigned sum = count(text, "|\n"), lost;

	for (; (text = strstr(text, "warning ")); text++)
		if (sscanf(text, "warning %u log lines were lost", &lost) == 1)
			sum += lost;
	return sum;
}

/* Also from threads that are not the server's: each line finds room or is counted. */
static void test_lost_lines_from_outside_are_reported(void **state)
{
	(void)state;
	capture_open(&capture, COR_LOG_TEXT, COR_LOG_INFO, COR_LOG_ACCESS_OFF);
	(void)log_too_much(NULL);
	unsigned sum = account_for(capture_take(&capture));
	assert_true(sum < 300);
	cor_logger_log(capture.logger, COR_LOG_INFO, NULL, "and on");
	sum += account_for(capture_take(&capture));
	assert_int_equal(sum, 300);
	assert_non_null(strstr(capture.text, "info and on\n"));
	capture_close(&capture);
}

/* --- a full disk: here, a file that may not grow --- */

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int log_one_more(void *arg)
{
	(void)arg;
	cor_logger_log(capture.logger, COR_LOG_ERROR, NULL, "and on");
	return 0;
}

/* Lines are whole: only what was being written when the disk was full is a fragment. */
static unsigned count_fragments(char *text)
{
	unsigned fragments = 0;

	for (char *line = strtok_r(text, "\n", &text); line; line = strtok_r(NULL, "\n", &text))
		fragments += cor_json_check(cor_str(line), 0, NULL) != 0;
	return fragments;
}

static void log_to_a_full_disk(int (*log)(void *arg), void (*call)(int (*entry)(void *arg)))
{
	static char text[64 * 1024];
	FILE *file = tmpfile();
	const struct cor_logger_options options = {
		.fd = fileno(file), .format = COR_LOG_JSON, .level = COR_LOG_INFO
	};

	assert_int_equal(cor_logger_create(&options, &capture.logger), 0);
	limit_files(5000);
	call(log);
	cor_logger_flush(capture.logger);
	limit_files(RLIM_INFINITY);
	call(log_one_more);
	cor_logger_destroy(capture.logger);
	ssize_t len = pread(fileno(file), text, sizeof text - 1, 0);
	assert_true(len > 5000);
	text[len] = '\0';
	unsigned lost = 0;
	const char *number = strstr(text, "\"message\":\"");
	for (const char *at = text; (at = strstr(at, " log lines were lost")); at++)
		for (number = at; number[-1] >= '0' && number[-1] <= '9'; number--)
			;
	assert_int_equal(sscanf(number, "%u", &lost), 1);
	assert_int_equal(count(text, "|\"}\n") + lost, 300);
	assert_int_equal(count(text, "and on\"}\n"), 1);
	assert_int_equal(count_fragments(text), 1);
	fclose(file);
}

static const char dots[101] = {
	[0 ... 99] = '.',
};

static int log_and_wait(void *arg)
{
	for (int i = 0; i < 3; i++) {
		for (int line = 0; line < 100; line++)
			cor_logger_log(capture.logger, COR_LOG_INFO, NULL, "%.*s|", 100, dots);
		assert_int_equal(cor_sleep_ms(1), 0); /* they are written */
	}
	return arg != NULL;
}

static void call_outside(int (*entry)(void *arg))
{
	(void)entry(NULL);
}

static void test_a_full_disk(void **state)
{
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	log_to_a_full_disk(log_and_wait, run_fiber);
	log_to_a_full_disk(log_too_much, call_outside);
	log_to_a_full_disk(log_too_much, run_fiber);
}

static void test_a_reader_that_is_gone(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	capture_open(&capture, COR_LOG_TEXT, COR_LOG_INFO, COR_LOG_ACCESS_OFF);
	close(capture.read_fd);
	run_fiber(log_too_much);
	(void)log_too_much(NULL);
	capture.read_fd = dup(capture.write_fd); /* for capture_close() */
	capture_close(&capture);
}

/* --- cor_log() --- */

static void test_a_ctx_gives_the_request_id(void **state)
{
	struct cor_environment environment = { 0 };
	struct cor_ctx ctx;

	(void)state;
	capture_open(&capture, COR_LOG_TEXT, COR_LOG_INFO, COR_LOG_ACCESS_OFF);
	environment.logger = capture.logger;
	cor_ctx_init(&ctx, &environment, NULL, 0, 0);
	cor_log_info(&ctx, "in a start hook");
	assert_string_equal(
		capture_take(&capture), "2026-01-31T23:59:59.123Z info in a start hook\n");
	ctx.request = &ctx; /* never dereferenced */
	snprintf(ctx.request_id, sizeof ctx.request_id, "abc");
	cor_log_warning(&ctx, "in a request");
	assert_string_equal(
		capture_take(&capture), "2026-01-31T23:59:59.123Z warning [abc] in a request\n");
	cor_log_debug(&ctx, "not shown");
	assert_string_equal(capture_take(&capture), "");
	cor_ctx_finish(&ctx);
	capture_close(&capture);
}

static void test_without_a_logger(void **state)
{
	char text[64] = "";
	int ends[2], saved = dup(STDERR_FILENO);

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	dup2(ends[1], STDERR_FILENO);
	cor_log_error(NULL, "bad\n%d", 5);
	dup2(saved, STDERR_FILENO);
	assert_true(read(ends[0], text, sizeof text - 1) > 0);
	assert_string_equal(text, "error: bad\\x0a5\n");
	close(saved);
	close(ends[0]);
	close(ends[1]);
}

static void test_a_long_message_is_cut(void **state)
{
	static char text[5000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	capture_open(&capture, COR_LOG_TEXT, COR_LOG_INFO, COR_LOG_ACCESS_OFF);
	cor_logger_log(capture.logger, COR_LOG_INFO, NULL, "%s", text);
	capture_take(&capture);
	assert_true(capture.len > 2000 && capture.len < 2200);
	assert_string_equal(capture.text + capture.len - 5, "x...\n");
	capture_close(&capture);
}

/* --- what it costs --- */

static int64_t now_ns(void)
{
	return cor_system_clock.monotonic_ns(&cor_system_clock);
}

static int measure(void *arg)
{
	const struct cor_access_line access = {
		.method = COR_STR("GET"),
		.path = COR_STR("/books/123456"),
		.query = COR_STR("page=2&sort=name"),
		.status = 200,
		.bytes = 512,
		.duration_ns = 123456,
		.request_id = "4f2a9c01d5e6b7a8",
		.peer = "127.0.0.1",
		.route = "get_book",
		.user_agent = COR_STR(
			"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
	};
	const int lines = getenv("COR_TEST_LIGHT") ? 10000 : 300000;
	int64_t began = now_ns();

	for (int i = 0; i < lines; i++)
		cor_access_log(arg, &access);
	printf("# figure: a line of the access log: %.0f ns, writing to /dev/null included\n",
		(double)(now_ns() - began) / lines);
	return 0;
}

static void test_cost(void **state)
{
	struct cor_logger_options options = {
		.format = COR_LOG_JSON, .level = COR_LOG_INFO, .access = COR_LOG_ACCESS_ON
	};
	struct cor_scheduler *scheduler;
	struct cor_logger *logger;
	struct cor_fiber *fiber;

	(void)state;
	options.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_int_equal(cor_logger_create(&options, &logger), 0);
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, measure, logger, NULL, &fiber), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_fiber_join(fiber, NULL);
	cor_logger_destroy(logger);
	cor_scheduler_destroy(scheduler);
	close(options.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_access_switch),
		cmocka_unit_test(test_lines_of_a_turn_are_gathered),
		cmocka_unit_test(test_other_threads_write_immediately),
		cmocka_unit_test(test_two_loggers_on_one_thread),
		cmocka_unit_test(test_a_slow_reader_loses_lines_and_learns_it),
		cmocka_unit_test(test_a_reader_that_does_not_read),
		cmocka_unit_test(test_a_terminal_that_does_not_scroll),
		cmocka_unit_test(test_a_full_disk),
		cmocka_unit_test(test_lost_lines_from_outside_are_reported),
		cmocka_unit_test(test_a_reader_that_is_gone),
		cmocka_unit_test(test_a_ctx_gives_the_request_id),
		cmocka_unit_test(test_without_a_logger),
		cmocka_unit_test(test_a_long_message_is_cut),
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
