/* SPDX-License-Identifier: MIT */
/*
 * A form of parts into rows of text and of files. What a part is, its row says, so that a file is
 * never held in memory as a whole, and no more is kept of it than its row allows.
 */
#include "service/form.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "base/name.h"
#include "base/violation_texts.h"
#include "parts/parts.h"
#include "service/input.h"
#include "service/verb.h"
#include "upload/sink.h"

#define PAIRS_AT_FIRST 16

struct form {
	struct cor_input_binding *binding;
	struct cor_parts *parts;
	struct cor_upload_limits limits;
	uint32_t files;
	struct cor_bind_pair *pairs; /* in the order of the parts */
	size_t len;
	size_t capacity;
};

static struct cor_ctx *ctx_of(const struct form *form)
{
	return &form->binding->x->ctx;
}

/* What was outgrown stays in the arena: there are --upload-parts at most. */
static int add_pair(struct form *form, struct cor_bind_pair pair)
{
	if (form->len == form->capacity) {
		size_t capacity = form->capacity ? 2 * form->capacity : PAIRS_AT_FIRST;
		struct cor_bind_pair *pairs = cor_arena_alloc(
			&ctx_of(form)->arena, capacity * sizeof *pairs);
		if (!pairs)
			return -ENOMEM;
		for (size_t i = 0; i < form->len; i++)
			pairs[i] = form->pairs[i];
		form->pairs = pairs;
		form->capacity = capacity;
	}
	form->pairs[form->len++] = pair;
	return 0;
}

/* --- files --- */

/* No more than the row allows; of a type that it does not, nothing. */
static uint64_t wanted_bytes(const struct cor_field *row, const char *type)
{
	if (!cor_media_types_allow(row->media_types, type))
		return 0;
	return row->max_bytes ? (uint64_t)row->max_bytes : UINT64_MAX;
}

static int take_bytes(struct form *form, struct cor_upload_sink *sink)
{
	struct cor_str data = { NULL, 0 };
	int rc;

	while ((rc = cor_parts_data(form->parts, &data)) > 0) {
		rc = cor_upload_sink_write(sink, data.data, data.len);
		if (rc < 0)
			return rc;
	}
	return rc;
}

/* A browser sends the control of a file that nobody has chosen, too: nameless and empty. */
static bool is_blank(const struct cor_upload *file)
{
	return file->name[0] == '\0' && file->size == 0;
}

static int take_file(struct form *form, const struct cor_field *row, const struct cor_part *part)
{
	struct cor_arena *arena = &ctx_of(form)->arena;
	struct cor_upload_sink *sink = cor_upload_sink_begin(
		ctx_of(form), &form->limits, &form->files, wanted_bytes(row, part->type));
	struct cor_bind_pair pair = { .name = cor_str(cor_row_key(row)) };
	struct cor_upload *file = cor_arena_zalloc(arena, sizeof *file);

	if (!file || !sink)
		return -ENOMEM;
	pair.file = file;
	file->name = cor_arena_strdup(arena, part->file_name ? part->file_name : "");
	file->type = cor_arena_strdup(arena, part->type);
	if (!file->name || !file->type)
		return -ENOMEM;
	int rc = take_bytes(form, sink);
	if (rc == 0)
		rc = cor_upload_sink_end(sink, file);
	return rc < 0 || is_blank(file) ? rc : add_pair(form, pair);
}

/* --- text --- */

/* What --request-memory-bytes allows. */
static int read_text(struct form *form, struct cor_str *ret)
{
	static const struct cor_upload_limits in_memory = { .memory_bytes = UINT32_MAX };
	struct cor_upload_sink *sink = cor_upload_sink_begin(
		ctx_of(form), &in_memory, &form->files, UINT32_MAX);
	struct cor_upload text;
	int rc = sink ? take_bytes(form, sink) : -ENOMEM;

	if (rc == 0)
		rc = cor_upload_sink_end(sink, &text);
	if (rc == 0)
		*ret = (struct cor_str){ text.bytes, (size_t)text.size };
	return rc;
}

