/* SPDX-License-Identifier: MIT */
#include "cli/api_changes.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include <coracle/json_pointer.h>

#include "cli/schema_changes.h"
#include "cli/service.h"
#include "document/reference.h"

/* --- what was found --- */

COR_PRINTF(3, 0)
static void add(struct cor_api_changes *changes, bool breaks, const char *format, va_list args)
{
	changes->breaking += breaks;
	changes->compatible += !breaks;
	if (changes->len == COR_API_CHANGES_MAX)
		return;
	if (!changes->items)
		changes->items = cor_cli_alloc(
			changes->cli, COR_API_CHANGES_MAX * sizeof *changes->items);
	const char *text = cor_arena_vprintf(changes->cli->arena, format, args);
	changes->items[changes->len++] = (struct cor_api_change){
		breaks,
		changes->where,
		text ? text : format,
	};
}

void cor_api_breaks(struct cor_api_changes *changes, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(changes, true, format, args);
	va_end(args);
}

void cor_api_allows(struct cor_api_changes *changes, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(changes, false, format, args);
	va_end(args);
}

const char *cor_api_text(const struct cor_cli *cli, const struct cor_node *node)
{
	struct cor_str text = { "", 0 };

	if (cor_node_to_text(node, &text) < 0 && cor_node_print(cli->arena, node, &text) < 0)
		return "";
	return cor_cli_text(cli, "%.*s", (int)text.len, text.data);
}

static const struct cor_node *before_at(
	const struct cor_api_changes *changes, const struct cor_node *node, const char *key)
{
	return cor_reference_follow(changes->before, cor_node_get(node, key));
}

static const struct cor_node *after_at(
	const struct cor_api_changes *changes, const struct cor_node *node, const char *key)
{
	return cor_reference_follow(changes->after, cor_node_get(node, key));
}

/* The key of a member, as a text. */
static const char *key_at(
	const struct cor_api_changes *changes, const struct cor_node *object, size_t index)
{
	struct cor_str key = cor_node_key(object, index);

	return cor_cli_text(changes->cli, "%.*s", (int)key.len, key.data);
}

static const char *capitals(const struct cor_cli *cli, const char *word)
{
	char *text = cor_cli_text(cli, "%s", word);

	for (char *at = text; *at; at++)
		*at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
	return text;
}

/* --- contents: media types with schemas --- */

static void compare_content(struct cor_api_changes *changes, const struct cor_node *before,
	const struct cor_node *after, enum cor_api_way way, const char *at)
{
	const struct cor_node *old = cor_node_get(before, "content");
	const struct cor_node *new = cor_node_get(after, "content");

	for (size_t i = 0; i < cor_node_len(old); i++) {
		const char *type = key_at(changes, old, i);
		const struct cor_node *there = cor_node_get(new, type);
		if (there)
			cor_schema_compare(changes, cor_node_get(cor_node_item(old, i), "schema"),
				cor_node_get(there, "schema"), way, at);
		else
			cor_api_breaks(changes, "%s: %s is gone", at, type);
	}
	for (size_t i = 0; i < cor_node_len(new); i++) {
		const char *type = key_at(changes, new, i);
		if (!cor_node_get(old, type))
			cor_api_allows(changes, "%s: %s is new", at, type);
	}
}

/* --- parameters --- */

/*
 * The place of a path's {name}, since clients do not see names there; else its own name. Headers
 * have no case.
 */
static const char *identity(
	const struct cor_api_changes *changes, const char *path, const struct cor_node *parameter)
{
	const char *name = cor_cli_member(changes->cli, parameter, "name");
	const char *in = cor_cli_member(changes->cli, parameter, "in");
	const char *mark = cor_cli_text(changes->cli, "{%s}", name);
	size_t place = 0;

	if (strcmp(in, "header") == 0)
		return cor_cli_text(changes->cli, "header %s", capitals(changes->cli, name));
	if (strcmp(in, "path") != 0)
		return cor_cli_text(changes->cli, "%s %s", in, name);
	for (; *path && strncmp(path, mark, strlen(mark)) != 0; path++)
		place += *path == '{';
	return cor_cli_text(changes->cli, "path %zu", place);
}

struct parameters {
	const struct cor_node *document;
	const char *path;
	const struct cor_node *lists[2]; /* of the operation, of the path; the first counts */
};

