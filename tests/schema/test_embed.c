/* SPDX-License-Identifier: MIT */
/*
 * Rows of an embedded struct are on the level of the outer one for everything that reads a table.
 */
#include "schema/describe.h"
#include "schema/walk.h"
#include "trial.h"

enum mood { GOOD, BAD };
static const struct cor_enum_name mood_names[] = { { "good", GOOD }, { "bad", BAD } };

struct place {
	const char *city;
	char code[4];
};
static const struct cor_field place_fields[] = {
	COR_FIELD(struct place, city, .min_length = 2),
	COR_FIELD(struct place, code, .presence = COR_OPTIONAL, .pattern = "^[A-Z]+$"),
};
COR_LOCAL_SCHEMA(place_schema, struct place, place_fields, .unknown = COR_IGNORE);

struct draft {
	enum mood mood;
	cor_opt(int32_t) rating;
	struct place place;
	cor_array(int32_t) sizes;
};
static const struct cor_field draft_fields[] = {
	COR_ENUM(struct draft, mood, mood_names, .fallback = "\"bad\""),
	COR_OPT_FIELD(struct draft, rating, .presence = COR_NULLABLE, .range = COR_BETWEEN(1, 5)),
	COR_EMBED(struct draft, place, place_schema),
	COR_ARRAY(struct draft, sizes, .key = "size", .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(draft_schema, struct draft, draft_fields);

struct stored {
	int64_t id;
	struct draft draft;
	struct timespec made;
};
static const struct cor_field stored_fields[] = {
	COR_FIELD(struct stored, id, .access = COR_READ_ONLY),
	COR_EMBED(struct stored, draft, draft_schema),
	COR_FIELD(struct stored, made, .access = COR_READ_ONLY),
};
COR_LOCAL_SCHEMA(stored_schema, struct stored, stored_fields, .doc = "What is kept");

struct batch {
	cor_array(struct stored) items;
};
static const struct cor_field batch_fields[] = {
	COR_OBJECT_ARRAY(struct batch, items, stored_schema),
};
COR_LOCAL_SCHEMA(batch_schema, struct batch, batch_fields);

static void keys_and_offsets(void **state)
{
	static const struct {
		const char *key, *member;
		size_t offset;
	} wanted[] = {
		{ "id", "id", offsetof(struct stored, id) },
		{ "mood", "draft.mood", offsetof(struct stored, draft.mood) },
		{ "rating", "draft.rating", offsetof(struct stored, draft.rating.value) },
		{ "city", "draft.place.city", offsetof(struct stored, draft.place.city) },
		{ "code", "draft.place.code", offsetof(struct stored, draft.place.code) },
		{ "size", "draft.sizes", offsetof(struct stored, draft.sizes) },
		{ "made", "made", offsetof(struct stored, made) },
	};
	struct cor_rows rows;
	size_t i = 0;

	(void)state;
	assert_int_equal(cor_rows_count(&stored_schema.schema), 7);
	for (const struct cor_field *field = cor_rows_first(&rows, &stored_schema.schema); field;
		field = cor_rows_next(&rows), i++) {
		assert_string_equal(cor_row_key(field), wanted[i].key);
		assert_string_equal(field->member, wanted[i].member);
		assert_int_equal(field->offset, wanted[i].offset);
		if (field->is_opt)
			assert_int_equal(
				field->state_offset, offsetof(struct stored, draft.rating.state));
	}
	assert_int_equal(i, 7);
}

static void there_and_back(void **state)
{
	static const char text[] =
		"{\"id\":7,\"mood\":\"good\",\"rating\":4,\"city\":\"Ulm\",\"code\":\"ULM\","
		"\"size\":[1,2],\"made\":\"2026-01-31T09:30:00Z\"}";
	struct trial trial;
	struct stored stored;

	(void)state;
	assert_int_equal(trial_begin(&trial, &stored_schema.schema), 0);
	assert_int_equal(trial_decode(&trial, &stored_schema.schema, &stored, text), 0);
	assert_int_equal(stored.draft.mood, GOOD);
	assert_int_equal(stored.draft.rating.value, 4);
	assert_string_equal(stored.draft.place.city, "Ulm");
	assert_int_equal(stored.draft.sizes.items[1], 2);
	assert_string_equal(trial_encode(&trial, &stored_schema.schema, &stored), text);
	/* the inner table can be used alone, too: it is part of the codec */
	assert_string_equal(trial_encode(&trial, &place_schema.schema, &stored.draft.place),
		"{\"city\":\"Ulm\",\"code\":\"ULM\"}");
	trial_end(&trial);
}

static void absent_null_and_set(void **state)
{
	struct trial trial;
	struct stored stored;

	(void)state;
	assert_int_equal(trial_begin(&trial, &stored_schema.schema), 0);
	assert_int_equal(trial_decode(&trial, &stored_schema.schema, &stored,
				 "{\"id\":7,\"city\":\"Ulm\",\"made\":\"2026-01-31T09:30:00Z\"}"),
		0);
	assert_int_equal(stored.draft.mood, BAD);
	assert_int_equal(stored.draft.rating.state, COR_ABSENT);
	assert_null(stored.draft.sizes.items);
	assert_int_equal(
		trial_decode(&trial, &stored_schema.schema, &stored,
			"{\"id\":7,\"city\":\"Ulm\",\"rating\":null,\"made\":\"2026-01-31T09:30:00Z\"}"),
		0);
	assert_int_equal(stored.draft.rating.state, COR_NULL);
	assert_string_equal(trial_encode(&trial, &stored_schema.schema, &stored),
		"{\"id\":7,\"mood\":\"bad\",\"rating\":null,\"city\":\"Ulm\","
		"\"made\":\"2026-01-31T09:30:00Z\"}");
	trial_end(&trial);
}

/* Places are flat, and so is the outer table's rule for unknown members. */
static void violations(void **state)
{
	struct cor_decode_options options = { .use = COR_USE_REQUEST,
		.default_from = COR_FROM_BODY };
	struct trial trial;
	struct batch batch = { 0 };

	(void)state;
	assert_int_equal(trial_begin(&trial, &batch_schema.schema), 0);
	assert_int_equal(
		cor_decode_text(trial.codec, &trial.arena, &batch_schema.schema, &options, &batch,
			COR_STR("{\"items\":[{\"id\":1,\"rating\":9,\"city\":\"U\",\"citty\":1,"
				"\"place\":{}},{}]}"),
			&trial.violations),
		-COR_EINVALID);
	assert_string_equal(trial_report(&trial, &trial.violations),
		"body /items/0/id: is read-only: leave it out\n"
		"body /items/0/rating: must be at most 5\n"
		"body /items/0/city: must have at least 2 characters\n"
		"body /items/0/citty: is not a known member; did you mean city?\n"
		"body /items/0/place: is not a known member\n"
		"body /items/1/city: is required\n");
	trial_end(&trial);
}

static void from_the_query(void **state)
{
	const struct cor_bind_pair pairs[] = {
		{ COR_STR("size"), COR_STR("3") },
		{ COR_STR("city"), COR_STR("Ulm") },
		{ COR_STR("rating"), COR_STR("2") },
		{ COR_STR("size"), COR_STR("4") },
	};
	struct stored stored = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &stored_schema.schema), 0);
	assert_int_equal(cor_bind(trial.codec, &trial.arena, &stored_schema.schema, COR_FROM_QUERY,
				 COR_FROM_QUERY, pairs, 4, &stored, &trial.violations),
		0);
	assert_int_equal(stored.draft.sizes.len, 2);
	assert_int_equal(stored.draft.rating.state, COR_SET);
	assert_string_equal(stored.draft.place.city, "Ulm");
	assert_int_equal(stored.draft.mood, BAD);
	trial_end(&trial);
}

