/* SPDX-License-Identifier: MIT */
/* Members that a function makes, and hooks that work on what is answered. */
#include "tables.h"

#include <coracle/check.h>
#include <coracle/computed.h>
#include <coracle/error.h>
#include <coracle/request.h>

#include "openapi/document.h"

struct base {
	int32_t seen;
};
static int32_t doubled(struct cor_ctx *ctx, const struct base *base)
{
	(void)ctx;
	return 2 * base->seen;
}
COR_COMPUTED(base_doubled, doubled, struct base, int32_t);
static int count_up(struct cor_ctx *ctx, struct base *base)
{
	(void)ctx;
	base->seen++;
	return 0;
}
COR_HOOK(base_dump, count_up, struct base);
static const struct cor_field base_fields[] = {
	COR_FIELD(struct base, seen),
	COR_COMPUTED_FIELD(struct base, twice, base_doubled, .key = "doubled"),
};
COR_LOCAL_SCHEMA(base_schema, struct base, base_fields, .before_dump = &base_dump);

struct user {
	const char *first; /* at the place of what is computed */
	const char *last;
	struct base base;
	const struct user *boss;
};
COR_DECLARE_SCHEMA(user_schema, struct user);

static const char *initials_of(struct cor_ctx *ctx, const struct user *user)
{
	return user->last[0] ? cor_printf(ctx, "%c%c", user->first[0], user->last[0]) : NULL;
}
COR_COMPUTED(user_initials, initials_of, struct user, const char *);

static bool is_admin(struct cor_ctx *ctx, const void *owner)
{
	const struct user *user = owner;

	return user->first && cor_request_header(ctx, "X-Admin").data;
}

static const struct user *boss_of(struct cor_ctx *ctx, const struct user *user)
{
	(void)ctx;
	return user->boss;
}
COR_COMPUTED(user_boss, boss_of, struct user, const struct user *);

static int shout(struct cor_ctx *ctx, struct user *user)
{
	if (strcmp(user->last, "Gone") == 0)
		return cor_problem(ctx, 410, 0, "%s is gone", user->first);
	if (strcmp(user->last, "Odd") == 0)
		return 5;
	user->last = cor_printf(ctx, "%s!", user->last);
	return user->last ? 0 : -COR_EINVALID;
}
COR_HOOK(user_dump, shout, struct user);

static const struct cor_field user_fields[] = {
	COR_COMPUTED_FIELD(struct user, initials, user_initials, .presence = COR_NULLABLE,
		.doc = "For badges"),
	COR_FIELD(struct user, first),
	COR_FIELD(struct user, last),
	COR_EMBED(struct user, base, base_schema),
	COR_COMPUTED_FIELD(
		struct user, secret, user_initials, .when = is_admin, .presence = COR_OPTIONAL),
	COR_COMPUTED_OBJECT(struct user, chief, user_boss, user_schema, .presence = COR_OPTIONAL),
};
COR_SCHEMA(user_schema, user_fields, .before_dump = &user_dump);

static const struct user boss = { "Cleo", "Dee", { 10 }, NULL };

static int post_user(struct cor_ctx *ctx, const struct user *in, struct user *out)
{
	(void)ctx;
	*out = *in;
	out->boss = strcmp(in->first, "Ann") == 0 ? &boss : NULL;
	return 0;
}
COR_OPERATION(post_operation, post_user, user_schema, user_schema, .selected_by = COR_BY_QUERY);
static const struct cor_resource users = { .path = "/users", .post = &post_operation };
static const struct cor_resource *const resources[] = { &users, NULL };
static const struct cor_service service = { .name = "computed", .resources = resources };

static void answers_have_them(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_request request = {
		.method = "POST",
		.target = "/users",
		.headers = "",
		.body = COR_STR("{\"first\":\"Ann\",\"last\":\"Bee\",\"seen\":3}"),
	};

	(void)state;
	for (int i = 0; i < 2; i++) /* the boss is constant: nothing adds up */
		fake_expect(dispatcher, &request, 200,
			"{\"initials\":\"AB\",\"first\":\"Ann\",\"last\":\"Bee!\",\"seen\":4,"
			"\"doubled\":8,\"chief\":{\"initials\":\"CD\",\"first\":\"Cleo\","
			"\"last\":\"Dee!\",\"seen\":11,\"doubled\":22}}");
	request.headers = "X-Admin: yes\n";
	request.target = "/users?fields=secret,doubled";
	fake_expect(dispatcher, &request, 200, "{\"doubled\":8,\"secret\":\"AB\"}");
	request.target = "/users";
	request.headers = "";
	request.body = COR_STR("{\"first\":\"Bob\",\"last\":\"\",\"seen\":1}");
	fake_expect(dispatcher, &request, 200,
		"{\"initials\":\"B!\",\"first\":\"Bob\",\"last\":\"!\",\"seen\":2,\"doubled\":4}");
	request.body = COR_STR("{\"first\":\"Bob\",\"last\":\"Gone\",\"seen\":1}");
	fake_expect(dispatcher, &request, 410, NULL);
	request.body = COR_STR("{\"first\":\"Bob\",\"last\":\"Odd\",\"seen\":1}");
	fake_expect(dispatcher, &request, 500, NULL);
	request.body = COR_STR("{\"first\":\"B\",\"last\":\"C\",\"seen\":1,\"initials\":\"BC\"}");
	fake_expect(dispatcher, &request, 422, NULL);
	cor_dispatcher_destroy(dispatcher);
}

