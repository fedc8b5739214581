/* SPDX-License-Identifier: MIT */
#include "cli/asked.h"

#include <string.h>
#include <strings.h>

#include <coracle/uri.h>

#include "cli/api_changes.h"
#include "cli/example.h"
#include "cli/files.h"
#include "cli/guess.h"
#include "cli/service.h"
#include "document/reference.h"

static const char *const methods[] = { "get", "head", "post", "put", "patch", "delete", "options",
	NULL };

/* What a request is being made of. */
struct making {
	const struct cor_cli *cli;
	const struct cor_node *document;
	const struct cor_asked_operation *operation;
	const struct cor_asked_guise *guise;
	struct cor_buffer path, query, headers, cookies;
};

/* --- which operation --- */

typedef bool (*wants)(
	const struct cor_cli *cli, const struct cor_asked_operation *operation, const void *arg);

static bool search(const struct cor_cli *cli, const struct cor_node *document, wants wanted,
	const void *arg, struct cor_asked_operation *ret)
{
	const struct cor_node *paths = cor_node_get(document, "paths");

	for (size_t i = 0; i < cor_node_len(paths); i++) {
		struct cor_str path = cor_node_key(paths, i);
		const struct cor_node *item = cor_node_item(paths, i);
		for (size_t at = 0; methods[at]; at++) {
			const struct cor_node *node = cor_node_get(item, methods[at]);
			struct cor_asked_operation operation = { .item = item, .node = node };
			if (!node)
				continue;
			char *method = cor_cli_text(cli, "%s", methods[at]);
			for (char *letter = method; *letter; letter++)
				*letter = (char)(*letter - 'a' + 'A');
			operation.method = method;
			operation.path = cor_cli_text(cli, "%.*s", (int)path.len, path.data);
			operation.id = cor_cli_member(cli, node, "operationId");
			if (!wanted(cli, &operation, arg))
				continue;
			*ret = operation;
			return true;
		}
	}
	return false;
}

static bool is_named(
	const struct cor_cli *cli, const struct cor_asked_operation *operation, const void *arg)
{
	const char *name = arg;

	if (strcmp(operation->id, name) == 0)
		return true;
	if (name[0] == '/')
		return strcmp(operation->method, "GET") == 0 && strcmp(operation->path, name) == 0;
	return strcmp(cor_cli_text(cli, "%s %s", operation->method, operation->path), name) == 0;
}

bool cor_asked_find(const struct cor_cli *cli, const struct cor_node *document, const char *name,
	struct cor_asked_operation *ret)
{
	return search(cli, document, is_named, name, ret);
}

struct nearest {
	const char *id;
	size_t distance;
};

struct misspelt {
	const char *name;
	struct nearest *ret;
};

/* None is the one: the nearest of all is kept. */
static bool is_nearest(
	const struct cor_cli *cli, const struct cor_asked_operation *operation, const void *arg)
{
	const struct misspelt *misspelt = arg;
	size_t distance = cor_guess_distance(misspelt->name, operation->id);

	(void)cli;
	if (distance < misspelt->ret->distance)
		*misspelt->ret = (struct nearest){ operation->id, distance };
	return false;
}

const char *cor_asked_near(
	const struct cor_cli *cli, const struct cor_node *document, const char *name)
{
	struct nearest nearest = { NULL, COR_GUESS_FAR };
	const struct misspelt misspelt = { name, &nearest };
	struct cor_asked_operation none;

	(void)search(cli, document, is_nearest, &misspelt, &none);
	return nearest.id;
}

static bool is_simple(
	const struct cor_cli *cli, const struct cor_asked_operation *operation, const void *arg)
{
	const struct cor_node *parameters = cor_node_get(operation->node, "parameters");

	(void)cli;
	for (size_t i = 0; i < cor_node_len(parameters); i++)
		if (cor_cli_flag(
			    cor_reference_follow(arg, cor_node_item(parameters, i)), "required"))
			return false;
	return strcmp(operation->method, "GET") == 0 &&
	       cor_node_len(cor_node_get(operation->node, "security")) == 0 &&
	       !cor_node_get(cor_node_get(operation->node, "responses"), "101");
}

