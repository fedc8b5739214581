/* SPDX-License-Identifier: MIT */
/* The ways to write flags, variables and files, and the complaint about each slip. */
#include "trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct store {
	const char *host;
	const char *pw;
};
static const struct cor_field store_fields[] = {
	COR_FIELD(struct store, host),
	COR_FIELD(struct store, pw, .access = COR_WRITE_ONLY, .min_length = 3),
};
COR_LOCAL_SCHEMA(store_schema, struct store, store_fields);

struct depot {
	struct store *store;
};
static const struct cor_field depot_fields[] = {
	COR_OBJECT(struct depot, store, store_schema, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(depot_schema, struct depot, depot_fields);

struct settings {
	uint32_t threads;
	bool access_log;
	const char *data_dir;
	cor_array(const char *) http;
	const char *password;
	const char *certificate;
	const char *certificate_file;
	const char *name;
	struct store *db;
	cor_array(struct depot) depots;
	cor_opt(int32_t) limit;
	const char *proxy;
	cor_array(int32_t) numbers;
};
static const struct cor_field settings_fields[] = {
	COR_FIELD(struct settings, threads, .fallback = "1", .range = COR_BETWEEN(1, 256)),
	COR_FIELD(struct settings, access_log, .fallback = "true"),
	COR_FIELD(struct settings, data_dir, .fallback = "\"/usr\""),
	COR_ARRAY(struct settings, http, .fallback = "[\"a\"]", .min_items = 1),
	COR_FIELD(struct settings, password, .access = COR_WRITE_ONLY, .fallback = "\"\""),
	COR_FIELD(struct settings, certificate, .presence = COR_OPTIONAL),
	COR_FIELD(struct settings, certificate_file, .presence = COR_OPTIONAL),
	COR_FIELD(struct settings, name, .presence = COR_OPTIONAL),
	COR_OBJECT(struct settings, db, store_schema, .presence = COR_OPTIONAL),
	COR_OBJECT_ARRAY(struct settings, depots, depot_schema, .presence = COR_OPTIONAL),
	COR_OPT_FIELD(struct settings, limit, .presence = COR_NULLABLE),
	COR_FIELD(struct settings, proxy, .presence = COR_NULLABLE, .fallback = "\"direct\""),
	COR_ARRAY(struct settings, numbers, .fallback = "[1]"),
};
COR_DECLARE_SCHEMA(settings_schema, struct settings);
COR_SCHEMA(settings_schema, settings_fields);

static struct settings settings;
static const struct cor_config_group group = { &settings_schema.schema, &settings, "Server" };

#define TRIAL(...)                                                                                 \
	{                                                                                          \
		.options = { .groups = &group, .groups_len = 1 }, __VA_ARGS__                      \
	}

/* The sources, and the value that one setting then has. */
static void test_forms(void **state)
{
	static const struct {
		struct trial trial;
		const char *key, *value, *from;
	} cases[] = {
		{ TRIAL(.arguments = { "--threads", "4" }), "threads", "4", "--threads" },
		{ TRIAL(.arguments = { "--threads=4" }), "threads", "4", "--threads" },
		{ TRIAL(.arguments = { "--threads=4", "--threads=5" }), "threads", "5",
			"--threads" },
		{ TRIAL(.arguments = { "--data-dir", "-" }), "data_dir", "\"-\"", "--data-dir" },
		{ TRIAL(.arguments = { "--data-dir=" }), "data_dir", "\"\"", "--data-dir" },
		{ TRIAL(.arguments = { "--data-dir=--x" }), "data_dir", "\"--x\"", "--data-dir" },
		{ TRIAL(.arguments = { "--data-dir=a=b" }), "data_dir", "\"a=b\"", "--data-dir" },
		{ TRIAL(.arguments = { "--no-access-log" }), "access_log", "false",
			"--access-log" },
		{ TRIAL(.arguments = { "--access-log", "off" }), "access_log", "false",
			"--access-log" },
		{ TRIAL(.arguments = { "--access-log=False" }), "access_log", "false",
			"--access-log" },
		{ TRIAL(.arguments = { "--no-access-log", "--access-log" }), "access_log", "true",
			"--access-log" },
		{ TRIAL(.arguments = { "--access-log", "--threads=2" }), "threads", "2",
			"--threads" },
		{ TRIAL(.arguments = { "--http", "b", "--http=c,d" }), "http", "[\"b\",\"c,d\"]",
			"--http" },
		{ TRIAL(.environment = { "SHOP_HTTP= b ,c" }), "http", "[\"b\",\"c\"]",
			"SHOP_HTTP" },
		{ TRIAL(.environment = { "SHOP_HTTP=[\"b,c\"]" }), "http", "[\"b,c\"]",
			"SHOP_HTTP" },
		{ TRIAL(.environment = { "SHOP_HTTP=[::1]:80,b" }), "http", "[\"[::1]:80\",\"b\"]",
			"SHOP_HTTP" },
		/* A secret inside a setting makes it a secret, however deep it is. */
		{ TRIAL(.environment = { "SHOP_DB={\"host\":\"h\",\"pw\":\"hunter2\"}" }), "db",
			"\"***\"", "SHOP_DB" },
		{ TRIAL(.arguments = { "--depots={\"store\":{\"host\":\"h\",\"pw\":\"hunter2\"}}" }),
			"depots", "\"***\"", "--depots" },
		/* Null, for rows that may be null. */
		{ TRIAL(.arguments = { "--limit=null" }), "limit", "null", "--limit" },
		{ TRIAL(.environment = { "SHOP_LIMIT=null" }), "limit", "null", "SHOP_LIMIT" },
		{ TRIAL(.arguments = { "--proxy", "null" }), "proxy", "null", "--proxy" },
		{ TRIAL(.arguments = { "--name=null" }), "name", "\"null\"", "--name" },
		/* An empty text is not an item. */
		{ TRIAL(.environment = { "SHOP_NUMBERS=" }), "numbers", "[]", "SHOP_NUMBERS" },
		{ TRIAL(.arguments = { "--numbers=" }), "numbers", "[]", "--numbers" },
		{ TRIAL(.arguments = { "--numbers=", "--numbers=2", "--numbers=", "--numbers=3" }),
			"numbers", "[2,3]", "--numbers" },
		{ TRIAL(.environment = { "SHOP_HTTP=b", NULL }, .arguments = { "--http=c" }),
			"http", "[\"c\"]", "--http" },
		{ TRIAL(.environment = { "SHOP_ACCESS_LOG=no" }), "access_log", "false",
			"SHOP_ACCESS_LOG" },
		{ TRIAL(.environment = { "SHOP_CERTIFICATE_FILE=/no/such" }), "certificate_file",
			"\"/no/such\"", "SHOP_CERTIFICATE_FILE" },
		{ TRIAL(.environment = { "SHOPS_THREADS=x", "SHO", "SHOP_=x", "THREADS=9" }),
			"threads", "1", "default" },
		{ TRIAL(.options.name = "my-shop", .environment = { "MY_SHOP_THREADS=7" }),
			"threads", "7", "MY_SHOP_THREADS" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trial trial = cases[i].trial;
		trial.options.groups = &group;
		trial.options.groups_len = 1;
		trial_read(&trial);
		assert_setting(&trial, cases[i].key, cases[i].value, cases[i].from);
		assert_null(trial.messages.first);
		trial_finish(&trial);
	}
}

static const struct {
	struct trial trial;
	const char *report;
	enum cor_config_source source;
} slips[] = {
	{ TRIAL(.arguments = { "--thraeds", "4" }),
		"--thraeds: is not an option; did you mean --threads?", COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--data_dri=4" }),
		"--data_dri: is not an option; did you mean --data-dir?", COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--dir=4" }), "--dir: is not an option; did you mean --data-dir?",
		COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--zebra" }), "--zebra: is not an option", COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--no-threads" }), "--no-threads: is not an option...",
		COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "serve" }), "serve: is not an option: options begin with --",
		COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "-x" }), "-x: is not an option: options begin with --",
		COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--" }), "--: is not an option: options begin with --",
		COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "" }), ": is not an option: options begin with --",
		COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--threads" }),
		"--threads: needs a value: --threads VALUE, or --threads=VALUE if it begins with --",
		COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--threads", "--access-log" }), "--threads: needs a value...",
		COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--no-access-log=on" }),
		"--no-access-log=on: takes no value: write --access-log on", COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--access-log=perhaps" }), "--access-log perhaps: must be on or off",
		COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--check=perhaps" }), "--check perhaps: must be on or off",
		COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--password=\xff" }), "--password: must be UTF-8", COR_SOURCE_FLAG },
	{ TRIAL(.environment = { "SHOP_THREADS=" }), "SHOP_THREADS=: must be an integer",
		COR_SOURCE_ENVIRONMENT },
	{ TRIAL(.environment = { "SHOP_HTTP=" }), "SHOP_HTTP=: must have at least 1 item...",
		COR_SOURCE_ENVIRONMENT },
	{ TRIAL(.environment = { "SHOP_HTTP=[\"a\", \"b\"" }),
		"SHOP_HTTP=[\"a\", \"b\": begins as a JSON array, but is not JSON...",
		COR_SOURCE_ENVIRONMENT },
	{ TRIAL(.environment = { "SHOP_HTTP=[a,b]" }),
		"SHOP_HTTP=[a,b]: begins as a JSON array, but is not JSON...",
		COR_SOURCE_ENVIRONMENT },
	{ TRIAL(.environment = { "SHOP_NUMBERS=[1,2" }),
		"SHOP_NUMBERS=[1,2: begins as a JSON array, but is not JSON...",
		COR_SOURCE_ENVIRONMENT },
	{ TRIAL(.environment = { "SHOP_DB={\"host\":\"h\",\"pw\":\"ab\"}" }),
		"SHOP_DB: /pw: must have at least 3 characters", COR_SOURCE_ENVIRONMENT },
	{ TRIAL(.environment = { "SHOP_DB=hunter2" }), "SHOP_DB: must be JSON: wrong at byte 1",
		COR_SOURCE_ENVIRONMENT },
	{ TRIAL(.environment = { "SHOP_CONFIG=" }), "SHOP_CONFIG=: must have at least 1 character",
		COR_SOURCE_ENVIRONMENT },
	{ TRIAL(.arguments = { "--config=" }), "--config : must have at least 1 character",
		COR_SOURCE_FLAG },
	{ TRIAL(.environment = { "SHOP_CONFIG=/no/such/file" }),
		"SHOP_CONFIG=/no/such/file: no such file", COR_SOURCE_FILE },
	{ TRIAL(.arguments = { "--config=/tmp" }),
		"--config /tmp: is a directory: give the path of a file", COR_SOURCE_FILE },
	{ TRIAL(.arguments = { "--config=/dev/zero" }), "--config /dev/zero: is too large...",
		COR_SOURCE_FILE },
	{ TRIAL(.environment = { "SHOP_PASSWORD_FILE=/no/such" }),
		"SHOP_PASSWORD_FILE=/no/such: no such file", COR_SOURCE_ENVIRONMENT },
	{ TRIAL(.environment = { "SHOP_LIMIT=x" }), "SHOP_LIMIT=x: must be an integer",
		COR_SOURCE_ENVIRONMENT },
	{ TRIAL(.environment = { "SHOP_PASSWORD_FILE=hunter2" }),
		"SHOP_PASSWORD_FILE: no such file", COR_SOURCE_ENVIRONMENT },
	{ TRIAL(.environment = { "SHOP_THREADS_FILE=/dev/null" }),
		"SHOP_THREADS_FILE=/dev/null: must be an integer", COR_SOURCE_ENVIRONMENT },
	{ TRIAL(.arguments = { "--password=", "hunter2" }),
		"what follows --password is not an option: write --password=VALUE",
		COR_SOURCE_FLAG },
	/* Other slips that put the secret itself where an option should be. */
	{ TRIAL(.arguments = { "-password", "hunter2" }),
		"-password: is not an option: write --password=VALUE", COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--name=x", "password", "hunter2" }),
		"password: is not an option: write --password=VALUE", COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "-password=hunter2" }),
		"-password: is not an option: write --password=VALUE", COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "password=hunter2" }),
		"password: is not an option: write --password=VALUE", COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "pasword=hunter2" }),
		"pasword: is not an option: options begin with --", COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "help" }), "help: is not an option: write --help", COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "-phunter2" }), "-p...: is not an option: options begin with --",
		COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--password", "hunter2", "hunter3" }),
		"what follows --password is not an option: write --password=VALUE",
		COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--name=x", "hunter2" }),
		"argument 2 is not an option: options begin with --", COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--password=", "--hunter2" }),
		"what follows --password is not an option: write --password=VALUE",
		COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--passwordhunter2" }),
		"--password...: is not an option: write --password=VALUE", COR_SOURCE_FLAG },
	{ TRIAL(.arguments = { "--no-password=hunter2" }), "--no-password: is not an option...",
		COR_SOURCE_FLAG },
	{ TRIAL(.environment = { "SHOP_PASSWORD_FILE=/dev/null", "SHOP_PASSWORD=x" }),
		"SHOP_PASSWORD and SHOP_PASSWORD_FILE are both set: unset one of them",
		COR_SOURCE_ENVIRONMENT },
	{ TRIAL(.file = "{\"thread\": 1}"),
		"PATH:1: thread: is not a setting; did you mean threads?", COR_SOURCE_FILE },
	{ TRIAL(.file = "{\"data-dir\": \"\"}"),
		"PATH:1: data-dir: is not a setting; did you mean data_dir?", COR_SOURCE_FILE },
	{ TRIAL(.file = "{\n\n\"check\": true}"),
		"PATH:3: check: works on the command line only: use --check", COR_SOURCE_FILE },
	{ TRIAL(.file = "{\"threads\": 1,\n\"threads\": 2}"),
		"PATH:2: threads: is given twice: remove one", COR_SOURCE_FILE },
	{ TRIAL(.file = "{\"threads\": 1,\n }"),
		"PATH:2:2: is not JSON: nothing follows the comma before this }: remove the comma",
		COR_SOURCE_FILE },
	{ TRIAL(.file = "{\n  \"http\": [\"\xc3\xa9:80\", ]\n}"),
		"PATH:2:20: is not JSON: nothing follows the comma before this ]...",
		COR_SOURCE_FILE },
	{ TRIAL(.file = "{\"threads\": 1}\n{}"), "PATH:2:1: is not JSON: { is not allowed here",
		COR_SOURCE_FILE },
	{ TRIAL(.file = "{\"threads\": }"), "PATH:1:13: is not JSON: } is not allowed here",
		COR_SOURCE_FILE },
	{ TRIAL(.file = "{\"threads\": 1"), "PATH:1:14: is not JSON: the } at the end...",
		COR_SOURCE_FILE },
	{ TRIAL(.file = "{\n\t// one\n}"), "PATH:2:2: is not JSON: JSON has no comments...",
		COR_SOURCE_FILE },
	{ TRIAL(.file = "{'threads': 1}"), "PATH:1:2: is not JSON: use double quotes around text",
		COR_SOURCE_FILE },
	{ TRIAL(.file = "{\"data_dir\": \"a\nb\"}"),
		"PATH:1:16: is not JSON: the byte 0x0a is not allowed here", COR_SOURCE_FILE },
	{ TRIAL(.file = "[]"), "PATH:1:1: is not JSON: write one object, like {\"threads\": 2}",
		COR_SOURCE_FILE },
	{ TRIAL(.file = ""), "PATH:1:1: is not JSON: write one object...", COR_SOURCE_FILE },
	{ TRIAL(.file = "{\"threads\": 0}"), "PATH:1: threads: must be at least 1",
		COR_SOURCE_FILE },
};

