/* SPDX-License-Identifier: MIT */
/* A service on SQLite, which blocks: its calls run on an executor. For bench/measure/sqlite.py. */
#include <errno.h>
#include <sqlite3.h>

#include <coracle/coracle.h>

struct settings {
	const char *database;
};
static const struct cor_field settings_fields[] = {
	COR_FIELD(struct settings, database, .doc = "Path of the SQLite file"),
};
COR_LOCAL_SCHEMA(settings_schema, struct settings, settings_fields);

/* --- a connection for each thread of the executor --- */

static int connect_thread(struct cor_ctx *ctx, void **ret_state)
{
	const struct settings *settings = cor_settings(ctx, settings_schema);
	sqlite3 *db = NULL;
	int rc = sqlite3_open(settings->database, &db);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(
			db, "CREATE TABLE IF NOT EXISTS notes (text TEXT)", NULL, NULL, NULL);
	if (rc != SQLITE_OK) {
		sqlite3_close(db);
		return cor_problem(
			ctx, 500, -EIO, "%s: %s", settings->database, sqlite3_errstr(rc));
	}
	sqlite3_busy_timeout(db, 10000);
	*ret_state = db;
	return 0;
}

static void disconnect_thread(struct cor_ctx *ctx, void *db)
{
	(void)ctx;
	sqlite3_close(db);
}

static const struct cor_executor database = {
	.name = "database",
	.size = 4,
	.start = connect_thread,
	.stop = disconnect_thread,
};

/* --- POST /notes --- */

static int insert(struct cor_ctx *ctx, struct cor_str *text)
{
	sqlite3 *db = cor_thread_state(ctx);
	sqlite3_stmt *statement = NULL;
	int rc = sqlite3_prepare_v2(db, "INSERT INTO notes VALUES (?)", -1, &statement, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(statement, 1, text->data, (int)text->len, SQLITE_TRANSIENT);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	sqlite3_finalize(statement);
	return rc == SQLITE_DONE ? 0 : cor_problem(ctx, 503, 0, "%s", sqlite3_errstr(rc));
}

static int add_note(struct cor_ctx *ctx, const struct cor_str *in, struct cor_none *out)
{
	struct cor_str text = *in;

	(void)out;
	return cor_offload(ctx, &database, insert, &text);
}
COR_OPERATION(add_note_operation, add_note, COR_TEXT, COR_NONE, .summary = "Add a note",
	.problems = { 503 });

/* --- GET /plaintext --- */

static int say_hello(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)ctx, (void)in;
	*out = COR_STR("Hello, World!");
	return 0;
}
COR_OPERATION(say_hello_operation, say_hello, COR_NONE, COR_TEXT, .summary = "A constant text");

static const struct cor_resource notes = { .path = "/notes", .post = &add_note_operation };
static const struct cor_resource plaintext = { .path = "/plaintext", .get = &say_hello_operation };

static const struct cor_service service = {
	.name = "notes",
	.version = "1.0.0",
	.resources = COR_RESOURCES(&notes, &plaintext),
	.executors = COR_EXECUTORS(&database),
	.settings = COR_SETTINGS(settings_schema),
	.defaults = "{\"access_log\": false}",
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &service);
}