static const struct cor_node *find_parameter(
	const struct cor_api_changes *changes, const struct parameters *in, const char *wanted)
{
	for (size_t list = 0; list < 2; list++) {
		for (size_t i = 0; i < cor_node_len(in->lists[list]); i++) {
			const struct cor_node *parameter = cor_reference_follow(
				in->document, cor_node_item(in->lists[list], i));
			const char *name = identity(changes, in->path, parameter);
			if (strcmp(name, wanted) == 0)
				return parameter;
		}
	}
	return NULL;
}

static const char *called(const struct cor_api_changes *changes, const struct cor_node *parameter)
{
	return cor_cli_text(changes->cli, "%s %s", cor_cli_member(changes->cli, parameter, "in"),
		cor_cli_member(changes->cli, parameter, "name"));
}

/* A service refuses parameters of the query that it does not know, and passes over headers. */
static void parameter_is_gone(struct cor_api_changes *changes, const struct cor_node *parameter)
{
	if (strcmp(cor_cli_member(changes->cli, parameter, "in"), "query") == 0)
		cor_api_breaks(changes, "%s is gone", called(changes, parameter));
	else
		cor_api_allows(changes, "%s is gone", called(changes, parameter));
}

static void compare_parameter(struct cor_api_changes *changes, const struct cor_node *before,
	const struct cor_node *after)
{
	const char *at = called(changes, after);

	if (cor_cli_flag(after, "required") && !cor_cli_flag(before, "required"))
		cor_api_breaks(changes, "%s is required now", at);
	if (cor_cli_flag(before, "required") && !cor_cli_flag(after, "required"))
		cor_api_allows(changes, "%s is optional now", at);
	if (!cor_node_equal(cor_node_get(before, "style"), cor_node_get(after, "style")) ||
		!cor_node_equal(cor_node_get(before, "explode"), cor_node_get(after, "explode")))
		cor_api_breaks(changes, "%s is written otherwise (style, explode)", at);
	if (!cor_node_get(before, "content") != !cor_node_get(after, "content")) {
		cor_api_breaks(changes, "%s is written otherwise (content)", at);
		return;
	}
	compare_content(changes, before, after, COR_API_INPUT, at);
	cor_schema_compare(changes, cor_node_get(before, "schema"), cor_node_get(after, "schema"),
		COR_API_INPUT, at);
}

static void compare_parameters(struct cor_api_changes *changes, const struct parameters *before,
	const struct parameters *after)
{
	for (size_t list = 0; list < 2; list++) {
		for (size_t i = 0; i < cor_node_len(before->lists[list]); i++) {
			const struct cor_node *old = cor_reference_follow(
				before->document, cor_node_item(before->lists[list], i));
			const char *name = identity(changes, before->path, old);
			const struct cor_node *new = find_parameter(changes, after, name);
			if (find_parameter(changes, before, name) != old)
				continue;
			if (new)
				compare_parameter(changes, old, new);
			else
				parameter_is_gone(changes, old);
		}
		for (size_t i = 0; i < cor_node_len(after->lists[list]); i++) {
			const struct cor_node *new = cor_reference_follow(
				after->document, cor_node_item(after->lists[list], i));
			if (find_parameter(changes, before, identity(changes, after->path, new)))
				continue;
			if (cor_cli_flag(new, "required"))
				cor_api_breaks(
					changes, "%s is new and required", called(changes, new));
			else
				cor_api_allows(changes, "%s is new", called(changes, new));
		}
	}
}

/* --- who may call --- */

/* Whether all that one way needs (schemes and scopes) the other has, too. */
static bool needs_no_more(const struct cor_node *new, const struct cor_node *old)
{
	for (size_t i = 0; i < cor_node_len(new); i++) {
		const struct cor_node *scopes = cor_node_item(new, i);
		const struct cor_node *had = cor_node_get_text(old, cor_node_key(new, i));
		if (!had)
			return false;
		for (size_t at = 0; at < cor_node_len(scopes); at++) {
			bool is_had = false;
			for (size_t k = 0; k < cor_node_len(had) && !is_had; k++)
				is_had = cor_node_equal(
					cor_node_item(had, k), cor_node_item(scopes, at));
			if (!is_had)
				return false;
		}
	}
	return true;
}

/* Of several ways any will do, and an empty one is everybody's. */
static bool lets_in(const struct cor_node *ways, const struct cor_node *old)
{
	bool any = cor_node_len(ways) == 0;

	for (size_t i = 0; i < cor_node_len(ways); i++)
		any |= needs_no_more(cor_node_item(ways, i), old);
	return any;
}

