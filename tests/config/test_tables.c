/* SPDX-License-Identifier: MIT */
/*
 * What the tables of a service must not say, what must be given, and what --help and --print-config
 * print.
 */
#include "trial.h"

#include <string.h>

struct ours {
	uint32_t threads;
	bool access_log;
};
static const struct cor_field our_fields[] = {
	COR_FIELD(struct ours, threads, .fallback = "1"),
	COR_FIELD(struct ours, access_log, .fallback = "true"),
};
COR_DECLARE_SCHEMA(our_schema, struct ours);
COR_SCHEMA(our_schema, our_fields);

struct theirs {
	int32_t n;
};

#define ONE_ROW(name_, key_)                                                                       \
	static const struct cor_field name_##_fields[] = { COR_FIELD(                              \
		struct theirs, n, .key = key_, .presence = COR_OPTIONAL) };                        \
	COR_DECLARE_SCHEMA(name_, struct theirs);                                                  \
	COR_SCHEMA(name_, name_##_fields)

ONE_ROW(same, "threads");
ONE_ROW(same_flag, "access-log");
ONE_ROW(same_variable, "Threads");
ONE_ROW(negation, "no_access_log");
ONE_ROW(command, "help");
ONE_ROW(blank, "a b");
ONE_ROW(digit, "1st");
ONE_ROW(dotted, "a.b");
ONE_ROW(good, "n");

static const struct cor_field contradictory_fields[] = { COR_FIELD(
	struct theirs, n, .min_length = 1) };
COR_DECLARE_SCHEMA(contradictory, struct theirs);
COR_SCHEMA(contradictory, contradictory_fields);

static const struct cor_field required_fields[] = { COR_FIELD(struct theirs, n) };
COR_DECLARE_SCHEMA(required, struct theirs);
COR_SCHEMA(required, required_fields);

static struct ours our_settings;
static struct theirs their_settings;

/* Read with our table and one of the service's. */
static void read_with(
	struct trial *trial, struct cor_config_group groups[2], const struct cor_schema *schema)
{
	groups[0] = (struct cor_config_group){ schema, &their_settings, "Service" };
	groups[1] = (struct cor_config_group){ &our_schema.schema, &our_settings, "Server" };
	trial->options.groups = groups;
	trial->options.groups_len = 2;
	trial_read(trial);
}

static void test_contradictions(void **state)
{
	static const struct {
		const struct cor_schema *schema;
		const char *report;
	} cases[] = {
		{ &same.schema,
			"same, row n: --threads is an option of every service: give the row another .key" },
		{ &same_flag.schema,
			"same_flag, row n: --access-log is an option of every service..." },
		{ &same_variable.schema,
			"same_variable, row n: --threads is an option of every service..." },
		{ &negation.schema,
			"negation, row n: --no-access-log turns --access-log off: give the row..." },
		{ &command.schema, "command, row n: --help is an option of every service..." },
		{ &blank.schema,
			"blank, row n: its name cannot be a flag: use letters, digits and _ in .key" },
		{ &digit.schema, "digit, row n: its name cannot be a flag..." },
		{ &dotted.schema, "dotted, row n: its name cannot be a flag..." },
		{ &contradictory.schema, "contradictory, row n: .min_length ..." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trial trial = { .environment = { NULL } };
		struct cor_config_group groups[2];
		read_with(&trial, groups, cases[i].schema);
		assert_reported(&trial, cases[i].report);
		assert_int_equal(trial.rc, -COR_ETABLE);
		assert_int_equal(trial.messages.flags_errors, 0);
		trial_finish(&trial);
	}
}

static void test_required(void **state)
{
	struct trial trial = { .environment = { NULL } };
	struct cor_config_group groups[2];

	(void)state;
	read_with(&trial, groups, &required.schema);
	assert_reported(
		&trial, "n is required: give it as --n, as SHOP_N, or as \"n\" in the file");
	assert_int_equal(trial.rc, -COR_EINVALID);
	assert_int_equal(trial.messages.first->source, COR_SOURCE_DEFAULT);
	trial_finish(&trial);
}

static void test_defaults_of_the_service(void **state)
{
	static const struct {
		const char *defaults, *report;
		int rc;
	} cases[] = {
		{ "{\"threads\": 2}", NULL, 0 },
		{ "{\"threds\": 2}",
			"the service's .defaults: threds: is not a setting; did you mean threads?",
			-COR_ETABLE },
		{ "threads=2", "the service's .defaults: is not JSON: write one object...",
			-COR_ETABLE },
		{ "{\"config\": \"x\"}",
			"the service's .defaults: config: works on the command line only...",
			-COR_ETABLE },
		{ "{\"threads\": -1}", "the service's .defaults: threads: must be at least 0",
			-COR_EINVALID },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trial trial = { .options.defaults = cases[i].defaults };
		struct cor_config_group groups[2];
		read_with(&trial, groups, &good.schema);
		assert_int_equal(trial.rc, cases[i].rc);
		if (cases[i].report)
			assert_reported(&trial, cases[i].report);
		trial_finish(&trial);
	}
}

static void test_a_service_without_a_name(void **state)
{
	struct cor_config_options options = { .name = "" };
	struct cor_config_messages messages = { 0 };
	struct cor_config *config = NULL;
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_config_create(&options, &arena, &messages, &config), -COR_ETABLE);
	assert_null(config);
	assert_string_equal(messages.first->text,
		"the service has no name: set .name of its struct cor_service");
	cor_arena_finish(&arena);
}

/* --- help --- */

enum size { SMALL, LARGE };
static const struct cor_enum_name size_names[] = { { "small", SMALL }, { "large", LARGE } };
enum tree { BEECH, HORNBEAM, ASH, CHESTNUT };
static const struct cor_enum_name tree_names[] = {
	{ "copper-beech", BEECH },
	{ "hornbeam", HORNBEAM },
	{ "mountain-ash", ASH },
	{ "sweet-chestnut", CHESTNUT },
};

struct shown {
	uint32_t count;
	double share;
	bool lit;
	enum size size;
	enum tree tree;
	const char *name;
	const char *password;
	const char *token;
	cor_array(const char *) http;
	cor_array(int32_t) numbers;
	struct cor_json raw;
	struct timespec since;
	struct cor_uuid id;
	int64_t a_name_that_is_too_long_for_its_column;
};
static const struct cor_field shown_fields[] = {
	COR_FIELD(struct shown, count, .fallback = "7", .range = COR_BETWEEN(1, 9),
		.doc = "How many"),
	COR_FIELD(struct shown, share,
		.range = { .min = COR_BOUND_(0, true), .max = COR_BOUND_(1.5, true) },
		.doc = "A part of the whole"),
	COR_FIELD(struct shown, lit, .fallback = "false", .doc = "Whether there is light"),
	COR_ENUM(struct shown, size, size_names, .fallback = "\"small\"", .doc = "How large"),
	COR_ENUM(struct shown, tree, tree_names, .fallback = "\"hornbeam\"",
		.doc = "Which of the trees that stand in the garden behind the house is meant by all the rest of "
		       "this, which goes on until a line has to be broken"),
	COR_FIELD(struct shown, name, .fallback = "\"\""),
	COR_FIELD(struct shown, password, .access = COR_WRITE_ONLY, .fallback = "\"hunter2\"",
		.doc = "Secret"),
	COR_FIELD(struct shown, token, .access = COR_WRITE_ONLY, .presence = COR_OPTIONAL,
		.doc = "Secret too"),
	COR_ARRAY(struct shown, http, .fallback = "[\"a\", \"b\"]", .doc = "Addresses"),
	COR_ARRAY(struct shown, numbers, .fallback = "[]", .doc = "Numbers"),
	COR_FIELD(struct shown, raw, .fallback = "{\"a\": 1}", .doc = "Anything"),
	COR_FIELD(struct shown, since, .presence = COR_OPTIONAL, .doc = "When it began"),
	COR_FIELD(struct shown, id, .presence = COR_OPTIONAL),
	COR_FIELD(struct shown, a_name_that_is_too_long_for_its_column, .presence = COR_OPTIONAL,
		.range = COR_MAX(5), .doc = "Long"),
};
COR_DECLARE_SCHEMA(shown_schema, struct shown);
COR_SCHEMA(shown_schema, shown_fields);

static const char help[] =
	"Usage: shop [OPTION ...]\n"
	"\n"
	"A shop, version 1.2\n"
	"\n"
	"Service\n"
	"  --count N                     How many\n"
	"                                default 8; 1 to 9; SHOP_COUNT\n"
	"  --share NUMBER                A part of the whole\n"
	"                                required; above 0; below 1.5; SHOP_SHARE\n"
	"  --lit on|off                  Whether there is light\n"
	"                                default off; SHOP_LIT\n"
	"  --size small|large            How large\n"
	"                                default small; SHOP_SIZE\n"
	"  --tree NAME                   Which of the trees that stand in the garden behind the house is\n"
	"                                meant by all the rest of this, which goes on until a line has to\n"
	"                                be broken\n"
	"                                one of copper-beech, hornbeam, mountain-ash, sweet-chestnut;\n"
	"                                default hornbeam; SHOP_TREE\n"
	"  --name TEXT                   default \"\"; SHOP_NAME\n"
	"  --password TEXT               Secret\n"
	"                                default ***; SHOP_PASSWORD\n"
	"  --token TEXT                  Secret too\n"
	"                                SHOP_TOKEN\n"
	"  --http TEXT ...               Addresses\n"
	"                                default a, b; repeatable; SHOP_HTTP\n"
	"  --numbers N ...               Numbers\n"
	"                                default none; repeatable; SHOP_NUMBERS\n"
	"  --raw JSON                    Anything\n"
	"                                default {\"a\": 1}; SHOP_RAW\n"
	"  --since TIME                  When it began\n"
	"                                SHOP_SINCE\n"
	"  --id UUID                     SHOP_ID\n"
	"  --a-name-that-is-too-long-for-its-column N\n"
	"                                Long\n"
	"                                at most 5; SHOP_A_NAME_THAT_IS_TOO_LONG_FOR_ITS_COLUMN\n"
	"\n"
	"Command\n"
	"  --config FILE                 Read settings from this JSON file; its members are named like\n"
	"                                the flags, with _ for -\n"
	"                                SHOP_CONFIG\n"
	"  --check                       Check everything, and exit\n"
	"  --help                        Print this text, and exit\n"
	"\n"
	"Flags beat environment variables, those beat the file, and the file beats the defaults. --x alone\n"
	"turns an on|off option on, --no-x turns it off. A variable of a repeatable option holds its items\n"
	"between commas. SHOP_NAME_FILE gives NAME the content of a file.\n";

static struct shown shown;
static const struct cor_config_group shown_group = { &shown_schema.schema, &shown, "Service" };

static void test_help(void **state)
{
	struct trial trial = {
		.options = { .title = "A shop",
			.version = "1.2",
			.defaults = "{\"count\": 8}",
			.groups = &shown_group,
			.groups_len = 1 },
		.arguments = { "--help" },
	};
	struct cor_buffer buffer = { 0 };

	(void)state;
	trial_read(&trial);
	assert_int_equal(trial.rc, 0);
	cor_config_help(trial.config, &buffer);
	cor_buffer_byte(&buffer, '\0');
	assert_string_equal(buffer.data, help);
	cor_buffer_finish(&buffer);
	trial_finish(&trial);
}

static const char printed[] =
	"{\n"
	"  \"count\": {\"value\": 8, \"from\": \"service\"},\n"
	"  \"share\": {\"value\": 0.5, \"from\": \"--share\", \"required\": true},\n"
	"  \"lit\": {\"value\": true, \"from\": \"SHOP_LIT\"},\n"
	"  \"size\": {\"value\": \"small\", \"from\": \"default\"},\n"
	"  \"tree\": {\"value\": \"hornbeam\", \"from\": \"default\"},\n"
	"  \"name\": {\"value\": \"\", \"from\": \"default\"},\n"
	"  \"password\": {\"value\": \"***\", \"from\": \"default\", \"secret\": true},\n"
	"  \"token\": {\"value\": null, \"from\": \"default\", \"secret\": true},\n"
	"  \"http\": {\"value\": [\"a\",\"b\"], \"from\": \"default\"},\n"
	"  \"numbers\": {\"value\": [1,2], \"from\": \"--numbers\"},\n"
	"  \"raw\": {\"value\": {\"a\": 1}, \"from\": \"default\"},\n";

static void test_print(void **state)
{
	struct trial trial = {
		.options = { .defaults = "{\"count\": 8}",
			.groups = &shown_group,
			.groups_len = 1 },
		.arguments = { "--check", "--share=0.5", "--numbers=1", "--numbers=2" },
		.environment = { "SHOP_LIT=on" },
	};
	struct cor_buffer buffer = { 0 };
	size_t wrong_at;

	(void)state;
	trial_read(&trial);
	assert_int_equal(trial.rc, 0);
	cor_config_print(trial.config, &buffer);
	assert_int_equal(
		cor_json_check((struct cor_str){ buffer.data, buffer.len }, 0, &wrong_at), 0);
	assert_true(buffer.len > sizeof printed - 1);
	buffer.data[sizeof printed - 1] = '\0';
	assert_string_equal(buffer.data, printed);
	cor_buffer_finish(&buffer);
	trial_finish(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_required),
		cmocka_unit_test(test_defaults_of_the_service),
		cmocka_unit_test(test_a_service_without_a_name),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
