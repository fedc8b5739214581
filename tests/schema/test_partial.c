/* SPDX-License-Identifier: MIT */
/* A PATCH by the table of the whole: what was given, what was taken away, what stays. */
#include "schema/describe.h"
#include "schema/walk.h"
#include "trial.h"

enum mood { GOOD = 1, BAD = 2 };
static const struct cor_enum_name mood_names[] = { { "good", GOOD }, { "bad", BAD } };

struct place {
	const char *city;
	int32_t floor;
};
static const struct cor_field place_fields[] = {
	COR_FIELD(struct place, city, .min_length = 2),
	COR_FIELD(struct place, floor, .fallback = "3"),
};
COR_LOCAL_SCHEMA(place_schema, struct place, place_fields);

struct book {
	int64_t id;
	const char *title;
	char note[8];
	int32_t stars;
	enum mood mood;
	cor_opt(double) price;
	cor_opt(double) cost;
	cor_array(const char *) tags;
	struct place place;
	struct place *origin;
	const char *secret;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id, .access = COR_READ_ONLY),
	COR_FIELD(struct book, title, .min_length = 1),
	COR_FIELD(struct book, note, .presence = COR_OPTIONAL),
	COR_FIELD(struct book, stars, .fallback = "5", .range = COR_BETWEEN(1, 5)),
	COR_ENUM(struct book, mood, mood_names),
	COR_OPT_FIELD(struct book, price, .presence = COR_NULLABLE),
	COR_OPT_FIELD(struct book, cost),
	COR_ARRAY(struct book, tags, .presence = COR_OPTIONAL, .max_items = 2),
	COR_EMBED(struct book, place, place_schema),
	COR_OBJECT(struct book, origin, place_schema, .presence = COR_OPTIONAL),
	COR_FIELD(struct book, secret, .access = COR_WRITE_ONLY, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(book_schema, struct book, book_fields);

struct book_patch {
	int64_t number;
	struct book book;
	struct cor_given given;
};
static const struct cor_field book_patch_fields[] = {
	COR_FIELD(struct book_patch, number, .from = COR_FROM_PATH),
	COR_PARTIAL(struct book_patch, book, given, book_schema),
};
COR_LOCAL_SCHEMA(book_patch_schema, struct book_patch, book_patch_fields);

static const char whole[] =
	"{\"id\":7,\"title\":\"Fine\",\"note\":\"old\",\"stars\":2,\"mood\":\"bad\",\"price\":1.5,"
	"\"cost\":0.5,\"tags\":[\"a\",\"b\"],\"city\":\"Ulm\",\"floor\":9,"
	"\"origin\":{\"city\":\"Bonn\",\"floor\":1},\"secret\":\"s\"}";

/* A request's body, what comes of the book above, and what is wrong with it. */
static const struct {
	const char *body, *after, *report;
} cases[] = {
	{ "{}", whole, NULL },
	{ "{\"title\":\"New\"}",
		"{\"id\":7,\"title\":\"New\",\"note\":\"old\",\"stars\":2,\"mood\":\"bad\",\"price\":1.5,"
		"\"cost\":0.5,\"tags\":[\"a\",\"b\"],\"city\":\"Ulm\",\"floor\":9,"
		"\"origin\":{\"city\":\"Bonn\",\"floor\":1},\"secret\":\"s\"}",
		NULL },
	/* null takes away: a fallback comes back */
	{ "{\"note\":null,\"stars\":null,\"price\":null,\"cost\":null,\"tags\":null,"
	  "\"floor\":null,\"origin\":null,\"secret\":null}",
		"{\"id\":7,\"title\":\"Fine\",\"stars\":5,\"mood\":\"bad\",\"price\":null,"
		"\"city\":\"Ulm\",\"floor\":3}",
		NULL },
	{ "{\"mood\":\"good\",\"price\":3.5,\"tags\":[],\"city\":\"Rom\",\"note\":\"\"}",
		"{\"id\":7,\"title\":\"Fine\",\"stars\":2,\"mood\":\"good\",\"price\":3.5,"
		"\"cost\":0.5,\"tags\":[],\"city\":\"Rom\",\"floor\":9,"
		"\"origin\":{\"city\":\"Bonn\",\"floor\":1},\"secret\":\"s\"}",
		NULL },
	/* a nested object is replaced as a whole, by its own rules */
	{ "{\"origin\":{\"city\":\"Genf\"}}",
		"{\"id\":7,\"title\":\"Fine\",\"note\":\"old\",\"stars\":2,\"mood\":\"bad\",\"price\":1.5,"
		"\"cost\":0.5,\"tags\":[\"a\",\"b\"],\"city\":\"Ulm\",\"floor\":9,"
		"\"origin\":{\"city\":\"Genf\",\"floor\":3},\"secret\":\"s\"}",
		NULL },
	{ "{\"origin\":{\"floor\":3}}", NULL, "body /origin/city: is required\n" },
	/* what must be there cannot be taken away, and rules hold */
	{ "{\"title\":null,\"mood\":null,\"city\":null}", NULL,
		"body /title: must be a string, not null\n"
		"body /mood: must be a string, not null\n"
		"body /city: must be a string, not null\n" },
	{ "{\"stars\":6,\"tags\":[\"a\",\"b\",\"c\"],\"city\":\"X\",\"note\":7}", NULL,
		"body /stars: must be at most 5\n"
		"body /tags: must have at most 2 items\n"
		"body /city: must have at least 2 characters\n"
		"body /note: must be a string or null, not a number\n" },
	{ "{\"id\":8}", NULL, "body /id: is read-only: leave it out\n" },
	{ "{\"titel\":\"x\"}", NULL, "body /titel: is not a known member; did you mean title?\n" },
	{ "{\"title\":\"a\",\"title\":\"b\"}", NULL, "body /title: is given more than once\n" },
};

static int decode_patch(struct trial *trial, const char *body, struct book_patch *patch)
{
	const struct cor_decode_options options = { .use = COR_USE_REQUEST,
		.default_from = COR_FROM_BODY };

	*patch = (struct book_patch){ 0 };
	trial->violations = (struct cor_violations){ 0 };
	return cor_decode_text(trial->codec, &trial->arena, &book_patch_schema.schema, &options,
		patch, cor_str(body), &trial->violations);
}

static void every_patch(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trial trial;
		struct book_patch patch;
		struct book book;
		assert_int_equal(trial_begin(&trial, &book_patch_schema.schema), 0);
		assert_int_equal(trial_decode(&trial, &book_schema.schema, &book, whole), 0);
		int rc = decode_patch(&trial, cases[i].body, &patch);
		const char *report = trial_report(&trial, &trial.violations);
		if (rc != (cases[i].report ? -COR_EINVALID : 0) ||
			strcmp(report, cases[i].report ? cases[i].report : "") != 0)
			fail_msg("%s: %d %s", cases[i].body, rc, report);
		if (rc == 0) {
			cor_apply(&patch.given, book_schema, &patch.book, &book);
			assert_string_equal(
				trial_encode(&trial, &book_schema.schema, &book), cases[i].after);
		}
		trial_end(&trial);
	}
}