static const struct cor_node *ways_of(
	const struct cor_node *document, const struct cor_node *operation)
{
	const struct cor_node *own = cor_node_get(operation, "security");

	return own ? own : cor_node_get(document, "security");
}

static void compare_security(struct cor_api_changes *changes, const struct cor_node *before,
	const struct cor_node *after)
{
	const struct cor_node *old = ways_of(changes->before, before);
	const struct cor_node *new = ways_of(changes->after, after);
	bool breaks = cor_node_len(old) == 0 && !lets_in(new, NULL);

	for (size_t i = 0; i < cor_node_len(old); i++)
		breaks |= !lets_in(new, cor_node_item(old, i));
	if (breaks && cor_node_len(old) == 0)
		cor_api_breaks(changes, "security: everybody was let in, and it takes %s now",
			cor_api_text(changes->cli, new));
	else if (breaks)
		cor_api_breaks(changes, "security: not all who were let in by %s are so by %s",
			cor_api_text(changes->cli, old), cor_api_text(changes->cli, new));
	else if (!cor_node_equal(old, new) && cor_node_len(old) + cor_node_len(new) > 0)
		cor_api_allows(changes, "security: others are let in, too");
}

/* Clients that are written for a scheme send what it was. */
static void compare_scheme(struct cor_api_changes *changes, const char *name,
	const struct cor_node *before, const struct cor_node *after)
{
	static const char *const keys[] = { "type", "in", "name", "scheme", "openIdConnectUrl" };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		const char *old = cor_cli_member(changes->cli, before, keys[i]);
		const char *new = cor_cli_member(changes->cli, after, keys[i]);
		bool has_case = strcmp(keys[i], "scheme") != 0;
		if ((has_case ? strcmp(old, new) : strcasecmp(old, new)) != 0)
			cor_api_breaks(changes, "%s: %s was %s and is %s", name, keys[i], old, new);
	}
}

/* Clients that are written for a flow of OAuth 2 know its addresses. */
static void compare_flows(struct cor_api_changes *changes, const char *scheme,
	const struct cor_node *before, const struct cor_node *after)
{
	static const char *const keys[] = { "authorizationUrl", "tokenUrl", "refreshUrl" };
	const struct cor_node *flows = cor_node_get(before, "flows");

	for (size_t i = 0; i < cor_node_len(flows); i++) {
		const char *name = key_at(changes, flows, i);
		const struct cor_node *there = cor_node_get(cor_node_get(after, "flows"), name);
		if (!there)
			cor_api_breaks(changes, "%s: flow %s is gone", scheme, name);
		for (size_t key = 0; there && key < sizeof keys / sizeof keys[0]; key++)
			if (!cor_node_equal(cor_node_get(cor_node_item(flows, i), keys[key]),
				    cor_node_get(there, keys[key])))
				cor_api_breaks(changes, "%s: flow %s: %s is another", scheme, name,
					keys[key]);
	}
}

/* Of one that is gone, the operations that took it tell. */
static void compare_schemes(struct cor_api_changes *changes)
{
	const char *key = "securitySchemes";
	const struct cor_node *old = cor_node_get(cor_node_get(changes->before, "components"), key);
	const struct cor_node *new = cor_node_get(cor_node_get(changes->after, "components"), key);

	changes->where = key;
	for (size_t i = 0; i < cor_node_len(old); i++) {
		const char *name = key_at(changes, old, i);
		const struct cor_node *was = before_at(changes, old, name);
		const struct cor_node *is = after_at(changes, new, name);
		if (!is)
			continue;
		compare_scheme(changes, name, was, is);
		compare_flows(changes, name, was, is);
	}
}

/* --- operations --- */

/* Of a body, or a header: whether it must be there. */
static void compare_required(struct cor_api_changes *changes, const struct cor_node *before,
	const struct cor_node *after, enum cor_api_way way, const char *at)
{
	bool was = cor_cli_flag(before, "required"), is = cor_cli_flag(after, "required");

	if (was == is)
		return;
	if (is == (way == COR_API_INPUT))
		cor_api_breaks(changes, "%s is %s", at, is ? "required now" : "optional now");
	else
		cor_api_allows(changes, "%s is %s", at, is ? "required now" : "optional now");
}

