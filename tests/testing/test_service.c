/* SPDX-License-Identifier: MIT */
/* The service inside of a test: what tests of a shop see of it. */
#include <string.h>

#include <coracle/testing.h>

#include "shop.h"

static void a_book_is_found(struct cor_test *t)
{
	struct book book;

	cor_test_get(t, "/books/7", book_schema, &book);
	cor_expect_equal(t, book.id, 7);
	cor_expect_equal(t, book.title, "Emma");
	cor_test_get(t, COR_PATH("/books/{}", book.id), book_schema, &book);
	cor_expect_equal(t, book.pages, 474);
}

static void a_missing_book_is_a_problem(struct cor_test *t)
{
	cor_test_get_problem(t, "/books/99", 404, "no book 99");
}

static const char *id_of_a_request(struct cor_test *t)
{
	struct cor_test_answer answer = cor_test_call(
		t, .path = COR_PATH("/books/99"), .status = 404);

	return cor_test_at(t, &answer, "/request_id");
}

static void each_request_has_an_id(struct cor_test *t)
{
	const char *first = id_of_a_request(t);

	cor_expect_equal(t, strlen(first), 16);
	cor_expect_unequal(t, id_of_a_request(t), first);
}

static void a_book_is_added(struct cor_test *t)
{
	const struct draft draft = { "Persuasion", 249 };
	struct book book;
	const struct cor_test_answer answer = cor_test_post(
		t, "/books", draft_schema, &draft, book_schema, &book, .status = 201);

	cor_expect_equal(t, book.id, 8);
	cor_expect_equal(t, cor_test_header(&answer, "content-type"), "application/json");
	cor_expect_equal(t, cor_test_at(t, &answer, "/title"), "Persuasion");
	cor_expect_equal(t, cor_test_at(t, &answer, "/pages"), "249");
}

static void rows_go_where_they_belong(struct cor_test *t)
{
	struct book book;
	const struct change change = { 7, 480 };

	cor_test_put(t, "/books/{id}", change_schema, &change, book_schema, &book);
	cor_expect_equal(t, book.pages, 480);
}

static void violations_are_found_by_pointer(struct cor_test *t)
{
	cor_test_violation(t, "/pages", "at least 1", .method = "POST", .path = COR_PATH("/books"),
		.json = "{\"title\":\"Emma\",\"pages\":0}");
}

static void parsing_is_as_in_production(struct cor_test *t)
{
	cor_test_head(t, "/books/7");
	const struct cor_test_answer answer = cor_test_call(
		t, .method = "DELETE", .path = COR_PATH("/books/7"), .status = 405);

	cor_expect_equal(t, cor_test_header(&answer, "Allow"), "GET, HEAD, PUT, OPTIONS");
	cor_expect_equal(t, cor_test_raw(t, "GET / HTTP/9.9\r\n\r\n").status, 505);
}

static void a_timeout_takes_no_time(struct cor_test *t)
{
	cor_test_get_problem(t, "/nap?ms=3600000", 504, NULL);
	cor_expect_equal(t, cor_test_elapsed_ms(t), 30000);
}

static void requests_run_side_by_side(struct cor_test *t)
{
	struct cor_test_flight *slow = cor_test_start(t, .path = COR_PATH("/nap?ms=2000"));

	cor_test_get(t, "/nap?ms=500", COR_NONE, NULL);
	cor_expect(t, !cor_test_has_landed(t, slow));
	cor_test_pass_ms(t, 1499);
	cor_expect(t, !cor_test_has_landed(t, slow));
	cor_test_pass_ms(t, 1);
	cor_expect(t, cor_test_has_landed(t, slow));
	const struct cor_test_answer answer = cor_test_finish(t, slow);
	cor_expect_equal(t, answer.body, "rested");
	cor_expect_equal(t, answer.took_ms, 2000);
}

static void upstreams_are_scripted(struct cor_test *t)
{
	cor_test_upstream(
		t, &(struct cor_scripted){
			   .path = "/prices/7", .body = "{\"cents\":250}", .head_ms = 50 });
	const struct cor_test_answer answer = cor_test_call(t, .path = COR_PATH("/price?ms=7"));

	cor_expect_equal(t, cor_test_at(t, &answer, "/cents"), "250");
	cor_expect_equal(t, answer.took_ms, 50);
	cor_expect_equal(t, cor_script_len(cor_test_script(t)), 1);
	cor_test_upstream(t, &(struct cor_scripted){ .fault = COR_SCRIPT_SILENT });
	cor_test_get_problem(t, "/price?ms=8", 504, NULL);
	cor_expect_equal(t, cor_test_elapsed_ms(t), 2050);
}

static void jobs_take_real_time(struct cor_test *t)
{
	struct cor_test_answer answer = cor_test_call(t, .path = COR_PATH("/work?ms=20"));

	cor_expect_equal(t, cor_test_at(t, &answer, "/cents"), "20");
	cor_expect(t, answer.took_ms < 1000); /* when its deadline would have come */
}

