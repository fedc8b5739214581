/* SPDX-License-Identifier: MIT */
/* What clients are told in their language, and tables of texts that cannot be right. */
#include "tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/language.h>
#include <coracle/schema.h>
#include <coracle/service.h>

#include "base/violation_texts.h"

struct note {
	const char *title;
	int32_t stars;
};
static const struct cor_field note_fields[] = {
	COR_FIELD(struct note, title, .max_length = 5),
	COR_FIELD(struct note, stars, .fallback = "1", .range = COR_BETWEEN(1, 5)),
};
COR_LOCAL_SCHEMA(note_schema, struct note, note_fields);

struct told {
	const char *language;
};
static const struct cor_field told_fields[] = { COR_FIELD(struct told, language) };
COR_LOCAL_SCHEMA(told_schema, struct told, told_fields);

static int add_note(struct cor_ctx *ctx, const struct note *note, struct told *told)
{
	if (note->stars == 4)
		return cor_problem(ctx, 409, 0, "is there already");
	if (note->stars == 5)
		return cor_invalid(ctx, "body", "/stars", "must be earned");
	told->language = cor_ctx_language(ctx);
	return 0;
}
COR_OPERATION(add_operation, add_note, note_schema, told_schema, .problems = { 409 });
static const struct cor_resource notes = { .path = "/notes", .post = &add_operation };

static const struct cor_text german_texts[] = {
	{ .code = "required", .text = "fehlt" },
	{ .code = "max_length", .text = "darf h\u00f6chstens {limit} Zeichen haben ({limit})" },
	{ .code = "type", .text = "muss {wanted} sein, nicht {found}" },
	{ .code = "breaks_rule", .text = "eine Regel ist verletzt" },
	{ .code = "breaks_rules", .text = "{count} Regeln sind verletzt" },
	{ .code = "malformed", .text = "kein JSON" },
	{ .word = "a string", .text = "ein Text" },
	{ .word = "must be earned", .text = "muss verdient sein" },
	{ .word = "is there already", .text = "gibt es schon" },
};
static const struct cor_language german = COR_LANGUAGE("de", german_texts);

static const struct cor_text french_texts[] = {
	{ .code = "required", .text = "est obligatoire" },
};
static const struct cor_language french = COR_LANGUAGE("fr-CH", french_texts, .is_default = true);

static const struct cor_service polyglot = {
	.name = "notes",
	.resources = COR_RESOURCES(&notes),
	.languages = COR_LANGUAGES(&german, &french),
};
static const struct cor_service native = {
	.name = "notes",
	.resources = COR_RESOURCES(&notes),
	.languages = COR_LANGUAGES(&german),
};
static const struct cor_service plain = { .name = "notes", .resources = COR_RESOURCES(&notes) };

static void post(const struct cor_service *service, const char *accept, const char *body,
	struct fake_reply *reply)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(service);
	char headers[256];

	snprintf(headers, sizeof headers, "Content-Type: application/json\n%s%s%s",
		accept ? "Accept-Language: " : "", accept ? accept : "", accept ? "\n" : "");
	fake_serve(dispatcher,
		&(struct fake_request){
			.method = "POST",
			.target = "/notes",
			.headers = headers,
			.body = cor_str(body),
		},
		reply);
	cor_dispatcher_destroy(dispatcher);
}

static void expect(const struct cor_service *service, const char *accept, const char *body,
	int status, const char *language, const char *says)
{
	struct fake_reply reply = { 0 };
	char line[64];

	post(service, accept, body, &reply);
	assert_int_equal(reply.status, status);
	snprintf(line, sizeof line, "Content-Language: %s\n", language ? language : "");
	if (!strstr(fake_body(&reply), says) || (language && !strstr(reply.headers, line)) ||
		!language != !strstr(reply.headers, "Vary: Accept-Language\n"))
		fail_msg("%s: %s%s", accept ? accept : "-", reply.headers, fake_body(&reply));
	fake_finish(&reply);
}

