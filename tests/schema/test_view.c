/* SPDX-License-Identifier: MIT */
/* Views that code names in a call. */
#include "trial.h"

#include <stdio.h>
#include <string.h>

#include <coracle/view.h>

struct author {
	const char *name;
	int32_t born;
};
static const struct cor_field author_fields[] = {
	COR_FIELD(struct author, name),
	COR_FIELD(struct author, born, .fallback = "1900"),
};
COR_LOCAL_SCHEMA(author_schema, struct author, author_fields);

struct book {
	int64_t id;
	const char *title;
	struct author author;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id, .access = COR_READ_ONLY),
	COR_FIELD(struct book, title, .fallback = "\"none\""),
	COR_OBJECT(struct book, author, author_schema),
};
COR_LOCAL_SCHEMA(book_schema, struct book, book_fields);

static const struct cor_view brief = { .only = COR_KEYS("id", "author.name") };
static const struct cor_view patch = { .partial = true };
static const struct cor_view wrong = { .only = COR_KEYS("titel") };
static const struct cor_view wrapped = { .envelope = "data", .exclude = COR_KEYS("author") };

static struct trial trial;

static int begin(void **state)
{
	(void)state;
	return trial_begin(&trial, &book_schema.schema);
}

static int end(void **state)
{
	(void)state;
	trial_end(&trial);
	return 0;
}

static const char *encoded(const struct cor_view *view, const struct book *book)
{
	struct cor_str text;

	assert_int_equal(
		cor_encode_view(trial.codec, &trial.arena, book_schema, view, book, &text), 0);
	return cor_arena_copy(&trial.arena, text.data, text.len);
}

static void a_part_is_written(void **state)
{
	const struct book book = { 1, "Dunes", { "Ann", 1940 } };
	struct cor_str text;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_string_equal(
			encoded(&brief, &book), "{\"id\":1,\"author\":{\"name\":\"Ann\"}}");
		assert_string_equal(
			encoded(&wrapped, &book), "{\"data\":{\"id\":1,\"title\":\"Dunes\"}}");
	}
	assert_int_equal(
		cor_encode_view(trial.codec, &trial.arena, book_schema, &wrong, &book, &text),
		-COR_ETABLE);
	assert_int_equal(
		cor_encode_view(trial.codec, &trial.arena, book_schema, &patch, &book, &text),
		-COR_ETABLE);
	assert_int_equal(cor_encode_view(trial.codec, &trial.arena, author_schema, &brief,
				 &book.author, &text),
		-COR_ETABLE);
}

static void a_part_is_read(void **state)
{
	struct cor_violations found = { 0 };
	struct cor_given given;
	struct book book;

	(void)state;
	assert_int_equal(
		cor_decode_view(trial.codec, &trial.arena, book_schema, &patch, &book, &given,
			COR_STR("{\"id\":7,\"author\":{\"name\":\"Eve\"}}"), &found),
		0);
	assert_int_equal(book.id, 7);
	assert_int_equal(book.author.born, 1900);
	assert_null(book.title);
	assert_true(cor_is_given(&given, book_schema, id));
	assert_false(cor_is_given(&given, book_schema, title));
	assert_int_equal(cor_decode_view(trial.codec, &trial.arena, book_schema, &brief, &book,
				 NULL, COR_STR("{\"id\":7,\"title\":\"x\",\"author\":{}}"), &found),
		-COR_EINVALID);
	assert_string_equal(trial_report(&trial, &found),
		"body /title: is not a known member\nbody /author/name: is required\n");
	found = (struct cor_violations){ 0 };
	assert_int_equal(cor_decode_view(trial.codec, &trial.arena, book_schema, &wrong, &book,
				 NULL, COR_STR("{}"), &found),
		-COR_ETABLE);
	assert_non_null(strstr(trial_report(&trial, &found), "did you mean \"title\"?"));
}

/* What counts is what a view says: it may stand where another one stood. */
static void views_of_a_call(void **state)
{
	static const char *const names[] = { "id", "title" };
	static const char *const wanted[] = { "{\"id\":1}", "{\"title\":\"Dunes\"}" };
	const struct book book = { 1, "Dunes", { "Ann", 1940 } };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		char name[8];
		snprintf(name, sizeof name, "%s", names[i % 2]);
		const struct cor_view view = { .only = COR_KEYS(name) };
		assert_string_equal(encoded(&view, &book), wanted[i % 2]);
		memset(name, 'x', sizeof name);
	}
}

/* What was read stays, even if the table that read it has gone. */
static void the_last_ones_are_kept(void **state)
{
	const struct book book = { 1, "Dunes", { "Ann", 1940 } };
	struct cor_violations found = { 0 };
	struct book read;

	(void)state;
	assert_int_equal(cor_decode_view(trial.codec, &trial.arena, book_schema,
				 (&(struct cor_view){ .exclude = COR_KEYS("author") }), &read, NULL,
				 COR_STR("{\"id\":7}"), &found),
		0);
	for (int i = 0; i < 3 * COR_VIEWS_KEPT; i++) {
		char wrapper[16], text[32];
		snprintf(wrapper, sizeof wrapper, "w%d", i);
		snprintf(text, sizeof text, "{\"%s\":{\"id\":1}}", wrapper);
		const struct cor_view view = { .only = COR_KEYS("id"), .envelope = wrapper };
		assert_string_equal(encoded(&view, &book), text);
		assert_string_equal(
			encoded(&brief, &book), "{\"id\":1,\"author\":{\"name\":\"Ann\"}}");
	}
	assert_string_equal(read.title, "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_is_written),
		cmocka_unit_test(a_part_is_read),
		cmocka_unit_test(views_of_a_call),
		cmocka_unit_test(the_last_ones_are_kept),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
