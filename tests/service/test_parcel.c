/* SPDX-License-Identifier: MIT */
/* A process may leave anything in its room: whoever reads it there gets an answer or an error. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/response.h>
#include <coracle/security.h>
#include <coracle/service.h>
#include <coracle/session.h>

#include "base/room.h"
#include "context/context.h"
#include "cookies/jar.h"
#include "security/admission.h"
#include "service/parcel.h"
#include "service/plan.h"

#define ROOM_BYTES 8192
#define ROUNDS     100000

struct leaf {
	const char *name;
	bool fresh;
};
static const struct cor_field leaf_fields[] = {
	COR_FIELD(struct leaf, name),
	COR_FIELD(struct leaf, fresh),
};
COR_LOCAL_SCHEMA(leaf_schema, struct leaf, leaf_fields);

struct tree {
	const char *name;
	struct cor_str note;
	cor_array(struct leaf) leaves;
	cor_array(const char *) birds;
	struct leaf *last;
};
static const struct cor_field tree_fields[] = {
	COR_FIELD(struct tree, name),
	COR_FIELD(struct tree, note),
	COR_OBJECT_ARRAY(struct tree, leaves, leaf_schema),
	COR_ARRAY(struct tree, birds),
	COR_OBJECT(struct tree, last, leaf_schema, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(tree_schema, struct tree, tree_fields);

static int get_tree(struct cor_ctx *ctx, const struct tree *in, struct tree *out)
{
	*out = *in;
	return cor_reply_header(ctx, "X-Season", "autumn");
}
COR_OPERATION(tree_operation, get_tree, tree_schema, tree_schema, .summary = "A tree");

static struct leaf leaves[] = { { "a", true }, { "b", false } };
static const char *birds[] = { "wren", "" };
static const struct tree oak = {
	.name = "oak",
	.note = { "old", 3 },
	.leaves = { leaves, 2 },
	.birds = { birds, 2 },
	.last = &leaves[1],
};

static _Alignas(16) char room_bytes[ROOM_BYTES];
static const struct cor_foreign room = { room_bytes, room_bytes + ROOM_BYTES };

/* The room as a process leaves it. */
static void fill_room(struct cor_parcel_call *call, struct cor_exchange *x)
{
	static const struct cor_action action = { .operation = &tree_operation };
	struct cor_arena arena;
	struct cor_ctx ctx;

	cor_arena_init_room(&arena, room_bytes, ROOM_BYTES);
	*x = (struct cor_exchange){ .bytes = "GET /tree HTTP/1.1\r\n\r\n", .route = &action.route };
	*call = (struct cor_parcel_call){
		.x = x, .operation = &tree_operation, .in = &oak, .peer = "unix"
	};
	assert_int_equal(cor_parcel_marshaller.pack(call, &arena), 0);
	cor_ctx_init(&ctx, NULL, NULL, 0, 0);
	assert_int_equal(cor_parcel_marshaller.run(&ctx, room_bytes, &arena), 0);
	cor_ctx_finish(&ctx);
}

/* Whose page has sent it is known there: cor_session_start() asks. */
static int tell_trust(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)in;
	*out = cor_exchange_of(ctx)->of_trusted ? COR_STR("trusted") : COR_STR("not");
	return 0;
}
COR_OPERATION(trust_operation, tell_trust, COR_NONE, COR_TEXT);

static void trust_is_known_there(void **state)
{
	static const struct cor_action action = { .operation = &trust_operation };
	static const struct cor_none nothing = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct cor_exchange x = { .bytes = "GET / HTTP/1.1\r\n\r\n",
			.route = &action.route };
		struct cor_parcel_call call = { .x = &x,
			.operation = &trust_operation,
			.in = &nothing,
			.peer = "unix",
			.of_trusted = i == 1 };
		struct cor_arena arena;
		struct cor_ctx ctx;

		cor_arena_init_room(&arena, room_bytes, ROOM_BYTES);
		cor_ctx_init(&ctx, NULL, NULL, 0, 0);
		assert_int_equal(cor_parcel_marshaller.pack(&call, &arena), 0);
		assert_int_equal(cor_parcel_marshaller.run(&ctx, room_bytes, &arena), 0);
		assert_int_equal(
			cor_parcel_marshaller.unpack(&call, room_bytes, &room, &ctx.arena), 0);
		const struct cor_str *out = call.out;
		assert_true(cor_str_equal(*out, i == 1 ? COR_STR("trusted") : COR_STR("not")));
		cor_ctx_finish(&ctx);
	}
}

