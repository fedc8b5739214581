/* SPDX-License-Identifier: MIT */
/*
 * Cached functions of several services in one program, whose tables no service names.
 *
 *     known SERVICE OPTION...    that service, as its main() would start it
 *     known call                 call a cached function
 *     known library PATH         load a library with one, call it, and unload it
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "known.h"

static const struct cor_field pair_fields[] = {
	COR_FIELD(struct pair, a),
	COR_FIELD(struct pair, b),
};
COR_LOCAL_SCHEMA(pair_schema, struct pair, pair_fields);

static const struct cor_field sum_fields[] = { COR_FIELD(struct sum, sum) };
COR_LOCAL_SCHEMA(sum_schema, struct sum, sum_fields);

/* Two members of one name. */
static const struct cor_field twice_fields[] = {
	COR_FIELD(struct sum, sum),
	COR_FIELD(struct sum, sum),
};
COR_LOCAL_SCHEMA(twice_schema, struct sum, twice_fields);

static int add(struct cor_ctx *ctx, const struct pair *in, struct sum *out)
{
	(void)ctx;
	out->sum = in->a + in->b;
	return 0;
}

__attribute__((visibility("default"))) const struct cor_cache sums = { .name = "sums" };
static const struct cor_cache twice_sums = { .name = "twice" };
static const struct cor_cache timed_sums = { .name = "timed" };

COR_CACHED(add_kept, add, &sums, pair_schema, sum_schema);
COR_CACHED(add_twice, add, &twice_sums, pair_schema, twice_schema);
COR_CACHED(add_timed, add, &timed_sums, pair_schema, sum_schema, .stale_ms = -1);

static const struct cor_service services[] = {
	{ .name = "good", .caches = COR_CACHES(&sums) },
	{ .name = "twice", .caches = COR_CACHES(&twice_sums) },
	{ .name = "timed", .caches = COR_CACHES(&timed_sums) },
};

static int call(add_fn *function)
{
	struct sum sum = { 0 };
	struct cor_ctx *ctx;
	int rc = cor_ctx_create(&(struct cor_ctx_options){ .service = &services[0] }, &ctx);

	if (rc < 0) {
		printf("no ctx: %s\n", cor_strerror(rc));
		return 1;
	}
	rc = function(ctx, &(struct pair){ 3, 4 }, &sum);
	if (rc == 0)
		printf("%" PRId64 "\n", sum.sum);
	else
		printf("%s\n",
			cor_problem_of(ctx) ? cor_problem_of(ctx)->detail : cor_strerror(rc));
	cor_ctx_destroy(ctx);
	return rc < 0;
}

static int call_library(const char *path)
{
	void *library = dlopen(path, RTLD_NOW);
	add_fn *function = library ? (add_fn *)dlsym(library, "library_add") : NULL;

	if (!function) {
		printf("%s\n", dlerror());
		return 1;
	}
	int status = call(function);
	dlclose(library);
	return status ? status : call(add_kept); /* whose service has one function less */
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "call") == 0)
		return call(add_kept);
	if (strcmp(what, "library") == 0 && argc == 3)
		return call_library(argv[2]);
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
		if (strcmp(what, services[i].name) == 0)
			return cor_main(argc - 1, argv + 1, &services[i]);
	(void)add_twice, (void)add_timed;
	return 2;
}