static void what_was_given(void **state)
{
	struct trial trial;
	struct book_patch patch;

	(void)state;
	assert_int_equal(trial_begin(&trial, &book_patch_schema.schema), 0);
	assert_int_equal(
		decode_patch(&trial, "{\"note\":null,\"floor\":2,\"price\":null,\"secret\":\"x\"}",
			&patch),
		0);
	assert_true(cor_is_given(&patch.given, book_schema, note));
	assert_true(cor_is_given(&patch.given, book_schema, place.floor));
	assert_true(cor_is_given(&patch.given, book_schema, price));
	assert_true(cor_is_given(&patch.given, book_schema, secret));
	assert_false(cor_is_given(&patch.given, book_schema, title));
	assert_false(cor_is_given(&patch.given, book_schema, place.city));
	assert_false(cor_is_given(&patch.given, book_schema, cost));
	assert_false(cor_is_given(&patch.given, book_schema, id));
	assert_int_equal(patch.book.price.state, COR_NULL);
	trial_end(&trial);
}

/* For a client: what was given is written, and null for what it takes away. */
static void written_again(void **state)
{
	static const char *const texts[] = {
		"{\"number\":1}",
		"{\"number\":1,\"title\":\"New\",\"note\":null,\"price\":null,\"cost\":null}",
		"{\"number\":1,\"note\":\"x\",\"stars\":2,\"tags\":[],\"floor\":0,\"origin\":null}",
		"{\"number\":1,\"mood\":\"good\",\"price\":2.5,\"tags\":[\"a\"]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct trial trial;
		struct book_patch patch;
		assert_int_equal(trial_begin(&trial, &book_patch_schema.schema), 0);
		assert_int_equal(
			trial_decode(&trial, &book_patch_schema.schema, &patch, texts[i]), 0);
		assert_string_equal(
			trial_encode(&trial, &book_patch_schema.schema, &patch), texts[i]);
		trial_end(&trial);
	}
}