static void the_client_chooses(void **state)
{
	(void)state;
	expect(&native, "de", "{}", 422, "de", "\"detail\":\"fehlt\"");
	expect(&native, "de-AT", "{}", 422, "de", "\"detail\":\"fehlt\"");
	expect(&native, "da, DE;q=0.7", "{}", 422, "de", "\"detail\":\"fehlt\"");
	expect(&native, "en, de;q=0.7", "{}", 422, "en", "\"detail\":\"is required\"");
	expect(&native, "en-GB;q=0.2, de;q=0.7", "{}", 422, "de", "fehlt");
	expect(&native, "de;q=0, *", "{}", 422, "en", "is required");
	expect(&native, "ja", "{}", 422, "en", "is required");
	expect(&native, NULL, "{}", 422, "en", "is required");
	expect(&native, "de;q=x", "{}", 422, "en", "is required");
	expect(&polyglot, "fr", "{}", 422, "fr-CH", "est obligatoire");
	expect(&polyglot, "ja", "{}", 422, "fr-CH", "est obligatoire");
	expect(&polyglot, NULL, "{}", 422, "fr-CH", "est obligatoire");
	expect(&polyglot, "en", "{}", 422, "en", "is required");
	expect(&plain, "de", "{}", 422, NULL, "is required");
}

static void texts_have_their_parameters(void **state)
{
	(void)state;
	expect(&native, "de", "{\"title\":\"too long\"}", 422, "de",
		"\"darf h\xc3\xb6"
		"chstens 5 Zeichen haben (5)\"");
	expect(&native, "de", "{\"title\":7}", 422, "de", "\"muss ein Text sein, nicht a number\"");
	expect(&native, "de", "{\"title\":\"a\",\"stars\":0}", 422, "de", "\"must be at least 1\"");
	expect(&native, "de", "{}", 422, "de", "\"detail\":\"eine Regel ist verletzt\"");
	expect(&native, "de", "{\"stars\":0}", 422, "de", "\"detail\":\"2 Regeln sind verletzt\"");
	expect(&native, "de", "{", 400, "de", "\"detail\":\"kein JSON\"");
	expect(&native, "de", "{\"title\":\"a\",\"stars\":5}", 422, "de", "\"muss verdient sein\"");
	expect(&native, "de", "{\"title\":\"a\",\"stars\":4}", 409, "de", "\"gibt es schon\"");
}

static void handlers_know_the_language(void **state)
{
	struct fake_reply reply = { 0 };

	(void)state;
	post(&native, "de-CH", "{\"title\":\"a\"}", &reply);
	assert_string_equal(fake_body(&reply), "{\"language\":\"de\"}");
	assert_null(strstr(reply.headers, "Vary"));
	post(&plain, "de-CH", "{\"title\":\"a\"}", &reply);
	assert_string_equal(fake_body(&reply), "{\"language\":\"en\"}");
	fake_finish(&reply);
}

/* --- contradictions --- */

static const struct cor_text bad_texts[] = {
	{ .code = "requird", .text = "fehlt" },
	{ .code = "max_length", .text = "zu lang" },
	{ .code = "min_length", .text = "{limit} und {limits}" },
	{ .code = "pattern", .text = "{pattern} {" },
	{ .code = "required", .text = "" },
	{ .code = "min", .word = "min", .text = "{limit}" },
	{ .text = "nichts" },
	{ .word = "a string", .text = "ein Text" },
	{ .word = "a string", .text = "eine Zeichenkette" },
};
static const struct cor_language bad = COR_LANGUAGE("de", bad_texts);
static const struct cor_language again = COR_LANGUAGE("DE", german_texts, .is_default = true);
static const struct cor_language untagged = COR_LANGUAGE(
	"deutsch!", german_texts, .is_default = true);

static const struct cor_service mistaken = {
	.name = "notes",
	.resources = COR_RESOURCES(&notes),
	.languages = COR_LANGUAGES(&bad, &again, &untagged),
};

