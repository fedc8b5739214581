/* SPDX-License-Identifier: MIT */
/* Static files that cannot be served, and what is said of each at start. */
#include "fake.h"
#include "tables.h"

#include <coracle/error.h>
#include <coracle/files.h>
#include <coracle/service.h>

static int say(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *text)
{
	(void)ctx, (void)none;
	*text = COR_STR("x");
	return 0;
}
COR_OPERATION(say_operation, say, COR_NONE, COR_TEXT);

struct ref {
	const char *name;
};
static const struct cor_field ref_fields[] = { COR_FIELD(struct ref, name, .from = COR_FROM_PATH) };
COR_LOCAL_SCHEMA(ref_schema, struct ref, ref_fields);

static int say_name(struct cor_ctx *ctx, const struct ref *ref, struct cor_str *text)
{
	(void)ctx;
	*text = cor_str(ref->name);
	return 0;
}
COR_OPERATION(say_name_operation, say_name, ref_schema, COR_TEXT);

struct settings {
	const char *folder;
};
static const struct cor_field settings_fields[] = { COR_FIELD(struct settings, folder) };
COR_LOCAL_SCHEMA(settings_schema, struct settings, settings_fields);
COR_LOCAL_SCHEMA(other_schema, struct settings, settings_fields);

static const struct cor_resource taken = { .path = "/taken", .get = &say_operation };
static const struct cor_resource beneath = { .path = "/files/one", .get = &say_operation };
static const struct cor_resource named = { .path = "/named/{name}", .get = &say_name_operation };

static const struct cor_embedded_file disordered[] = {
	{ "b", "", 0, "\"\"" },
	{ "a", "", 0, "\"\"" },
};
static const struct cor_embedded_files disorder = { disordered, 2 };
static const struct cor_embedded_files order = { disordered, 1 };
static const struct cor_middleware hollow = { .name = "hollow" };

static const struct {
	struct cor_files files;
	const char *where, *says;
} cases[] = {
	{ { .folder = "." }, "files", "have no .path" },
	{ { .path = "files", .folder = "." }, "files", "begin with" },
	{ { .path = "/f/", .folder = "." }, "/f/", "leave the slash at the end" },
	{ { .path = "/f/{x}", .folder = "." }, "/f/{x}", "has no {names}" },
	{ { .path = "/a/../b", .folder = "." }, "/a/../b", "" },
	{ { .path = "/f" }, "/f", "no .folder, .setting or .embedded" },
	{ { .path = "/f", .folder = ".", .embedded = &order }, "/f", "not both" },
	{ { .path = "/f", .embedded = &disorder }, "/f", "not in their order" },
	{ { .path = "/f", .embedded = &order, .memory_bytes = 1 }, "/f", "is in memory" },
	{ { .path = "/f", .setting = COR_FOLDER_SETTING(other_schema, folder) }, "/f",
		"its .setting is of other_schema" },
	{ { .path = "/f", .folder = ".", .subfolder = "../x" }, "/f",
		".subfolder ../x is no name" },
	{ { .path = "/f", .folder = ".", .index = "/i" }, "/f", ".index /i is no name" },
	{ { .path = "/f", .folder = ".", .fallback = ".f" }, "/f", ".fallback .f is no name" },
	{ { .path = "/f", .folder = ".", .cache_control = "a\nb" }, "/f", ".cache_control has" },
	{ { .path = "/f", .folder = ".", .types = COR_FILE_TYPES({ ".md", "a/b" }) }, "/f",
		"the extension .md" },
	{ { .path = "/f", .folder = ".", .types = COR_FILE_TYPES({ "MD", "a/b" }) }, "/f",
		"the extension MD" },
	{ { .path = "/f", .folder = ".", .types = COR_FILE_TYPES({ "md", NULL }) }, "/f",
		"md of .types has no .media_type" },
	{ { .path = "/f", .folder = ".", .types = COR_FILE_TYPES({ "md", "a\n" }) }, "/f",
		".types has a value" },
	{ { .path = "/f", .folder = ".", .middleware = COR_MIDDLEWARE(&hollow) }, "/f",
		"hollow has no .around" },
	{ { .path = "/taken", .folder = "." }, "/taken", "collides with /taken" },
	{ { .path = "/named", .folder = "." }, "/named", "collides with /named/{name}" },
	{ { .path = "/twice", .folder = "." }, "/twice", "collides with /twice" },
};

static const struct cor_files twice = { .path = "/twice", .folder = "." };

static void test_contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct cor_service service = {
			.name = "s",
			.resources = COR_RESOURCES(&taken, &beneath, &named),
			.settings = COR_SETTINGS(settings_schema),
			.files = COR_FILES(&twice, &cases[i].files),
		};
		struct cor_violations why = { 0 };
		struct cor_arena arena;
		assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
		if (!is_said(&why, cases[i].where, cases[i].says))
			fail_msg("case %zu: %s: %s", i, why.first->where, why.first->detail);
		cor_arena_finish(&arena);
	}
}

static void test_fine(void **state)
{
	static const struct cor_files top = { .path = "/", .folder = "." };
	static const struct cor_files files = { .path = "/files", .folder = ".", .index = "" };
	static const struct cor_files deeper = { .path = "/files/deeper",
		.setting = COR_FOLDER_SETTING(settings_schema, folder) };
	const struct cor_service service = {
		.name = "s",
		.resources = COR_RESOURCES(&taken, &beneath),
		.settings = COR_SETTINGS(settings_schema),
		.files = COR_FILES(&files, &top, &deeper),
	};
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	if (create(&service, &arena, &why) != 0)
		fail_msg("%s: %s", why.first->where, why.first->detail);
	cor_arena_finish(&arena);
}

/* Folders that are not there are told all at once; what only makes tables does not open them. */
static void test_folders(void **state)
{
	static const struct cor_files one = { .path = "/one", .folder = "nowhere/at-all" };
	static const struct cor_files two = { .path = "/two", .folder = "/dev/null" };
	static const struct cor_files unset = { .path = "/three",
		.setting = COR_FOLDER_SETTING(settings_schema, folder) };
	static const struct settings settings = { "" };
	const struct cor_service service = {
		.name = "s",
		.settings = COR_SETTINGS(settings_schema),
		.files = COR_FILES(&one, &two, &unset),
	};
	const struct cor_dispatcher_options options = {
		.service = &service, .settings = &settings, .opens_files = true
	};
	struct cor_dispatcher *dispatcher = NULL;
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	if (create(&service, &arena, &why) != 0)
		fail_msg("%s: %s", why.first->where, why.first->detail);
	cor_arena_finish(&arena);
	why = (struct cor_violations){ 0 };
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_dispatcher_create(&options, &arena, &why, &dispatcher), -COR_ETABLE);
	assert_true(is_said(&why, "/one", "nowhere/at-all cannot be opened: No such file"));
	assert_true(is_said(&why, "/two", "/dev/null cannot be opened: Not a directory"));
	assert_true(is_said(&why, "/three", "no setting says where its folder is"));
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_folders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
