/* SPDX-License-Identifier: MIT */
/* Rows of files where none can be, and options that do not fit them: all of it is told at start. */
#include "fake.h"
#include "tables.h"

#include <coracle/error.h>
#include <coracle/response.h>

struct part {
	struct cor_upload file;
};
static const struct cor_field part_fields[] = { COR_FIELD(struct part, file) };
COR_DECLARE_SCHEMA(part_schema, struct part);
COR_SCHEMA(part_schema, part_fields);

struct odd {
	struct cor_upload a, b, c, d, e, f;
	cor_array(struct cor_upload) g;
	cor_dict(struct cor_upload) h;
	const char *text;
	struct cor_upload i;
	struct cor_upload j;
};
static const struct cor_field odd_fields[] = {
	COR_FIELD(struct odd, a, .media_types = "image"),
	COR_FIELD(struct odd, b, .media_types = "Image/PNG"),
	COR_FIELD(struct odd, c, .fallback = "\"x\""),
	COR_FIELD(struct odd, d, .example = "\"x\""),
	COR_FIELD(struct odd, e, .presence = COR_NULLABLE),
	COR_FIELD(struct odd, f, .max_length = 3),
	COR_ARRAY(struct odd, g, .unique_items = true),
	COR_DICT(struct odd, h),
	COR_FIELD(struct odd, text, .max_bytes = 3),
	COR_FIELD(struct odd, i, .access = COR_READ_ONLY),
	COR_FIELD(struct odd, j, .constant = "\"x\""),
};
COR_DECLARE_SCHEMA(odd_schema, struct odd);
COR_SCHEMA(odd_schema, odd_fields);

struct nest {
	struct part part;
	struct cor_upload own;
	struct cor_json json;
};
static const struct cor_field nest_fields[] = {
	COR_OBJECT(struct nest, part, part_schema),
	COR_FIELD(struct nest, own),
	COR_FIELD(struct nest, json),
};
COR_DECLARE_SCHEMA(nest_schema, struct nest);
COR_SCHEMA(nest_schema, nest_fields);

struct bare {
	struct cor_upload file;
};
static const struct cor_field bare_fields[] = { COR_FIELD(struct bare, file, .bare = true) };
COR_DECLARE_SCHEMA(bare_schema, struct bare);
COR_SCHEMA(bare_schema, bare_fields);

static int take_odd(struct cor_ctx *ctx, const struct odd *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(odd_operation, take_odd, odd_schema, COR_NONE);

static int take_nest(struct cor_ctx *ctx, const struct nest *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(nest_operation, take_nest, nest_schema, COR_NONE);

static int take_bare(struct cor_ctx *ctx, const struct bare *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(bare_operation, take_bare, bare_schema, COR_NONE);

static const struct cor_executor process = { .name = "process", .kind = COR_PROCESSES };

static int take_part(struct cor_ctx *ctx, const struct part *in, struct part *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(part_operation, take_part, part_schema, part_schema);
COR_OPERATION(far_operation, take_part, part_schema, part_schema, .executor = &process,
	.examples = COR_EXAMPLES({ .name = "x", .value = "{}" }));

static int stream(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	(void)ctx, (void)in, (void)body;
	return cor_reply_start(reply, 204, NULL);
}
COR_STREAM_OPERATION(stream_operation, stream, COR_NONE, .content_type = "text/plain",
	.parts = COR_PARTS(nest_schema));
static int answer(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(call_operation, answer, COR_NONE, COR_NONE, .parts = COR_PARTS(part_schema));

static const struct cor_resource odd = { .path = "/odd", .post = &odd_operation };
static const struct cor_resource nest = { .path = "/nest", .post = &nest_operation };
static const struct cor_resource bare = { .path = "/bare", .post = &bare_operation };
static const struct cor_resource part = {
	.path = "/part", .get = &part_operation, .put = &far_operation
};
static const struct cor_resource parts = {
	.path = "/parts", .post = &stream_operation, .put = &call_operation
};
static const struct cor_service service = {
	.name = "s",
	.version = "1",
	.resources = COR_RESOURCES(&odd, &nest, &bare, &part, &parts),
	.executors = COR_EXECUTORS(&process),
};

struct fault {
	const char *where;
	const char *detail;
};

static void faults_are_told(void **state)
{
	static const struct fault faults[] = {
		{ "odd_schema, row a", ".media_types \"image\" is no list" },
		{ "odd_schema, row b", ".media_types \"Image/PNG\" is no list" },
		{ "odd_schema, row c", "has no JSON: leave .fallback and .example out" },
		{ "odd_schema, row d", "has no JSON: leave .fallback and .example out" },
		{ "odd_schema, row e", "COR_NULLABLE needs a member that can be null" },
		{ "odd_schema, row f", ".min_length and .max_length are for strings" },
		{ "odd_schema, row g", ".unique_items cannot compare files" },
		{ "odd_schema, row h", "use a cor_array" },
		{ "odd_schema, row text", ".media_types and .max_bytes are for files" },
		{ "odd_schema, row i", "leave .access and .to out" },
		{ "odd_schema, row j", ".constant is for a scalar" },
		{ "part_schema, row file", "a form has one level" },
		{ "part_schema, row file", "which cannot be answered" },
		{ "bare_schema, row file", "leave .bare out" },
		{ "POST /nest", "row part of nest_schema is neither text nor a file" },
		{ "POST /nest", "row json of nest_schema is neither text nor a file" },
		{ "GET /part", "row file of part_schema is a file, which comes in the body" },
		{ "PUT /part", "runs in a process, which the files of part_schema cannot reach" },
		{ "PUT /part", ".examples" },
		{ "POST /parts", "row part of nest_schema cannot be a part" },
		{ "PUT /parts", ".parts is for streams of a POST, PUT or PATCH" },
	};
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		if (!is_said(&why, faults[i].where, faults[i].detail))
			print_error("not said: %s: %s\n", faults[i].where, faults[i].detail);
		assert_true(is_said(&why, faults[i].where, faults[i].detail));
	}
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(faults_are_told) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