static void described(void **state)
{
	const struct cor_schema_form roots[] = { { .schema = &batch_schema.schema,
		.use = COR_USE_REQUEST } };
	struct cor_buffer buffer = { 0 };
	struct cor_schema_names names;
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_schema_names_collect(roots, 1, &arena, &names), 0);
	assert_int_equal(names.len, 2); /* an embedded schema is not a component */
	cor_describe_object(&stored_schema.schema, COR_USE_REQUEST, &names, &buffer);
	cor_buffer_byte(&buffer, '\0');
	assert_string_equal(buffer.data,
		"{\"type\":\"object\",\"description\":\"What is kept\",\"properties\":{"
		"\"mood\":{\"type\":\"string\",\"enum\":[\"good\",\"bad\"],\"default\":\"bad\"},"
		"\"rating\":{\"type\":[\"integer\",\"null\"],\"format\":\"int32\",\"minimum\":1,\"maximum\":5},"
		"\"city\":{\"type\":\"string\",\"minLength\":2},"
		"\"code\":{\"type\":\"string\",\"maxLength\":3,\"pattern\":\"^[A-Z]+$\"},"
		"\"size\":{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":-2147483648,\"maximum\":2147483647,\"examples\":[0]}}},"
		"\"required\":[\"city\"],\"additionalProperties\":false}");
	cor_buffer_finish(&buffer);
	cor_arena_finish(&arena);
}

