/* SPDX-License-Identifier: MIT */
/*
 * What decoding says about whole texts: all violations together, each with its pointer; and which
 * rows take part.
 */
#include "order.h"
#include "trial.h"

#define GOOD_HEAD                                                                                  \
	"\"id\":1,\"customer\":\"a\",\"status\":\"new\",\"created\":\"2026-01-01T00:00:00Z\",\"paid\":true"
#define GOOD_TAIL "\"discount\":0,\"address\":{\"street\":\"s\",\"city\":\"c\",\"zip\":\"z\"}"
#define GOOD_ITEM "{\"sku\":\"SKU-0001\",\"qty\":1,\"price\":0}"

static const struct text_case {
	const char *json;
	int rc;
	const char *report;
} cases[] = {
	{ "{" GOOD_HEAD "," GOOD_TAIL ",\"items\":[" GOOD_ITEM "]}", 0, "" },
	{ " {\n\t" GOOD_HEAD " , " GOOD_TAIL ", \"items\" : [ " GOOD_ITEM " ] } \r\n", 0, "" },
	{ "{\"items\":[" GOOD_ITEM "]," GOOD_TAIL "," GOOD_HEAD "}", 0, "" },
	{ "{}", -COR_EINVALID,
		"body /id: is required\nbody /customer: is required\nbody /status: is required\n"
		"body /created: is required\nbody /paid: is required\nbody /discount: is required\n"
		"body /address: is required\nbody /items: is required\n" },
	{ "{" GOOD_HEAD "," GOOD_TAIL ",\"items\":[]}", -COR_EINVALID,
		"body /items: must have at least 1 item\n" },
	{ "{" GOOD_HEAD
	  ",\"discount\":1.5,\"address\":{\"street\":1,\"town\":null},\"items\":[" GOOD_ITEM
	  ",{\"sku\":\"SKU-1\",\"qty\":1000,\"price\":-0.5},7]}",
		-COR_EINVALID,
		"body /discount: must be at most 1\n"
		"body /address/street: must be a string, not a number\n"
		"body /address/town: is not a known member\n"
		"body /address/city: is required\nbody /address/zip: is required\n"
		"body /items/1/sku: must match the pattern ^SKU-[0-9]{4}$\n"
		"body /items/1/qty: must be at most 999\n"
		"body /items/1/price: must be at least 0\n"
		"body /items/2: must be an object, not a number\n" },
	{ "{" GOOD_HEAD "," GOOD_TAIL ",\"items\":[" GOOD_ITEM "],\"id\":2,\"custommer\":\"b\"}",
		-COR_EINVALID,
		"body /id: is given more than once\n"
		"body /custommer: is not a known member; did you mean customer?\n" },
	{ "{" GOOD_HEAD "," GOOD_TAIL ",\"items\":[" GOOD_ITEM
	  "],\"a/b~c\":1,\"\":2,\"x\\u0000y\":3}",
		-COR_EINVALID,
		"body /a~1b~0c: is not a known member\nbody /: is not a known member\n"
		"body /x\xef\xbf\xbdy: is not a known member\n" },
	{ "[]", -COR_EINVALID, "body : must be an object, not an array\n" },
	{ "null", -COR_EINVALID, "body : must be an object, not null\n" },
	{ "", -COR_ESYNTAX,
		"body : is not JSON: it ends too early at line 1, column 1 (byte 0)\n" },
	{ "{\"id\":\"x\",\n \"customer\": tru", -COR_ESYNTAX,
		"body : is not JSON: it ends too early at line 2, column 17 (byte 27)\n" },
	{ "{\"id\":\"x\",\n \"customer\": trux}", -COR_ESYNTAX,
		"body : is not JSON: unexpected text at line 2, column 17 (byte 27)\n" },
	{ "{\"id\":1", -COR_ESYNTAX,
		"body : is not JSON: it ends too early at line 1, column 8 (byte 7)\n" },
	{ "{} x", -COR_ESYNTAX,
		"body : is not JSON: unexpected text at line 1, column 4 (byte 3)\n" },
	{ "{\"id\":01}", -COR_ESYNTAX, NULL },
	{ "{\"customer\":\"\xff\"}", -COR_ESYNTAX,
		"body : is not JSON: the text is not UTF-8 at line 1, column 14 (byte 13)\n" },
	{ "{\"customer\":\"M\xfcller\"}", -COR_ESYNTAX, /* as Latin-1 has it */
		"body : is not JSON: the text is not UTF-8 at line 1, column 15 (byte 14)\n" },
	{ "{\"\xc0\x80\":1}", -COR_ESYNTAX,
		"body : is not JSON: the text is not UTF-8 at line 1, column 3 (byte 2)\n" },
	{ "{\"customer\":\xe9}", -COR_ESYNTAX,
		"body : is not JSON: the text is not UTF-8 at line 1, column 13 (byte 12)\n" },
	{ "\xef\xbb\xbf{}", -COR_ESYNTAX,
		"body : is not JSON: unexpected text at line 1, column 1 (byte 0)\n" },
	{ "{\"customer\":\"\\ud800\"}", -COR_ESYNTAX, NULL },
};

