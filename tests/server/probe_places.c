/* SPDX-License-Identifier: MIT */
#include "probe_places.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "runtime/clock.h"
#include "runtime/scheduler.h"

static void answer(struct cor_exchange *x, uint16_t status, const char *text)
{
	if (cor_exchange_respond(x, status, COR_STR("text/plain"), cor_str(text)) < 0)
		x->broken = true;
}

/* What the service does with a code that reading a body left. */
static void fail(struct cor_exchange *x, int rc)
{
	const struct cor_problem *problem = cor_ctx_settle(&x->ctx, rc);

	answer(x, problem->status, problem->detail);
}

static void mark(struct cor_exchange *x)
{
	struct cor_str body;
	int rc = cor_exchange_read_all(x, &body);

	if (rc < 0) {
		fail(x, rc);
		return;
	}
	FILE *marks = fopen("marks", "a");
	if (marks) {
		fprintf(marks, "%zu\n", body.len);
		fclose(marks);
	}
	answer(x, 200, "marked");
}

/* Types are constants: each text stays in one place. */
static struct cor_str constant(struct cor_str text)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static char texts[32][128];
	size_t i = 0, most = sizeof texts / sizeof texts[0];

	pthread_mutex_lock(&lock);
	while (i < most && texts[i][0] && !cor_str_equal(cor_str(texts[i]), text))
		i++;
	if (i == most || text.len >= sizeof texts[0])
		abort();
	memcpy(texts[i], text.data, text.len);
	pthread_mutex_unlock(&lock);
	return cor_str(texts[i]);
}

static void typed(struct cor_exchange *x, struct cor_str text)
{
	struct cor_str type = text.len ? constant(text) : (struct cor_str){ 0 };

	if (cor_exchange_respond(x, 200, type, COR_STR("typed")) < 0)
		x->broken = true;
}

static void extra(struct cor_exchange *x)
{
	x->broken = cor_reply_header(&x->ctx, "X-Extra", "1") < 0;
	answer(x, 200, "extra");
}

static void name_thread(struct cor_exchange *x)
{
	char text[32];

	snprintf(text, sizeof text, "%d", (int)gettid());
	answer(x, 200, text);
}

static void overload(struct cor_exchange *x)
{
	x->broken = cor_reply_header(&x->ctx, "retry-after", "120") < 0;
	answer(x, 503, "overload");
}

static void echo(struct cor_exchange *x)
{
	struct cor_str body;
	int rc = cor_exchange_read_all(x, &body);

	if (rc < 0) {
		fail(x, rc);
		return;
	}
	if (cor_exchange_respond(x, 200, COR_STR("application/octet-stream"), body) < 0)
		x->broken = true;
}

static void count(struct cor_exchange *x)
{
	struct cor_body body = { .exchange = x };
	char piece[7];
	char text[32];
	size_t sum = 0;
	ssize_t n;

	while ((n = cor_body_read(&body, piece, sizeof piece)) > 0)
		sum += (size_t)n;
	if (n < 0) {
		fail(x, (int)n);
		return;
	}
	snprintf(text, sizeof text, "%zu", sum);
	answer(x, 200, text);
}

static void stream(struct cor_exchange *x, long bytes)
{
	struct cor_reply reply = { .exchange = x };
	char piece[1000];
	int rc = cor_reply_start(&reply, 200, "application/octet-stream");

	memset(piece, 's', sizeof piece);
	for (long left = bytes; left > 0 && rc == 0; left -= (long)sizeof piece)
		rc = cor_reply_write(
			&reply, piece, left < (long)sizeof piece ? (size_t)left : sizeof piece);
	x->broken = rc < 0 && x->reply_state == COR_REPLY_STARTED;
}

/*
 * What becomes of a request's trailer, and of the fields of a reply's that may be there and that
 * may not.
 */
