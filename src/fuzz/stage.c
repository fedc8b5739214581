/* SPDX-License-Identifier: MIT */
#include "fuzz/stage.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/str.h>

#define ADDRESS     "127.0.0.1:80"
#define PATIENCE_S  600  /* of the world's time, for an answer */
#define END_S       3600 /* for a drain, which has limits of its own */
#define PIECE_BYTES 16384
#define NS_PER_S    INT64_C(1000000000)

/* --- time --- */

static bool works_outside(void *arg)
{
	const struct cor_fuzz_stage *stage = arg;

	return stage->inside && cor_inside_calls.is_busy(stage->inside);
}

static int turn(struct cor_fuzz_stage *stage)
{
	int rc = cor_inside_calls.turn(stage->inside);

	if (rc == 0)
		stage->has_ended = true;
	return rc > 0 ? 0 : rc < 0 ? rc : -ESHUTDOWN;
}

/* All that needs no time, until something is there. */
static int happen(struct cor_fuzz_stage *stage, bool (*is_there)(void *arg), void *arg)
{
	int rc = stage->has_ended ? -ESHUTDOWN : 0;

	cor_world_hold(stage->world, true);
	for (int quiet = 0; rc == 0 && quiet < 2 && !(is_there && is_there(arg));) {
		rc = turn(stage);
		bool is_idle = rc == 0 && cor_world_is_idle(stage->world) &&
			       !cor_inside_calls.has_posts(stage->inside);
		quiet = is_idle ? quiet + 1 : 0;
	}
	cor_world_hold(stage->world, false);
	return rc;
}

/* Timers fire one after another, as long as it takes. Returns 0, -EDEADLK, -ETIMEDOUT ... */
static int await(
	struct cor_fuzz_stage *stage, bool (*is_there)(void *arg), void *arg, int64_t patience_s)
{
	int64_t end_ns = cor_world_now_ns(stage->world) + patience_s * NS_PER_S;
	int rc = happen(stage, is_there, arg);

	while (rc == 0 && !is_there(arg)) {
		int64_t due_ns = cor_world_due_ns(stage->world);
		int64_t now_ns = cor_world_now_ns(stage->world);
		if (due_ns == COR_FOREVER)
			return -EDEADLK;
		if (due_ns > end_ns)
			return -ETIMEDOUT;
		if (due_ns > now_ns)
			cor_world_pass_ns(stage->world, due_ns - now_ns);
		rc = happen(stage, is_there, arg);
	}
	return is_there(arg) ? 0 : rc;
}

static bool never(void *arg)
{
	(void)arg;
	return false;
}

void cor_fuzz_stage_pass_s(struct cor_fuzz_stage *stage, int64_t seconds)
{
	int64_t end_ns = cor_world_now_ns(stage->world) + seconds * NS_PER_S;

	cor_ignore(await(stage, never, NULL, seconds));
	int64_t now_ns = cor_world_now_ns(stage->world);
	if (end_ns > now_ns)
		cor_world_pass_ns(stage->world, end_ns - now_ns);
}

/* --- begin and end --- */

int cor_fuzz_stage_open(struct cor_fuzz_stage *stage, const struct cor_service *service, int log)
{
	static char *const argv[] = { (char *)"service", (char *)"--http", (char *)ADDRESS,
		(char *)"--processes", (char *)"none", (char *)"--threads", (char *)"1",
		(char *)"--access-log", (char *)"off", NULL };
	const struct cor_clock *real = cor_inside_calls.system_clock;

	memset(stage, 0, sizeof *stage);
	stage->service = service;
	stage->log = log;
	stage->socket = -1;
	int rc = cor_script_create(&stage->script);
	if (rc < 0)
		return rc;
	stage->world = cor_world_create();
	cor_world_begin_at(stage->world, real->monotonic_ns(real), 1767225600 * NS_PER_S);
	cor_world_seed(stage->world, 1);
	stage->seams = cor_world_seams(stage->world);
	cor_world_set_outside(
		stage->world, &(struct cor_world_outside){ works_outside, stage, real });
	const struct cor_inside_options options = {
		.service = service,
		.argc = sizeof argv / sizeof argv[0] - 1,
		.argv = argv,
		.seams = &stage->seams,
		.address = ADDRESS,
		.log = log,
		.script = stage->script,
	};
	rc = cor_inside_calls.open(&options, &stage->inside);
	return rc == 0 ? happen(stage, NULL, NULL) : rc;
}

