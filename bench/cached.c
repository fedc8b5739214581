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

struct question {
	const char *key;
	int64_t ms;
};
static const struct cor_field question_fields[] = {
	COR_FIELD(struct question, key, .from = COR_FROM_PATH, .max_length = 200),
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