/* The header of a name, which has no case. */
static const struct cor_node *find_header(
	const struct cor_api_changes *changes, const struct cor_node *headers, const char *name)
{
	for (size_t i = 0; i < cor_node_len(headers); i++) {
		if (strcasecmp(key_at(changes, headers, i), name) == 0)
			return cor_node_item(headers, i);
	}
	return NULL;
}

static void compare_body(struct cor_api_changes *changes, const struct cor_node *before,
	const struct cor_node *after, enum cor_api_way way)
{
	const struct cor_node *old = before_at(changes, before, "requestBody");
	const struct cor_node *new = after_at(changes, after, "requestBody");

	if (old && !new) {
		cor_api_breaks(changes, "body: there is none any more");
	} else if (!old && new) {
		if (cor_cli_flag(new, "required"))
			cor_api_breaks(changes, "body: is new and required");
		else
			cor_api_allows(changes, "body: is new");
	} else if (old) {
		compare_required(changes, old, new, way, "body:");
		compare_content(changes, old, new, way, "body");
	}
}

static void compare_headers(struct cor_api_changes *changes, const struct cor_node *before,
	const struct cor_node *after, enum cor_api_way way, const char *at)
{
	const struct cor_node *old = cor_node_get(before, "headers");
	const struct cor_node *new = cor_node_get(after, "headers");

	for (size_t i = 0; i < cor_node_len(old); i++) {
		const char *name = key_at(changes, old, i);
		const struct cor_node *was = before_at(changes, old, name);
		const struct cor_node *is = cor_reference_follow(
			changes->after, find_header(changes, new, name));
		const char *where = cor_cli_text(changes->cli, "%s header %s", at, name);
		if (!is) {
			cor_api_breaks(changes, "%s is gone", where);
			continue;
		}
		compare_required(changes, was, is, way, where);
		cor_schema_compare(changes, cor_node_get(was, "schema"), cor_node_get(is, "schema"),
			way, where);
	}
	for (size_t i = 0; i < cor_node_len(new); i++) {
		const char *name = key_at(changes, new, i);
		if (!find_header(changes, old, name))
			cor_api_allows(changes, "%s header %s is new", at, name);
	}
}

/* Clients are written for answers of success; a failure less is nobody's loss. */
static void answer_is_gone(struct cor_api_changes *changes, const char *status)
{
	if (status[0] == '4' || status[0] == '5' || status[0] == 'd')
		cor_api_allows(changes, "answer %s is gone", status);
	else
		cor_api_breaks(changes, "answer %s is gone", status);
}

static void compare_answers(struct cor_api_changes *changes, const struct cor_node *before,
	const struct cor_node *after, enum cor_api_way way)
{
	const struct cor_node *old = cor_node_get(before, "responses");
	const struct cor_node *new = cor_node_get(after, "responses");

	for (size_t i = 0; i < cor_node_len(old); i++) {
		const char *status = key_at(changes, old, i);
		const char *at = cor_cli_text(changes->cli, "answer %s", status);
		const struct cor_node *was = before_at(changes, old, status);
		const struct cor_node *is = after_at(changes, new, status);
		if (!is) {
			answer_is_gone(changes, status);
			continue;
		}
		compare_content(changes, was, is, way, at);
		compare_headers(changes, was, is, way, at);
	}
	for (size_t i = 0; i < cor_node_len(new); i++) {
		const char *status = key_at(changes, new, i);
		if (!cor_node_get(old, status))
			cor_api_allows(changes, "answer %s is new", status);
	}
}

static void compare_websocket(struct cor_api_changes *changes, const struct cor_node *before,
	const struct cor_node *after)
{
	const struct cor_node *old = cor_node_get(before, "x-websocket");
	const struct cor_node *new = cor_node_get(after, "x-websocket");

	if (old && !new)
		cor_api_breaks(changes, "is no WebSocket any more");
	if (!old || !new)
		return;
	cor_schema_compare(changes, cor_node_get(old, "receives"), cor_node_get(new, "receives"),
		COR_API_INPUT, "message to it");
	cor_schema_compare(changes, cor_node_get(old, "sends"), cor_node_get(new, "sends"),
		COR_API_OUTPUT, "message from it");
}

