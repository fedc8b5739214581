/* SPDX-License-Identifier: MIT */
/* The shapes of two frameworks of Python, for clients that know them. */
#include <errno.h>
#include <string.h>

#include "http/status.h"
#include "service/error_shape.h"

static void write_text(struct cor_buffer *buffer, const char *text)
{
	cor_problem_write_text(buffer, cor_str(text));
}

/* Of an error that is no list of violations. */
static void write_message(struct cor_buffer *buffer, const struct cor_problem_text *problem)
{
	bool has_detail = problem->detail && problem->detail[0];

	cor_buffer_literal(buffer, "{\"message\":");
	write_text(buffer, has_detail ? problem->detail : cor_status_reason(problem->status));
	cor_buffer_byte(buffer, '}');
}

/* --- names --- */

/* One name of a JSON Pointer into memory, unescaped (RFC 6901); NULL: no memory. */
static const char *take_name(struct cor_arena *arena, const char **pointer)
{
	size_t len = strcspn(*pointer, "/");
	char *name = cor_arena_copy(arena, *pointer, len), *out = name;

	*pointer += len;
	for (const char *in = name; in && *in; out++) {
		bool is_escape = in[0] == '~' && (in[1] == '0' || in[1] == '1');
		*out = is_escape ? (in[1] == '0' ? '~' : '/') : *in;
		in += is_escape ? 2 : 1;
	}
	if (out)
		*out = '\0';
	return name;
}

static bool is_in_body(const struct cor_violation *violation)
{
	return strcmp(violation->in, "body") == 0;
}

/* --- marshmallow --- */

#define LEVELS_MAX 128 /* deeper than JSON may be: what a handler makes up ends here */
#define WHOLE      "_schema"

struct told {
	const char *text;
	struct told *next;
};

/* A member, with what is wrong with it, and with what it holds. */
struct branch {
	const char *name;
	struct told *texts, **texts_end;
	struct branch *inner, **inner_end;
	struct branch *next;
};

static struct branch *make_branch(struct cor_arena *arena, const char *name)
{
	struct branch *branch = cor_arena_zalloc(arena, sizeof *branch);

	if (!branch)
		return NULL;
	branch->name = name;
	branch->texts_end = &branch->texts;
	branch->inner_end = &branch->inner;
	return branch;
}

static struct branch *find_inner(const struct branch *outer, const char *name)
{
	for (struct branch *inner = outer->inner; inner; inner = inner->next)
		if (strcmp(inner->name, name) == 0)
			return inner;
	return NULL;
}

static struct branch *descend(struct cor_arena *arena, struct branch *outer, const char *name)
{
	struct branch *branch = find_inner(outer, name);

	if (branch)
		return branch;
	branch = make_branch(arena, name);
	if (!branch)
		return NULL;
	*outer->inner_end = branch;
	outer->inner_end = &branch->next;
	return branch;
}

static struct branch *find_branch(
	struct cor_arena *arena, struct branch *root, const struct cor_violation *violation)
{
	const char *at = violation->where, *name;
	struct branch *branch = root;

	if (!is_in_body(violation))
		return descend(arena, root, at);
	for (unsigned levels = 0; branch && *at == '/' && levels < LEVELS_MAX; levels++) {
		at++;
		name = take_name(arena, &at);
		branch = name ? descend(arena, branch, name) : NULL;
	}
	return branch;
}

static int grow(struct cor_arena *arena, struct branch *root, const struct cor_violation *violation)
{
	struct branch *branch = find_branch(arena, root, violation);
	struct told *told = branch ? cor_arena_alloc(arena, sizeof *told) : NULL;

	if (!told)
		return -ENOMEM;
	*told = (struct told){ .text = violation->detail };
	*branch->texts_end = told;
	branch->texts_end = &told->next;
	return 0;
}

static void write_texts(struct cor_buffer *buffer, const struct branch *branch)
{
	for (const struct told *told = branch->texts; told; told = told->next) {
		cor_buffer_byte(buffer, told == branch->texts ? '[' : ',');
		write_text(buffer, told->text);
	}
	cor_buffer_byte(buffer, ']');
}

/*
 * At most LEVELS_MAX deep. A client may name a member as the whole is named: both are told there.
 */
