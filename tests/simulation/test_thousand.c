/* SPDX-License-Identifier: MIT */
/*
 * A thousand requests from a hundred concurrent clients, drawn from a seed: each answer is right
 * byte for byte and to the nanosecond, over a network that gives little at a time and sometimes
 * refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"
#include "chance.h"
#include "script.h"
#include "service.h"

#define LANES    100
#define REQUESTS 10 /* of each */
#define ACTS_MAX (LANES * REQUESTS * 8)

/* --- a script that grows --- */

struct entry {
	struct act act;
	char *text;
	size_t order;
};

struct draft {
	struct chance chance;
	struct entry entries[ACTS_MAX];
	struct act acts[ACTS_MAX]; /* the same in the order of their instants */
	size_t len;
	int peers;
	/* the lane being written: its client and its time */
	int peer;
	int64_t now_ns;
};

static void add(struct draft *draft, enum act_kind kind, const char *text)
{
	assert_true(draft->len < ACTS_MAX);
	char *copy = text ? strdup(text) : NULL;
	const struct act act = { draft->now_ns, kind, draft->peer, copy };
	draft->entries[draft->len] = (struct entry){ act, copy, draft->len };
	draft->len++;
}

static void __attribute__((format(printf, 3, 4)))
add_text(struct draft *draft, enum act_kind kind, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	add(draft, kind, text);
}

static void pass(struct draft *draft, int64_t ns)
{
	draft->now_ns += ns;
}

static void pass_ms(struct draft *draft, int64_t ms)
{
	pass(draft, ms * COR_NS_PER_MS);
}

static void take_connection(struct draft *draft)
{
	draft->peer = draft->peers++;
	add(draft, CONNECT, NULL);
}

/* The connection has ended: the client opens another. */
static void hear_end(struct draft *draft)
{
	add(draft, HEAR_END, NULL);
	pass_ms(draft, 1);
	take_connection(draft);
}

/* --- requests: each begins at now_ns on a connection that is idle, and leaves one so --- */

static void greet(struct draft *draft)
{
	int guest = (int)draw(&draft->chance, 90) + 10;

	add_text(draft, SEND, GET("/hello?name=Guest%d"), guest);
	add_text(draft, HEAR,
		ANSWER("200 OK", JSON) LENGTH("26") "\r\n{\"text\":\"Hello, Guest%d!\"}", guest);
}

static void greet_twice_in_pieces(struct draft *draft)
{
	add(draft, SEND, "GET /hello?na");
	pass(draft, draw(&draft->chance, HEADER_MS * INT64_C(1000000)));
	add(draft, SEND, "me=Ada HTTP/1.1\r\nHost: a\r\n\r\n" GET("/hello?name=Ada"));
	add(draft, HEAR, HELLO_ADA HELLO_ADA);
}

static void miss(struct draft *draft)
{
	add(draft, SEND, GET("/none"));
	add(draft, HEAR, NOT_FOUND);
}

static void rest(struct draft *draft)
{
	int ms = (int)draw(&draft->chance, REQUEST_MS);

	add_text(draft, SEND, GET("/nap?ms=%d"), ms);
	pass_ms(draft, ms);
	add(draft, HEAR, RESTED);
}

static void rest_too_long(struct draft *draft)
{
	add_text(draft, SEND, GET("/nap?ms=%d"), REQUEST_MS + 1 + (int)draw(&draft->chance, 100));
	pass_ms(draft, REQUEST_MS);
	add(draft, HEAR, NAP_LATE);
}

static void weigh(struct draft *draft)
{
	int pieces = (int)draw(&draft->chance, 3) + 2;

	add_text(draft, SEND, PUT("/weight", "%d"), 10 * pieces);
	for (int i = 0; i < pieces; i++) {
		pass_ms(draft, draw(&draft->chance, 500));
		add(draft, SEND, "ten bytes.");
	}
	add_text(draft, HEAR,
		ANSWER("200 OK", "text/plain") CHUNKED "9\r\n%d bytes\n\r\n" LAST_CHUNK,
		10 * pieces);
}

static void count(struct draft *draft)
{
	int to = (int)draw(&draft->chance, 4) + 1;

	add_text(draft, SEND, GET("/count?to=%d"), to);
	add(draft, HEAR, ANSWER("200 OK", "text/plain") CHUNKED);
	for (int i = 1; i <= to; i++) {
		pass_ms(draft, COUNT_MS);
		add_text(draft, HEAR, "2\r\n%d\n\r\n%s", i, i == to ? LAST_CHUNK : "");
	}
}