static int check_charset(const struct form *form, const char *name)
{
	if (cor_parts_head(form->parts)->is_utf8)
		return 0;
	return cor_problem(ctx_of(form), 415, 0,
		"the part \"%s\" has a charset other than utf-8: send it in UTF-8",
		cor_name_is_plain(cor_str(name)) ? name : "?");
}

/* RFC 7578 section 4.6: the charset of all parts, from a hidden control of an HTML form. */
static int take_charset(struct form *form)
{
	struct cor_str text = { "", 0 };
	int rc = read_text(form, &text);

	if (rc < 0 || (text.len == 5 && strncasecmp(text.data, "utf-8", 5) == 0))
		return rc;
	return cor_ctx_problem(
		ctx_of(form), 415, 0, "the form's _charset_ is not utf-8: send it in UTF-8");
}

static int take_text(struct form *form, const char *name)
{
	struct cor_bind_pair pair = { { NULL, 0 }, { NULL, 0 }, NULL };
	int rc = check_charset(form, name);

	if (rc < 0)
		return rc;
	const char *copy = cor_arena_strdup(&ctx_of(form)->arena, name);
	if (!copy)
		return -ENOMEM;
	pair.name = cor_str(copy);
	rc = read_text(form, &pair.value);
	return rc < 0 ? rc : add_pair(form, pair);
}

/* What no row takes is passed over, but for its name, which is refused like any other. */
static int take_unknown(struct form *form, const char *name)
{
	const char *copy = cor_arena_strdup(&ctx_of(form)->arena, name);

	if (!copy)
		return -ENOMEM;
	return add_pair(form, (struct cor_bind_pair){ .name = cor_str(copy) });
}

/* --- all of it --- */

static int take_part(struct form *form, const struct cor_part *part)
{
	const struct cor_action *action = form->binding->action;
	const struct cor_field *row = cor_bind_row(ctx_of(form)->environment->codec,
		action->operation->in, action->default_from, cor_str(part->name));

	if (row && cor_row_is_file(row))
		return take_file(form, row, part);
	if (row)
		return take_text(form, part->name);
	if (strcmp(part->name, "_charset_") == 0)
		return take_charset(form);
	return take_unknown(form, part->name);
}

static int take_parts(struct form *form)
{
	struct cor_body body = { .exchange = form->binding->x };
	const struct cor_part *part;
	int rc = cor_parts_open(&body, &form->parts);

	while (rc == 0 && (rc = cor_part_next(form->parts, &part)) > 0)
		rc = take_part(form, part);
	return rc;
}

static int refuse_absent(struct cor_input_binding *binding)
{
	cor_violate_by_text(binding->violations, &binding->x->ctx.arena, "body", COR_SAYS_BODY);
	return cor_input_note(binding, -COR_EINVALID);
}

int cor_input_bind_form(struct cor_input_binding *binding)
{
	const struct cor_upload_limits *limits = binding->x->ctx.environment->uploads;
	struct form form = { .binding = binding, .limits = limits ? *limits : COR_UPLOAD_LIMITS };
	int rc = 0;

	if (cor_exchange_has_body(binding->x))
		rc = take_parts(&form);
	else if (binding->action->body.is_required)
		return refuse_absent(binding);
	return rc < 0 ? rc : cor_input_bind_pairs(binding, COR_FROM_BODY, form.pairs, form.len);
}

bool cor_service_takes_files(const struct cor_service *service)
{
	for (const struct cor_resource *const *r = service->resources; r && *r; r++)
		for (size_t i = 0; i < cor_verbs_len; i++) {
			const struct cor_operation *operation = cor_verb_operation(
				&cor_verbs[i], *r);
			if (operation && cor_operation_body(operation, cor_verbs[i].method).kind ==
						 COR_TAKES_FORM)
				return true;
		}
	return false;
}
