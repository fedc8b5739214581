/* SPDX-License-Identifier: MIT */
/**
 * The service of a suite, inside of the test's process: the whole of it, along the path of a real
 * request, without a socket.
 *
 *     static void a_book_is_found(struct cor_test *t)
 *     {
 *             struct book book;
 *
 *             cor_test_get(t, "/books/7", book_schema, &book);
 *             cor_expect_equal(t, book.title, "Emma");
 *     }
 *
 *     return cor_test_main(argc, argv, &(struct cor_suite){ .service = &shop, COR_CASES(cases) });
 *
 * It starts when a test first uses it, in the test's own process: settings, hooks, executors,
 * caches, limits, sessions, one thread with its loop, and HTTP/1.1 as it is spoken in production.
 * At the end of the test it drains and stops. The test fails if a request that it has started was
 * never finished, if a fiber is left, or if a handler held the thread.
 *
 * The world around it is the test's:
 *
 *  - Time. It begins at .now and passes only while all wait for it: then it goes to the next timer
 *    at once, so that a test of a timeout of 30 s takes none. cor_test_pass_ms() lets more pass.
 *  - Jobs of executors are other threads and processes, and take real time. While one runs, the
 *    test's time goes on as the real one does, and timers on the way fire; it never goes past a
 *    job to the next timer. A job itself has the real clock.
 *  - The network. Its calls are answered by cor_test_upstream(), and nobody else.
 *  - Caches in files and in memcached are in memory.
 *
 * A status that is not wanted, an answer that breaks its schema, a service that does not start end
 * the test, with what the service has said. What answers point to lives as long as the test. The
 * functions are for the test's own thread, and block it.
 */
#ifndef CORACLE_TEST_SERVICE_H
#define CORACLE_TEST_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/client.h>
#include <coracle/json_node.h>
#include <coracle/schema.h>
#include <coracle/script.h>
#include <coracle/str.h>
#include <coracle/test.h>

COR_BEGIN_DECLS

/** How the service runs. All of it may be left out. */
struct cor_test_setup {
	/** As on its command line, with blanks between: "--page-size 3 --log-level debug". */
	const char *settings;
	/** When the test begins. NULL: "2026-01-01T00:00:00Z". */
	const char *now;
	/** Of all randomness: the same seed, the same numbers. 0: 1. */
	uint64_t seed;
	/**
	 * The service's state, in place of what its start hook makes: neither start nor stop is
	 * called then. NULL: they are.
	 */
	void *state;
	/** COR_TEST_STORES_DECLARED: caches in files and in memcached are where they say. */
	enum { COR_TEST_STORES_IN_MEMORY = 0, COR_TEST_STORES_DECLARED } stores;
	/**
	 * How long a handler may compute or block before it yields, in real time; the time that the
	 * machine gave to others does not count. 0: 250 (under a sanitizer 2,500). -1: for ever.
	 */
	int32_t held_ms;
	/** How long the test waits for an answer, in the test's time. 0: 600,000. */
	int64_t patience_ms;
};

/**
 * Say how the service of this test runs: in a before_each, or before the test first uses it. Later
 * it fails the test. *setup is copied, and what it points to is borrowed.
 */
COR_API void cor_test_use(struct cor_test *t, const struct cor_test_setup *setup);

/* --- what the world does --- */

/**
 * Add a line to what other servers answer: script.h. A call that has no line fails as 502, and its
 * line in the log says so.
 */
COR_API void cor_test_upstream(struct cor_test *t, const struct cor_scripted *line);

/** What was asked of them: cor_script_len(cor_test_script(t)), cor_script_call(). */
COR_API struct cor_script *cor_test_script(struct cor_test *t);

/**
 * Let time pass: every timer on the way fires at its own nanosecond. Does not wait for jobs of
 * executors.
 */
COR_API void cor_test_pass_ms(struct cor_test *t, int64_t ms);

/**
 * Let everything happen that needs no time, and the jobs of executors end: afterwards the service
 * waits for time, or for the test.
 */
COR_API void cor_test_settle(struct cor_test *t);

/** How much time has passed in the test since the service was started, in milliseconds. */
COR_API int64_t cor_test_elapsed_ms(struct cor_test *t);

/**
 * The ctx of its start hook: for functions of the service that a test calls itself. cor_state() and
 * cor_settings() are as in a handler. What yields in a handler blocks here, and nothing else
 * happens meanwhile.
 */