static void a_parcel_comes_back(void **state)
{
	struct cor_parcel_call call;
	struct cor_exchange x;
	struct cor_arena arena = { 0 };

	(void)state;
	fill_room(&call, &x);
	assert_int_equal(cor_parcel_marshaller.unpack(&call, room_bytes, &room, &arena), 0);
	memset(room_bytes, 0, ROOM_BYTES);
	const struct tree *out = call.out;
	assert_string_equal(out->name, "oak");
	assert_string_equal(out->leaves.items[1].name, "b");
	assert_true(out->leaves.items[0].fresh);
	assert_string_equal(out->birds.items[0], "wren");
	assert_string_equal(out->last->name, "b");
	assert_int_equal(call.headers_len, 1);
	assert_string_equal(call.headers[0].value, "autumn");
	cor_arena_finish(&arena);
}

/* Whom the gate has let in, and what a middleware has handed on: the newest of a schema counts. */
static int know(struct cor_ctx *ctx, const struct tree *in, struct tree *out)
{
	const struct leaf *leaf = cor_principal(ctx, leaf_schema);
	const struct tree *tree = cor_ctx_get(ctx, tree_schema);

	(void)in;
	assert_non_null(leaf);
	assert_string_equal(leaf->name, "alice");
	assert_non_null(tree);
	assert_string_equal(tree->birds.items[0], "wren");
	assert_true(
		(const char *)tree >= room_bytes && (const char *)tree < room_bytes + ROOM_BYTES);
	assert_string_equal(cor_principal_scheme(ctx), "token");
	assert_true(cor_has_scope(ctx, "b"));
	assert_false(cor_has_scope(ctx, "c"));
	*out = oak;
	return 0;
}
COR_OPERATION(know_operation, know, tree_schema, tree_schema);

static void what_is_known_of_the_client(void **state)
{
	static const struct cor_security_scheme token = { .name = "token" };
	static const struct cor_action action = { .operation = &know_operation };
	struct cor_admission admission = { .scheme = &token, .granted = "a b" };
	struct cor_exchange x = { .bytes = "GET /tree HTTP/1.1\r\n\r\n", .route = &action.route };
	struct cor_parcel_call call = {
		.x = &x, .operation = &know_operation, .in = &oak, .peer = "unix"
	};
	struct cor_arena arena;
	struct cor_ctx ctx;

	(void)state;
	cor_arena_init_room(&arena, room_bytes, ROOM_BYTES);
	cor_ctx_init(&x.ctx, NULL, NULL, 0, 0);
	assert_int_equal(cor_ctx_set(&x.ctx, tree_schema, &oak), 0);
	assert_int_equal(cor_ctx_set(&x.ctx, leaf_schema, &leaves[0]), 0);
	assert_int_equal(cor_ctx_set(&x.ctx, leaf_schema, &(struct leaf){ .name = "alice" }), 0);
	assert_int_equal(cor_admission_keep(&x.ctx, &admission), 0);
	call.values = x.ctx.values;
	call.admission = &admission;
	assert_int_equal(cor_parcel_marshaller.pack(&call, &arena), 0);
	cor_ctx_init(&ctx, NULL, NULL, 0, 0);
	assert_int_equal(cor_parcel_marshaller.run(&ctx, room_bytes, &arena), 0);
	assert_null(ctx.values);
	cor_ctx_finish(&ctx);
	cor_ctx_finish(&x.ctx);
}

/* --- sessions --- */

static const struct cor_session visits = { .keeps = COR_KEEPS(tree_schema) };
static const struct cor_session ended = { .keeps = COR_KEEPS(leaf_schema),
	.cookie = { .name = "ended" } };
static const struct cor_cookie_jar jar = { .sessions = COR_SESSIONS(&visits, &ended) };
static const struct cor_environment with_sessions = { .cookies = &jar };

static int remember(struct cor_ctx *ctx, const struct tree *in, struct tree *out)
{
	const struct tree *tree = cor_session(ctx, &visits, tree_schema);

	(void)in;
	assert_non_null(tree);
	assert_string_equal(tree->birds.items[0], "wren");
	assert_true(
		(const char *)tree >= room_bytes && (const char *)tree < room_bytes + ROOM_BYTES);
	assert_null(cor_session(ctx, &ended, leaf_schema));
	*out = oak;
	return 0;
}
COR_OPERATION(remember_operation, remember, tree_schema, tree_schema);