static void test_slips(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
		struct trial trial = slips[i].trial;
		trial_read(&trial);
		assert_reported(&trial, slips[i].report);
		assert_int_equal(trial.rc, -COR_EINVALID);
		assert_int_equal(trial.messages.first->source, slips[i].source);
		assert_int_equal(trial.messages.flags_errors, slips[i].source == COR_SOURCE_FLAG);
		trial_finish(&trial);
	}
}

static void test_deep_file(void **state)
{
	char text[400] = "{\"name\": ";
	struct trial trial = TRIAL(.file = text);

	(void)state;
	memset(text + strlen(text), '[', 300);
	trial_read(&trial);
	assert_reported(&trial, "PATH:1: is nested too deeply");
	trial_finish(&trial);
}

static void test_all_slips_are_reported(void **state)
{
	struct trial trial = TRIAL(.arguments = { "--threads=0", "--nothing" },
		.file = "{\"http\": [], \"x\": 1}",
		.environment = { "SHOP_ACCESS_LOG=x", "SHOP_THREADS=999", "SHOP_TREADS=1" });
	size_t warnings = 0;

	(void)state;
	trial_read(&trial);
	assert_int_equal(trial.rc, -COR_EINVALID);
	for (const struct cor_config_message *at = trial.messages.first; at; at = at->next)
		warnings += at->is_warning;
	assert_int_equal(trial.messages.errors, 6);
	assert_int_equal(trial.messages.flags_errors, 2);
	assert_int_equal(warnings, 1);
	trial_finish(&trial);
}

