/* SPDX-License-Identifier: MIT */
/*
 * What the library makes of tables that it has never seen. Each line of the input is a description
 * (run_time_table.h) with "documents", a list of texts; "answered" says that the tables are those
 * of an answer, too. For each a line comes out:
 *
 *     {"refused": "why"}
 *     {"request": {"root": "leaf", "schemas": {...}}, "answer": {...}, "results": [...]}
 *
 * A result is {"no": "what is wrong"} or {"yes": "encoded", "answer": "encoded as an answer"}.
 * What must never happen ends the program: a value that does not come out as it went in.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json_write.h>

#include "run_time_table.h"
#include "schema/describe.h"
#include "schema/encode.h"

struct session {
	struct cor_codec *codec;
	const struct cor_schema *root;
	struct cor_arena *arena;
	struct cor_json_writer *out;
	bool has_access; /* some rows are of one direction only */
	bool invents;    /* an absent struct by value is one of zeros, which may break its rules */
};

static _Noreturn void give_up(const struct session *session, const char *what, const char *text)
{
	fprintf(stderr, "table-driver: %s: %s: %s\n", session->root->symbol, what, text);
	exit(3);
}

static bool encode(const struct session *session, enum cor_use use, const void *value,
	struct cor_str *ret, struct cor_encode_fault *fault)
{
	struct cor_buffer buffer = { 0 };
	int rc = cor_encode_append(session->codec, session->root, use, value, &buffer, fault);

	if (rc == 0)
		*ret = cor_str(cor_arena_copy(session->arena, buffer.data, buffer.len));
	cor_buffer_finish(&buffer);
	return rc == 0;
}

/* What was read is written; that is read and written again, and so is a copy: all the same. */
static void there_and_back(const struct session *session, const void *value, struct cor_str text)
{
	void *again = cor_arena_zalloc(session->arena, session->root->size);
	struct cor_violations violations = { 0 };
	struct cor_encode_fault fault;
	struct cor_str other;

	if (cor_decode_json(
		    session->codec, session->arena, session->root, again, text, &violations) < 0) {
		if (session->invents)
			return;
		give_up(session, violations.first->detail, text.data);
	}
	if (!encode(session, COR_USE_WHOLE, again, &other, &fault) || !cor_str_equal(text, other))
		give_up(session, "comes back otherwise", text.data);
	if (cor_copy_struct(session->arena, session->root, value, again) < 0 ||
		!encode(session, COR_USE_WHOLE, again, &other, &fault) ||
		!cor_str_equal(text, other))
		give_up(session, "is copied otherwise", text.data);
}

static void accepted(const struct session *session, const void *value)
{
	struct cor_encode_fault fault = { "" };
	struct cor_str text, answer;
	bool is_whole = encode(session, COR_USE_WHOLE, value, &text, &fault);

	if (!is_whole && !session->has_access)
		give_up(session, "cannot be written", fault.text);
	if (is_whole && !session->has_access)
		there_and_back(session, value, text);
	if (is_whole) {
		cor_write_key(session->out, "yes");
		cor_write_text(session->out, text);
	}
	cor_write_key(session->out, "answer");
	if (encode(session, COR_USE_ANSWER, value, &answer, &fault))
		cor_write_text(session->out, answer);
	else
		cor_write_null(session->out);
}

static void judge(const struct session *session, struct cor_str document)
{
	const struct cor_decode_options options = { .use = COR_USE_REQUEST,
		.default_from = COR_FROM_BODY };
	void *value = cor_arena_zalloc(session->arena, session->root->size);
	struct cor_violations violations = { 0 };
	int rc = cor_decode_text(session->codec, session->arena, session->root, &options, value,
		document, &violations);

	if ((rc == 0) != (violations.count == 0))
		give_up(session, "the code and the list differ", document.data);
	cor_write_object(session->out);
	if (rc == 0) {
		accepted(session, value);
	} else {
		cor_write_key(session->out, "no");
		cor_write_string(
			session->out, cor_arena_printf(session->arena, "%s: %s",
					      violations.first->where, violations.first->detail));
	}
	cor_write_end(session->out);
}