/* What the gate, or a middleware, has read of them is known in a process, too. */
static void sessions_that_were_read(void **state)
{
	static const struct cor_action action = { .operation = &remember_operation };
	struct cor_exchange x = { .bytes = "GET /tree HTTP/1.1\r\n\r\n", .route = &action.route };
	struct cor_parcel_call call = {
		.x = &x, .operation = &remember_operation, .in = &oak, .peer = "unix"
	};
	struct cor_arena arena;
	struct cor_ctx ctx;

	(void)state;
	cor_arena_init_room(&arena, room_bytes, ROOM_BYTES);
	cor_ctx_init(&x.ctx, &with_sessions, NULL, 0, 0);
	assert_int_equal(cor_session_start(&x.ctx, &visits, tree_schema, &oak), 0);
	assert_int_equal(cor_session_end(&x.ctx, &ended), 0);
	call.values = x.ctx.values;
	assert_int_equal(cor_parcel_marshaller.pack(&call, &arena), 0);
	cor_ctx_init(&ctx, &with_sessions, NULL, 0, 0);
	assert_int_equal(cor_parcel_marshaller.run(&ctx, room_bytes, &arena), 0);
	cor_ctx_finish(&ctx);
	cor_ctx_finish(&x.ctx);
}

/* What a request gave to a partial view is known there, too. */
static int patch_tree(struct cor_ctx *ctx, const struct tree *in, struct tree *out)
{
	const struct cor_given *given = cor_ctx_given(ctx, in);

	assert_true(cor_is_given(given, tree_schema, name));
	assert_false(cor_is_given(given, tree_schema, birds));
	*out = oak;
	return 0;
}
static const struct cor_view patch = { .partial = true };
COR_OPERATION(patch_operation, patch_tree, tree_schema, tree_schema, .in_view = &patch);

static void a_part_of_a_struct_in_a_process(void **state)
{
	struct {
		struct tree tree;
		struct cor_given given;
	} in = { oak, { { 1 } } };
	const struct cor_schema whole = tree_schema.schema;
	struct cor_schema part = whole;
	struct cor_operation made = patch_operation;
	struct cor_action action = { .operation = &made };
	struct cor_exchange x = { .bytes = "PATCH /tree HTTP/1.1\r\n\r\n", .route = &action.route };
	struct cor_parcel_call call = { .x = &x, .operation = &made, .in = &in, .peer = "unix" };
	struct cor_arena arena;
	struct cor_ctx ctx;

	(void)state;
	part.size = sizeof in;
	made.in = &part;
	made.written = &patch_operation;
	cor_arena_init_room(&arena, room_bytes, ROOM_BYTES);
	assert_int_equal(cor_parcel_marshaller.pack(&call, &arena), 0);
	cor_ctx_init(&ctx, NULL, NULL, 0, 0);
	assert_int_equal(cor_parcel_marshaller.run(&ctx, room_bytes, &arena), 0);
	cor_ctx_finish(&ctx);
}

/* Hooks, conditions and computed members see the whole struct, also what the view leaves out. */
static void what_a_view_leaves_out_comes_back_too(void **state)
{
	struct cor_parcel_call call;
	struct cor_exchange x;
	struct cor_arena arena = { 0 };
	struct cor_schema part = tree_schema.schema;
	struct cor_operation made = tree_operation;

	(void)state;
	fill_room(&call, &x);
	part.len = 1;
	made.out = &part;
	made.written = &tree_operation;
	call.operation = &made;
	assert_int_equal(cor_parcel_marshaller.unpack(&call, room_bytes, &room, &arena), 0);
	memset(room_bytes, 'x', ROOM_BYTES);
	const struct tree *out = call.out;
	assert_string_equal(out->name, "oak");
	assert_true(cor_str_equal(out->note, COR_STR("old")));
	assert_string_equal(out->last->name, "b");
	cor_arena_finish(&arena);
}

/* An answer of another status comes back as it was written. */
struct clash {
	const char *by;
};
static const struct cor_field clash_fields[] = { COR_FIELD(struct clash, by) };
COR_LOCAL_SCHEMA(clash_schema, struct clash, clash_fields);
static int clash(struct cor_ctx *ctx, const struct tree *in, struct tree *out)
{
	(void)out;
	return cor_respond(ctx, 409, clash_schema, (&(struct clash){ in->name }));
}
COR_OPERATION(clash_operation, clash, tree_schema, tree_schema,
	.responses = COR_RESPONSES({ .status = 409, .schema = COR_ANSWERS(clash_schema) }));

