/* SPDX-License-Identifier: MIT */
/* Members that no row has are kept, in a cor_dict beside the rows. */
#include "schema/describe.h"
#include "trial.h"

struct event {
	int32_t id;
	cor_dict(struct cor_json) more;
	const char *name;
};
static const struct cor_field event_fields[] = {
	COR_FIELD(struct event, id),
	COR_DICT(struct event, more, .rest = true, .max_items = 3),
	COR_FIELD(struct event, name, .presence = COR_OPTIONAL, .access = COR_READ_ONLY),
};
COR_LOCAL_SCHEMA(event_schema, struct event, event_fields);

struct labels {
	const char *more; /* its key is a row's, and not that of the rest */
	cor_dict(int32_t) counts;
};
static const struct cor_field labels_fields[] = {
	COR_FIELD(struct labels, more),
	COR_DICT(struct labels, counts, .rest = true, .key_pattern = "^x-", .key_max_length = 5,
		.range = COR_MIN(0)),
};
COR_LOCAL_SCHEMA(labels_schema, struct labels, labels_fields);

struct tagged {
	int32_t n;
	struct labels labels;
};
static const struct cor_field tagged_fields[] = {
	COR_FIELD(struct tagged, n),
	COR_EMBED(struct tagged, labels, labels_schema),
};
COR_LOCAL_SCHEMA(tagged_schema, struct tagged, tagged_fields);

static const struct {
	const struct cor_schema *schema;
	const char *json;
	const char *after; /* as it is written; NULL: it is refused */
	const char *report;
} cases[] = {
	{ &event_schema.schema, "{\"a\":[1, 2],\"id\":7,\"name\":\"n\",\"b\":null}",
		"{\"id\":7,\"name\":\"n\",\"a\":[1, 2],\"b\":null}", "" },
	{ &event_schema.schema, "{\"id\":7}", "{\"id\":7}", "" },
	{ &event_schema.schema, "{\"id\":7,\"more\":{\"id\":1}}", "{\"id\":7,\"more\":{\"id\":1}}",
		"" },
	{ &event_schema.schema, "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}", NULL,
		"body /id: is required\nbody : must have at most 3 members\n" },
	{ &event_schema.schema, "{\"id\":7,\"a\":1,\"a\":2,\"id\":8}", NULL,
		"body /id: is given more than once\nbody /a: is given more than once\n" },
	{ &event_schema.schema, "{\"id\":7,\"a\":}", NULL, "is not JSON: unexpected text" },
	{ &event_schema.schema, "{\"id\":7,\"\\u0000\":1}", NULL, "U+0000" },
	{ &tagged_schema.schema, "{\"x-a\":1,\"n\":2,\"more\":\"m\",\"x-b\":3}",
		"{\"n\":2,\"more\":\"m\",\"x-a\":1,\"x-b\":3}", "" },
	{ &tagged_schema.schema, "{\"n\":2,\"more\":\"m\",\"y\":3}", NULL,
		"body /y: must have a name that matches the pattern ^x-\n" },
	{ &tagged_schema.schema, "{\"n\":2,\"more\":\"m\",\"x-long\":3}", NULL,
		"body /x-long: must have a name of at most 5 characters\n" },
	{ &tagged_schema.schema, "{\"n\":2,\"more\":\"m\",\"x-a\":-1}", NULL,
		"body /x-a: must be at least 0\n" },
};

static void the_rest_is_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct cor_schema *schema = cases[i].schema;
		union {
			struct event event;
			struct tagged tagged;
		} value, copy;
		struct trial trial;
		assert_int_equal(trial_begin(&trial, schema), 0);
		int rc = trial_decode(&trial, schema, &value, cases[i].json);
		const char *report = trial_report(&trial, &trial.violations);
		if ((rc == 0) != (cases[i].after != NULL) || !strstr(report, cases[i].report))
			fail_msg("%s: %d %s", cases[i].json, rc, report);
		if (rc == 0) {
			assert_int_equal(cor_copy_struct(&trial.arena, schema, &value, &copy), 0);
			assert_string_equal(trial_encode(&trial, schema, &copy), cases[i].after);
		}
		trial_end(&trial);
	}
}

