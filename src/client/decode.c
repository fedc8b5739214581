/* SPDX-License-Identifier: MIT */
#include "client/decode.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json_node.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/utf8.h"
#include "client/attempt.h"
#include "hooks/hooks.h"
#include "http/fold.h"
#include "http/media_type.h"
#include "schema/bind.h"
#include "schema/decode.h"

#define ERROR_BYTES (64 * 1024)
#define PIECE_BYTES 4096

/* --- all of it --- */

/* Room for what was announced, so that it is read at once, and for a little more than nothing. */
static size_t first_room(const struct cor_answer *answer, size_t limit)
{
	int64_t length = cor_answer_length(answer);

	return length >= 0 && length < (int64_t)limit ? (size_t)length + 1 : PIECE_BYTES;
}

/* 0; 1: it is longer than the limit, which is what was read; or the code of the fault. */
static int read_up_to(struct cor_answer *answer, size_t limit, struct cor_buffer *buffer)
{
	size_t room = first_room(answer, limit);
	ssize_t n = 1;

	while (n > 0) {
		char *at = cor_buffer_reserve(buffer, room);
		if (!at)
			return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
		n = cor_answer_take(answer, at, room);
		if (n < 0)
			return (int)n;
		buffer->len += (size_t)n;
		if (buffer->len > limit) {
			buffer->len = limit;
			return 1;
		}
		room = buffer->capacity - buffer->len > PIECE_BYTES ? buffer->capacity - buffer->len
								    : PIECE_BYTES;
	}
	return 0;
}

static int read_all(struct cor_answer *answer, struct cor_buffer *buffer)
{
	uint32_t limit = answer->here->upstream->answer_limit_bytes;

	limit = limit ? limit : COR_ANSWER_LIMIT_BYTES;
	int rc = read_up_to(answer, limit, buffer);
	return rc <= 0 ? rc
		       : cor_answer_fail(answer, COR_FAILED_TOO_LARGE,
				 "its answer is longer than %" PRIu32
				 " bytes: .answer_limit_bytes allows more",
				 limit);
}

/* --- as its schema says --- */

static int pass_over(struct cor_answer *answer)
{
	char piece[PIECE_BYTES];
	ssize_t n = 1;

	for (size_t passed = 0; n > 0 && passed < ERROR_BYTES; passed += (size_t)n) {
		n = cor_answer_take(answer, piece, sizeof piece);
		if (n < 0)
			return (int)n;
	}
	return 0;
}

static int take_bytes(struct cor_answer *answer, bool is_text, struct cor_str *ret)
{
	struct cor_buffer buffer = { 0 };
	int rc = read_all(answer, &buffer);

	if (rc == 0) {
		const char *copy = cor_arena_copy(
			&answer->ctx->arena, buffer.data ? buffer.data : "", buffer.len);
		*ret = (struct cor_str){ copy, buffer.len };
		rc = copy ? 0 : cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	}
	if (rc == 0 && is_text && !cor_utf8_valid(*ret))
		rc = cor_answer_fail(
			answer, COR_FAILED_MEDIA_TYPE, "its answer is text, but not UTF-8");
	cor_buffer_finish(&buffer);
	return rc;
}

static bool is_json(struct cor_str type)
{
	struct cor_media_type media;

	if (cor_media_type_parse(type, &media) < 0)
		return false;
	struct cor_str end = media.essence;
	if (end.len > strlen("+json"))
		end = (struct cor_str){ end.data + end.len - strlen("+json"), strlen("+json") };
	return cor_media_type_is(&media, COR_STR("application/json")) ||
	       cor_fold_equal(end, COR_STR("+json"));
}

/* A 404 of another server than expected, say, is no JSON: its status tells it apart. */
static const char *its_answer(struct cor_answer *answer)
{
	int status = answer->head.status;
	const char *text = status < 400 ? NULL : cor_printf(answer->ctx, "its %d", status);

	return text ? text : "its answer";
}