COR_API struct cor_ctx *cor_test_ctx(struct cor_test *t);

/* --- requests --- */

/** Of .status: whatever the status is, it is right. */
#define COR_TEST_ANY_STATUS UINT16_MAX

/** A request. At most one body. */
struct cor_test_request {
	/** NULL: "GET". */
	const char *method;
	/** COR_PATH("/books/{}", id); a query may follow. */
	struct cor_template path;
	/**
	 * COR_VALUE(draft_schema, &draft): rows go to path, query, headers, cookies and the body
	 * as their .from says.
	 */
	struct cor_value in;
	/** How the body of .in is written: COR_SENT_AS_USUAL (JSON), COR_SENT_AS_FORM ... */
	int sent_as;
	/** Parts of multipart/form-data: COR_HTTP_PARTS(), http_part.h. */
	const struct cor_http_part *parts;
	/** Text of JSON: also such as breaks the rules. */
	const char *json;
	/** Text of a form: "name=Ada&age=36". */
	const char *form;
	/** Any bytes. */
	struct cor_str body;
	/** Of .body. NULL: application/octet-stream. */
	const char *content_type;
	/** COR_HTTP_FIELDS(...). */
	const struct cor_http_field *headers;
	/** A token, sent as Authorization: Bearer. */
	const char *bearer;
	/** "ada:secret", sent as Authorization: Basic. */
	const char *basic;
	/** COR_TEST_NO_COOKIES: none that the service has set is sent, and none is kept. */
	enum { COR_TEST_COOKIES = 0, COR_TEST_NO_COOKIES } cookies;
	/** What the status must be. 0: any of 2xx. */
	uint16_t status;
	/** COR_RET(book_schema, &book): what an answer of 2xx is decoded into. */
	struct cor_ret ret;
};

/** An answer. What it points to lives as long as the test. */
struct cor_test_answer {
	int status;
	const struct cor_http_field *headers; /* in the order sent; the last has a name of NULL */
	struct cor_str body;                  /* text ends with NUL behind it */
	int64_t took_ms;                      /* of the test's time, until it was whole */
};

/* clang-format off */

/** The general form: a request with all of its members by name, .path among them. */
#define cor_test_call(t, ...) \
	cor_test_exchange((t), __FILE__, __LINE__, \
		&(const struct cor_test_request){ __VA_ARGS__ })

/**
 * The usual ones. `path` is a text as it is sent, "/books/7?full=1", or COR_PATH(...). Members of
 * struct cor_test_request may follow: .status = 201, .bearer = token. They return the answer.
 *
 *     cor_test_get(t, "/books/7", book_schema, &book);
 *     cor_test_post(t, "/books", draft_schema, &draft, book_schema, &book, .status = 201);
 *     cor_test_delete(t, COR_PATH("/books/{}", book.id));
 *
 * Without an output: COR_NONE, NULL.
 */
#define cor_test_get(t, path_, schema_, ...) \
	COR_TEST_GET_(t, path_, schema_, __VA_ARGS__, )
#define cor_test_head(t, ...) COR_TEST_BARE_(t, "HEAD", __VA_ARGS__, )
#define cor_test_delete(t, ...) COR_TEST_BARE_(t, "DELETE", __VA_ARGS__, )
#define cor_test_post(t, path_, in_schema, in_, schema_, ...) \
	COR_TEST_SEND_(t, "POST", path_, in_schema, in_, schema_, __VA_ARGS__, )
#define cor_test_put(t, path_, in_schema, in_, schema_, ...) \
	COR_TEST_SEND_(t, "PUT", path_, in_schema, in_, schema_, __VA_ARGS__, )
#define cor_test_patch(t, path_, in_schema, in_, schema_, ...) \
	COR_TEST_SEND_(t, "PATCH", path_, in_schema, in_, schema_, __VA_ARGS__, )

/**
 * The answer is a problem (RFC 9457) with that status and that detail (NULL: any):
 *
 *     cor_test_get_problem(t, "/books/99", 404, "no book 99");
 *     cor_test_problem(t, 409, NULL, .method = "POST", .path = COR_PATH("/books"), .json = "{}");
 */
#define cor_test_get_problem(t, path_, status_, ...) \
	COR_TEST_GET_PROBLEM_(t, path_, status_, __VA_ARGS__, )