/* "/books/7?full=1" is of "/books/{id}". */
static bool is_path_of(const char *target, const char *path)
{
	while (*path && *target && *target != '?') {
		if (*path == '{') {
			path += strcspn(path, "}") + 1;
			target += strcspn(target, "/?");
		} else if (*path++ != *target++) {
			return false;
		}
	}
	return !*path && (!*target || *target == '?');
}

static bool is_like(
	const struct cor_cli *cli, const struct cor_asked_operation *operation, const void *arg)
{
	const char *const *asked = arg;

	(void)cli;
	return strcmp(operation->method, asked[0]) == 0 && is_path_of(asked[1], operation->path);
}

bool cor_asked_fits(const struct cor_cli *cli, const struct cor_node *document, const char *method,
	const char *target, struct cor_asked_operation *ret)
{
	return search(cli, document, is_like, (const char *const[]){ method, target }, ret);
}

const struct cor_node *cor_asked_security(
	const struct cor_node *document, const struct cor_asked_operation *operation)
{
	const struct cor_node *own = cor_node_get(operation->node, "security");

	return own || !operation->node ? own : cor_node_get(document, "security");
}

bool cor_asked_simplest(
	const struct cor_cli *cli, const struct cor_node *document, struct cor_asked_operation *ret)
{
	return search(cli, document, is_simple, document, ret);
}

/* --- what the command line gives --- */

/* The value of --param NAME=VALUE; NULL: it is not given. */
static const char *given(const struct cor_cli *cli, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; cor_cli_nth(cli, "--param", i); i++) {
		const char *text = cor_cli_nth(cli, "--param", i);
		if (strncmp(text, name, len) == 0 && text[len] == '=')
			return text + len + 1;
	}
	return NULL;
}

static bool has_header(const struct cor_cli *cli, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; cor_cli_nth(cli, "--header", i); i++) {
		const char *text = cor_cli_nth(cli, "--header", i);
		if (strncasecmp(text, name, len) == 0 && text[len] == ':')
			return true;
	}
	return false;
}

static int add_headers(const struct cor_cli *cli, struct cor_buffer *headers)
{
	for (size_t i = 0; cor_cli_nth(cli, "--header", i); i++) {
		const char *text = cor_cli_nth(cli, "--header", i);
		if (!strchr(text, ':') || strpbrk(text, "\r\n"))
			return cor_cli_fail(cli, COR_CLI_USAGE,
				"--header %s: must be NAME: VALUE, in one line", text);
		cor_buffer_printf(headers, "%s\r\n", text);
	}
	return COR_CLI_OK;
}

/* --- parameters --- */

/* A value as it stands in a path, a query, a header. */
static const char *plain(const struct cor_cli *cli, const struct cor_node *value)
{
	struct cor_str text;

	if (cor_node_type(value) == COR_JSON_ARRAY)
		value = cor_node_item(value, 0);
	if (cor_node_to_text(value, &text) < 0 && cor_node_print(cli->arena, value, &text) < 0)
		return "";
	return cor_cli_text(cli, "%.*s", (int)text.len, text.data);
}

static void put(struct cor_buffer *buffer, const char *before, const char *name, const char *value)
{
	cor_buffer_printf(buffer, "%s%s=%s", buffer->len ? before : "", name, value);
}

static int set_in_path(struct making *making, const char *name, const char *encoded)
{
	const struct cor_cli *cli = making->cli;
	const char *brace = cor_cli_text(cli, "{%s}", name);
	struct cor_str path = cor_cli_take(cli, &making->path);
	const char *at = strstr(path.data, brace);

	if (!at)
		cor_buffer_append_str(&making->path, path);
	else
		cor_buffer_printf(&making->path, "%.*s%s%s", (int)(at - path.data), path.data,
			encoded, at + strlen(brace));
	cor_buffer_byte(&making->path, '\0');
	making->path.len--;
	return COR_CLI_OK;
}