/* Contradictions */

struct faulty {
	int32_t n;
};
static const struct cor_field faulty_fields[] = {
	COR_FIELD(struct faulty, n, .pattern = "a"),
};
COR_LOCAL_SCHEMA(faulty_schema, struct faulty, faulty_fields);
static const struct cor_field fallback_fields[] = {
	COR_FIELD(struct faulty, n, .fallback = "true"),
};
COR_LOCAL_SCHEMA(fallback_schema, struct faulty, fallback_fields);
static const struct cor_field path_fields[] = {
	COR_FIELD(struct faulty, n, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(path_schema, struct faulty, path_fields);

struct outer {
	int64_t city;
	struct place a, b;
	struct faulty faulty;
	struct cor_str text;
};
static const struct cor_field outer_path_fields[] = {
	COR_EMBED(struct outer, faulty, path_schema),
};
COR_LOCAL_SCHEMA(outer_path_schema, struct outer, outer_path_fields);
struct holder {
	struct outer outer;
};

static const struct contradiction {
	struct cor_field rows[2];
	size_t len, size;
	const char *report;
	size_t count;
} contradictions[] = {
	{ { COR_FIELD(struct outer, city), COR_EMBED(struct outer, a, place_schema) }, 2,
		sizeof(struct outer), "row a.city: the key \"city\" is row city's already", 1 },
	{ { COR_EMBED(struct outer, a, place_schema), COR_FIELD(struct outer, city) }, 2,
		sizeof(struct outer), "row city: the key \"city\" is row a.city's already", 1 },
	{ { COR_EMBED(struct outer, a, place_schema), COR_EMBED(struct outer, b, place_schema) }, 2,
		sizeof(struct outer), "row b.code: the key \"code\" is row a.code's already", 2 },
	{ { COR_EMBED(struct outer, a, place_schema), COR_EMBED(struct outer, a, place_schema) }, 2,
		sizeof(struct outer), "row a.city: the member is row \"city\"'s already", 2 },
	{ { COR_EMBED(struct outer, a, place_schema), COR_FIELD(struct outer, a.code, .key = "x") },
		2, sizeof(struct outer), "row a.code: the member is row \"code\"'s already", 1 },
	/* reported once, where it was written */
	{ { COR_EMBED(struct outer, faulty, faulty_schema) }, 1, sizeof(struct outer),
		"faulty_schema, row n: .pattern", 1 },
	{ { COR_EMBED(struct outer, faulty, fallback_schema) }, 1, sizeof(struct outer),
		"fallback_schema, row n: .fallback", 1 },
	{ { COR_OBJECT(struct holder, outer, outer_path_schema) }, 1, sizeof(struct holder),
		"outer_path_schema, row faulty.n: is nested in another schema", 1 },
	{ { COR_EMBED(struct outer, text, cor_text_schema) }, 1, sizeof(struct outer),
		"row text: cor_text_schema cannot be nested in", 1 },
	{ { COR_EMBED(struct holder, outer, outer_path_schema) }, 1, sizeof(struct outer) + 8,
		"row outer: the row is of another struct", 1 },
	{ { { "a", { COR_KIND_EMBED, 8 }, .owner_size = sizeof(struct outer) } }, 1,
		sizeof(struct outer), "row a: has no schema", 1 },
};

static void every_contradiction(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof contradictions / sizeof contradictions[0]; i++) {
		const struct contradiction *c = &contradictions[i];
		const struct cor_schema schema = { c->rows, c->len, c->size, "outer_schema" };
		struct trial trial;
		int rc = trial_begin(&trial, &schema);
		const char *report = trial_report(&trial, &trial.why);
		if (rc != -COR_ETABLE || trial.why.count != c->count || !strstr(report, c->report))
			fail_msg("case %zu: wanted \"%s\", got %d: %s", i, c->report, rc, report);
		trial_end(&trial);
	}
}

/* No compiler lets a struct hold itself: only rows written by hand can. */
static void in_a_circle(void **state)
{
	struct cor_schema schema = { .len = 2, .size = 8, .symbol = "circle_schema" };
	const struct cor_field rows[] = {
		{ "n", { COR_KIND_INT32, 4 }, .owner_size = 8 },
		{ "self", { COR_KIND_EMBED, 8, &schema }, .owner_size = 8 },
	};
	struct trial trial;

	(void)state;
	schema.fields = rows;
	assert_int_equal(cor_rows_count(&schema), 1 + COR_EMBED_DEPTH_MAX);
	assert_int_equal(trial_begin(&trial, &schema), -COR_ETABLE);
	assert_non_null(strstr(
		trial_report(&trial, &trial.why), "row self: circle_schema embeds itself, or"));
	trial_end(&trial);
}

/* The innermost struct is `levels` structs deep. */
static int embed_levels(struct trial *trial, size_t levels)
{
	static struct cor_schema schemas[COR_EMBED_DEPTH_MAX + 2];
	static struct cor_field rows[COR_EMBED_DEPTH_MAX + 2];

	for (size_t i = 0; i <= levels; i++) {
		rows[i] = (struct cor_field){ "in", { COR_KIND_EMBED, 4 }, .owner_size = 4 };
		if (i == levels)
			rows[i].type.kind = COR_KIND_INT32;
		else
			rows[i].type.schema = &schemas[i + 1];
		schemas[i] = (struct cor_schema){ &rows[i], 1, 4, "level_schema" };
	}
	return trial_begin(trial, &schemas[0]);
}

static void depth(void **state)
{
	struct trial trial;

	(void)state;
	assert_int_equal(embed_levels(&trial, COR_EMBED_DEPTH_MAX), 0);
	trial_end(&trial);
	assert_int_equal(embed_levels(&trial, COR_EMBED_DEPTH_MAX + 1), -COR_ETABLE);
	assert_non_null(strstr(trial_report(&trial, &trial.why), "deeper than 8 levels"));
	trial_end(&trial);
}

/* COR_FIELDS_MAX limits the sum. */
static void too_many_rows(void **state)
{
	static struct cor_field rows[COR_FIELDS_MAX];
	static char names[COR_FIELDS_MAX][8];
	const struct cor_schema inner = { rows, COR_FIELDS_MAX, 4 * COR_FIELDS_MAX,
		"inner_schema" };
	const struct cor_field outer_rows[] = {
		{ "in", { COR_KIND_EMBED, 4 * COR_FIELDS_MAX, &inner },
			.owner_size = 4 * COR_FIELDS_MAX + 4 },
		{ "more", { COR_KIND_INT32, 4 }, .owner_size = 4 * COR_FIELDS_MAX + 4,
			.offset = 4 * COR_FIELDS_MAX },
	};
	struct cor_schema outer = { outer_rows, 1, 4 * COR_FIELDS_MAX + 4, "outer_schema" };
	struct trial trial;

	(void)state;
	for (uint32_t i = 0; i < COR_FIELDS_MAX; i++) {
		snprintf(names[i], sizeof names[i], "k%u", i);
		rows[i] = (struct cor_field){ names[i], { COR_KIND_INT32, 4 }, .offset = 4 * i,
			.owner_size = 4 * COR_FIELDS_MAX };
	}
	assert_int_equal(trial_begin(&trial, &outer), 0);
	trial_end(&trial);
	outer.len = 2;
	assert_int_equal(trial_begin(&trial, &outer), -COR_ETABLE);
	assert_non_null(strstr(
		trial_report(&trial, &trial.why), "outer_schema: has 257 rows, at most 256"));
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_offsets),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(absent_null_and_set),
		cmocka_unit_test(violations),
		cmocka_unit_test(from_the_query),
		cmocka_unit_test(described),
		cmocka_unit_test(every_contradiction),
		cmocka_unit_test(in_a_circle),
		cmocka_unit_test(depth),
		cmocka_unit_test(too_many_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