static void whole_texts(void **state)
{
	struct trial trial;
	struct order order;

	(void)state;
	assert_int_equal(trial_begin(&trial, &order_schema.schema), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int rc = trial_decode(&trial, &order_schema.schema, &order, cases[i].json);
		const char *report = trial_report(&trial, &trial.violations);
		if (rc != cases[i].rc || (cases[i].report && strcmp(report, cases[i].report) != 0))
			fail_msg("case %zu: %d\n%s", i, rc, report);
		assert_int_equal(trial.violations.count == 0, rc == 0);
		if (rc == -COR_ESYNTAX)
			assert_int_equal(trial.violations.count, 1);
	}
	trial_end(&trial);
}

/* Earlier violations stay, whatever comes after. */
static void violations_add_up(void **state)
{
	struct cor_violations violations = { 0 };
	struct trial trial;
	struct order order;

	(void)state;
	assert_int_equal(trial_begin(&trial, &order_schema.schema), 0);
	cor_violate(&violations, &trial.arena, "query", "a", "first");
	assert_int_equal(cor_decode(trial.codec, &trial.arena, order_schema, &order,
				 COR_STR("{" GOOD_HEAD "," GOOD_TAIL ",\"items\":[" GOOD_ITEM "]}"),
				 &violations),
		0);
	assert_int_equal(cor_decode(trial.codec, &trial.arena, order_schema, &order,
				 COR_STR("{\"id\":\"x\",!"), &violations),
		-COR_ESYNTAX);
	assert_int_equal(violations.count, 2);
	assert_string_equal(violations.first->detail, "first");
	assert_ptr_equal(violations.first->next, violations.last);
	trial_end(&trial);
}

static void more_violations_than_are_kept(void **state)
{
	const char *list = "";
	struct trial trial;
	struct order order;
	size_t kept = 0;

	(void)state;
	assert_int_equal(trial_begin(&trial, &order_schema.schema), 0);
	for (int i = 0; i < 300; i++)
		list = cor_arena_printf(&trial.arena, "%s\"key%d\":0,", list, i);
	const char *json = cor_arena_printf(&trial.arena, "{%s\"id\":1}", list);
	assert_int_equal(trial_decode(&trial, &order_schema.schema, &order, json), -COR_EINVALID);
	assert_int_equal(trial.violations.count, COR_VIOLATIONS_MAX);
	for (struct cor_violation *v = trial.violations.first; v; v = v->next)
		kept++;
	assert_int_equal(kept, COR_VIOLATIONS_MAX);
	trial_end(&trial);
}

static char *nested(
	struct trial *trial, const char *open, const char *inner, const char *close, int levels)
{
	char *json = cor_arena_strdup(&trial->arena, inner);

	for (int i = 0; i < levels; i++)
		json = cor_arena_printf(&trial->arena, "%s%s%s", open, json, close);
	return json;
}

static void recursion_and_depth(void **state)
{
	static const char leaf[] = "{\"na/me~\":\"x\"}";
	static const char bad[] = "{\"na/me~\":1}";
	struct trial trial;
	struct node node;

	(void)state;
	assert_int_equal(trial_begin(&trial, &node_schema.schema), 0);
	const char *deep = nested(
		&trial, "{\"na/me~\":\"n\",\"left\":", leaf, "}", COR_JSON_DEPTH_MAX - 1);
	assert_int_equal(trial_decode(&trial, &node_schema.schema, &node, deep), 0);
	assert_string_equal(trial_encode(&trial, &node_schema.schema, &node), deep);
	deep = nested(&trial, "{\"na/me~\":\"n\",\"left\":", leaf, "}", COR_JSON_DEPTH_MAX);
	assert_int_equal(trial_decode(&trial, &node_schema.schema, &node, deep), -COR_ETOOLARGE);
	assert_int_equal(trial.violations.count, 1);
	assert_non_null(strstr(trial.violations.first->detail, "deeper than 64"));
	deep = nested(&trial, "{\"na/me~\":\"n\",\"children\":[", bad, "]}", 2);
	assert_int_equal(trial_decode(&trial, &node_schema.schema, &node, deep), -COR_EINVALID);
	assert_string_equal(trial.violations.first->where, "/children/0/children/0/na~1me~0");
	assert_int_equal(trial_decode(&trial, &node_schema.schema, &node,
				 "{\"na/me~\":\"a\",\"right\":null}"),
		0);
	assert_null(node.right);
	trial_end(&trial);
}