static int place(struct making *making, const char *in, const char *name, const char *value)
{
	const char *encoded = cor_percent_encode(making->cli->arena, value);

	if (!encoded)
		return cor_cli_fail(making->cli, COR_CLI_SOFTWARE, "there is no memory");
	if (strcmp(in, "path") == 0)
		return set_in_path(making, name, encoded);
	if (strcmp(in, "header") == 0)
		cor_buffer_printf(&making->headers, "%s: %s\r\n", name, value);
	else if (strcmp(in, "cookie") == 0)
		put(&making->cookies, "; ", name, encoded);
	else
		put(&making->query, "&", cor_percent_encode(making->cli->arena, name), encoded);
	return COR_CLI_OK;
}

static int add_parameter(struct making *making, const struct cor_node *parameter)
{
	const struct cor_cli *cli = making->cli;
	const char *name = cor_cli_member(cli, parameter, "name"), *why = NULL;
	const char *in = cor_cli_member(cli, parameter, "in"), *value = given(cli, name);

	if (strcmp(in, "header") == 0 && has_header(cli, name))
		return COR_CLI_OK;
	if (!value)
		value = cor_before_value(making->guise->pass, making->operation->path, name);
	if (!value && !cor_cli_flag(parameter, "required"))
		return COR_CLI_OK;
	if (!value) {
		const struct cor_node *example = cor_node_get(parameter, "example");
		if (!example)
			example = cor_example_of(
				cli, making->document, cor_node_get(parameter, "schema"), &why);
		if (!example)
			return cor_cli_fail(cli, COR_CLI_USAGE,
				"%s %s: %s %s has no example: %s; give --param %s=VALUE",
				making->operation->method, making->operation->path, in, name, why,
				name);
		value = plain(cli, example);
	}
	return place(making, in, name, value);
}

static int add_parameters(struct making *making, const struct cor_node *list)
{
	int rc = COR_CLI_OK;

	for (size_t i = 0; rc == COR_CLI_OK && i < cor_node_len(list); i++)
		rc = add_parameter(
			making, cor_reference_follow(making->document, cor_node_item(list, i)));
	return rc;
}

static bool is_in(const struct making *making, const struct cor_node *list, const char *name)
{
	for (size_t i = 0; i < cor_node_len(list); i++)
		if (strcmp(cor_cli_member(making->cli,
				   cor_reference_follow(making->document, cor_node_item(list, i)),
				   "name"),
			    name) == 0)
			return true;
	return false;
}

/* Those of --param that the document does not know go to the query: what it says then is told. */
static int add_others(struct making *making)
{
	const struct cor_cli *cli = making->cli;
	const struct cor_asked_operation *operation = making->operation;
	int rc = COR_CLI_OK;

	for (size_t i = 0; rc == COR_CLI_OK && cor_cli_nth(cli, "--param", i); i++) {
		const char *text = cor_cli_nth(cli, "--param", i), *equals = strchr(text, '=');
		if (!equals)
			return cor_cli_fail(
				cli, COR_CLI_USAGE, "--param %s: must be NAME=VALUE", text);
		const char *name = cor_cli_text(cli, "%.*s", (int)(equals - text), text);
		if (operation &&
			(is_in(making, cor_node_get(operation->node, "parameters"), name) ||
				is_in(making, cor_node_get(operation->item, "parameters"), name)))
			continue;
		rc = place(making, "query", name, equals + 1);
	}
	return rc;
}

/* --- the body --- */

static int make_form(const struct making *making, const struct cor_node *value, struct cor_str *ret)
{
	const struct cor_cli *cli = making->cli;
	struct cor_buffer form = { 0 };

	for (size_t i = 0; i < cor_node_len(value); i++) {
		const char *name = cor_cli_text(
			cli, "%.*s", (int)cor_node_key(value, i).len, cor_node_key(value, i).data);
		put(&form, "&", cor_percent_encode(cli->arena, name),
			cor_percent_encode(cli->arena, plain(cli, cor_node_item(value, i))));
	}
	*ret = cor_cli_take(cli, &form);
	return COR_CLI_OK;
}