static void mistakes_are_told_at_start(void **state)
{
	static const char *const said[] = {
		"there is no code \"requird\": docs/errors.md lists them",
		"the text of \"max_length\" lacks {limit}",
		"\"min_length\" has no parameter {limits}",
		"the text of \"pattern\" has a { without its }",
		"the text of \"required\" is empty or not UTF-8",
		"text 5 needs a .code or a .word, and not both",
		"text 6 needs a .code or a .word, and not both",
		"\"a string\" has two texts: leave one of them out",
	};
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&mistaken, &arena, &why), -COR_ETABLE);
	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
		if (!is_said(&why, "language de", said[i]))
			fail_msg("%s", said[i]);
	assert_true(is_said(&why, "language DE", "there are two of it"));
	assert_true(is_said(&why, "language deutsch!", "its tag is not one of RFC 5646"));
	assert_true(is_said(&why, "language deutsch!", "DE .is_default as well"));
	assert_int_equal(why.count, 11);
	cor_arena_finish(&arena);
}

/* --- the catalogue --- */

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 256 * 1024);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, 256 * 1024 - 1, file) > 0);
	fclose(file);
	return text;
}

/* "must have at most {limit} characters" of a text with marks. */
static void write_template(const char *marked, char *out)
{
	for (const char *at = marked; *at; at++) {
		if (*at == COR_MARK_NAME) {
			*out++ = '{';
		} else if (*at == COR_MARK_VALUE) {
			at = strchr(at, COR_MARK_END);
			*out++ = '}';
		} else if (at[0] == '%') {
			*out++ = *++at; /* "s" of a plural, or "%" */
		} else {
			*out++ = *at;
		}
	}
	*out = '\0';
}

static void every_text_is_documented(void **state)
{
	char *docs = read_file(SOURCE_ROOT "/docs/errors.md");
	char *header = read_file(SOURCE_ROOT "/src/base/violation_texts.h");
	size_t defined = 0;

	(void)state;
	for (const char *at = header; (at = strstr(at, "#define COR_SAYS_")); at++)
		defined += at[17] != '('; /* COR_SAYS_() itself */
	assert_int_equal(defined, cor_violation_texts_len);
	for (size_t i = 0; i < cor_violation_texts_len; i++) {
		char text[256], row[400];
		const char *marked;
		struct cor_str code = cor_said_code(cor_violation_texts[i], &marked);
		write_template(marked, text);
		snprintf(row, sizeof row, "| `%.*s` | %s |\n", (int)code.len, code.data, text);
		if (!strstr(docs, row))
			fail_msg("docs/errors.md lacks %s", row);
		for (size_t j = 0; j < i; j++)
			assert_false(cor_str_equal(
				code, cor_said_code(cor_violation_texts[j], &marked)));
	}
	free(header);
	free(docs);
}

static void parameters_have_names(void **state)
{
	struct cor_violations found = { 0 };
	struct cor_arena arena;
	char said[256];

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	snprintf(said, sizeof said, COR_SAYS_NAMES_NEAR, "a, b", "\1b\2\3{");
	cor_violate_saying(&found, &arena, "body", COR_STR("/x"), said);
	assert_string_equal(found.first->detail, "must be one of: a, b; did you mean {?");
	assert_string_equal(found.first->code, "names_near");
	assert_true(cor_str_equal(cor_violation_param(found.first, "names"), COR_STR("a, b")));
	assert_null(cor_violation_param(found.first, "name").data);
	cor_violate(&found, &arena, "body", "/y", "must be %s", "mine");
	assert_null(found.last->code);
	assert_null(cor_violation_param(found.last, "names").data);
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_client_chooses),
		cmocka_unit_test(texts_have_their_parameters),
		cmocka_unit_test(handlers_know_the_language),
		cmocka_unit_test(mistakes_are_told_at_start),
		cmocka_unit_test(every_text_is_documented),
		cmocka_unit_test(parameters_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