static bool has_ended(void *arg)
{
	const struct cor_fuzz_stage *stage = arg;

	return stage->has_ended;
}

bool cor_fuzz_stage_close(struct cor_fuzz_stage *stage)
{
	if (stage->socket >= 0)
		cor_world_close(stage->world, stage->socket);
	stage->socket = -1;
	if (stage->inside) {
		cor_ignore(happen(stage, NULL, NULL));
		cor_inside_calls.drain(stage->inside);
		cor_ignore(await(stage, has_ended, stage, END_S));
		if (!stage->has_ended || cor_inside_calls.close(stage->inside) < 0)
			return false;
	}
	stage->inside = NULL;
	if (stage->world)
		cor_world_destroy(stage->world);
	cor_script_destroy(stage->script);
	stage->world = NULL;
	stage->script = NULL;
	return true;
}

/* --- an answer --- */

struct asking {
	struct cor_fuzz_stage *stage;
	struct cor_fuzz_answer *answer;
	struct cor_str rest; /* not sent yet */
	enum { HEAD, BODY, WHOLE, BROKEN } state;
	size_t looked; /* of what was received: behind it is body */
	int64_t left;  /* of a body with a length */
	struct cor_chunked chunked;
};

static void broken(struct asking *asking, const char *fault)
{
	asking->answer->fault = fault;
	asking->state = BROKEN;
}

static void look_for_head(struct asking *asking)
{
	struct cor_fuzz_answer *answer = asking->answer;
	struct cor_answer_parser *parser = &answer->parser;
	ssize_t n;

	while ((n = cor_answer_parse(parser, answer->received.data, answer->received.len)) > 0 &&
		parser->status < 200) {
		answer->received.len -= (size_t)n;
		memmove(answer->received.data, answer->received.data + n, answer->received.len);
		cor_answer_parser_reset(parser);
	}
	if (n < 0)
		broken(asking, "the head of its answer is not HTTP");
	if (n <= 0)
		return;
	asking->looked = (size_t)n;
	asking->state = parser->body == COR_ANSWER_EMPTY ? WHOLE : BODY;
	asking->left = parser->body == COR_ANSWER_LENGTH ? parser->body_bytes : -1;
	if (parser->body == COR_ANSWER_CHUNKED)
		cor_chunked_init(&asking->chunked, -1);
}

static void look_for_chunks(struct asking *asking)
{
	struct cor_fuzz_answer *answer = asking->answer;
	enum cor_chunked_event event = COR_CHUNKED_MORE;
	struct cor_str data;
	size_t used;

	while (asking->looked < answer->received.len && asking->state == BODY) {
		event = cor_chunked_read(&asking->chunked, answer->received.data + asking->looked,
			answer->received.len - asking->looked, &used, &data);
		if (event == COR_CHUNKED_DATA)
			cor_buffer_append_str(&answer->body, data);
		asking->looked += used;
		if (event == COR_CHUNKED_END)
			asking->state = WHOLE;
		if (event == COR_CHUNKED_ERROR)
			broken(asking, "its answer has broken chunks");
	}
}

static void look_for_body(struct asking *asking)
{
	struct cor_fuzz_answer *answer = asking->answer;
	size_t len = answer->received.len - asking->looked;

	if (answer->parser.body == COR_ANSWER_CHUNKED) {
		look_for_chunks(asking);
		return;
	}
	if (asking->left >= 0 && (int64_t)len > asking->left)
		len = (size_t)asking->left;
	if (len)
		cor_buffer_append(&answer->body, answer->received.data + asking->looked, len);
	asking->looked += len;
	asking->left -= asking->left > 0 ? (int64_t)len : 0;
	if (asking->left == 0)
		asking->state = WHOLE;
}

static void see_end(struct asking *asking)
{
	if (asking->state == BODY && asking->answer->parser.body == COR_ANSWER_UNTIL_CLOSE)
		asking->state = WHOLE;
	else if (asking->state < WHOLE)
		broken(asking, "the service has closed the connection without a whole answer");
}