static void test_unknown_variables(void **state)
{
	static const struct {
		const char *variable, *report;
	} cases[] = {
		{ "SHOP_TREADS=1",
			"SHOP_TREADS: is not a setting, and is ignored; did you mean SHOP_THREADS?" },
		{ "SHOP_ZEBRA=1", "SHOP_ZEBRA: is not a setting, and is ignored" },
		{ "SHOP_CHECK=1",
			"SHOP_CHECK: is not a setting, and is ignored; --check works on the command line only" },
		{ "SHOP_NOTHING_FILE=/x", "SHOP_NOTHING_FILE: is not a setting, and is ignored" },
		{ "SHOP_PORT=80", "SHOP_PORT: is not a setting, and is ignored" },
		{ "SHOP_PORT_MIN=80", "SHOP_PORT_MIN: is not a setting, and is ignored" },
		{ "SHOP_SERVICE_PORTS=80", "SHOP_SERVICE_PORTS: is not a setting, and is ignored" },
		/* Kubernetes sets these for a service called shop */
		{ "SHOP_SERVICE_HOST=10.0.0.1", NULL },
		{ "SHOP_SERVICE_PORT=80", NULL },
		{ "SHOP_SERVICE_PORT_HTTP=80", NULL },
		{ "SHOP_PORT=tcp://10.0.0.1:80", NULL },
		{ "SHOP_PORT_80_TCP=tcp://10.0.0.1:80", NULL },
		{ "SHOP_PORT_80_TCP_ADDR=10.0.0.1", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trial trial = TRIAL(.environment = { cases[i].variable });
		trial_read(&trial);
		assert_int_equal(trial.rc, 0);
		if (cases[i].report) {
			assert_reported(&trial, cases[i].report);
			assert_true(trial.messages.first->is_warning);
		} else {
			assert_null(trial.messages.first);
		}
		trial_finish(&trial);
	}
}

struct ports {
	int64_t port, port_x, service_port, port_80_tcp_port;
	const char *service_host;
};
static const struct cor_field ports_fields[] = {
	COR_FIELD(struct ports, port, .fallback = "1"),
	COR_FIELD(struct ports, port_x, .fallback = "1"),
	COR_FIELD(struct ports, service_port, .fallback = "1"),
	COR_FIELD(struct ports, port_80_tcp_port, .fallback = "1"),
	COR_FIELD(struct ports, service_host, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(ports_schema, struct ports, ports_fields);

/* Rows whose variables look like those of Kubernetes: theirs, unless the value says otherwise. */
static void test_settings_called_port(void **state)
{
	static struct ports ports;
	static const struct cor_config_group of_ports = { &ports_schema.schema, &ports, "Ports" };
	static const struct {
		const char *variable, *key, *value, *from, *report;
	} cases[] = {
		{ "SHOP_PORT=80", "port", "80", "SHOP_PORT", NULL },
		{ "SHOP_PORT_X=80", "port_x", "80", "SHOP_PORT_X", NULL },
		{ "SHOP_SERVICE_PORT=80", "service_port", "80", "SHOP_SERVICE_PORT", NULL },
		{ "SHOP_PORT_80_TCP_PORT=80", "port_80_tcp_port", "80", "SHOP_PORT_80_TCP_PORT",
			NULL },
		{ "SHOP_SERVICE_HOST=a", "service_host", "\"a\"", "SHOP_SERVICE_HOST", NULL },
		{ "SHOP_PORT=tcp://10.0.0.1:80", "port", "1", "default",
			"SHOP_PORT=tcp://10.0.0.1:80: is what Kubernetes sets..." },
		/* for a service called shop-service */
		{ "SHOP_SERVICE_PORT=udp://10.0.0.1:80", "service_port", "1", "default",
			"SHOP_SERVICE_PORT=udp://10.0.0.1:80: is what Kubernetes sets..." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trial trial = { .options = { .groups = &of_ports, .groups_len = 1 },
			.environment = { cases[i].variable } };
		trial_read(&trial);
		assert_int_equal(trial.rc, 0);
		if (cases[i].report)
			assert_reported(&trial, cases[i].report);
		else
			assert_null(trial.messages.first);
		assert_setting(&trial, cases[i].key, cases[i].value, cases[i].from);
		trial_finish(&trial);
	}
}

struct typed {
	struct cor_date since;
	struct cor_duration timeout;
	struct cor_decimal_number price, rate;
	int64_t id;
	cor_array(struct cor_network) networks;
	uint32_t rights;
};
static const struct cor_enum_name right_names[] = { { "read", 1 }, { "write", 2 } };
static const struct cor_field typed_fields[] = {
	COR_FIELD(struct typed, since, .fallback = "\"2026-01-31\""),
	COR_FIELD(struct typed, timeout, .fallback = "\"PT30S\"", .range = COR_MAX("PT1H")),
	COR_FIELD(struct typed, price, .fallback = "\"0\""),
	COR_FIELD(struct typed, rate, .fallback = "0", .as = COR_AS_NUMBER),
	COR_FIELD(struct typed, id, .fallback = "\"1\"", .as = COR_AS_TEXT),
	COR_ARRAY(struct typed, networks, .fallback = "[]"),
	COR_FLAGS(struct typed, rights, right_names, .fallback = "[\"read\"]"),
};
COR_LOCAL_SCHEMA(typed_schema, struct typed, typed_fields);

/* Kinds that JSON has as strings, as numbers by .as, and as lists of names. */
static void test_typed_settings(void **state)
{
	static struct typed typed;
	static const struct cor_config_group of_typed = { &typed_schema.schema, &typed, "Typed" };
	static const struct {
		const char *variable, *key, *value, *report;
	} cases[] = {
		{ "SHOP_SINCE=2026-02-28", "since", "\"2026-02-28\"", NULL },
		{ "SHOP_TIMEOUT=PT0.5S", "timeout", "\"PT0.5S\"", NULL },
		{ "SHOP_PRICE=19.90", "price", "\"19.90\"", NULL },
		{ "SHOP_RATE=0.190", "rate", "0.190", NULL },
		{ "SHOP_ID=9223372036854775807", "id", "\"9223372036854775807\"", NULL },
		{ "SHOP_NETWORKS=10.0.0.0/8, ::/0", "networks", "[\"10.0.0.0/8\",\"::/0\"]", NULL },
		{ "SHOP_RIGHTS=write,read", "rights", "[\"read\",\"write\"]", NULL },
		{ "SHOP_RIGHTS=", "rights", "[]", NULL },
		{ "SHOP_TIMEOUT=PT2H", "timeout", NULL, "SHOP_TIMEOUT=PT2H: must be at most PT1H" },
		{ "SHOP_RATE=x", "rate", NULL, "SHOP_RATE=x: must be a number" },
		{ "SHOP_ID=1.5", "id", NULL, "SHOP_ID=1.5: must be an integer..." },
		{ "SHOP_RIGHTS=fly", "rights", NULL,
			"SHOP_RIGHTS=fly: item 1: must be one of: read, write" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trial trial = { .options = { .groups = &of_typed, .groups_len = 1 },
			.environment = { cases[i].variable } };
		trial_read(&trial);
		if (cases[i].report)
			assert_reported(&trial, cases[i].report);
		else
			assert_null(trial.messages.first);
		if (cases[i].value)
			assert_int_equal(trial.rc, 0);
		if (cases[i].value)
			assert_setting(&trial, cases[i].key, cases[i].value,
				cor_arena_printf(&trial.arena, "%.*s",
					(int)strcspn(cases[i].variable, "="), cases[i].variable));
		trial_finish(&trial);
	}
}

static void check_secret(const char *content, const char *expected)
{
	char path[64], variable[128];

	make_file(path, content, strlen(content));
	snprintf(variable, sizeof variable, "SHOP_PASSWORD_FILE=%s", path);
	struct trial trial = TRIAL(.environment = { variable });
	trial_read(&trial);
	unlink(path);
	assert_int_equal(trial.rc, 0);
	assert_string_equal(settings.password, expected);
	assert_setting(&trial, "password", "\"***\"", "SHOP_PASSWORD_FILE");
	trial_finish(&trial);
}

static void test_secrets_from_files(void **state)
{
	(void)state;
	check_secret("hunter2", "hunter2");
	check_secret("hunter2\n", "hunter2");
	check_secret("hunter2\r\n", "hunter2");
	check_secret("a,b \n\n", "a,b \n");
	check_secret("", "");
}

/* Of any kind: the secret may be a member of an object. */
static void test_settings_from_files(void **state)
{
	static const struct {
		const char *variable, *content, *key, *value;
	} cases[] = {
		{ "SHOP_DB_FILE", "{\"host\": \"h\",\n \"pw\": \"hunter2\"}\n", "db", "\"***\"" },
		{ "SHOP_THREADS_FILE", "7\n", "threads", "7" },
		{ "SHOP_ACCESS_LOG_FILE", "off\n", "access_log", "false" },
		{ "SHOP_NUMBERS_FILE", "1, 2\n", "numbers", "[1,2]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char path[64], variable[128];
		make_file(path, cases[i].content, strlen(cases[i].content));
		snprintf(variable, sizeof variable, "%s=%s", cases[i].variable, path);
		struct trial trial = TRIAL(.environment = { variable });
		trial_read(&trial);
		unlink(path);
		assert_null(trial.messages.first);
		assert_setting(&trial, cases[i].key, cases[i].value, cases[i].variable);
		trial_finish(&trial);
	}
}

static void test_commands(void **state)
{
	static const struct {
		const char *arguments[2];
		const struct cor_config_command *command;
	} cases[] = {
		{ { NULL }, NULL },
		{ { "--help" }, &trial_commands[1] },
		{ { "-h" }, &trial_commands[1] },
		{ { "--check" }, &trial_commands[0] },
		{ { "--no-check" }, NULL },
		{ { "--help", "--check" }, &trial_commands[1] },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trial trial = TRIAL(.arguments = {
						   cases[i].arguments[0], cases[i].arguments[1] });
		trial_read(&trial);
		assert_int_equal(trial.rc, 0);
		assert_ptr_equal(cor_config_command(trial.config), cases[i].command);
		trial_finish(&trial);
	}
}

static void test_help_comes_whatever_else_is_wrong(void **state)
{
	struct trial trial = TRIAL(.arguments = { "--threads=x", "--help", "--zebra" },
		.file = "{");

	(void)state;
	trial_read(&trial);
	assert_int_equal(trial.rc, 0);
	assert_null(trial.messages.first);
	assert_ptr_equal(cor_config_command(trial.config), &trial_commands[1]);
	trial_finish(&trial);
}

/* A variable names the file, and a flag beats it. */
static void test_finding_the_file(void **state)
{
	char path[64], variable[128];

	(void)state;
	make_file(path, "{\"threads\": 3}", 14);
	snprintf(variable, sizeof variable, "SHOP_CONFIG=%s", path);
	struct trial by_variable = TRIAL(.environment = { variable });
	trial_read(&by_variable);
	assert_setting(&by_variable, "threads", "3", path);
	trial_finish(&by_variable);

	struct trial by_both = TRIAL(.environment = { variable }, .file = "{\"threads\": 4}");
	trial_read(&by_both);
	assert_setting(&by_both, "threads", "4", by_both.path);
	trial_finish(&by_both);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_slips),
		cmocka_unit_test(test_deep_file),
		cmocka_unit_test(test_all_slips_are_reported),
		cmocka_unit_test(test_unknown_variables),
		cmocka_unit_test(test_settings_called_port),
		cmocka_unit_test(test_typed_settings),
		cmocka_unit_test(test_secrets_from_files),
		cmocka_unit_test(test_settings_from_files),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_help_comes_whatever_else_is_wrong),
		cmocka_unit_test(test_finding_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
