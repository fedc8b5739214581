/* SPDX-License-Identifier: MIT */
#include "schema/encode.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/computed.h>
#include <coracle/error.h>

#include "base/compiler.h"
#include "base/utf8.h"
#include "json/writer.h"
#include "schema/encoder.h"
#include "schema/json_hooks.h"
#include "schema/put.h"
#include "schema/mask_plan.h"
#include "schema/value.h"

void cor_encoder_fail(
	struct cor_encoder *encoder, int error, const struct cor_step *step, const char *detail)
{
	char where[128];

	if (encoder->fault && encoder->fault->text[0] == '\0') {
		cor_step_print(step, false, where, sizeof where);
		snprintf(encoder->fault->text, sizeof encoder->fault->text, "%s: %s%s%s",
			encoder->root->symbol, where, where[0] ? " " : "", detail);
	}
	cor_buffer_fail(encoder->buffer, error);
}

#define TEXT_OF_(number) #number
#define TEXT_OF(number)  TEXT_OF_(number)

COR_COLD void cor_encoder_refuse_depth(struct cor_encoder *encoder, const struct cor_step *step)
{
	cor_encoder_fail(encoder, -COR_ETOOLARGE, step,
		"is nested deeper than " TEXT_OF(
			COR_JSON_OUTPUT_DEPTH_MAX) " levels, or in a circle");
}

static COR_COLD void work_on_json(
	struct cor_encoder *encoder, const struct cor_plan *plan, size_t before)
{
	const struct cor_json_hook *failed = NULL;
	char why[128];

	if (!encoder->ctx || cor_buffer_error(encoder->buffer) < 0)
		return;
	int rc = cor_json_hooks_dump(plan, encoder->ctx, encoder->buffer, before, &failed);
	if (rc == 0)
		return;
	const char *what = rc > 0          ? "has returned a positive number"
			   : rc == -EINVAL ? "has left no JSON, or put a node where none can be"
					   : cor_strerror(rc);
	snprintf(why, sizeof why, ".after_dump, %s: %s", failed ? failed->name : "JSON", what);
	cor_encoder_fail(encoder, rc > 0 ? -COR_EINVALID : rc, NULL, why);
}

static inline int append(struct cor_encoder *encoder, struct cor_codec *codec, const void *value)
{
	struct cor_buffer *buffer = encoder->buffer;
	const struct cor_plan *plan = cor_codec_plan(codec, encoder->root);
	size_t before = buffer->len;

	if (!plan || encoder->root->media != COR_MEDIA_JSON)
		return -COR_ETABLE;
	if (cor_buffer_error(buffer) < 0)
		return cor_buffer_error(buffer);
	if (encoder->fault)
		encoder->fault->text[0] = '\0';
	if (cor_plan_is_bare(plan, encoder->use))
		cor_encoder_bare_struct(encoder, plan, value, NULL);
	else
		cor_encoder_object(encoder, plan, &plan->written[encoder->use], value, NULL);
	if (COR_UNLIKELY(plan->has_json_hooks[COR_AFTER_DUMP]))
		work_on_json(encoder, plan, before);
	int rc = cor_buffer_error(buffer);
	if (rc < 0) {
		buffer->len = before;
		buffer->error = 0;
	}
	return rc;
}

int cor_encode_append(struct cor_codec *codec, const struct cor_schema *schema, enum cor_use use,
	const void *value, struct cor_buffer *buffer, struct cor_encode_fault *ret_fault)
{
	struct cor_encoder encoder = {
		.buffer = buffer, .use = use, .root = schema, .fault = ret_fault
	};

	return append(&encoder, codec, value);
}

int cor_encode_to_keep(struct cor_codec *codec, const struct cor_schema *schema, const void *value,
	struct cor_buffer *buffer)
{
	struct cor_encoder encoder = {
		.buffer = buffer, .use = COR_USE_WHOLE, .root = schema, .keeps_all = true
	};

	return append(&encoder, codec, value);
}

/* With link-time optimisation `inline` counts in other folders: each JSON answer comes here. */
inline int cor_encode_answer(struct cor_codec *codec, const struct cor_schema *schema,
	struct cor_ctx *ctx, const void *value, struct cor_buffer *buffer,
	struct cor_encode_fault *ret_fault)
{
	struct cor_encoder encoder = {
		.buffer = buffer,
		.use = COR_USE_ANSWER,
		.ctx = ctx,
		.root = schema,
		.fault = ret_fault,
	};

	return append(&encoder, codec, value);
}

COR_COLD int cor_encode_masked(struct cor_codec *codec, const struct cor_schema *schema,
	struct cor_ctx *ctx, const struct cor_mask *mask, const void *value,
	struct cor_buffer *buffer, struct cor_encode_fault *ret_fault)
{
	struct cor_encoder encoder = {
		.buffer = buffer,
		.use = COR_USE_ANSWER,
		.ctx = ctx,
		.mask = mask,
		.root = schema,
		.fault = ret_fault,
	};

	return append(&encoder, codec, value);
}

int cor_encode_json(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const void *value, struct cor_str *ret_text)
{
	struct cor_buffer buffer = { 0 };
	int rc = cor_encode_append(codec, schema, COR_USE_WHOLE, value, &buffer, NULL);

	if (rc == 0) {
		const char *copy = cor_arena_copy(arena, buffer.data, buffer.len);
		if (copy)
			*ret_text = (struct cor_str){ copy, buffer.len };
		else
			rc = -ENOMEM;
	}
	cor_buffer_finish(&buffer);
	return rc;
}