static void jobs_run_in_processes(struct cor_test *t)
{
	struct cor_test_answer answer = cor_test_call(t, .path = COR_PATH("/apart?ms=7"));

	cor_expect_equal(t, cor_test_at(t, &answer, "/cents"), "7");
	cor_test_get_problem(t, "/apart?ms=13", 502, NULL);
	answer = cor_test_call(t, .path = COR_PATH("/apart?ms=8"));
	cor_expect_equal(t, cor_test_at(t, &answer, "/cents"), "8");
}

static void events_are_read_one_by_one(struct cor_test *t)
{
	struct cor_test_flight *ticks = cor_test_start(t, .path = COR_PATH("/ticks"));
	struct cor_test_event event;

	cor_test_await_head(t, ticks);
	for (int i = 0; i < 3; i++) {
		cor_expect(t, cor_test_read_event(t, ticks, &event));
		cor_expect_contains(t, event.data, "tick");
	}
	cor_expect(t, !cor_test_read_event(t, ticks, &event));
	cor_expect_equal(t, cor_test_elapsed_ms(t), 120000);
}

static void websockets_talk(struct cor_test *t)
{
	struct cor_test_flight *ws = cor_test_websocket(t, .path = COR_PATH("/talk"));
	static char large[50000];

	cor_test_websocket_send(t, ws, "hello");
	cor_expect_equal(t, cor_test_websocket_receive(t, ws), "hello");
	memset(large, 'x', sizeof large - 1);
	cor_test_websocket_send(t, ws, large);
	cor_expect_equal(t, strlen(cor_test_websocket_receive(t, ws)), sizeof large - 1);
	cor_expect_equal(t, cor_test_websocket_close(t, ws, 1000), 1000);
	cor_test_websocket(t, .path = COR_PATH("/books/7"), .status = 200);
}

static void idle_websockets_are_closed(struct cor_test *t)
{
	struct cor_test_flight *ws = cor_test_websocket(t, .path = COR_PATH("/talk"));

	cor_expect(t, !cor_test_websocket_receive(t, ws));
	cor_expect(t, cor_test_elapsed_ms(t) >= 60000);
}

static void its_log_is_read(struct cor_test *t)
{
	cor_test_get(t, "/books/7", COR_NONE, NULL);
	cor_expect_logged(t, "the shelf is filled");
	cor_expect_not_logged(t, "the shelf is empty");
}

static void its_figures_are_read(struct cor_test *t)
{
	cor_test_get(t, "/books/7", COR_NONE, NULL);
	cor_expect_equal(t,
		cor_test_metric(t,
			"coracle_requests_total{method=\"GET\",route=\"/books/{id}\",class=\"2xx\"}"),
		1);
}

static void settings_are_flags(struct cor_test *t)
{
	cor_test_use(
		t, &(struct cor_test_setup){ .settings = "--greeting hi --body-limit-bytes 10" });
	cor_expect_equal(t, cor_test_call(t, .path = COR_PATH("/hello")).body, "hi");
	cor_test_problem(t, 413, NULL, .method = "POST", .path = COR_PATH("/news"),
		.body = COR_STR("more than ten bytes"), .content_type = "text/plain");
}

static void caches_obey_the_clock(struct cor_test *t)
{
	cor_expect_equal(t, cor_test_call(t, .path = COR_PATH("/made")).body, "{\"cents\":1}");
	cor_test_pass_ms(t, 29999);
	cor_expect_equal(t, cor_test_call(t, .path = COR_PATH("/made")).body, "{\"cents\":1}");
	cor_test_pass_ms(t, 1);
	cor_expect_equal(t, cor_test_call(t, .path = COR_PATH("/made")).body, "{\"cents\":2}");
}

static void limits_obey_the_clock(struct cor_test *t)
{
	cor_test_get(t, "/scarce", COR_NONE, NULL);
	cor_test_get(t, "/scarce", COR_NONE, NULL);
	const struct cor_test_answer answer = cor_test_get_problem(t, "/scarce", 429, NULL);
	cor_expect_equal(t, cor_test_header(&answer, "Retry-After"), "30");
	cor_test_pass_ms(t, 30000);
	cor_test_get(t, "/scarce", COR_NONE, NULL);
	cor_test_get_problem(t, "/scarce", 429, NULL);
}

static void messages_reach_subscribers(struct cor_test *t)
{
	struct cor_test_flight *readers[2];
	struct cor_test_event event;

	for (int i = 0; i < 2; i++) {
		readers[i] = cor_test_start(t, .path = COR_PATH("/news"));
		cor_test_await_head(t, readers[i]);
	}
	cor_test_call(t, .method = "POST", .path = COR_PATH("/news"), .body = COR_STR("first"),
		.content_type = "text/plain");
	for (int i = 0; i < 2; i++) {
		cor_require(t, cor_test_read_event(t, readers[i], &event));
		cor_expect_equal(t, event.data, "first");
		cor_test_leave(t, readers[i]);
	}
}