/* What clients call; of callbacks and webhooks what calls them: who writes what is turned. */
static void compare_operation(struct cor_api_changes *changes, const struct parameters *old,
	const struct parameters *new, const struct cor_node *before, const struct cor_node *after,
	bool is_turned)
{
	if (cor_cli_flag(after, "deprecated") && !cor_cli_flag(before, "deprecated"))
		cor_api_allows(changes, "is deprecated now");
	compare_body(changes, before, after, is_turned ? COR_API_OUTPUT : COR_API_INPUT);
	compare_answers(changes, before, after, is_turned ? COR_API_INPUT : COR_API_OUTPUT);
	if (is_turned)
		return;
	compare_parameters(changes, old, new);
	compare_security(changes, before, after);
	compare_websocket(changes, before, after);
}

static const char *const methods[] = { "get", "put", "post", "delete", "options", "head", "patch",
	"trace", NULL };

static void compare_callbacks(struct cor_api_changes *changes, const struct cor_node *before,
	const struct cor_node *after);

static void compare_path(struct cor_api_changes *changes, const char *path, const char *new_path,
	const struct cor_node *before, const struct cor_node *after, bool is_turned)
{
	for (size_t i = 0; methods[i]; i++) {
		const struct cor_node *old = cor_node_get(before, methods[i]);
		const struct cor_node *new = cor_node_get(after, methods[i]);
		changes->where = cor_cli_text(
			changes->cli, "%s %s", capitals(changes->cli, methods[i]), path);
		if (old && !new)
			cor_api_breaks(changes, "is gone");
		if (!old && new)
			cor_api_allows(changes, "is new");
		if (!old || !new)
			continue;
		compare_operation(changes,
			&(struct parameters){ changes->before, path,
				{ cor_node_get(old, "parameters"),
					cor_node_get(before, "parameters") } },
			&(struct parameters){ changes->after, new_path,
				{ cor_node_get(new, "parameters"),
					cor_node_get(after, "parameters") } },
			old, new, is_turned);
		compare_callbacks(changes, old, new);
	}
}

/* Each has a name, and below it an expression for where it goes. */
static void compare_callbacks(struct cor_api_changes *changes, const struct cor_node *before,
	const struct cor_node *after)
{
	const struct cor_node *old = cor_node_get(before, "callbacks");
	const struct cor_node *new = cor_node_get(after, "callbacks");

	for (size_t i = 0; i < cor_node_len(old); i++) {
		const char *name = key_at(changes, old, i);
		compare_path(changes, name, name,
			cor_reference_follow(
				changes->before, cor_node_item(before_at(changes, old, name), 0)),
			cor_reference_follow(
				changes->after, cor_node_item(after_at(changes, new, name), 0)),
			true);
	}
}

/* Paths are the same, whatever their {names} are. */
static bool is_same_path(const char *a, const char *b)
{
	while (*a && *a == *b) {
		if (*a == '{') {
			a += strcspn(a, "}");
			b += strcspn(b, "}");
		} else {
			a++;
			b++;
		}
	}
	return *a == *b;
}

static const struct cor_node *find_path(const struct cor_api_changes *changes,
	const struct cor_node *paths, const char *path, const char **ret_path)
{
	for (size_t i = 0; i < cor_node_len(paths); i++) {
		*ret_path = key_at(changes, paths, i);
		if (is_same_path(*ret_path, path))
			return cor_node_item(paths, i);
	}
	return NULL;
}

static void compare_paths(struct cor_api_changes *changes, const char *member, bool is_turned)
{
	const struct cor_node *before = cor_node_get(changes->before, member);
	const struct cor_node *after = cor_node_get(changes->after, member);
	const char *other;

	for (size_t i = 0; i < cor_node_len(before); i++) {
		const char *path = key_at(changes, before, i);
		const struct cor_node *there = find_path(changes, after, path, &other);
		compare_path(changes, path, there ? other : path,
			cor_reference_follow(changes->before, cor_node_item(before, i)),
			cor_reference_follow(changes->after, there), is_turned);
	}
	for (size_t i = 0; i < cor_node_len(after); i++) {
		const char *path = key_at(changes, after, i);
		if (!find_path(changes, before, path, &other))
			compare_path(changes, path, path, NULL,
				cor_reference_follow(changes->after, cor_node_item(after, i)),
				is_turned);
	}
}

void cor_api_compare(struct cor_api_changes *changes)
{
	compare_paths(changes, "paths", false);
	compare_paths(changes, "webhooks", true);
	compare_schemes(changes);
}