static int make_body(
	struct making *making, const char *type, const struct cor_node *media, struct cor_str *ret)
{
	const struct cor_cli *cli = making->cli;
	const struct cor_node *own = cor_node_get(media, "example");
	const char *why = NULL;

	if (!own)
		own = cor_node_get(cor_node_item(cor_node_get(media, "examples"), 0), "value");
	if (!own)
		own = cor_example_of(cli, making->document, cor_node_get(media, "schema"), &why);
	if (!own)
		return cor_cli_fail(cli, COR_CLI_USAGE,
			"%s %s: the body has no example: %s; give --body FILE",
			making->operation->method, making->operation->path, why);
	if (!has_header(cli, "Content-Type"))
		cor_buffer_printf(&making->headers, "Content-Type: %s\r\n", type);
	if (strcmp(type, "application/x-www-form-urlencoded") == 0)
		return make_form(making, own, ret);
	return cor_node_print(cli->arena, own, ret) == 0
		       ? COR_CLI_OK
		       : cor_cli_fail(cli, COR_CLI_SOFTWARE, "there is no memory");
}

static int read_body(const struct cor_cli *cli, const char *type, struct cor_buffer *headers,
	struct cor_asked *ret)
{
	const char *path = cor_cli_value(cli, "--body");

	ret->has_body = true;
	if (!has_header(cli, "Content-Type"))
		cor_buffer_printf(headers, "Content-Type: %s\r\n", type);
	return cor_cli_read_file(
		cli, strcmp(path, "-") == 0 ? path : cor_cli_path(cli, path), &ret->body);
}

static int add_body(struct making *making, struct cor_asked *ret)
{
	static const char *const types[] = { "application/json",
		"application/x-www-form-urlencoded" };
	const struct cor_cli *cli = making->cli;
	const struct cor_node *body = cor_reference_follow(
		making->document, cor_node_get(making->operation->node, "requestBody"));
	const struct cor_node *content = cor_node_get(body, "content");

	if (cor_cli_value(cli, "--body")) {
		struct cor_str first = cor_node_key(content, 0);
		return read_body(cli,
			first.len ? cor_cli_text(cli, "%.*s", (int)first.len, first.data)
				  : "application/json",
			&making->headers, ret);
	}
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		const struct cor_node *media = cor_node_get(content, types[i]);
		ret->has_body = media != NULL;
		if (media)
			return make_body(making, types[i], media, &ret->body);
	}
	if (!cor_cli_flag(body, "required"))
		return COR_CLI_OK;
	return cor_cli_fail(cli, COR_CLI_USAGE,
		"%s %s: no body of its media types can be made up: give --body FILE",
		making->operation->method, making->operation->path);
}

/* --- all of it --- */

/* A key in the query is a parameter as others are. */
static bool has_key(const struct making *making, const struct cor_node *ways)
{
	const struct cor_cli *cli = making->cli;

	for (size_t i = 0; i < cor_node_len(ways); i++) {
		struct cor_str key = cor_node_key(cor_node_item(ways, i), 0);
		const struct cor_node *scheme = cor_scheme_named(
			making->document, cor_cli_text(cli, "%.*s", (int)key.len, key.data));
		if (strcmp(cor_cli_member(cli, scheme, "in"), "query") == 0 &&
			given(cli, cor_cli_member(cli, scheme, "name")))
			return true;
	}
	return false;
}

static int check_security(const struct making *making)
{
	const struct cor_cli *cli = making->cli;
	const struct cor_asked_guise *guise = making->guise;
	const struct cor_shown *shown = &guise->shown;
	const struct cor_node *ways = cor_asked_security(making->document, making->operation);

	for (size_t i = 0; i < cor_node_len(ways); i++)
		if (cor_node_len(cor_node_item(ways, i)) == 0)
			return COR_CLI_OK; /* everybody may, too */
	if (cor_node_len(ways) == 0 || cor_cli_has(cli, "--header") || shown->header ||
		shown->query || shown->cookie || guise->cookies || has_key(making, ways))
		return COR_CLI_OK;
	const char *hint = cor_shown_hint(
		cli->arena, making->document, ways, !cor_cli_has(cli, "--url"));
	return cor_cli_fail(cli, COR_CLI_USAGE, "%s %s wants to know who asks: %s",
		making->operation->method, making->operation->path,
		hint ? hint : "bench has no certificate to show: measure another operation");
}