static int refuse_schema(struct cor_answer *answer, const struct cor_schema *schema, int rc,
	const struct cor_violations *violations)
{
	const struct cor_violation *first = violations->first;

	if (rc == -ENOMEM)
		return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	if (rc == -COR_ETABLE)
		return cor_answer_fail(answer, COR_FAILED_UNLISTED,
			"the service does not list %s in .schemas", schema->symbol);
	return cor_answer_fail(answer, rc == -COR_EINVALID ? COR_FAILED_SCHEMA : COR_FAILED_SYNTAX,
		"%s breaks %s: %s%s%s%s", its_answer(answer), schema->symbol,
		first ? first->where : "", first && first->where[0] ? " " : "",
		first ? first->detail : cor_strerror(rc),
		violations->count > 1 ? " (and more)" : "");
}

static int bind_fields(struct cor_answer *answer, const struct cor_schema *schema, void *ret,
	struct cor_violations *violations)
{
	const struct cor_carrier_answer *head = &answer->head;
	struct cor_codec *codec = answer->ctx->environment->codec;
	struct cor_arena *arena = &answer->ctx->arena;

	if (!cor_binds_answer(codec, schema))
		return 0;
	struct cor_bind_pair *pairs = cor_arena_zalloc(
		arena, (head->fields_len + 1) * sizeof *pairs);
	if (!pairs)
		return -ENOMEM;
	for (size_t i = 0; i < head->fields_len; i++) {
		pairs[i].name = cor_str(head->fields[i].name);
		pairs[i].value = cor_str(head->fields[i].value);
	}
	return cor_bind_answer(codec, arena, schema, pairs, head->fields_len, ret, violations);
}

/* What is not of the schema's own finding is told as what a hook has returned. */
static COR_COLD int fail_hook(struct cor_answer *answer, const struct cor_schema *schema, int rc)
{
	const struct cor_problem *problem = rc == -COR_EPROBLEM ? cor_problem_of(answer->ctx)
								: NULL;

	cor_ignore(cor_answer_fail(answer, COR_FAILED_HOOK, "a hook of %s has failed: %s",
		schema->symbol, problem ? problem->detail : cor_strerror(rc)));
	return rc;
}

/* 1: what it is to be read from was refused. */
static int run_before_load(struct cor_answer *answer, const struct cor_schema *schema,
	struct cor_str *text, struct cor_violations *violations)
{
	struct cor_ctx *ctx = answer->ctx;
	const struct cor_unloaded json = { schema, *text, COR_USE_ANSWER, violations, &ctx->arena };
	int rc = cor_ctx_before_load(ctx, &json, text);

	if (rc == -COR_EINVALID && violations->count > 0)
		return 1;
	return rc < 0 ? fail_hook(answer, schema, rc) : 0;
}

/* What breaks rows is among the violations alone. 1: hooks have refused it, and it is not read. */
static int decode_text(struct cor_answer *answer, const struct cor_schema *schema, void *ret,
	struct cor_str text, struct cor_violations *violations)
{
	const struct cor_decode_options options = { .use = COR_USE_ANSWER, .is_foreign = true };
	struct cor_codec *codec = answer->ctx->environment->codec;
	int rc = codec ? 0 : refuse_schema(answer, schema, -COR_ETABLE, violations);

	if (rc == 0 && answer->ctx->environment->has_before_load)
		rc = run_before_load(answer, schema, &text, violations);
	if (rc != 0)
		return rc;
	rc = cor_decode_text(codec, &answer->ctx->arena, schema, &options, ret, text, violations);
	return rc < 0 && rc != -COR_EINVALID ? refuse_schema(answer, schema, rc, violations) : 0;
}

/* Returns as decode_text(). */
static int take_json(struct cor_answer *answer, const struct cor_schema *schema, void *ret,
	struct cor_violations *violations)
{
	struct cor_str type = cor_answer_field(answer, "Content-Type");
	struct cor_buffer buffer = { 0 };

