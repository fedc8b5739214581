/* SPDX-License-Identifier: MIT */
/*
 * An import that is larger than memory: POST /readings takes readings as JSON Lines (or, with
 * ?array=true, as one JSON array), of any length, and answers JSON Lines: one for each that is
 * refused, and a summary.
 */
#include <coracle/coracle.h>

#define PIECE_BYTES   8192
#define REFUSED_MAX   1000 /* more than that, and the import ends: it is no list of readings */
#define READING_BYTES 4096

struct reading {
	const char *sensor;
	double value;
};
static const struct cor_field reading_fields[] = {
	COR_FIELD(struct reading, sensor, .min_length = 1, .max_length = 40),
	COR_FIELD(struct reading, value, .range = COR_BETWEEN(-100, 100)),
};
COR_LOCAL_SCHEMA(reading_schema, struct reading, reading_fields);

struct how {
	bool array;
};
static const struct cor_field how_fields[] = {
	COR_FIELD(struct how, array, .fallback = "false", .from = COR_FROM_QUERY,
		.doc = "The body is one JSON array"),
};
COR_LOCAL_SCHEMA(how_schema, struct how, how_fields);

/* A line of the answer: what is wrong with one reading, or the summary. */
struct outcome {
	cor_opt(int64_t) line;
	const char *at; /* in the reading */
	const char *error;
	cor_opt(int64_t) imported;
	cor_opt(int64_t) refused;
	cor_opt(double) highest;
};
static const struct cor_field outcome_fields[] = {
	COR_OPT_FIELD(struct outcome, line),
	COR_FIELD(struct outcome, at, .presence = COR_OPTIONAL,
		.doc = "A JSON Pointer into the reading"),
	COR_FIELD(struct outcome, error, .presence = COR_OPTIONAL),
	COR_OPT_FIELD(struct outcome, imported),
	COR_OPT_FIELD(struct outcome, refused),
	COR_OPT_FIELD(struct outcome, highest),
};
COR_LOCAL_SCHEMA(outcome_schema, struct outcome, outcome_fields);

struct import {
	struct cor_ctx *ctx;
	struct cor_reply *reply;
	struct cor_json_lines *lines;
	struct cor_json_writer *writer;
	struct cor_arena scratch; /* of one reading, emptied behind it */
	int64_t imported;
	int64_t refused;
	double highest;
};

static int send_written(struct import *import)
{
	struct cor_str text;
	int rc = cor_write_take(import->writer, &text);

	return rc < 0 ? rc : cor_reply_write(import->reply, text.data, text.len);
}

static int refuse(struct import *import, const char *where, const char *error)
{
	struct cor_json_writer *writer = import->writer;

	import->refused++;
	cor_write_object(writer);
	cor_write_key(writer, "line");
	cor_write_uint64(writer, cor_lines_number(import->lines));
	if (where) {
		cor_write_key(writer, "at");
		cor_write_string(writer, where);
	}
	cor_write_key(writer, "error");
	cor_write_string(writer, error);
	cor_write_end(writer);
	return send_written(import);
}

static int import_one(struct import *import, struct cor_str text)
{
	struct cor_violations violations = { 0 };
	struct reading reading;
	int rc = cor_decode(cor_ctx_codec(import->ctx), &import->scratch, reading_schema, &reading,
		text, &violations);

	if (rc == -COR_EINVALID)
		return refuse(import, violations.first->where, violations.first->detail);
	if (rc < 0)
		return rc;
	if (import->imported == 0 || reading.value > import->highest)
		import->highest = reading.value; /* a real service would store it */
	import->imported++;
	return 0;
}

/* All values that are whole by now. */
static int import_some(struct import *import)
{
	struct cor_str text;
	int found, rc = 0;

	while (rc == 0 && (found = cor_lines_next(import->lines, &text)) != 0) {
		rc = found > 0 ? import_one(import, text)
			       : refuse(import, NULL, cor_lines_complaint(import->lines));
		cor_arena_reset(&import->scratch);
	}
	return rc;
}

static int import_all(struct import *import, struct cor_body *body)
{
	char piece[PIECE_BYTES];
	ssize_t len = 0;
	int rc = 0;

	while (rc == 0 && import->refused < REFUSED_MAX &&
		(len = cor_body_read(body, piece, sizeof piece)) > 0) {
		cor_lines_feed(import->lines, piece, (size_t)len);
		rc = import_some(import);
	}
	if (rc < 0 || len < 0)
		return rc < 0 ? rc : (int)len;
	if (len == 0) {
		cor_lines_feed_end(import->lines);
		rc = import_some(import);
	}
	return rc;
}

static int summarise(struct import *import)
{
	struct cor_json_writer *writer = import->writer;

	cor_write_object(writer);
	cor_write_key(writer, "imported");
	cor_write_int64(writer, import->imported);
	cor_write_key(writer, "refused");
	cor_write_int64(writer, import->refused);
	if (import->imported > 0) {
		cor_write_key(writer, "highest");
		cor_write_double(writer, import->highest);
	}
	cor_write_end(writer);
	return send_written(import);
}

static int import_readings(
	struct cor_ctx *ctx, const struct how *how, struct cor_body *body, struct cor_reply *reply)
{
	struct cor_arena *arena = cor_ctx_arena(ctx);
	struct import import = {
		.ctx = ctx,
		.reply = reply,
		.lines = cor_lines_begin(arena, &(struct cor_lines_options){ .array = how->array,
							.value_bytes_max = READING_BYTES }),
		.writer = cor_write_begin(arena, &(struct cor_write_options){ .lines = true }),
	};
	int rc = import.lines ? cor_reply_start(reply, 0, NULL) : -ENOMEM;

	if (rc < 0)
		return rc;
	cor_arena_init_part(&import.scratch, arena);
	rc = import_all(&import, body);
	if (rc == 0)
		rc = summarise(&import);
	cor_arena_finish(&import.scratch);
	return rc;
}
COR_STREAM_OPERATION(import_readings_operation, import_readings, how_schema,
	.summary = "Import readings", .content_type = "application/jsonl",
	.answers = COR_ANSWERS(outcome_schema), .body_limit_bytes = UINT32_MAX,
	.timeout_ms = 600000);

static const struct cor_resource readings_resource = {
	.path = "/readings",
	.post = &import_readings_operation,
};

static const struct cor_service readings = {
	.name = "readings",
	.version = "1.0.0",
	.doc = "Imports that are larger than memory.",
	.resources = COR_RESOURCES(&readings_resource),
	.schemas = COR_SCHEMAS(reading_schema),
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &readings);
}
