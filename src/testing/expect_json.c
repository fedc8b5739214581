/* SPDX-License-Identifier: MIT */
#include "testing/expect_json.h"

#include <coracle/arena.h>
#include <coracle/error.h>
#include <coracle/json_node.h>
#include <coracle/json_pointer.h>

#include "testing/expect.h"
#include "testing/print_value.h"

#define DIFFERENCES_MAX 50
#define SHOWN_BYTES     200

struct comparison {
	struct cor_outcome *outcome;
	struct cor_arena arena;
	unsigned count;
};

/* --- one difference --- */

static void print_node(struct comparison *comparison, const struct cor_node *node)
{
	struct cor_str text;

	if (cor_node_print(&comparison->arena, node, &text) < 0)
		return;
	cor_outcome_say(comparison->outcome, "%.*s%s",
		(int)(text.len < SHOWN_BYTES ? text.len : SHOWN_BYTES), text.data,
		text.len > SHOWN_BYTES ? "..." : "");
}

static void print_place(
	struct comparison *comparison, const char *what, const struct cor_node *node)
{
	struct cor_str pointer = cor_pointer_of(&comparison->arena, node);

	cor_outcome_say(comparison->outcome, "    %-7s %.*s: ", what, (int)pointer.len,
		pointer.len > 0 ? pointer.data : "");
}

static void tell(
	struct comparison *comparison, const struct cor_node *got, const struct cor_node *wanted)
{
	comparison->count++;
	if (comparison->count > DIFFERENCES_MAX)
		return;
	print_place(comparison, !got ? "missing" : !wanted ? "more" : "other", got ? got : wanted);
	if (got && wanted)
		cor_outcome_say(comparison->outcome, "is ");
	print_node(comparison, got ? got : wanted);
	if (got && wanted) {
		cor_outcome_say(comparison->outcome, ", wanted ");
		print_node(comparison, wanted);
	}
	cor_outcome_say(comparison->outcome, "\n");
}

/* --- all of them --- */

static void compare(
	struct comparison *comparison, const struct cor_node *got, const struct cor_node *wanted);

static void compare_objects(
	struct comparison *comparison, const struct cor_node *got, const struct cor_node *wanted)
{
	for (size_t i = 0; i < cor_node_len(wanted); i++)
		compare(comparison, cor_node_get_text(got, cor_node_key(wanted, i)),
			cor_node_item(wanted, i));
	for (size_t i = 0; i < cor_node_len(got); i++)
		if (!cor_node_get_text(wanted, cor_node_key(got, i)))
			tell(comparison, cor_node_item(got, i), NULL);
}

static void compare_arrays(
	struct comparison *comparison, const struct cor_node *got, const struct cor_node *wanted)
{
	size_t len = cor_node_len(got) > cor_node_len(wanted) ? cor_node_len(got)
							      : cor_node_len(wanted);

	for (size_t i = 0; i < len; i++)
		compare(comparison, cor_node_item(got, i), cor_node_item(wanted, i));
}

/* Trees are at most COR_NODE_DEPTH_MAX deep. */
static void compare(
	struct comparison *comparison, const struct cor_node *got, const struct cor_node *wanted)
{
	enum cor_json_type type = cor_node_type(got);

	if (cor_node_equal(got, wanted))
		return;
	if (type == cor_node_type(wanted) && type == COR_JSON_OBJECT)
		compare_objects(comparison, got, wanted);
	else if (type == cor_node_type(wanted) && type == COR_JSON_ARRAY)
		compare_arrays(comparison, got, wanted);
	else
		tell(comparison, got, wanted);
}

/* --- texts --- */

static bool parse(struct cor_test *t, const struct cor_test_place *place, const char *written,
	struct comparison *comparison, const struct cor_test_value *value, struct cor_node **ret)
{
	size_t at = 0;

	if (value->kind != COR_TEST_TEXT || !value->pointer) {
		cor_test_fail_at(t, place->file, place->line, "%s is %s", written,
			value->kind == COR_TEST_TEXT ? "NULL" : "no text");
		return false;
	}
	int rc = cor_node_parse(&comparison->arena, value->text, NULL, ret, &at);
	if (rc == 0)
		return true;
	cor_run_note(t->run, place->file, place->line);
	cor_outcome_say(comparison->outcome, "%s is no JSON, from byte %zu on (%s)\n    ", written,
		at, cor_errname(rc));
	cor_outcome_print_text(comparison->outcome, value->text);
	cor_run_noted(t->run);
	return false;
}

static void tell_all(struct cor_test *t, const struct cor_test_place *place,
	struct comparison *comparison, const struct cor_node *got, const struct cor_node *wanted)
{
	cor_run_note(t->run, place->file, place->line);
	cor_outcome_say(comparison->outcome, "%s is not the JSON that is wanted\n", place->got);
	compare(comparison, got, wanted);
	if (comparison->count > DIFFERENCES_MAX)
		cor_outcome_say(comparison->outcome, "    and %u differences more\n",
			comparison->count - DIFFERENCES_MAX);
	cor_run_noted(t->run);
}

bool cor_expect_json_text(struct cor_test *t, const struct cor_test_place *place,
	const struct cor_test_value *got, const struct cor_test_value *wanted)
{
	struct comparison comparison = { .outcome = t->run->outcome };
	struct cor_node *is = NULL, *should = NULL;
	bool is_same = false;

	cor_arena_init(&comparison.arena, NULL, 0, 0);
	if (parse(t, place, place->wanted, &comparison, wanted, &should) &&
		parse(t, place, place->got, &comparison, got, &is)) {
		is_same = cor_node_equal(is, should);
		if (!is_same)
			tell_all(t, place, &comparison, is, should);
	}
	cor_arena_finish(&comparison.arena);
	return is_same;
}

/* --- structs --- */

static bool encode(struct cor_test *t, const struct cor_test_place *place, struct cor_codec *codec,
	struct cor_arena *arena, const struct cor_schema *schema, const void *value,
	const char *written, struct cor_test_value *ret)
{
	struct cor_str text;
	int rc = cor_encode_json(codec, arena, schema, value, &text);

	if (rc == 0)
		*ret = cor_test_str(text);
	else
		cor_test_fail_at(t, place->file, place->line, "%s has no JSON by %s: %s", written,
			schema->symbol, cor_strerror(rc));
	return rc == 0;
}

bool cor_test_same(struct cor_test *t, const struct cor_test_place *place,
	const struct cor_schema *schema, const void *got, const void *wanted)
{
	struct cor_arena arena;
	struct cor_codec *codec = NULL;
	struct cor_test_value is, should;
	bool is_same = false;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = cor_codec_create(&schema, 1, &codec, &arena, NULL);
	if (rc < 0)
		cor_test_fail_at(t, place->file, place->line, "%s cannot be used: %s",
			schema->symbol, cor_strerror(rc));
	else if (encode(t, place, codec, &arena, schema, wanted, place->wanted, &should) &&
		 encode(t, place, codec, &arena, schema, got, place->got, &is))
		is_same = cor_expect_json_text(t, place, &is, &should);
	cor_codec_destroy(codec);
	cor_arena_finish(&arena);
	return cor_expect_result(t, place, is_same);
}