static void describe(const struct session *session, const char *name, enum cor_use use)
{
	const struct cor_schema_form root = {
		.schema = session->root, .use = use, .name = session->root->name
	};
	struct cor_schema_names names;

	if (cor_schema_names_collect(&root, 1, session->arena, &names) < 0)
		give_up(session, "no memory", "for names");
	cor_write_key(session->out, name);
	cor_write_object(session->out);
	cor_write_key(session->out, "root");
	cor_write_string(session->out, cor_schema_names_find(&names, session->root, use));
	cor_write_key(session->out, "schemas");
	cor_write_object(session->out);
	for (size_t i = 0; i < names.len; i++) {
		struct cor_buffer buffer = { 0 };
		cor_describe_form(&names.forms[i], &names, &buffer);
		cor_write_key(session->out, names.forms[i].name);
		cor_write_json(session->out, (struct cor_json){ cor_str(cor_arena_copy(
						     session->arena, buffer.data, buffer.len)) });
		cor_buffer_finish(&buffer);
	}
	cor_write_end(session->out);
	cor_write_end(session->out);
}

static bool is_one_way(const struct cor_field *row)
{
	return row->access != COR_READ_WRITE;
}

static bool is_invented(const struct cor_field *row)
{
	return row->type.kind == COR_KIND_OBJECT && (row->presence & COR_OPTIONAL) &&
	       !row->is_opt && !row->fallback;
}

static bool any_row(
	const struct run_time_tables *tables, bool (*is_it)(const struct cor_field *row))
{
	for (size_t i = 0; i < tables->len; i++)
		for (size_t j = 0; j < tables->schemas[i].len; j++)
			if (is_it(&tables->schemas[i].fields[j]))
				return true;
	return false;
}

static void run(struct session *session, const struct cor_node *order)
{
	const struct cor_node *documents = cor_node_get(order, "documents");
	struct cor_str document = { 0 };

	describe(session, "request", COR_USE_REQUEST);
	describe(session, "answer", COR_USE_ANSWER);
	cor_write_key(session->out, "results");
	cor_write_array(session->out);
	for (size_t i = 0; i < cor_node_len(documents); i++) {
		if (cor_node_to_text(cor_node_item(documents, i), &document) < 0)
			give_up(session, "is not a text", "document");
		judge(session, document);
	}
	cor_write_end(session->out);
}

static void refused(const struct session *session, const struct cor_violations *why)
{
	const char *report = "";

	for (const struct cor_violation *v = why->first; v; v = v->next)
		report = cor_arena_printf(
			session->arena, "%s%s: %s\n", report, v->where, v->detail);
	cor_write_key(session->out, "refused");
	cor_write_string(session->out, report);
}

static void answer_line(struct cor_arena *arena, struct cor_str line)
{
	struct session session = { .arena = arena };
	struct run_time_tables tables;
	struct cor_violations why = { 0 };
	struct cor_node *order;
	struct cor_str text;
	bool is_answered = false;
	size_t at;

	if (cor_node_parse(arena, line, NULL, &order, &at) < 0)
		exit(2);
	run_time_tables_make(&tables, arena, order);
	session.root = run_time_tables_root(&tables);
	session.has_access = any_row(&tables, is_one_way);
	session.invents = any_row(&tables, is_invented);
	session.out = cor_write_begin(arena, NULL);
	(void)!cor_node_to_bool(cor_node_get(order, "answered"), &is_answered);
	cor_write_object(session.out);
	const struct cor_codec_tables made = { &session.root, 1, is_answered };
	int rc = cor_codec_create_of(&made, &session.codec, arena, &why);
	if (rc < 0)
		refused(&session, &why);
	else
		run(&session, order);
	cor_write_end(session.out);
	cor_codec_destroy(session.codec);
	if (cor_write_finish(session.out, &text) < 0)
		give_up(&session, "cannot be written", cor_write_complaint(session.out));
	fwrite(text.data, 1, text.len, stdout);
	putchar('\n');
	fflush(stdout);
}

int main(void)
{
	char *line = NULL;
	size_t capacity = 0;
	ssize_t len;

	while ((len = getline(&line, &capacity, stdin)) > 0) {
		struct cor_arena arena;
		cor_arena_init(&arena, NULL, 0, 0);
		answer_line(&arena, (struct cor_str){ line, (size_t)len });
		cor_arena_finish(&arena);
	}
	free(line);
	return 0;
}