	if (answer->head.status == 204 || answer->head.status == 205)
		return cor_answer_fail(answer, COR_FAILED_SYNTAX,
			"its answer is a %d, which has no body", answer->head.status);
	if (!is_json(type))
		return cor_answer_fail(answer, COR_FAILED_MEDIA_TYPE, "%s is not JSON, but %.60s",
			its_answer(answer), type.len ? type.data : "of no type");
	int rc = read_all(answer, &buffer);
	if (rc < 0) {
		cor_buffer_finish(&buffer);
		return rc;
	}
	cor_answer_let_go(answer); /* hooks may wait, also for another call */
	rc = decode_text(answer, schema, ret,
		(struct cor_str){ buffer.data ? buffer.data : "", buffer.len }, violations);
	cor_buffer_finish(&buffer);
	return rc;
}

static int run_hooks(struct cor_answer *answer, const struct cor_schema *schema, void *ret,
	struct cor_violations *violations)
{
	struct cor_ctx *ctx = answer->ctx;
	int rc = cor_ctx_run_hooks(
		ctx, &(struct cor_hooked){ schema, ret, COR_USE_ANSWER, violations, &ctx->arena });

	return rc < 0 ? fail_hook(answer, schema, rc) : 0;
}

/* All that is wrong is told together, as of a request: rows, fields, and what checks find. */
static int take_struct(struct cor_answer *answer, const struct cor_schema *schema, void *ret,
	struct cor_violations *violations)
{
	/* of a HEAD there are the fields alone */
	bool has_body = !cor_str_equal(answer->message.method, COR_STR("HEAD"));
	int unread = has_body ? take_json(answer, schema, ret, violations) : 1;

	if (unread < 0)
		return unread;
	int rc = bind_fields(answer, schema, ret, violations);
	if (rc < 0 && rc != -COR_EINVALID)
		return refuse_schema(answer, schema, rc, violations);
	rc = unread ? 0 : run_hooks(answer, schema, ret, violations);
	if (rc < 0)
		return rc;
	return violations->count > 0 ? refuse_schema(answer, schema, -COR_EINVALID, violations) : 0;
}

int cor_answer_decode(struct cor_answer *answer, const struct cor_schema *schema, void *ret,
	struct cor_violations *violations)
{
	switch (schema->media) {
	case COR_MEDIA_NONE:
		return pass_over(answer);
	case COR_MEDIA_TEXT:
	case COR_MEDIA_BYTES:
		return take_bytes(answer, schema->media == COR_MEDIA_TEXT, ret);
	case COR_MEDIA_JSON:
		break;
	}
	return take_struct(answer, schema, ret, violations);
}

/* --- failures --- */

static const char *member_text(struct cor_arena *arena, struct cor_node *root, const char *name)
{
	struct cor_node *member = cor_node_get(root, name);
	struct cor_str text;

	return member && cor_node_type(member) == COR_JSON_STRING &&
			       cor_node_to_text(member, &text) == 0 && text.len
		       ? cor_arena_copy(arena, text.data, text.len)
		       : NULL;
}

/*
 * A problem's own words (RFC 9457), or Flask-RESTX's; or the code of a server of tokens, with what
 * it says of it (RFC 6749 section 5.2).
 */
static const char *text_in(struct cor_arena *arena, struct cor_str json)
{
	static const char *const names[] = { "detail", "title", "message", "error" };
	struct cor_node *root;
	const char *text = NULL, *more;
	size_t i = 0;

	if (cor_node_parse(arena, json, 0, &root, NULL) < 0 ||
		cor_node_type(root) != COR_JSON_OBJECT)
		return NULL;
	while (!text && i < sizeof names / sizeof names[0])
		text = member_text(arena, root, names[i++]);
	more = text ? member_text(arena, root, "error_description") : NULL;
	return more ? cor_arena_printf(arena, "%s: %s", text, more) : text;
}

const char *cor_answer_error_text(struct cor_answer *answer, struct cor_str *ret_body)
{
	struct cor_arena *arena = &answer->ctx->arena;
	struct cor_buffer buffer = { 0 };

	cor_ignore(read_up_to(answer, ERROR_BYTES, &buffer));
	const char *copy = cor_arena_copy(arena, buffer.data ? buffer.data : "", buffer.len);
	*ret_body = (struct cor_str){ copy ? copy : "", copy ? buffer.len : 0 };
	cor_buffer_finish(&buffer);
	return is_json(cor_answer_field(answer, "Content-Type")) ? text_in(arena, *ret_body) : NULL;
}