/* A request that may not give a member does not give it as one of the rest. */
static void rows_of_answers_are_no_rest(void **state)
{
	const struct cor_decode_options request = { .use = COR_USE_REQUEST,
		.default_from = COR_FROM_BODY };
	struct event event = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &event_schema.schema), 0);
	assert_int_equal(cor_decode_text(trial.codec, &trial.arena, &event_schema.schema, &request,
				 &event, COR_STR("{\"id\":1,\"name\":\"n\"}"), &trial.violations),
		-COR_EINVALID);
	assert_string_equal(trial_report(&trial, &trial.violations),
		"body /name: is read-only: leave it out\n");
	trial_end(&trial);
}

static void a_key_of_a_row_is_not_written(void **state)
{
	struct labels labels = { .more = "m" };
	struct labels_item {
		const char *key;
		int32_t value;
	} items[] = { { "x-a", 1 }, { "more", 2 } };
	struct trial trial;

	(void)state;
	labels.counts.items = (void *)items;
	labels.counts.len = 2;
	assert_int_equal(trial_begin(&trial, &labels_schema.schema), 0);
	assert_null(trial_encode(&trial, &labels_schema.schema, &labels));
	labels.counts.len = 1;
	assert_string_equal(
		trial_encode(&trial, &labels_schema.schema, &labels), "{\"more\":\"m\",\"x-a\":1}");
	trial_end(&trial);
}

static void the_document_has_it(void **state)
{
	const struct cor_schema_names none = { 0 };
	struct cor_buffer buffer = { 0 };

	(void)state;
	cor_describe_object(&tagged_schema.schema, COR_USE_REQUEST, &none, &buffer);
	cor_buffer_byte(&buffer, '\0');
	assert_non_null(strstr(buffer.data,
		"\"required\":[\"n\",\"more\"],\"additionalProperties\":{\"type\":\"integer\","
		"\"format\":\"int32\",\"minimum\":0,\"maximum\":2147483647},\"propertyNames\":{"
		"\"anyOf\":[{\"enum\":[\"n\",\"more\"]},{\"pattern\":\"^x-\",\"maxLength\":5}]}}"));
	cor_buffer_finish(&buffer);
}

/* --- contradictions --- */

struct thing {
	int32_t n;
	cor_dict(int32_t) first, second;
};
static const struct {
	struct cor_field rows[2];
	const char *report;
} wrong[] = {
	{ { COR_DICT(struct thing, first, .rest = true),
		  COR_DICT(struct thing, second, .rest = true) },
		"row second: row \"first\" takes the rest already: leave one .rest out" },
	{ { COR_FIELD(struct thing, n, .rest = true), COR_DICT(struct thing, second) },
		"only a cor_dict can take the rest" },
	{ { COR_DICT(struct thing, first, .rest = true, .key = "x"), COR_FIELD(struct thing, n) },
		"a .rest has no place of its own" },
};

static void contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const struct cor_schema schema = { wrong[i].rows, 2, sizeof(struct thing),
			"thing_schema" };
		struct trial trial;
		assert_int_equal(trial_begin(&trial, &schema), -COR_ETABLE);
		const char *report = trial_report(&trial, &trial.why);
		if (trial.why.count != 1 || !strstr(report, wrong[i].report))
			fail_msg("%s: %s", wrong[i].report, report);
		trial_end(&trial);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rest_is_kept),
		cmocka_unit_test(rows_of_answers_are_no_rest),
		cmocka_unit_test(a_key_of_a_row_is_not_written),
		cmocka_unit_test(the_document_has_it),
		cmocka_unit_test(contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