static void write_branch(struct cor_buffer *buffer, struct branch *branch, bool is_root)
{
	struct branch *whole = branch->texts ? find_inner(branch, WHOLE) : NULL;

	if (!branch->inner && !is_root) {
		write_texts(buffer, branch);
		return;
	}
	cor_buffer_byte(buffer, '{');
	if (whole) {
		*branch->texts_end = whole->texts;
		whole->texts = branch->texts;
	} else if (branch->texts) {
		cor_buffer_literal(buffer, "\"" WHOLE "\":");
		write_texts(buffer, branch);
	}
	bool is_first = whole || !branch->texts;
	for (struct branch *inner = branch->inner; inner; inner = inner->next, is_first = false) {
		if (!is_first)
			cor_buffer_byte(buffer, ',');
		write_text(buffer, inner->name);
		cor_buffer_byte(buffer, ':');
		write_branch(buffer, inner, false);
	}
	cor_buffer_byte(buffer, '}');
}

static int write_marshmallow(
	struct cor_buffer *buffer, struct cor_arena *arena, const struct cor_problem_text *problem)
{
	int rc = 0;

	if (!problem->violations) {
		write_message(buffer, problem);
		return 0;
	}
	struct branch *root = make_branch(arena, "");
	if (!root)
		return -ENOMEM;
	for (const struct cor_violation *v = problem->violations->first; rc == 0 && v; v = v->next)
		rc = grow(arena, root, v);
	if (rc == 0)
		write_branch(buffer, root, true);
	return rc;
}

static void describe_marshmallow(struct cor_buffer *buffer, const char *name)
{
	cor_buffer_printf(buffer,
		"{\"type\":\"object\",\"description\":\"What is wrong, by member, index or parameter; "
		"\\\"_schema\\\" is the whole. \\\"message\\\" alone is any other error.\","
		"\"properties\":{\"message\":{\"anyOf\":[{\"type\":\"string\"},"
		"{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
		"{\"$ref\":\"#/components/schemas/%s\"}]}},"
		"\"additionalProperties\":{\"anyOf\":["
		"{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
		"{\"$ref\":\"#/components/schemas/%s\"}]}}",
		name, name);
}

const struct cor_error_writer cor_marshmallow_writer = { write_marshmallow, describe_marshmallow };

/* --- Flask-RESTX --- */

/* "lines.2.price" */
static const char *dotted(struct cor_arena *arena, const struct cor_violation *violation)
{
	const char *at = violation->where, *path = "";

	if (!is_in_body(violation))
		return at;
	while (path && *at == '/') {
		at++;
		const char *name = take_name(arena, &at);
		path = name ? cor_arena_printf(arena, "%s%s%s", path, path[0] ? "." : "", name)
			    : NULL;
	}
	return path;
}

static bool is_told(const struct told *paths, const char *path)
{
	for (; paths; paths = paths->next)
		if (strcmp(paths->text, path) == 0)
			return true;
	return false;
}

/* Two places may have one path: a member "a.b" and b in a. The first one is told. */
static int write_restx(
	struct cor_buffer *buffer, struct cor_arena *arena, const struct cor_problem_text *problem)
{
	struct told *paths = NULL;

	if (!problem->violations) {
		write_message(buffer, problem);
		return 0;
	}
	cor_buffer_literal(buffer, "{\"errors\":{");
	for (const struct cor_violation *v = problem->violations->first; v; v = v->next) {
		const char *path = dotted(arena, v);
		struct told *told = path ? cor_arena_alloc(arena, sizeof *told) : NULL;
		if (!told)
			return -ENOMEM;
		if (is_told(paths, path))
			continue;
		if (paths)
			cor_buffer_byte(buffer, ',');
		*told = (struct told){ path, paths };
		paths = told;
		write_text(buffer, path);
		cor_buffer_byte(buffer, ':');
		write_text(buffer, v->detail);
	}
	cor_buffer_literal(buffer, "},\"message\":\"Input payload validation failed\"}");
	return 0;
}

static void describe_restx(struct cor_buffer *buffer, const char *name)
{
	(void)name;
	cor_buffer_literal(buffer,
		"{\"type\":\"object\",\"required\":[\"message\"],\"properties\":{"
		"\"message\":{\"type\":\"string\",\"description\":\"What happened\"},"
		"\"errors\":{\"type\":\"object\",\"description\":\"What is wrong, by the path of the "
		"member, or by parameter\",\"additionalProperties\":{\"type\":\"string\"}}}}");
}

const struct cor_error_writer cor_restx_writer = { write_restx, describe_restx };
