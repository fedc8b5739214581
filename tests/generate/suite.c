/* SPDX-License-Identifier: MIT */
/*
 * The JSON-Schema-Test-Suite through generated tables: suite FILE ... reads its files, and prints
 * for each keyword how many verdicts are right. Where nothing was told, every verdict must be;
 * where something was left out, nothing that is right may be refused, unless a note says so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json_node.h>
#include <coracle/schema.h>

#include "generate/generate.h"

struct score {
	unsigned groups, exact, tests, right, told_right, wrong;
};

/* Notes of what makes a table stricter than its schema, or of a type that was guessed. */
static const char *const stricter[] = { "it is taken for", "so is a member", "no values but",
	"NULL", "only http", "years and months" };

/* What the draft only notes by default, a table checks: formats and encodings. */
static bool is_checked(const char *file)
{
	return strcmp(file, "format.json") == 0 || strcmp(file, "content.json") == 0;
}

static bool says_stricter(const struct cor_generate_note *note)
{
	for (; note; note = note->next)
		for (size_t i = 0; i < sizeof stricter / sizeof stricter[0]; i++)
			if (strstr(note->text, stricter[i]))
				return true;
	return false;
}

static bool takes(struct cor_codec *codec, const struct cor_schema *schema, struct cor_str text)
{
	struct cor_violations violations = { 0 };
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	void *value = cor_arena_zalloc(&arena, schema->size);
	bool is_taken = value &&
			cor_decode_json(codec, &arena, schema, value, text, &violations) == 0;
	cor_arena_finish(&arena);
	return is_taken;
}

static void complain(const char *file, const struct cor_node *group, const struct cor_node *test,
	const char *what)
{
	struct cor_str of = { 0 }, name = { 0 };

	cor_ignore(cor_node_to_text(cor_node_get(group, "description"), &of));
	cor_ignore(cor_node_to_text(cor_node_get(test, "description"), &name));
	printf("wrong %s: %.*s: %.*s: %s\n", file, (int)of.len, of.data, (int)name.len, name.data,
		what);
}

/* `only`: values of this type; COR_JSON_END: all. */
static void run_tests(struct cor_arena *arena, const char *file, const struct cor_node *group,
	enum cor_json_type only, const struct cor_generated *made, struct score *score)
{
	const struct cor_node *tests = cor_node_get(group, "tests");
	struct cor_violations why = { 0 };
	struct cor_codec *codec = NULL;

	if (cor_codec_create(&made->tried, 1, &codec, arena, &why) < 0) {
		complain(file, group, NULL, "the table is refused");
		score->wrong++;
		return;
	}
	score->exact += made->notes_len == 0;
	for (size_t i = 0; i < cor_node_len(tests); i++) {
		const struct cor_node *test = cor_node_item(tests, i);
		struct cor_str text;
		bool valid = false;
		const struct cor_node *data = cor_node_get(test, "data");
		cor_ignore(cor_node_to_bool(cor_node_get(test, "valid"), &valid));
		if ((only != COR_JSON_END && cor_node_type(data) != only) ||
			cor_node_print(arena, data, &text) < 0)
			continue;
		bool is_taken = takes(codec, made->tried, text);
		score->tests++;
		if (made->notes_len == 0 && is_taken == valid)
			score->right++;
		else if (is_taken == valid)
			score->told_right++;
		else if (valid && is_checked(file))
			score->told_right++;
		else if (made->notes_len == 0 || (valid && !says_stricter(made->notes))) {
			complain(file, group, test, valid ? "is refused" : "is taken");
			score->wrong++;
		}
	}
	cor_codec_destroy(codec);
}

static void run_schema(const char *file, const struct cor_node *group,
	const struct cor_node *schema, enum cor_json_type only, struct score *score)
{
	const struct cor_generate_options options = { .name = "suite" };
	struct cor_generated made;
	struct cor_arena arena;
	struct cor_str text;

	cor_arena_init(&arena, NULL, 0, 0);
	score->groups++;
	if (cor_node_print(&arena, schema, &text) == 0) {
		int rc = cor_generate(&arena, text, &options, &made);
		if (rc < 0 && rc != -COR_EINVALID) {
			complain(file, group, NULL, made.problem);
			score->wrong++;
		} else if (rc == 0 && made.tried) {
			run_tests(&arena, file, group, only, &made, score);
		}
	}
	cor_arena_finish(&arena);
}

/* A type would then be that of what refers, too. */
static bool refers_to_itself(struct cor_arena *arena, const struct cor_node *schema)
{
	struct cor_str text, id;
	const char *own = "#";

	if (cor_node_to_text(cor_node_get(schema, "$id"), &id) == 0)
		own = cor_arena_copy(arena, id.data, id.len);
	if (!own || cor_node_print(arena, schema, &text) < 0)
		return true;
	const char *whole = cor_arena_copy(arena, text.data, text.len);
	const char *reference = cor_arena_printf(arena, "\"$ref\":\"%s\"", own);
	return !whole || !reference || strstr(whole, reference) || strstr(whole, "\"$ref\":\"#\"");
}

/*
 * Most schemas of the suite name no type, so that values of all others are right. A table has one
 * type: so each is tried with each type, on the values that are of it.
 */
static void run_typed(const char *file, const struct cor_node *group, struct score *score)
{
	static const struct {
		const char *name;
		enum cor_json_type type;
	} types[] = { { "object", COR_JSON_OBJECT }, { "array", COR_JSON_ARRAY },
		{ "string", COR_JSON_STRING }, { "number", COR_JSON_NUMBER } };
	const struct cor_node *schema = cor_node_get(group, "schema");
	struct cor_arena arena;

	if (cor_node_type(schema) != COR_JSON_OBJECT || cor_node_get(schema, "type"))
		return;
	cor_arena_init(&arena, NULL, 0, 0);
	bool is_whole = refers_to_itself(&arena, schema);
	for (size_t i = 0; !is_whole && i < sizeof types / sizeof types[0]; i++) {
		struct cor_node *typed = cor_node_copy(&arena, schema);
		if (typed && cor_node_set(&arena, typed, "type",
				     cor_node_string(&arena, types[i].name)) == 0)
			run_schema(file, group, typed, types[i].type, score);
	}
	cor_arena_finish(&arena);
}

static void run_group(const char *file, const struct cor_node *group, struct score *score)
{
	run_schema(file, group, cor_node_get(group, "schema"), COR_JSON_END, score);
	run_typed(file, group, score);
}

static int run_file(const char *path)
{
	const char *file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	static char text[1 << 20];
	struct score score = { 0 };
	struct cor_node *groups;
	struct cor_arena arena;
	FILE *stream = fopen(path, "rb");

	if (!stream)
		return 1;
	size_t len = fread(text, 1, sizeof text, stream);
	fclose(stream);
	cor_arena_init(&arena, NULL, 0, 0);
	if (cor_node_parse(&arena, (struct cor_str){ text, len }, NULL, &groups, NULL) == 0)
		for (size_t i = 0; i < cor_node_len(groups); i++)
			run_group(file, cor_node_item(groups, i), &score);
	cor_arena_finish(&arena);
	printf("%s: %u schemas, %u said whole; %u tests, %u right, %u right beside a note\n", file,
		score.groups, score.exact, score.tests, score.right, score.told_right);
	return score.wrong != 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= run_file(argv[i]);
	return failed;
}