static void a_client_goes_away(struct cor_test *t)
{
	struct cor_test_flight *gone = cor_test_start(t, .path = COR_PATH("/nap?ms=2000"));

	cor_test_pass_ms(t, 500);
	cor_test_leave(t, gone);
	cor_test_pass_ms(t, 1500);
	cor_expect_logged(t, "the client went away before the answer was out");
}

static void a_state_is_given(struct cor_test *t)
{
	struct shelf shelf = { { { 1, "Persuasion", 249 } }, 1 };
	struct book book;

	cor_test_use(t, &(struct cor_test_setup){ .state = &shelf });
	cor_test_get(t, "/books/1", book_schema, &book);
	cor_expect_equal(t, book.title, "Persuasion");
	cor_test_get_problem(t, "/books/7", 404, NULL);
	cor_expect_not_logged(t, "the shelf is filled");
}

static void its_ctx_has_the_state(struct cor_test *t)
{
	struct shelf *shelf = cor_state(cor_test_ctx(t));

	cor_require_equal(t, shelf->len, 1);
	shelf->books[0].pages = 1;
	cor_expect_equal(t, cor_test_call(t, .path = COR_PATH("/books/7")).body,
		"{\"id\":7,\"title\":\"Emma\",\"pages\":1}");
}

static void credentials_are_shown(struct cor_test *t)
{
	const struct cor_http_field *none = COR_HTTP_FIELDS({ "X-Other", "1" });

	cor_expect_equal(t,
		cor_test_call(t, .path = COR_PATH("/whoami"), .bearer = "abc", .headers = none)
			.body,
		"Bearer abc");
	cor_expect_equal(t, cor_test_call(t, .path = COR_PATH("/whoami"), .basic = "ada:b").body,
		"Basic YWRhOmI=");
}

static void streams_come_in_pieces(struct cor_test *t)
{
	struct cor_test_flight *count = cor_test_start(t, .path = COR_PATH("/count?ms=5000"));

	cor_test_await_head(t, count);
	cor_expect_equal(t, cor_test_read(t, count), "1");
	cor_expect_equal(t, cor_test_elapsed_ms(t), 0);
	cor_expect_equal(t, cor_test_read(t, count), "2");
	cor_expect_equal(t, cor_test_elapsed_ms(t), 5000);
	cor_expect_equal(t, cor_test_read(t, count), "3");
	cor_expect(t, !cor_test_read(t, count).data);
	cor_expect_equal(t, cor_test_elapsed_ms(t), 15000);
}

/* More than its socket takes at once, in both directions: no timer is due before the rest. */
static void much_takes_no_time(struct cor_test *t)
{
	static char bulk[900000];
	struct cor_test_answer answer;

	memset(bulk, 'x', sizeof bulk);
	answer = cor_test_call(
		t, .method = "POST", .path = COR_PATH("/bulk"), .body = { bulk, sizeof bulk });
	cor_expect_equal(t, answer.body.len, sizeof bulk);
	cor_expect_equal(t, cor_test_elapsed_ms(t), 0);
}

static void the_world_begins_as_it_says(struct cor_test *t)
{
	cor_test_use(t, &(struct cor_test_setup){ .now = "2030-05-17T12:00:00Z" });
	const struct cor_test_answer answer = cor_test_call(t, .path = COR_PATH("/hello"));

	cor_expect_equal(t, cor_test_header(&answer, "Date"), "Fri, 17 May 2030 12:00:00 GMT");
}

static const struct cor_case cases[] = {
	COR_CASE(a_book_is_found),
	COR_CASE(a_missing_book_is_a_problem),
	COR_CASE(each_request_has_an_id),
	COR_CASE(a_book_is_added),
	COR_CASE(rows_go_where_they_belong),
	COR_CASE(violations_are_found_by_pointer),
	COR_CASE(parsing_is_as_in_production),
	COR_CASE(a_timeout_takes_no_time),
	COR_CASE(requests_run_side_by_side),
	COR_CASE(upstreams_are_scripted),
	COR_CASE(jobs_take_real_time),
	COR_CASE(jobs_run_in_processes),
	COR_CASE(events_are_read_one_by_one),
	COR_CASE(websockets_talk),
	COR_CASE(idle_websockets_are_closed),
	COR_CASE(its_log_is_read),
	COR_CASE(its_figures_are_read),
	COR_CASE(settings_are_flags),
	COR_CASE(caches_obey_the_clock),
	COR_CASE(limits_obey_the_clock),
	COR_CASE(messages_reach_subscribers),
	COR_CASE(a_client_goes_away),
	COR_CASE(a_state_is_given),
	COR_CASE(its_ctx_has_the_state),
	COR_CASE(credentials_are_shown),
	COR_CASE(streams_come_in_pieces),
	COR_CASE(much_takes_no_time),
	COR_CASE(the_world_begins_as_it_says),
};

int main(int argc, char **argv)
{
	return cor_test_main(argc, argv, &(struct cor_suite){ .service = &shop, COR_CASES(cases) });
}