/* What is given on the command line counts more. */
static void put_guise(struct making *making)
{
	const struct cor_asked_guise *guise = making->guise;
	const struct cor_shown *shown = &guise->shown;
	const char *const cookies[] = { guise->cookies, shown->cookie };
	bool has_cookies = has_header(making->cli, "Cookie");

	if (shown->header && !has_header(making->cli, shown->header))
		cor_buffer_printf(&making->headers, "%s: %s\r\n", shown->header, shown->value);
	for (size_t i = 0; i < sizeof cookies / sizeof cookies[0] && !has_cookies; i++)
		if (cookies[i])
			cor_buffer_printf(&making->cookies, "%s%s", making->cookies.len ? "; " : "",
				cookies[i]);
	if (shown->query)
		cor_buffer_printf(
			&making->query, "%s%s", making->query.len ? "&" : "", shown->query);
}

static int finish(struct making *making, const char *method, struct cor_asked *ret)
{
	const struct cor_cli *cli = making->cli;
	int rc = add_others(making);

	put_guise(making);
	if (rc == COR_CLI_OK)
		rc = add_headers(cli, &making->headers);
	if (making->cookies.len)
		cor_buffer_printf(&making->headers, "Cookie: %.*s\r\n", (int)making->cookies.len,
			making->cookies.data);
	cor_buffer_finish(&making->cookies);
	cor_buffer_byte(&making->path, '\0');
	cor_buffer_byte(&making->query, '\0');
	const char *path = cor_cli_take(cli, &making->path).data;
	const char *query = cor_cli_take(cli, &making->query).data;
	ret->method = method;
	ret->headers = cor_cli_take(cli, &making->headers);
	ret->target = query[0] ? cor_cli_text(
					 cli, "%s%s%s", path, strchr(path, '?') ? "&" : "?", query)
			       : path;
	return rc;
}

int cor_asked_of(const struct cor_cli *cli, const struct cor_node *document,
	const struct cor_asked_operation *operation, const struct cor_asked_guise *guise,
	struct cor_asked *ret)
{
	struct making making = {
		.cli = cli, .document = document, .operation = operation, .guise = guise
	};

	memset(ret, 0, sizeof *ret);
	cor_buffer_printf(&making.path, "%s", operation->path);
	cor_buffer_byte(&making.path, '\0');
	making.path.len--;
	int rc = check_security(&making);
	if (rc == COR_CLI_OK)
		rc = add_parameters(&making, cor_node_get(operation->item, "parameters"));
	if (rc == COR_CLI_OK)
		rc = add_parameters(&making, cor_node_get(operation->node, "parameters"));
	if (rc == COR_CLI_OK)
		rc = add_body(&making, ret);
	if (rc == COR_CLI_OK)
		return finish(&making, operation->method, ret);
	cor_buffer_finish(&making.path);
	cor_buffer_finish(&making.query);
	cor_buffer_finish(&making.headers);
	cor_buffer_finish(&making.cookies);
	return rc;
}

int cor_asked_plain(const struct cor_cli *cli, const char *method, const char *target,
	const struct cor_asked_guise *guise, struct cor_asked *ret)
{
	struct making making = { .cli = cli, .guise = guise };
	int rc = COR_CLI_OK;

	memset(ret, 0, sizeof *ret);
	cor_buffer_printf(&making.path, "%s", target);
	if (cor_cli_value(cli, "--body"))
		rc = read_body(cli, "application/json", &making.headers, ret);
	return rc == COR_CLI_OK ? finish(&making, method, ret) : rc;
}
