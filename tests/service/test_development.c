/* SPDX-License-Identifier: MIT */
/* A service that `coracle dev` has started: who gets the page, and who does not. */
#include "fake.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/coracle.h>

static int greet(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(greet_operation, greet, COR_NONE, COR_NONE, .status = 204);
static const struct cor_resource greeting = { .path = "/", .get = &greet_operation };
static const struct cor_service shop = { .name = "shop", .resources = COR_RESOURCES(&greeting) };

static char folder[] = "/tmp/development.XXXXXX";

static void put(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	unlink(path);
	if (!text)
		return;
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	put("page.html", NULL);
	put("state.json", NULL);
	put("problem.json", NULL);
	return rmdir(folder);
}

static struct cor_dispatcher *open_dispatcher(bool stands_in, bool tells)
{
	const struct cor_dispatcher_options options = {
		.service = &shop,
		.development = { folder, stands_in },
		.tells = { .response_time = tells },
	};
	struct cor_dispatcher *dispatcher;
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_dispatcher_create(&options, &arena, NULL, &dispatcher), 0);
	cor_arena_finish(&arena);
	return dispatcher;
}

static void expect(struct cor_dispatcher *dispatcher, const char *method, const char *headers,
	int status, const char *body)
{
	const struct fake_request request = { .method = method, .target = "/", .headers = headers };

	fake_expect(dispatcher, &request, status, body);
}

#define BROWSER "Accept: text/html,application/xhtml+xml,*/*;q=0.8\n"

static void a_browser_that_navigates_gets_the_page(void **state)
{
	struct cor_dispatcher *dispatcher = open_dispatcher(false, false);

	(void)state;
	put("page.html", NULL);
	expect(dispatcher, "GET", BROWSER, 204, "");
	put("page.html", "<p>no");
	expect(dispatcher, "GET", BROWSER, 503, "<p>no");
	expect(dispatcher, "GET", "Sec-Fetch-Dest: document\n", 503, "<p>no");
	expect(dispatcher, "GET", "Accept: text/html, application/json;q=0.9\n", 503, "<p>no");
	expect(dispatcher, "GET", "", 204, "");
	expect(dispatcher, "GET", "Accept: */*\n", 204, "");
	expect(dispatcher, "GET", "Accept: application/json, text/html\n", 204, "");
	expect(dispatcher, "GET", BROWSER "Sec-Fetch-Dest: empty\n", 204, "");
	expect(dispatcher, "GET", BROWSER "Sec-Fetch-Dest: image\n", 204, "");
	put("page.html", NULL);
	expect(dispatcher, "GET", BROWSER, 204, "");
	cor_dispatcher_destroy(dispatcher);
}

static void what_a_browser_sends_is_handled(void **state)
{
	struct cor_dispatcher *dispatcher = open_dispatcher(false, false);
	const struct fake_request request = {
		.method = "POST", .target = "/", .headers = BROWSER "Sec-Fetch-Dest: document\n"
	};
	struct fake_reply reply = { 0 };

	(void)state;
	put("page.html", "<p>no");
	fake_serve(dispatcher, &request, &reply);
	assert_int_equal(reply.status, 405);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

static void a_page_asks_whether_it_is_old(void **state)
{
	struct cor_dispatcher *dispatcher = open_dispatcher(false, false);
	const struct fake_request request = { .target = "/.coracle/dev", .headers = "" };
	struct fake_reply reply = { 0 };

	(void)state;
	put("state.json", "{\"state\":7}");
	fake_serve(dispatcher, &request, &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(fake_body(&reply), "{\"state\":7}");
	assert_non_null(strstr(reply.headers, "Cache-Control: no-store\n"));
	put("state.json", NULL);
	fake_serve(dispatcher, &request, &reply);
	assert_int_equal(reply.status, 404);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

static void who_stands_in_tells_everybody(void **state)
{
	struct cor_dispatcher *dispatcher = open_dispatcher(true, false);

	(void)state;
	put("page.html", "<p>no");
	put("problem.json", "{\"status\":503}");
	expect(dispatcher, "GET", BROWSER, 503, "<p>no");
	expect(dispatcher, "GET", "", 503, "{\"status\":503}");
	expect(dispatcher, "POST", "", 503, "{\"status\":503}");
	expect(dispatcher, "DELETE", BROWSER, 503, "{\"status\":503}");
	put("problem.json", NULL);
	expect(dispatcher, "GET", "", 503,
		"{\"status\":503,\"detail\":\"the service starts: ask again\"}");
	cor_dispatcher_destroy(dispatcher);
}

static void times_are_told_as_ever(void **state)
{
	struct cor_dispatcher *dispatcher = open_dispatcher(false, true);
	const struct fake_request request = { .target = "/", .headers = "" };
	struct fake_reply reply = { 0 };

	(void)state;
	fake_serve(dispatcher, &request, &reply);
	assert_int_equal(reply.status, 204);
	assert_non_null(strstr(reply.headers, "X-Response-Time: "));
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_browser_that_navigates_gets_the_page),
		cmocka_unit_test(what_a_browser_sends_is_handled),
		cmocka_unit_test(a_page_asks_whether_it_is_old),
		cmocka_unit_test(who_stands_in_tells_everybody),
		cmocka_unit_test(times_are_told_as_ever),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