static void trail(struct cor_exchange *x)
{
	struct cor_reply reply = { .exchange = x };
	struct cor_body body = { .exchange = x };
	char piece[100];
	ssize_t n;

	bool is_early = cor_request_trailer(&x->ctx, "X-Sum").len != 0;
	while ((n = cor_body_read(&body, piece, sizeof piece)) > 0)
		;
	if (n < 0) {
		fail(x, (int)n);
		return;
	}
	struct cor_str sum = cor_request_trailer(&x->ctx, "x-sum");
	struct cor_str forbidden = cor_request_trailer(&x->ctx, "Authorization");
	struct cor_str header = cor_request_header(&x->ctx, "X-Sum");
	int before = cor_reply_trailer(&reply, "X-Sum", "1");
	int announced = cor_reply_announce(&reply, "X-Sum");
	cor_ignore(cor_reply_start(&reply, 200, "text/plain"));
	int bad[] = { cor_reply_trailer(&reply, "Content-Length", "1"),
		cor_reply_trailer(&reply, "X Y", "1"), cor_reply_trailer(&reply, "X-Y", "a\nb"),
		cor_reply_announce(&reply, "X-Z") };
	int good = cor_reply_trailer(&reply, "X-Sum", "42");
	char text[600];
	int len = snprintf(text, sizeof text, "[%.*s][%.*s][%.*s] %d %d %d %d %d %d %d %d",
		(int)sum.len, sum.data, (int)forbidden.len, forbidden.data, (int)header.len,
		header.data, is_early, before, announced, bad[0], bad[1], bad[2], bad[3], good);
	x->broken = cor_reply_write(&reply, text, (size_t)len) < 0 &&
		    x->reply_state == COR_REPLY_STARTED;
}

/* Runs until nobody takes it any more: the file marks shows that it ended. */
static void endless(struct cor_exchange *x)
{
	struct cor_reply reply = { .exchange = x };
	char piece[1000] = { 0 };
	int rc = cor_reply_start(&reply, 200, "application/octet-stream");

	while (rc == 0)
		rc = cor_reply_write(&reply, piece, sizeof piece);
	x->broken = x->reply_state == COR_REPLY_STARTED;
	FILE *marks = fopen("marks", "a");
	if (marks) {
		fprintf(marks, "%d\n", rc);
		fclose(marks);
	}
}

/*
 * A KiB of stack for each step; each step reads that of the previous one, so that no compiler turns
 * it into a loop.
 */
static int descend(long steps, const volatile char *before)
{
	volatile char frame[1024];

	frame[0] = (char)(before[0] + 1);
	return steps > 0 ? descend(steps - 1, frame) + frame[0] : before[0];
}

static void deep(struct cor_exchange *x, long steps)
{
	char text[32];

	snprintf(text, sizeof text, "%d", descend(steps, "") & 1);
	answer(x, 200, text);
}

static void big(struct cor_exchange *x, long bytes)
{
	char *body = cor_arena_alloc(&x->ctx.arena, bytes);

	if (!body) {
		answer(x, 500, "no memory");
		return;
	}
	memset(body, 'b', bytes);
	if (cor_exchange_respond(x, 200, COR_STR("text/plain"), (struct cor_str){ body, bytes }) <
		0)
		x->broken = true;
}

static void nap(struct cor_exchange *x, long ms)
{
	int rc = cor_sleep_ms(ms);

	if (rc < 0)
		fail(x, rc);
	else
		answer(x, 200, "slept");
}