static void an_answer_of_another_status(void **state)
{
	const struct cor_schema *schema = &clash_schema.schema;
	struct cor_environment environment = { 0 };
	struct cor_action action = { .operation = &clash_operation };
	struct cor_exchange x = { .bytes = "GET /tree HTTP/1.1\r\n\r\n", .route = &action.route };
	struct cor_parcel_call call = {
		.x = &x, .operation = &clash_operation, .in = &oak, .peer = "unix"
	};
	struct cor_arena arena, taken;
	struct cor_ctx ctx;

	(void)state;
	cor_arena_init(&taken, NULL, 0, 0);
	cor_arena_init_room(&arena, room_bytes, ROOM_BYTES);
	assert_int_equal(cor_codec_create(&schema, 1, &environment.codec, NULL, NULL), 0);
	assert_int_equal(cor_parcel_marshaller.pack(&call, &arena), 0);
	cor_ctx_init(&ctx, &environment, NULL, 0, 0);
	assert_int_equal(cor_parcel_marshaller.run(&ctx, room_bytes, &arena), -COR_EPROBLEM);
	cor_ctx_finish(&ctx);
	assert_int_equal(cor_parcel_marshaller.unpack(&call, room_bytes, &room, &taken), 0);
	memset(room_bytes, 0, ROOM_BYTES);
	assert_int_equal(call.reply_status, 409);
	assert_true(cor_str_equal(call.reply, COR_STR("{\"by\":\"oak\"}")));
	assert_null(call.out);
	cor_arena_finish(&taken);
	cor_codec_destroy(environment.codec);
}

static uint64_t draw(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 17;
}

static uint64_t strange_word(uint64_t *state)
{
	uint64_t number = draw(state);

	switch (number % 5) {
	case 0:
		return 0;
	case 1:
		return number;
	case 2:
		return number % (2 * ROOM_BYTES);
	case 3: /* in the room, or a little behind it */
		return (uintptr_t)room_bytes + number % (ROOM_BYTES + 16);
	default:
		return ~(number % 64);
	}
}

static void spoil(uint64_t *state)
{
	for (uint64_t words = 1 + draw(state) % 3; words > 0; words--) {
		uint64_t word = strange_word(state);
		memcpy(room_bytes + draw(state) % 256 * 8, &word, sizeof word);
	}
}

/* Reads what the encoder would read. */
static size_t weigh(const struct tree *tree)
{
	size_t bytes = tree->name ? strlen(tree->name) : 0;

	for (size_t i = 0; i < tree->note.len; i++)
		bytes += tree->note.data[i] != 0;
	for (size_t i = 0; i < tree->leaves.len; i++)
		bytes += tree->leaves.items[i].name ? strlen(tree->leaves.items[i].name) : 0;
	for (size_t i = 0; i < tree->birds.len; i++)
		bytes += tree->birds.items[i] ? strlen(tree->birds.items[i]) : 0;
	return bytes + (tree->last && tree->last->name ? strlen(tree->last->name) : 0);
}

static int unpack_spoilt(struct cor_parcel_call *call)
{
	struct cor_arena arena;
	size_t bytes = 0;

	cor_arena_init(&arena, NULL, 0, 4 * ROOM_BYTES);
	call->out = NULL;
	call->headers_len = 0;
	call->reply = (struct cor_str){ 0 };
	int rc = cor_parcel_marshaller.unpack(call, room_bytes, &room, &arena);
	if (rc == 0 && call->out)
		bytes = weigh(call->out);
	if (rc < 0) {
		assert_null(call->out);
		assert_int_equal(call->headers_len, 0);
	}
	for (size_t i = 0; i < call->headers_len; i++)
		bytes += strlen(call->headers[i].name) + strlen(call->headers[i].value);
	for (size_t i = 0; i < call->reply.len; i++)
		bytes += call->reply.data[i] != 0;
	assert_in_range(bytes, 0, 4 * ROOM_BYTES);
	cor_arena_finish(&arena);
	return rc;
}

static void spoilt_rooms_are_told_or_harmless(void **state)
{
	static _Alignas(16) char original[ROOM_BYTES];
	unsigned told = 0, harmless = 0;
	struct cor_parcel_call call;
	struct cor_exchange x;
	uint64_t random = 1;

	(void)state;
	fill_room(&call, &x);
	memcpy(original, room_bytes, ROOM_BYTES);
	for (int i = 0; i < ROUNDS; i++) {
		memcpy(room_bytes, original, ROOM_BYTES);
		spoil(&random);
		int rc = unpack_spoilt(&call);
		assert_true(rc == 0 || rc == -COR_EINVALID || rc == -ENOMEM);
		told += rc != 0;
		harmless += rc == 0;
	}
	assert_in_range(told, ROUNDS / 100, ROUNDS);
	assert_in_range(harmless, ROUNDS / 100, ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_parcel_comes_back),
		cmocka_unit_test(trust_is_known_there),
		cmocka_unit_test(what_is_known_of_the_client),
		cmocka_unit_test(sessions_that_were_read),
		cmocka_unit_test(a_part_of_a_struct_in_a_process),
		cmocka_unit_test(what_a_view_leaves_out_comes_back_too),
		cmocka_unit_test(an_answer_of_another_status),
		cmocka_unit_test(spoilt_rooms_are_told_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