static void stop_in_the_head(struct draft *draft)
{
	add(draft, SEND, "GET /hello?name=Ada HTT");
	pass_ms(draft, HEADER_MS);
	add(draft, HEAR, HEAD_LATE);
	hear_end(draft);
}

static void stop_in_the_body(struct draft *draft)
{
	add(draft, SEND, PUT("/weight", "20") "ten bytes.");
	pass_ms(draft, BODY_MS);
	add(draft, HEAR, BODY_LATE);
	hear_end(draft);
}

static void fall_asleep(struct draft *draft)
{
	add(draft, SEND, GET("/hello?name=Ada"));
	add(draft, HEAR, HELLO_ADA);
	pass_ms(draft, IDLE_MS);
	hear_end(draft);
}

/* Its answer still comes. */
static void say_no_more(struct draft *draft)
{
	add(draft, SEND, GET("/nap?ms=5"));
	add(draft, HALF_CLOSE, NULL);
	pass_ms(draft, 5);
	add(draft, HEAR, RESTED);
	hear_end(draft);
}

static void go_away(struct draft *draft)
{
	add(draft, SEND, GET("/nap?ms=50"));
	pass_ms(draft, draw(&draft->chance, 50));
	add(draft, RESET, NULL);
	take_connection(draft);
}

static void (*const kinds[])(struct draft *draft) = { greet, greet_twice_in_pieces, miss, rest,
	rest_too_long, weigh, count, stop_in_the_head, stop_in_the_body, fall_asleep, say_no_more,
	go_away };

static void write_lane(struct draft *draft)
{
	draft->now_ns = MS(0) + draw(&draft->chance, COR_NS_PER_S);
	take_connection(draft);
	for (int i = 0; i < REQUESTS; i++) {
		pass(draft, draw(&draft->chance, 300 * COR_NS_PER_MS));
		kinds[draw(&draft->chance, sizeof kinds / sizeof kinds[0])](draft);
	}
	pass_ms(draft, 1);
	add(draft, CLOSE, NULL);
}

/* Sorts by instant; what a client does at one instant stays in order. */
static int compare(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	if (left->act.at_ns != right->act.at_ns)
		return left->act.at_ns < right->act.at_ns ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

static struct draft *write_script(uint64_t seed)
{
	struct draft *draft = calloc(1, sizeof *draft);

	assert_non_null(draft);
	draft->chance.state = seed;
	for (int i = 0; i < LANES; i++)
		write_lane(draft);
	qsort(draft->entries, draft->len, sizeof draft->entries[0], compare);
	for (size_t i = 0; i < draft->len; i++)
		draft->acts[i] = draft->entries[i].act;
	return draft;
}

static void free_script(struct draft *draft)
{
	for (size_t i = 0; i < draft->len; i++)
		free(draft->entries[i].text);
	free(draft);
}

/* --- the runs --- */

/* Returns the log, which the caller frees. */
static char *run(uint64_t seed, uint32_t loops)
{
	struct draft *draft = write_script(seed);
	struct stage stage;

	stage_open(&stage, loops);
	cor_world_set_piece(stage.world, (size_t)draw(&draft->chance, 40) + 1);
	cor_world_set_refusals(stage.world, (unsigned)draw(&draft->chance, 5) + 2);
	script_play(&stage, draft->acts, draft->len);
	uint64_t by_class[6] = { 0 }, answers = 0;
	cor_server_answers(stage.server, by_class);
	for (size_t i = 0; i < 6; i++)
		answers += by_class[i];
	/* half a head gets a refusal, and two requests in one go get two answers */
	assert_true(answers >= LANES * REQUESTS);
	char *log = stage_log(&stage);
	stage_close(&stage);
	free_script(draft);
	return log;
}

static void test_a_thousand_requests(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++)
		free(run(seed, seed == 1 ? 1 : 2));
}

static void test_the_same_seed_gives_the_same_log(void **state)
{
	(void)state;
	for (uint32_t loops = 1; loops <= 2; loops++) {
		char *logs[] = { run(7, loops), run(7, loops), run(8, loops) };
		assert_string_equal(logs[0], logs[1]);
		assert_string_not_equal(logs[0], logs[2]);
		for (int i = 0; i < 3; i++)
			free(logs[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_thousand_requests),
		cmocka_unit_test(test_the_same_seed_gives_the_same_log),
	};

	return cmocka_run_group_tests_name("simulation/thousand", tests, NULL, NULL);
}