/* Answers midway: the work goes on after the body, and again after the answer. */
static void late(struct cor_exchange *x, long ms)
{
	echo(x);
	x->broken = cor_sleep_ms(ms) < 0;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static void keep_thread(int64_t us)
{
	int64_t end_us = now_us() + us;

	while (now_us() < end_us)
		;
}

static void compute(struct cor_exchange *x, long ms)
{
	keep_thread(ms * 1000);
	answer(x, 200, "computed");
}

/* Like a handler that asks another service first. */
static void compute_later(struct cor_exchange *x, long ms)
{
	int rc = cor_sleep_ms(5);

	if (rc < 0)
		fail(x, rc);
	else
		compute(x, ms);
}

static void hold(struct cor_exchange *x, long ms)
{
	struct cor_reply reply = { .exchange = x };
	int rc = cor_reply_start(&reply, 200, "text/plain");

	cor_ignore(cor_reply_write(&reply, "h", 1));
	if (rc == 0)
		rc = cor_reply_flush(&reply);
	x->broken = rc < 0;
	puts("held");
	fflush(stdout);
	keep_thread(ms * 1000);
}

/* Holds the thread before a large answer. */
static void hold_big(struct cor_exchange *x, long ms)
{
	keep_thread(ms * 1000);
	big(x, 8000000);
}

static void chew(struct cor_exchange *x)
{
	struct cor_body body = { .exchange = x };
	char piece[1024];
	ssize_t n;

	while ((n = cor_body_read(&body, piece, sizeof piece)) > 0)
		keep_thread(500);
	if (n < 0)
		fail(x, (int)n);
	else
		answer(x, 200, "chewed");
}

static void slow(struct cor_exchange *x, long bytes)
{
	static const char piece[16 * 1024];
	struct cor_reply reply = { .exchange = x };
	int rc = cor_reply_start(&reply, 200, "application/octet-stream");

	for (long left = bytes; left > 0 && rc == 0; left -= (long)sizeof piece) {
		keep_thread(1000);
		rc = cor_reply_write(&reply, piece, sizeof piece);
	}
	x->broken = rc < 0;
}

/* The client does not read, so the first pieces do not go out in time; later ones do. */
static void heedless(struct cor_exchange *x)
{
	static const char piece[20000];
	struct cor_reply reply = { .exchange = x };
	struct cor_scope scope;
	int rc = cor_reply_start(&reply, 200, "application/octet-stream");

	cor_scope_enter(&scope, 50);
	for (int i = 0; i < 1000 && rc == 0; i++)
		rc = cor_reply_write(&reply, piece, sizeof piece);
	cor_scope_leave(&scope);
	(void)!cor_sleep_ms(100);
	(void)!cor_reply_write(&reply, piece, sizeof piece);
}

static void doze(struct cor_exchange *x, long ms)
{
	struct cor_body body = { .exchange = x };
	char piece[64];
	char text[32];
	size_t sum = 0;
	ssize_t n;

	while ((n = cor_body_read(&body, piece, sizeof piece)) > 0) {
		if (sum == 0 && cor_sleep_ms(ms) < 0)
			break;
		sum += (size_t)n;
	}
	snprintf(text, sizeof text, "%zu", sum);
	if (n < 0)
		fail(x, (int)n);
	else
		answer(x, 200, text);
}

/* Reads as if it did something with each piece, and is never quite through. */
static void sip(struct cor_exchange *x)
{
	static char piece[16000];
	struct cor_body body = { .exchange = x };
	char text[32];
	size_t sum = 0;
	ssize_t n;

	while ((n = cor_body_read(&body, piece, sizeof piece)) > 0) {
		sum += (size_t)n;
		if (cor_sleep_ms(1) < 0)
			break;
	}
	snprintf(text, sizeof text, "%zu", sum);
	if (n < 0)
		fail(x, (int)n);
	else
		answer(x, 200, text);
}

/* Like the time between fork() and exec(), but longer. */
static void hand_down(struct cor_exchange *x, long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };
	pid_t child = fork();

	if (child == 0) {
		nanosleep(&time, NULL);
		_exit(0);
	}
	answer(x, 200, child > 0 ? "forked" : "no child");
}

static void early(struct cor_exchange *x)
{
	struct cor_body body = { .exchange = x };
	struct cor_reply reply = { .exchange = x };
	char piece[64];
	char text[32];
	size_t sum = 0;
	ssize_t n;

	int rc = cor_reply_start(&reply, 200, "text/plain");
	while (rc == 0 && (n = cor_body_read(&body, piece, sizeof piece)) != 0) {
		rc = n < 0 ? (int)n : 0;
		sum += n < 0 ? 0 : (size_t)n;
	}
	snprintf(text, sizeof text, "%zu", sum);
	if (rc == 0)
		rc = cor_reply_write(&reply, text, strlen(text));
	x->broken = rc < 0;
}

static void broken(struct cor_exchange *x, long bytes)
{
	stream(x, bytes);
	x->broken = true;
}

static void pause_behind(struct cor_exchange *x, long bytes)
{
	struct cor_reply reply = { .exchange = x };

	stream(x, bytes);
	if (!x->broken)
		x->broken = cor_reply_flush(&reply) < 0 || cor_sleep_ms(10000) < 0;
}