#define cor_test_problem(t, status_, detail_, ...) \
	cor_test_expect_problem((t), __FILE__, __LINE__, (status_), (detail_), \
		&(const struct cor_test_request){ __VA_ARGS__ })

/**
 * The answer is a 422 that has a violation there: a pointer into the body, "/pages", or the name
 * of a parameter. `part` is in its detail (NULL: whatever that says).
 *
 *     cor_test_violation(t, "/pages", "at least 1", .method = "POST", .path = COR_PATH("/books"),
 *             .json = "{\"title\":\"Emma\",\"pages\":0}");
 */
#define cor_test_violation(t, where_, part_, ...) \
	cor_test_expect_violation((t), __FILE__, __LINE__, (where_), (part_), \
		&(const struct cor_test_request){ __VA_ARGS__ })

#define COR_TEST_GET_(t, path_, schema_, ret_, ...) \
	cor_test_call(t, .method = "GET", .path = COR_TEST_PATH_(path_), \
		.ret = COR_TEST_RET_(schema_, ret_), __VA_ARGS__)
#define COR_TEST_BARE_(t, method_, path_, ...) \
	cor_test_call(t, .method = (method_), .path = COR_TEST_PATH_(path_), __VA_ARGS__)
#define COR_TEST_SEND_(t, method_, path_, in_schema, in_, schema_, ret_, ...) \
	cor_test_call(t, .method = (method_), .path = COR_TEST_PATH_(path_), \
		.in = COR_VALUE(in_schema, in_), .ret = COR_TEST_RET_(schema_, ret_), __VA_ARGS__)
#define COR_TEST_GET_PROBLEM_(t, path_, status_, detail_, ...) \
	cor_test_problem(t, status_, detail_, .path = COR_TEST_PATH_(path_), __VA_ARGS__)
#define COR_TEST_RET_(schema_, ret_) \
	((struct cor_ret){ &(schema_).schema, sizeof *(schema_).type, \
		COR_ANSWER_RET_(ret_, schema_) })
#define COR_TEST_PATH_(path_) \
	_Generic((path_), \
		char *: cor_test_path, const char *: cor_test_path, \
		struct cor_template: cor_test_path_as_it_is)(path_)

/* clang-format on */

static inline struct cor_template cor_test_path(const char *path)
{
	struct cor_template it = { path, NULL };
	return it;
}
static inline struct cor_template cor_test_path_as_it_is(struct cor_template path)
{
	return path;
}

/** The functions behind the macros. */
COR_API struct cor_test_answer cor_test_exchange(
	struct cor_test *t, const char *file, int line, const struct cor_test_request *request);
COR_API struct cor_test_answer cor_test_expect_problem(struct cor_test *t, const char *file,
	int line, uint16_t status, const char *detail, const struct cor_test_request *request);
COR_API struct cor_test_answer cor_test_expect_violation(struct cor_test *t, const char *file,
	int line, const char *where, const char *part, const struct cor_test_request *request);

/* --- what is in an answer --- */

/** The value of its first header of that name, in any case; NULL: it has none. */
COR_API const char *cor_test_header(const struct cor_test_answer *answer, const char *name);

/** Its body as JSON. Ends the test if it is none. */
COR_API const struct cor_node *cor_test_json(
	struct cor_test *t, const struct cor_test_answer *answer);

/**
 * What is in its JSON at a pointer (RFC 6901), as text: a string as it is, any other value as JSON
 * has it. NULL: nothing is there.
 *
 *     cor_expect_equal(t, cor_test_at(t, &answer, "/items/0/title"), "Emma");
 */
COR_API const char *cor_test_at(
	struct cor_test *t, const struct cor_test_answer *answer, const char *pointer);

/* --- several at once, streams, clients that go --- */

/** A request on its way, on a connection of its own. Lives as long as the test. */
struct cor_test_flight;

/* clang-format off */

/**
 * Send a request, and do not wait: what needs no time happens at once. Members as above.
 *
 *     struct cor_test_flight *slow = cor_test_start(t, .path = COR_PATH("/report"));
 *     cor_test_get(t, "/books/7", book_schema, &book);
 *     answer = cor_test_finish(t, slow);
 */
#define cor_test_start(t, ...) \
	cor_test_take_off((t), __FILE__, __LINE__, \
		&(const struct cor_test_request){ __VA_ARGS__ })

/* clang-format on */