/* Where null would have been the fallback, "" was given. */
struct shelf {
	char name[4];
};
static const struct cor_field shelf_fields[] = {
	COR_FIELD(struct shelf, name, .fallback = "\"A1\""),
};
COR_LOCAL_SCHEMA(shelf_schema, struct shelf, shelf_fields);
struct shelf_patch {
	struct shelf shelf;
	struct cor_given given;
};
static const struct cor_field shelf_patch_fields[] = {
	COR_PARTIAL(struct shelf_patch, shelf, given, shelf_schema),
};
COR_LOCAL_SCHEMA(shelf_patch_schema, struct shelf_patch, shelf_patch_fields);

static void empty_text_with_a_fallback(void **state)
{
	static const char *const texts[][2] = {
		{ "{\"name\":\"\"}", "{\"name\":\"\"}" },
		{ "{\"name\":null}", "{\"name\":\"A1\"}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct trial trial;
		struct shelf_patch patch;
		assert_int_equal(trial_begin(&trial, &shelf_patch_schema.schema), 0);
		assert_int_equal(
			trial_decode(&trial, &shelf_patch_schema.schema, &patch, texts[i][0]), 0);
		assert_string_equal(
			trial_encode(&trial, &shelf_patch_schema.schema, &patch), texts[i][1]);
		trial_end(&trial);
	}
}

/* A form gives members, too. */
static void from_a_query(void **state)
{
	struct trial trial;
	struct book_patch patch = { 0 };

	(void)state;
	assert_int_equal(trial_begin(&trial, &book_patch_schema.schema), 0);
	assert_int_equal(trial_bind(&trial, &book_patch_schema.schema, &patch, "title", "New"), 0);
	assert_true(cor_is_given(&patch.given, book_schema, title));
	assert_false(cor_is_given(&patch.given, book_schema, note));
	trial_end(&trial);
}

static void in_the_document(void **state)
{
	const struct cor_schema_form root = { .schema = &book_patch_schema.schema,
		.use = COR_USE_REQUEST };
	struct cor_schema_names names;
	struct cor_buffer buffer = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &book_patch_schema.schema), 0);
	assert_int_equal(cor_schema_names_collect(&root, 1, &trial.arena, &names), 0);
	cor_describe_object(&book_patch_schema.schema, COR_USE_REQUEST, &names, &buffer);
	const char *text = cor_arena_copy(&trial.arena, buffer.data, buffer.len);
	assert_null(strstr(text, "\"required\""));
	assert_null(strstr(text, "\"default\""));
	assert_non_null(strstr(text, "\"title\":{\"type\":\"string\",\"minLength\":1}"));
	assert_non_null(strstr(text, "\"note\":{\"type\":[\"string\",\"null\"],\"maxLength\":7}"));
	assert_non_null(strstr(text, "\"stars\":{\"type\":[\"integer\",\"null\"],"));
	assert_non_null(strstr(text, "\"origin\":{\"anyOf\":[{\"$ref\":"));
	assert_non_null(strstr(text, "\"tags\":{\"type\":[\"array\",\"null\"],"));
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

struct patch_patch {
	struct book_patch patch;
	struct cor_given given;
};

static void partial_in_partial(void **state)
{
	static const struct cor_field inner_fields[] = {
		COR_PARTIAL(struct book_patch, book, given, book_schema),
	};
	COR_LOCAL_SCHEMA(inner_schema, struct book_patch, inner_fields);
	const struct cor_field fields[] = {
		COR_PARTIAL(struct patch_patch, patch, given, inner_schema),
	};
	const struct cor_schema schema = { fields, 1, sizeof(struct patch_patch), "outer_schema" };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema), -COR_ETABLE);
	assert_non_null(strstr(trial_report(&trial, &trial.why),
		"row patch: inner_schema has a COR_PARTIAL row itself: use COR_EMBED for one"));
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_patch),
		cmocka_unit_test(what_was_given),
		cmocka_unit_test(written_again),
		cmocka_unit_test(empty_text_with_a_fallback),
		cmocka_unit_test(from_a_query),
		cmocka_unit_test(in_the_document),
		cmocka_unit_test(partial_in_partial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