/* A struct that a request brings, and one with hooks that is computed for the answer. */
struct file {
	uint64_t bytes; /* where a pointer to a struct would be looked for */
	uint64_t blocks;
};
COR_DECLARE_SCHEMA(file_schema, struct file);
static int check_file(struct cor_ctx *ctx, const struct file *file)
{
	return file->blocks <= file->bytes
		       ? 0
		       : cor_invalid_at(ctx, file_schema, blocks, "are more than bytes");
}
COR_CHECK(file_check, check_file, struct file);
static const struct file *rest_of(struct cor_ctx *ctx, const struct file *file)
{
	(void)ctx;
	(void)file;
	return NULL;
}
COR_COMPUTED(file_rest, rest_of, struct file, const struct file *);
static const struct cor_field file_fields[] = {
	COR_FIELD(struct file, bytes),
	COR_FIELD(struct file, blocks),
	COR_COMPUTED_OBJECT(struct file, rest, file_rest, file_schema, .presence = COR_OPTIONAL),
};
COR_SCHEMA(file_schema, file_fields, .check = &file_check);
static int put_file(struct cor_ctx *ctx, const struct file *in, struct file *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(file_operation, put_file, file_schema, file_schema);
static const struct cor_resource files = { .path = "/files", .put = &file_operation };
static const struct cor_service file_service = {
	.name = "files",
	.resources = COR_RESOURCES(&files),
};

static void requests_do_not_bring_them(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&file_service);
	struct fake_request request = {
		.method = "PUT",
		.target = "/files",
		.body = COR_STR("{\"bytes\":4096,\"blocks\":8}"),
	};

	(void)state;
	fake_expect(dispatcher, &request, 200, "{\"bytes\":4096,\"blocks\":8}");
	request.body = COR_STR("{\"bytes\":1,\"blocks\":8}");
	fake_expect(dispatcher, &request, 422, NULL);
	cor_dispatcher_destroy(dispatcher);
}

/*
 * They may not yield. Whoever does it all the same, and unknowingly, mixes no answers up: another
 * request that is served meanwhile has a buffer of its own.
 */
struct note {
	const char *text;
};
static struct cor_dispatcher *meanwhile;
static void serve_another(const struct note *note)
{
	struct fake_request request = { .target = "/others" };

	if (strcmp(note->text, "outer") == 0)
		fake_expect(
			meanwhile, &request, 200, "{\"text\":\"inner\",\"more\":1,\"last\":true}");
}
static int32_t more_of(struct cor_ctx *ctx, const struct note *note)
{
	(void)ctx;
	serve_another(note);
	return 1;
}
COR_COMPUTED(note_more, more_of, struct note, int32_t);
static bool last_of(struct cor_ctx *ctx, const struct note *note)
{
	(void)ctx;
	return note->text[0] != '\0';
}
COR_COMPUTED(note_last, last_of, struct note, bool);
static bool is_told(struct cor_ctx *ctx, const void *owner)
{
	(void)ctx;
	serve_another(owner);
	return true;
}
static int dump_note(struct cor_ctx *ctx, struct note *note)
{
	(void)ctx;
	serve_another(note);
	return 0;
}
COR_HOOK(note_dump, dump_note, struct note);
static const struct cor_field note_fields[] = {
	COR_FIELD(struct note, text, .when = is_told, .presence = COR_OPTIONAL),
	COR_COMPUTED_FIELD(struct note, more, note_more),
	COR_COMPUTED_FIELD(struct note, last, note_last, .when = is_told),
};
COR_LOCAL_SCHEMA(note_schema, struct note, note_fields, .before_dump = &note_dump);