COR_API struct cor_test_flight *cor_test_take_off(
	struct cor_test *t, const char *file, int line, const struct cor_test_request *request);

/** Wait for the whole answer, and judge it as cor_test_call() does. Once. */
COR_API struct cor_test_answer cor_test_finish(struct cor_test *t, struct cor_test_flight *flight);

/** Whether the whole answer is there, without letting anything happen. */
COR_API bool cor_test_has_landed(struct cor_test *t, const struct cor_test_flight *flight);

/** The client goes away, in whatever state it is, as when a browser is closed. */
COR_API void cor_test_leave(struct cor_test *t, struct cor_test_flight *flight);

/** Wait for the head of its answer, and judge the status: the body comes by the functions below. */
COR_API struct cor_test_answer cor_test_await_head(
	struct cor_test *t, struct cor_test_flight *flight);

/** The next piece of the body, as it comes; empty (.data NULL) at the end. */
COR_API struct cor_str cor_test_read(struct cor_test *t, struct cor_test_flight *flight);

/** An event of text/event-stream, as a browser has it. */
struct cor_test_event {
	const char *id;    /* NULL: it has none */
	const char *event; /* "message", if it does not say */
	const char *data;
};

/** The next event; comments are passed over. false: the stream has ended. */
COR_API bool cor_test_read_event(
	struct cor_test *t, struct cor_test_flight *flight, struct cor_test_event *ret) COR_CHECKED;

/* --- WebSockets --- */

/* clang-format off */

/**
 * Open a WebSocket: the status must be 101, unless .status says otherwise. It is a flight:
 * cor_test_leave() ends it without a word.
 *
 *     struct cor_test_flight *ws = cor_test_websocket(t, .path = COR_PATH("/chat"));
 *     cor_test_websocket_send(t, ws, "hello");
 *     cor_expect_equal(t, cor_test_websocket_receive(t, ws), "hello");
 *     cor_test_websocket_close(t, ws, 1000);
 */
#define cor_test_websocket(t, ...) \
	cor_test_upgrade((t), __FILE__, __LINE__, \
		&(const struct cor_test_request){ __VA_ARGS__ })

/* clang-format on */

COR_API struct cor_test_flight *cor_test_upgrade(
	struct cor_test *t, const char *file, int line, const struct cor_test_request *request);

COR_API void cor_test_websocket_send(
	struct cor_test *t, struct cor_test_flight *ws, const char *text);
COR_API void cor_test_websocket_send_bytes(
	struct cor_test *t, struct cor_test_flight *ws, const void *data, size_t len);

/**
 * The next message, with NUL behind it; pings are answered meanwhile. NULL: the service has closed
 * it, which is answered, or the connection has ended.
 */
COR_API const char *cor_test_websocket_receive(struct cor_test *t, struct cor_test_flight *ws);

/** Close it, and pass over what comes until the service does. Returns the code that it sends. */
COR_API int cor_test_websocket_close(struct cor_test *t, struct cor_test_flight *ws, uint16_t code);

/** The code that the service has closed it with; 0: it has not. */
COR_API int cor_test_websocket_code(const struct cor_test_flight *ws);

/* --- bytes --- */

/**
 * Send bytes as they are, and wait for one answer: for requests that no client would send. Ends the
 * test if the connection ends without one.
 */
COR_API struct cor_test_answer cor_test_raw(struct cor_test *t, const char *bytes);

/* --- what it says of itself --- */

/** Its log so far. The text is the test's until the next call. */
COR_API const char *cor_test_log(struct cor_test *t);

/** That text is, or is not, somewhere in the log. */
#define cor_expect_logged(t, text) cor_test_expect_logged((t), __FILE__, __LINE__, (text), true)
#define cor_expect_not_logged(t, text)                                                             \
	cor_test_expect_logged((t), __FILE__, __LINE__, (text), false)
COR_API bool cor_test_expect_logged(
	struct cor_test *t, const char *file, int line, const char *text, bool wanted);

/**
 * A figure as /metrics of its control process has it: cor_test_metric(t, "books_sold_total"), or
 * with its labels as they are written there. A figure that is not there fails the test.
 */
#define cor_test_metric(t, name) cor_test_figure((t), __FILE__, __LINE__, (name))
COR_API double cor_test_figure(struct cor_test *t, const char *file, int line, const char *name);

COR_END_DECLS
#endif