static long number_behind(struct cor_str path, const char *prefix)
{
	size_t len = strlen(prefix);

	if (path.len <= len || memcmp(path.data, prefix, len) != 0)
		return -1;
	return strtol(path.data + len, NULL, 10);
}

static int send_at_once(struct cor_exchange *x, const char *data, size_t size)
{
	int rc = x->ops->write(x, data, size);

	return rc < 0 ? rc : x->ops->flush(x);
}

/* What is here goes back. Returns 0 where more may come. */
static int send_back(struct cor_exchange *x)
{
	char bytes[1024];
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = x->ops->receive(x, bytes, sizeof bytes)) != -EAGAIN) {
		if (n == -ESHUTDOWN)
			return send_at_once(x, "bye", 3) < 0 ? -EIO : -ESHUTDOWN;
		if (n <= 0)
			return n < 0 ? (int)n : -EPIPE;
		rc = send_at_once(x, bytes, (size_t)n);
	}
	return rc;
}

static void switch_over(struct cor_exchange *x, long ms)
{
	struct cor_scheduler *scheduler = cor_scheduler_current();
	int rc = 0;

	if (x->ops->asks_to_switch(x) == COR_SWITCHING_NOTHING) {
		answer(x, 426, "upgrade");
		return;
	}
	if (x->ops->switch_protocols(x, COR_STR("probe")) < 0)
		return;
	while ((rc = send_back(x)) == 0) {
		rc = x->ops->await(x, cor_clock_after_ms(cor_clock_now(scheduler), ms));
		if (rc == -ETIMEDOUT)
			rc = send_at_once(x, "tick", 4);
		if (rc < 0)
			break;
	}
	x->broken = rc == -ECONNRESET;
}

static void answer_plainly(struct cor_exchange *x)
{
	answer(x, 200, "plain");
}

static void answer_unread(struct cor_exchange *x)
{
	answer(x, 200, "ignored");
}

static void answer_nothing(struct cor_exchange *x)
{
	(void)x;
}

static void answer_with(struct cor_exchange *x, long status)
{
	answer(x, (uint16_t)status, "content");
}

/* A path, or one that ends with a number. */
static const struct {
	const char *path;
	void (*serve)(struct cor_exchange *x);
	void (*serve_number)(struct cor_exchange *x, long n);
} places[] = {
	{ "/plain", answer_plainly, NULL },
	{ "/ignore", answer_unread, NULL },
	{ "/fail", answer_nothing, NULL },
	{ "/echo", echo, NULL },
	{ "/count", count, NULL },
	{ "/chew", chew, NULL },
	{ "/extra", extra, NULL },
	{ "/overload", overload, NULL },
	{ "/mark", mark, NULL },
	{ "/trail", trail, NULL },
	{ "/endless", endless, NULL },
	{ "/thread", name_thread, NULL },
	{ "/early", early, NULL },
	{ "/heedless", heedless, NULL },
	{ "/sip", sip, NULL },
	{ "/status/", NULL, answer_with },
	{ "/stream/", NULL, stream },
	{ "/holdbig/", NULL, hold_big },
	{ "/deep/", NULL, deep },
	{ "/big/", NULL, big },
	{ "/late/", NULL, late },
	{ "/compute/", NULL, compute },
	{ "/later/", NULL, compute_later },
	{ "/hold/", NULL, hold },
	{ "/doze/", NULL, doze },
	{ "/slow/", NULL, slow },
	{ "/broken/", NULL, broken },
	{ "/pause/", NULL, pause_behind },
	{ "/sleep/", NULL, nap },
	{ "/fork/", NULL, hand_down },
	{ "/switch/", NULL, switch_over },
};

void probe_serve(const struct cor_handler *self, struct cor_exchange *x)
{
	struct cor_str path = cor_exchange_path(x);

	(void)self;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		long n = places[i].serve ? -1 : number_behind(path, places[i].path);
		if (places[i].serve && cor_str_equal(path, cor_str(places[i].path))) {
			places[i].serve(x);
			return;
		}
		if (n >= 0) {
			places[i].serve_number(x, n);
			return;
		}
	}
	if (path.len >= 7 && memcmp(path.data, "/typed/", 7) == 0)
		typed(x, (struct cor_str){ path.data + 7, path.len - 7 });
	else
		answer(x, 404, "no such path");
}