static void receive(struct asking *asking)
{
	struct cor_fuzz_stage *stage = asking->stage;
	struct cor_buffer *received = &asking->answer->received;
	ssize_t n = 1;

	while (n > 0 && asking->state < WHOLE) {
		char *at = cor_buffer_reserve(received, PIECE_BYTES);
		if (!at) {
			broken(asking, "there is no memory for the answer");
			return;
		}
		n = cor_world_receive(stage->world, stage->socket, at, PIECE_BYTES);
		received->len += n > 0 ? (size_t)n : 0;
		if (n > 0 && asking->state == HEAD)
			look_for_head(asking);
		if (n > 0 && asking->state == BODY)
			look_for_body(asking);
	}
	if (n == 0 || (n < 0 && n != -EAGAIN))
		see_end(asking);
}

/* Sends what there is room for, and takes in what has come. */
static bool is_answered(void *arg)
{
	struct asking *asking = arg;
	struct cor_fuzz_stage *stage = asking->stage;

	if (asking->rest.len) {
		ssize_t n = cor_world_send_bytes(
			stage->world, stage->socket, asking->rest.data, asking->rest.len);
		if (n < 0 && n != -EAGAIN)
			asking->rest.len = 0; /* it may have answered before */
		asking->rest.data += n > 0 ? n : 0;
		asking->rest.len -= n > 0 ? (size_t)n : 0;
	}
	receive(asking);
	return asking->state >= WHOLE;
}

static const char *fault_of(int rc)
{
	return rc == -EDEADLK ? "no answer: it waits for what will never happen, no timer is set"
	       : rc == -ETIMEDOUT ? "no answer after 600 s of the service's time"
	       : rc == -ESHUTDOWN ? "no answer: the service has ended"
				  : cor_strerror(rc);
}

static void hang_up(struct cor_fuzz_stage *stage)
{
	cor_world_close(stage->world, stage->socket);
	stage->socket = -1;
}

void cor_fuzz_stage_ask(struct cor_fuzz_stage *stage, struct cor_str bytes, bool is_head,
	struct cor_fuzz_answer *answer)
{
	struct asking asking = { .stage = stage, .answer = answer, .rest = bytes };

	answer->fault = NULL;
	cor_buffer_clear(&answer->received, 1 << 18);
	cor_buffer_clear(&answer->body, 1 << 18);
	cor_answer_parser_init(&answer->parser, is_head ? COR_ANSWER_TO_HEAD : COR_ANSWER_TO_ANY);
	if (stage->socket >= 0 && cor_world_has_ended(stage->world, stage->socket))
		hang_up(stage);
	if (stage->socket < 0)
		stage->socket = cor_world_connect(stage->world, ADDRESS);
	if (stage->socket < 0) {
		answer->fault = "the service accepts no connection";
		return;
	}
	int rc = await(stage, is_answered, &asking, PATIENCE_S);
	if (rc < 0)
		answer->fault = fault_of(rc);
	if (answer->fault || asking.rest.len || !answer->parser.keep_alive ||
		answer->parser.body == COR_ANSWER_UNTIL_CLOSE)
		hang_up(stage);
	if (!stage->has_ended)
		cor_ignore(happen(
			stage, NULL, NULL)); /* what follows an answer: its log, its memory */
}

void cor_fuzz_answer_finish(struct cor_fuzz_answer *answer)
{
	cor_buffer_finish(&answer->received);
	cor_buffer_finish(&answer->body);
}

struct cor_str cor_fuzz_answer_header(const struct cor_fuzz_answer *answer, const char *name)
{
	const struct cor_head *head = &answer->parser.lines.head;
	size_t len = strlen(name);

	for (size_t i = 0; i < head->fields_len; i++) {
		const struct cor_head_field *field = &answer->parser.lines.fields[i];
		struct cor_str is = cor_span_text(answer->received.data, field->name);
		if (is.len == len && strncasecmp(is.data, name, len) == 0)
			return cor_span_text(answer->received.data, field->value);
	}
	return (struct cor_str){ "", 0 };
}