static int get_note(struct cor_ctx *ctx, const struct cor_none *in, struct note *out)
{
	(void)in;
	out->text = cor_request_path(ctx).len == 6 ? "outer" : "inner";
	return 0;
}
COR_OPERATION(note_operation, get_note, COR_NONE, note_schema);
static const struct cor_resource notes = { .path = "/notes", .get = &note_operation };
static const struct cor_resource others = { .path = "/others", .get = &note_operation };
static const struct cor_service note_service = {
	.name = "notes",
	.resources = COR_RESOURCES(&notes, &others),
};

static void answers_are_not_mixed_up(void **state)
{
	(void)state;
	meanwhile = fake_dispatcher(&note_service);
	fake_expect(meanwhile, &(struct fake_request){ .target = "/notes" }, 200,
		"{\"text\":\"outer\",\"more\":1,\"last\":true}");
	cor_dispatcher_destroy(meanwhile);
}

/* The struct has no place for them: nothing reads, copies or names them as its first member. */
static void the_struct_is_as_it_was(void **state)
{
	const struct cor_schema *schema = &user_schema.schema;
	struct cor_violations violations = { 0 };
	const struct cor_given given = { { 2 } }; /* the second row: first */
	struct user user, copy = { 0 };
	struct cor_arena arena;
	struct cor_codec *codec;
	struct cor_str text;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_codec_create(&schema, 1, &codec, &arena, NULL), 0);
	assert_int_equal(
		cor_decode(codec, &arena, user_schema, &user,
			COR_STR("{\"first\":\"Ann\",\"last\":\"Bee\",\"seen\":3}"), &violations),
		0);
	assert_int_equal(cor_copy(&arena, user_schema, &user, &copy), 0);
	assert_int_equal(cor_encode(codec, &arena, user_schema, &copy, &text), 0);
	assert_string_equal(cor_arena_copy(&arena, text.data, text.len),
		"{\"first\":\"Ann\",\"last\":\"Bee\",\"seen\":3}");
	assert_true(cor_is_given(&given, user_schema, first));
	cor_codec_destroy(codec);
	cor_arena_finish(&arena);
}

static void the_document_has_them(void **state)
{
	static const char *const parts[] = {
		"\"initials\":{\"type\":[\"string\",\"null\"],\"description\":\"For badges\","
		"\"readOnly\":true}",
		"\"required\":[\"initials\",\"first\",\"last\",\"seen\",\"doubled\"]",
		"\"required\":[\"first\",\"last\",\"seen\"]",
	};
	const struct cor_document_access access = { 0 };
	struct cor_buffer buffer = { 0 };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_openapi_write(&service, &access, &arena, &buffer), 0);
	cor_buffer_byte(&buffer, '\0');
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (!strstr(buffer.data, parts[i]))
			fail_msg("%s is not in %s", parts[i], buffer.data);
	cor_buffer_finish(&buffer);
	cor_arena_finish(&arena);
}

/* --- contradictions --- */

static const struct {
	struct cor_field row;
	const char *c_type;
	size_t size;
	const struct cor_schema_hook *hook;
	const char *report;
} wrong[] = {
	{ COR_COMPUTED_FIELD(struct base, n, user_initials), "struct base", sizeof(struct base),
		NULL,
		"its function takes a const struct user *, but this is a table of struct base" },
	{ COR_COMPUTED_FIELD(struct base, n, base_doubled, .fallback = "1"), "struct base",
		sizeof(struct base), NULL, "a computed member is in bodies of answers only" },
	{ COR_FIELD(struct base, seen), "struct base", sizeof(struct base), &user_dump,
		".before_dump" },
	{ COR_FIELD(struct base, seen, .bare = true), "struct base", sizeof(struct base),
		&base_dump, ".before_dump is for objects" },
};

static void contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const struct cor_schema schema = {
			.fields = &wrong[i].row,
			.len = 1,
			.size = wrong[i].size,
			.symbol = "base_schema",
			.c_type = wrong[i].c_type,
			.before_dump = wrong[i].hook,
		};
		const struct cor_schema *schemas = &schema;
		struct cor_violations why = { 0 };
		struct cor_arena arena;
		struct cor_codec *codec;
		cor_arena_init(&arena, NULL, 0, 0);
		assert_int_equal(cor_codec_create(&schemas, 1, &codec, &arena, &why), -COR_ETABLE);
		bool is_found = false;
		for (const struct cor_violation *v = why.first; v; v = v->next)
			is_found |= strstr(v->detail, wrong[i].report) != NULL;
		if (!is_found)
			fail_msg("%s: %s", wrong[i].report, why.first->detail);
		cor_arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_have_them),
		cmocka_unit_test(requests_do_not_bring_them),
		cmocka_unit_test(answers_are_not_mixed_up),
		cmocka_unit_test(the_struct_is_as_it_was),
		cmocka_unit_test(the_document_has_them),
		cmocka_unit_test(contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
