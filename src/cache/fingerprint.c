/* SPDX-License-Identifier: MIT */
#include "cache/fingerprint.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/buffer.h"
#include "schema/describe.h"
#include "schema/walk.h"

struct cor_fingerprint {
	struct cor_fingerprint *next;
	const struct cor_schema *schema;
	uint64_t value;
};

/* What an answer leaves out, or has in a header, which JSON Schema does not say. */
static void describe_places(const struct cor_schema *schema, struct cor_buffer *buffer)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows))
		if (field->when || field->omit || field->to != COR_TO_BODY)
			cor_buffer_printf(buffer, "%s %d %d %u;", cor_row_key(field),
				field->when != NULL, (int)field->to, (unsigned)field->omit);
}

/* All forms that it is made of, as JSON Schema: what readers must know is what says who may read.
 */
static int describe(
	const struct cor_schema *schema, struct cor_arena *arena, struct cor_buffer *buffer)
{
	const struct cor_schema_form root = { .schema = schema, .use = COR_USE_WHOLE };
	struct cor_schema_names names;
	int rc = 0;

	if (schema->media != COR_MEDIA_JSON) {
		cor_buffer_append_str(buffer, cor_str(schema->symbol));
		return cor_buffer_error(buffer);
	}
	rc = cor_schema_names_collect(&root, 1, arena, &names);

	for (size_t i = 0; rc == 0 && i < names.len; i++) {
		cor_buffer_append_str(buffer, cor_str(names.forms[i].name));
		cor_describe_form(&names.forms[i], &names, buffer);
		describe_places(names.forms[i].schema, buffer);
	}
	return rc < 0 ? rc : cor_buffer_error(buffer);
}

static int compute(const struct cor_schema *schema, uint64_t *ret)
{
	struct cor_buffer buffer = { 0 };
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = describe(schema, &arena, &buffer);
	if (rc == 0) {
		uint64_t hash = XXH3_64bits(buffer.data ? buffer.data : "", buffer.len);
		*ret = hash ? hash : 1;
	}
	cor_buffer_finish(&buffer);
	cor_arena_finish(&arena);
	return rc;
}

static const struct cor_fingerprint *find(
	struct cor_fingerprints *known, const struct cor_schema *schema)
{
	const struct cor_fingerprint *at = atomic_load_explicit(
		&known->first, memory_order_acquire);

	while (at && at->schema != schema)
		at = at->next;
	return at;
}

static int add(struct cor_fingerprints *known, const struct cor_schema *schema, uint64_t value)
{
	struct cor_fingerprint *one = malloc(sizeof *one);

	if (!one)
		return -ENOMEM;
	*one = (struct cor_fingerprint){ known->first, schema, value };
	atomic_store_explicit(&known->first, one, memory_order_release);
	return 0;
}

int cor_fingerprint_of(
	struct cor_fingerprints *known, const struct cor_schema *schema, uint64_t *ret)
{
	const struct cor_fingerprint *one = find(known, schema);
	int rc = 0;

	if (one) {
		*ret = one->value;
		return 0;
	}
	pthread_mutex_lock(&known->mutex);
	one = find(known, schema);
	if (one)
		*ret = one->value;
	else
		rc = compute(schema, ret);
	if (!one && rc == 0)
		rc = add(known, schema, *ret);
	pthread_mutex_unlock(&known->mutex);
	return rc;
}

void cor_fingerprints_finish(struct cor_fingerprints *known)
{
	struct cor_fingerprint *next;

	for (struct cor_fingerprint *at = known->first; at; at = next) {
		next = at->next;
		free(at);
	}
	known->first = NULL;
}
