/* SPDX-License-Identifier: MIT */
#include "cached.h"

#include <stdio.h>
#include <string.h>

const struct cor_cache cached_values = {
	.name = "values",
	.store = &cor_memory_store,
	.evicts = COR_EVICT_LRU,
	.ttl_ms = 600 * 1000,
};

/* Of its own, as room that values need is no reason to do something twice. */
const struct cor_cache cached_keys = {
	.name = "keys",
	.store = &cor_shared_store,
	.bytes = 1024 * 1024,
};

struct question {
	const char *key;
	int64_t ms;
};
static const struct cor_field question_fields[] = {
	COR_FIELD(struct question, key, .from = COR_FROM_PATH, .max_length = 2000),
	COR_FIELD(struct question, ms, .from = COR_FROM_QUERY, .fallback = "0",
		.range = COR_BETWEEN(0, 10000)),
};
COR_LOCAL_SCHEMA(question_schema, struct question, question_fields);

static const struct cor_field value_fields[] = { COR_FIELD(struct cached_value, value) };
COR_SCHEMA(cached_value_schema, value_fields);

struct found {
	const char *key;
	const char *value;
	bool hit;
};
static const struct cor_field found_fields[] = {
	COR_FIELD(struct found, key),
	COR_FIELD(struct found, value),
	COR_FIELD(struct found, hit),
};
COR_LOCAL_SCHEMA(found_schema, struct found, found_fields);

struct making {
	const struct question *of;
	bool *made;
};

static int make(struct cor_ctx *ctx, const void *arg, void *ret)
{
	const struct making *making = arg;
	struct cached_value *value = ret;
	int rc = cor_sleep_ms(making->of->ms);

	*making->made = true;
	value->value = cor_printf(ctx, "value of %s", making->of->key);
	return rc < 0 ? rc : value->value ? 0 : -ENOMEM;
}

static int get_cached(struct cor_ctx *ctx, const struct question *in, struct found *out)
{
	struct cached_value value;
	bool made = false;
	const struct making making = { in, &made };
	int rc = cor_cache_load(ctx, &cached_values, cached_value_schema, &value, make, &making,
		COR_KEY("{}", in->key));

	*out = (struct found){ in->key, value.value, !made };
	return rc;
}
COR_OPERATION(get_cached_operation, get_cached, question_schema, found_schema,
	.summary = "A value that takes ?ms to make, and is kept");

static int drop_cached(struct cor_ctx *ctx, const struct question *in, struct cor_none *out)
{
	int rc = cor_cache_delete(ctx, &cached_values, COR_KEY("{}", in->key));

	(void)out;
	return rc == -ENOENT ? 0 : rc;
}
COR_OPERATION(drop_cached_operation, drop_cached, question_schema, COR_NONE,
	.summary = "Keep it no longer");

const struct cor_resource cached = {
	.path = "/cached/{key}",
	.get = &get_cached_operation,
	.delete = &drop_cached_operation,
};

/* --- answers that are kept: what they are made of changes by DELETE --- */

struct kept {
	uint64_t number;
};
static const struct cor_field kept_fields[] = { COR_FIELD(struct kept, number) };
COR_LOCAL_SCHEMA(kept_schema, struct kept, kept_fields);

/* In the same cache, so that all workers have it. */
static int read_number(struct cor_ctx *ctx, const struct question *in, int64_t by, struct kept *ret)
{
	return cor_cache_add(
		ctx, &cached_values, COR_KEY("number/{}", in->key), by, COR_FOREVER, &ret->number);
}

static int get_kept(struct cor_ctx *ctx, const struct question *in, struct kept *out)
{
	int rc = cor_cache_tag(ctx, COR_KEY("number/{}", in->key));

	if (rc == 0)
		rc = read_number(ctx, in, 0, out);
	return rc < 0 ? rc : cor_sleep_ms(in->ms);
}
COR_OPERATION(get_kept_operation, get_kept, question_schema, kept_schema,
	.summary = "How often it was changed; the answer takes ?ms to make, and is kept",
	.cache = &cached_values,
	.cache_rules = &(const struct cor_answer_rules){ .says_status = true });

static int change_kept(struct cor_ctx *ctx, const struct question *in, struct kept *out)
{
	int rc = read_number(ctx, in, 0, out);

	if (rc == 0)
		rc = read_number(ctx, in, 1, out);
	return rc < 0 ? rc
		      : cor_cache_forget_tag(ctx, &cached_values, COR_KEY("number/{}", in->key));
}
COR_OPERATION(change_kept_operation, change_kept, question_schema, kept_schema,
	.summary = "Change it; no answer from before is given out from then on");

/* Changes it once, however often the request is sent. */
static int change_once(struct cor_ctx *ctx, const struct question *in, struct kept *out)
{
	int rc = cor_sleep_ms(in->ms);

	return rc < 0 ? rc : change_kept(ctx, in, out);
}
COR_OPERATION(change_once_operation, change_once, question_schema, kept_schema,
	.summary = "Change it, in ?ms; with an Idempotency-Key once",
	.idempotency = &(const struct cor_idempotency){
		.cache = &cached_keys, .is_required = true, .lease_ms = 3000 });

const struct cor_resource kept = {
	.path = "/kept/{key}",
	.post = &change_once_operation,
	.get = &get_kept_operation,
	.delete = &change_kept_operation,
};

static char *kind_of(char *store)
{
	static char memory[] = "memory";

	return strcmp(store, "lru") == 0 ? memory : store;
}

void cached_take_flag(int argc, char **argv)
{
	static char flag[] = "--cache-values-store";
	static char both[4096];

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--cache") == 0 && i + 1 < argc) {
			argv[i] = flag;
			argv[i + 1] = kind_of(argv[i + 1]);
		} else if (strncmp(argv[i], "--cache=", strlen("--cache=")) == 0) {
			snprintf(both, sizeof both, "%s=%s", flag,
				kind_of(argv[i] + strlen("--cache=")));
			argv[i] = both;
		}
	}
}