struct user {
	int64_t id;
	int64_t team;
	const char *name;
	const char *password;
	const char *etag;
	cor_opt(const char *) mail;
};
static const struct cor_field user_fields[] = {
	COR_FIELD(struct user, id, .access = COR_READ_ONLY),
	COR_FIELD(struct user, team, .from = COR_FROM_PATH),
	COR_FIELD(struct user, name),
	COR_FIELD(struct user, password, .access = COR_WRITE_ONLY),
	COR_FIELD(struct user, etag, .to = COR_TO_HEADER, .presence = COR_OPTIONAL,
		.from = COR_FROM_HEADER),
	COR_OPT_FIELD(struct user, mail, .presence = COR_NULLABLE),
};
COR_DECLARE_SCHEMA(user_schema, struct user);
COR_SCHEMA(user_schema, user_fields);

static const struct use_case {
	enum cor_use use;
	enum cor_from default_from;
	const char *json, *report;
} use_cases[] = {
	{ COR_USE_REQUEST, COR_FROM_BODY, "{\"name\":\"a\",\"password\":\"b\"}", "" },
	{ COR_USE_REQUEST, COR_FROM_BODY, "{\"id\":1,\"team\":2,\"etag\":\"x\"}",
		"body /id: is read-only: leave it out\nbody /team: belongs in the path\n"
		"body /etag: belongs in the headers\nbody /name: is required\nbody /password: is required\n" },
	{ COR_USE_REQUEST, COR_FROM_QUERY, "{}", "" },
	{ COR_USE_REQUEST, COR_FROM_QUERY, "{\"name\":\"a\"}",
		"body /name: belongs in the query\n" },
	{ COR_USE_ANSWER, COR_FROM_DEFAULT, "{\"id\":1,\"team\":2,\"name\":\"a\"}", "" },
	{ COR_USE_ANSWER, COR_FROM_DEFAULT,
		"{\"id\":1,\"team\":2,\"name\":\"a\",\"password\":\"x\"}",
		"body /password: is not part of an answer\n" },
	{ COR_USE_WHOLE, COR_FROM_DEFAULT,
		"{\"id\":1,\"team\":2,\"name\":\"a\",\"password\":\"x\",\"etag\":\"y\"}", "" },
};

static void rows_that_take_part(void **state)
{
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &user_schema.schema), 0);
	for (size_t i = 0; i < sizeof use_cases / sizeof use_cases[0]; i++) {
		const struct use_case *c = &use_cases[i];
		const struct cor_decode_options options = { .use = c->use,
			.default_from = c->default_from };
		struct cor_violations violations = { 0 };
		struct user user = { 0 };
		int rc = cor_decode_text(trial.codec, &trial.arena, &user_schema.schema, &options,
			&user, cor_str(c->json), &violations);
		assert_int_equal(rc, *c->report ? -COR_EINVALID : 0);
		assert_string_equal(trial_report(&trial, &violations), c->report);
	}
	trial_end(&trial);
}

static void absent_null_and_set(void **state)
{
	static const struct {
		const char *json;
		enum cor_opt_state state;
	} opts[] = {
		{ "{\"id\":1,\"team\":2,\"name\":\"a\",\"password\":\"b\"}", COR_ABSENT },
		{ "{\"id\":1,\"team\":2,\"name\":\"a\",\"password\":\"b\",\"mail\":null}",
			COR_NULL },
		{ "{\"id\":1,\"team\":2,\"name\":\"a\",\"password\":\"b\",\"mail\":\"m\"}",
			COR_SET },
	};
	struct trial trial;
	struct user user;

	(void)state;
	assert_int_equal(trial_begin(&trial, &user_schema.schema), 0);
	for (size_t i = 0; i < 3; i++) {
		memset(&user, 0xff, sizeof user);
		assert_int_equal(trial_decode(&trial, &user_schema.schema, &user, opts[i].json), 0);
		assert_int_equal(user.mail.state, opts[i].state);
		assert_string_equal(trial_encode(&trial, &user_schema.schema, &user), opts[i].json);
	}
	trial_end(&trial);
}

struct lists {
	cor_array(int32_t) must, may, other;
};
static const struct cor_field lists_fields[] = {
	COR_ARRAY(struct lists, must),
	COR_ARRAY(struct lists, may, .presence = COR_OPTIONAL),
	COR_ARRAY(struct lists, other, .fallback = "[]"),
};
COR_LOCAL_SCHEMA(lists_schema, struct lists, lists_fields);

/* What docs/schema.md says about arrays. */
static void arrays_absent_null_and_empty(void **state)
{
	struct lists lists, nothing = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &lists_schema.schema), 0);
	assert_int_equal(trial_decode(&trial, &lists_schema.schema, &lists, "{\"must\":[]}"), 0);
	assert_true(lists.must.items && lists.must.len == 0);
	assert_true(!lists.may.items && lists.may.len == 0);
	assert_true(lists.other.items && lists.other.len == 0);
	assert_string_equal(
		trial_encode(&trial, &lists_schema.schema, &lists), "{\"must\":[],\"other\":[]}");
	assert_int_equal(trial_decode(&trial, &lists_schema.schema, &lists,
				 "{\"must\":null,\"may\":null,\"other\":null}"),
		-COR_EINVALID);
	assert_int_equal(trial.violations.count, 3);
	assert_string_equal(trial.violations.first->detail, "must be an array, not null");
	assert_int_equal(
		trial_decode(&trial, &lists_schema.schema, &lists, "{\"must\":[],\"may\":[]}"), 0);
	assert_non_null(lists.may.items);
	assert_string_equal(trial_encode(&trial, &lists_schema.schema, &lists),
		"{\"must\":[],\"may\":[],\"other\":[]}");
	assert_string_equal(
		trial_encode(&trial, &lists_schema.schema, &nothing), "{\"must\":[],\"other\":[]}");
	trial_end(&trial);
}

static void unknown_members_ignored(void **state)
{
	struct cor_schema lenient = user_schema.schema;
	struct trial trial;
	struct user user;

	(void)state;
	lenient.unknown = COR_IGNORE;
	assert_int_equal(trial_begin(&trial, &lenient), 0);
	assert_int_equal(
		trial_decode(&trial, &lenient, &user,
			"{\"id\":1,\"x\":{\"y\":[1,{}]},\"team\":2,\"name\":\"a\",\"password\":\"b\"}"),
		0);
	assert_int_equal(
		trial_decode(&trial, &lenient, &user, "{\"id\":1,\"x\":{]}"), -COR_ESYNTAX);
	trial_end(&trial);
}

/* When memory runs out, wherever it does, the result is -ENOMEM or the whole answer. */
static void memory_runs_out(void **state)
{
	static const char json[] = "{" GOOD_HEAD "," GOOD_TAIL ",\"items\":[" GOOD_ITEM
				   "," GOOD_ITEM "," GOOD_ITEM "," GOOD_ITEM "," GOOD_ITEM "]}";
	char first[8192];
	struct trial trial;
	struct order order;
	size_t failed = 0;
	int rc = -ENOMEM;

	(void)state;
	assert_int_equal(trial_begin(&trial, &order_schema.schema), 0);
	for (size_t bytes = 0; rc != 0 && bytes < sizeof first; bytes += 16) {
		struct cor_violations violations = { 0 };
		struct cor_arena arena;
		cor_arena_init(&arena, first, bytes, 1);
		rc = cor_decode(
			trial.codec, &arena, order_schema, &order, cor_str(json), &violations);
		if (rc != 0)
			assert_int_equal(rc, -ENOMEM);
		failed += rc != 0;
		cor_arena_finish(&arena);
	}
	assert_int_equal(rc, 0);
	assert_true(failed > 10);
	trial_end(&trial);
}

static void a_pattern_that_runs_away(void **state)
{
	static const struct cor_field fields[] = { COR_FIELD(
		struct user, name, .pattern = "^(a+)+$|(b|b?)*c") };
	const struct cor_schema schema = { fields, 1, sizeof(struct user), "user_schema" };
	char json[4096] = "{\"name\":\"";
	struct trial trial;
	struct user user;

	(void)state;
	memset(json + 9, 'a', 2000);
	snprintf(json + 2009, 10, "!\"}");
	assert_int_equal(trial_begin(&trial, &schema), 0);
	assert_int_equal(trial_decode(&trial, &schema, &user, json), -COR_EINVALID);
	assert_non_null(strstr(trial.violations.first->detail, "too much work"));
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_texts),
		cmocka_unit_test(violations_add_up),
		cmocka_unit_test(more_violations_than_are_kept),
		cmocka_unit_test(recursion_and_depth),
		cmocka_unit_test(rows_that_take_part),
		cmocka_unit_test(absent_null_and_set),
		cmocka_unit_test(arrays_absent_null_and_empty),
		cmocka_unit_test(unknown_members_ignored),
		cmocka_unit_test(memory_runs_out),
		cmocka_unit_test(a_pattern_that_runs_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
