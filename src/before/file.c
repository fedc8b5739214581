/* SPDX-License-Identifier: MIT */
#include "before/file.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/buffer.h"
#include "before/inclusion.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* of editors on Windows */

/* --- what is wrong --- */

int cor_before_fail(struct cor_before *before, unsigned line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = cor_arena_vprintf(&before->arena, format, args);
	va_end(args);
	before->fault_text = text ? text : "there is no memory";
	before->fault_line = line;
	before->fault = cor_arena_printf(
		&before->arena, "%s:%u: %s", before->path, line, before->fault_text);
	return before->fault ? -COR_EINVALID : -ENOMEM;
}

/* --- texts in braces --- */

/* "NAME.response.body.$.token", "NAME.response.headers.X-Key" */
int cor_before_place(struct cor_arena *arena, const char *text, const char **ret_at,
	const char **ret_end, struct cor_before_place *ret)
{
	static const char body[] = ".response.body.$", headers[] = ".response.headers.";
	const char *at = strstr(text, "{{"), *end = at ? strstr(at, "}}") : NULL;

	if (!at)
		return 0;
	if (!end)
		return -COR_EINVALID;
	const char *from = at + 2 + strspn(at + 2, " "), *to = end;
	while (to > from && to[-1] == ' ')
		to--;
	char *all = cor_arena_copy(arena, from, to > from ? (size_t)(to - from) : 0);
	if (!all)
		return -ENOMEM;
	char *of_body = strstr(all, body), *of_headers = strstr(all, headers);
	char *of = of_body ? of_body : of_headers;
	if (!of || of == all)
		return -COR_EINVALID;
	*ret = (struct cor_before_place){
		.name = all,
		.is_header = !of_body,
		.what = of + (of_body ? sizeof body : sizeof headers) - 1,
	};
	*of = '\0';
	*ret_at = at;
	*ret_end = end + 2;
	return 1;
}

static bool is_named(const struct cor_before *before, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++)
		if (before->requests[i].name && strcmp(before->requests[i].name, name) == 0)
			return true;
	return false;
}

/* What is in braces must be of one of the first `len` requests. */
static int check_text(struct cor_before *before, size_t len, unsigned line, const char *text)
{
	struct cor_before_place place;
	const char *at, *end;
	int rc;

	while ((rc = cor_before_place(&before->arena, text, &at, &end, &place)) > 0) {
		if (!is_named(before, len, place.name))
			return cor_before_fail(before, line,
				"no request before it has \"# @name %s\"", place.name);
		text = end;
	}
	return rc == -COR_EINVALID ? cor_before_fail(before, line,
					     "must be {{NAME.response.body.$.MEMBER}} or "
					     "{{NAME.response.headers.HEADER}} in braces")
				   : rc;
}

static int check_texts(struct cor_before *before)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < before->len; i++) {
		const struct cor_before_request *request = &before->requests[i];
		const char *const texts[] = { request->target, request->fields, request->body };
		for (size_t at = 0; rc == 0 && at < sizeof texts / sizeof texts[0]; at++)
			rc = check_text(before, i, request->line, texts[at]);
	}
	for (size_t i = 0; rc == 0 && i < before->credentials_len; i++)
		rc = check_text(before, before->len, before->credentials[i].line,
			before->credentials[i].value);
	for (size_t i = 0; rc == 0 && i < before->params_len; i++)
		rc = check_text(
			before, before->len, before->params[i].line, before->params[i].value);
	return rc;
}

/* --- lines --- */

struct reading {
	struct cor_before *before;
	struct cor_str rest;
	struct cor_str line; /* without its end */
	unsigned number;
	struct cor_before_request *request; /* whose head or body is read; NULL: none yet */
	const char *name;                   /* of the next one */
	const char *redirects_to;           /* the next one */
	const char *line_end;               /* of the body */
	struct cor_buffer fields, body;
	bool is_in_body;
};

static bool next_line(struct reading *reading)
{
	struct cor_str *rest = &reading->rest;
	const char *end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
	size_t len = end ? (size_t)(end - rest->data) : rest->len;

	if (rest->len == 0)
		return false;
	reading->line = (struct cor_str){ rest->data, len };
	reading->number++;
	rest->data += len + (end != NULL);
	rest->len -= len + (end != NULL);
	if (reading->line.len && reading->line.data[reading->line.len - 1] == '\r')
		reading->line.len--;
	return true;
}

static bool begins(struct cor_str line, const char *text)
{
	return line.len >= strlen(text) && memcmp(line.data, text, strlen(text)) == 0;
}

static char *text_of(const struct reading *reading, const char *data, size_t len)
{
	return cor_arena_copy(&reading->before->arena, data ? data : "", len);
}

/* What follows '@' in a comment: "credential token VALUE", in words. */
static const char *word(char **text)
{
	char *at = *text + strspn(*text, " \t"), *end = at + strcspn(at, " \t");

	*text = end + (*end != '\0');
	*end = '\0';
	return at;
}

static int full(const struct reading *reading)
{
	return cor_before_fail(reading->before, reading->number,
		"there are more than %d requests, credentials or parameters", COR_BEFORE_MAX);
}

static int add_credential(const struct reading *reading, char *text)
{
	struct cor_before *before = reading->before;
	const char *scheme = word(&text);

	text += strspn(text, " \t");
	if (!scheme[0] || !text[0])
		return cor_before_fail(
			before, reading->number, "must be # @credential SCHEME VALUE");
	if (before->credentials_len == COR_BEFORE_MAX)
		return full(reading);
	before->credentials[before->credentials_len++] = (struct cor_before_credential){
		.line = reading->number, .scheme = scheme, .value = text
	};
	return 0;
}

static int add_param(const struct reading *reading, char *text)
{
	struct cor_before *before = reading->before;

	text += strspn(text, " \t");
	const char *path = text[0] == '/' ? word(&text) : NULL;
	text += strspn(text, " \t");
	char *equals = strchr(text, '=');
	if (!equals || equals == text)
		return cor_before_fail(
			before, reading->number, "must be # @param [/PATH] NAME=VALUE");
	if (before->params_len == COR_BEFORE_MAX)
		return full(reading);
	*equals = '\0';
	before->params[before->params_len++] = (struct cor_before_param){
		.line = reading->number, .path = path, .name = text, .value = equals + 1
	};
	return 0;
}

/* Those of editors (@note, @no-redirect ...) are theirs. */
static int read_comment(struct reading *reading)
{
	size_t len = reading->line.len;

	while (len && strchr(" \t", reading->line.data[len - 1]))
		len--;
	char *text = text_of(reading, reading->line.data, len);
	if (!text)
		return -ENOMEM;
	text += strspn(text, "#/ \t");
	if (*text != '@')
		return 0;
	text++;
	const char *what = word(&text);
	if (strcmp(what, "credential") == 0)
		return add_credential(reading, text);
	if (strcmp(what, "param") == 0)
		return add_param(reading, text);
	if (strcmp(what, "name") == 0) {
		reading->name = word(&text);
		return reading->name[0] ? 0
					: cor_before_fail(reading->before, reading->number,
						  "must be # @name NAME");
	}
	if (strcmp(what, "redirects-to") == 0) {
		reading->redirects_to = word(&text);
		return reading->redirects_to[0] == '/'
			       ? 0
			       : cor_before_fail(reading->before, reading->number,
					 "must be # @redirects-to /PATH");
	}
	if (strcmp(what, "note") == 0 || strncmp(what, "no-", 3) == 0)
		return 0;
	return cor_before_fail(reading->before, reading->number,
		"@%s is none of @name, @credential, @param and @redirects-to", what);
}

/* "POST /books HTTP/1.1"; of a URL the path. */
static int read_request_line(struct reading *reading)
{
	struct cor_before *before = reading->before;
	char *text = text_of(reading, reading->line.data, reading->line.len);

	if (!text)
		return -ENOMEM;
	if (before->len == COR_BEFORE_MAX)
		return full(reading);
	const char *method = word(&text), *target = word(&text);
	const char *host = strstr(target, "://");
	if (host && (strncasecmp(target, "http:", 5) == 0 || strncasecmp(target, "https:", 6) == 0))
		target = host + 3 + strcspn(host + 3, "/");
	bool is_method = method[0] && method[strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0';
	if (!is_method || target[0] != '/')
		return cor_before_fail(before, reading->number,
			"is no request: it begins with METHOD /PATH, and ### is between two");
	reading->request = &before->requests[before->len++];
	*reading->request = (struct cor_before_request){ .line = reading->number,
		.name = reading->name,
		.method = method,
		.target = target,
		.fields = "",
		.body = "",
		.files_from = before->files_len,
		.redirects_to = reading->redirects_to };
	reading->name = reading->redirects_to = NULL;
	reading->line_end = "\n";
	return 0;
}

/* Its lines end in CRLF (RFC 2046 section 5.1.1), whatever those of the file end in. */
static bool is_multipart(struct cor_str line)
{
	static const char name[] = "content-type:", type[] = "multipart/";
	size_t at = sizeof name - 1;

	if (line.len < at || strncasecmp(line.data, name, at) != 0)
		return false;
	while (at < line.len && strchr(" \t", line.data[at]))
		at++;
	return line.len - at >= sizeof type - 1 &&
	       strncasecmp(line.data + at, type, sizeof type - 1) == 0;
}

static int read_field(struct reading *reading)
{
	struct cor_str line = reading->line;
	const char *colon = memchr(line.data, ':', line.len);

	if (!colon || colon == line.data)
		return cor_before_fail(reading->before, reading->number,
			"is no header: an empty line is before the body");
	if (is_multipart(line))
		reading->line_end = "\r\n";
	cor_buffer_append_str(&reading->fields, line);
	cor_buffer_byte(&reading->fields, '\n');
	return 0;
}

/* The request that was read has its headers and its body. */
static int end_request(struct reading *reading)
{
	struct cor_buffer *fields = &reading->fields, *body = &reading->body;
	int rc = 0;

	const struct cor_before *before = reading->before;
	size_t least = reading->request && reading->request->files_len
			       ? before->files[before->files_len - 1].at
			       : 0;

	while (body->len > least && strchr("\r\n", body->data[body->len - 1]))
		body->len--;
	if (reading->request) {
		reading->request->fields = text_of(reading, fields->data, fields->len);
		reading->request->body = text_of(reading, body->data, body->len);
		if (!reading->request->fields || !reading->request->body)
			rc = -ENOMEM;
	}
	reading->request = NULL;
	reading->is_in_body = false;
	fields->len = body->len = 0;
	return rc;
}

static int read_body(struct reading *reading)
{
	static const char *const others[] = { "< {%", "<@ ", "> {%", "> ./" };
	struct cor_str line = reading->line;

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (begins(reading->line, others[i]))
			return cor_before_fail(reading->before, reading->number,
				"scripts are not run, and files not filled in: write the body itself, "
				"or < ./FILE for one that is sent as it is");
	if (begins(line, "< ")) {
		int rc = cor_before_include(reading->before, reading->request, reading->number,
			(struct cor_str){ line.data + 2, line.len - 2 }, reading->body.len);
		if (rc < 0)
			return rc;
		line.len = 0;
	}
	cor_buffer_append_str(&reading->body, line);
	cor_buffer_append_str(&reading->body, cor_str(reading->line_end));
	return 0;
}

static int read_line(struct reading *reading)
{
	if (begins(reading->line, "###"))
		return end_request(reading);
	if (reading->is_in_body)
		return read_body(reading);
	if (begins(reading->line, "#") || begins(reading->line, "//"))
		return read_comment(reading);
	if (reading->line.len == 0) {
		reading->is_in_body = reading->request != NULL;
		return 0;
	}
	return reading->request ? read_field(reading) : read_request_line(reading);
}

int cor_before_read(struct cor_before *before, const char *path, struct cor_str text)
{
	struct reading reading = { .before = before, .rest = text };
	int rc = 0;

	memset(before, 0, sizeof *before);
	cor_arena_init(&before->arena, NULL, 0, 0);
	before->path = cor_arena_strdup(&before->arena, path);
	if (!before->path)
		return -ENOMEM;
	if (text.len && memchr(text.data, '\0', text.len))
		return cor_before_fail(before, 1, "has a byte 0: it is no text");
	if (begins(text, BYTE_ORDER_MARK))
		reading.rest = (struct cor_str){ text.data + 3, text.len - 3 };
	while (rc == 0 && next_line(&reading))
		rc = read_line(&reading);
	if (rc == 0)
		rc = end_request(&reading);
	cor_buffer_finish(&reading.fields);
	cor_buffer_finish(&reading.body);
	return rc == 0 ? check_texts(before) : rc;
}

/* --- the file --- */

int cor_before_load(struct cor_before *before, const char *path)
{
	struct cor_buffer text = { 0 };
	FILE *file = fopen(path, "re");
	int rc = !file && errno != ENOENT ? -errno : 0;
	size_t n = file ? 1 : 0;

	while (n > 0 && text.len <= COR_BEFORE_BYTES) {
		char *at = cor_buffer_reserve(&text, 1 << 14);
		n = at ? fread(at, 1, 1 << 14, file) : 0;
		text.len += n;
	}
	if (file && ferror(file))
		rc = -errno;
	if (file)
		fclose(file);
	if (rc == 0)
		rc = cor_buffer_error(&text);
	int read = cor_before_read(before, path, (struct cor_str){ text.data, text.len });
	if (rc == 0 && text.len > COR_BEFORE_BYTES)
		rc = cor_before_fail(before, 1, "is longer than %d bytes", COR_BEFORE_BYTES);
	cor_buffer_finish(&text);
	return rc < 0 ? rc : read;
}

int cor_before_load_near(struct cor_before *before, const char *source)
{
	const char *slash = strrchr(source, '/');
	int folder = slash ? (int)(slash - source) : 1;
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%.*s/" COR_BEFORE_FILE, folder, slash ? source : ".");
	if (access(path, F_OK) != 0) {
		const char *above = slash ? memrchr(source, '/', (size_t)folder) : NULL;
		snprintf(path, sizeof path, "%.*s%s" COR_BEFORE_FILE,
			above   ? (int)(above - source)
			: slash ? 0
				: 2,
			slash ? source : "..", above || !slash ? "/" : "");
	}
	return cor_before_load(before, path);
}

void cor_before_finish(struct cor_before *before)
{
	cor_arena_finish(&before->arena);
}

static bool has_parameter(const struct cor_node *list, const char *name)
{
	bool has = false;

	for (size_t i = 0; i < cor_node_len(list); i++) {
		struct cor_str text = { "", 0 };
		const struct cor_node *it = cor_node_get(cor_node_item(list, i), "name");
		has |= cor_node_to_text(it, &text) == 0 && cor_str_equal(text, cor_str(name));
	}
	return has;
}

/* Of a path itself, or of one of its operations. */
static bool takes(const struct cor_node *item, const char *name)
{
	bool takes = has_parameter(cor_node_get(item, "parameters"), name);

	for (size_t i = 0; i < cor_node_len(item) && !takes; i++)
		takes = has_parameter(cor_node_get(cor_node_item(item, i), "parameters"), name);
	return takes;
}

static bool is_taken(const struct cor_before_param *param, const struct cor_node *paths)
{
	if (param->path)
		return takes(cor_node_get(paths, param->path), param->name);
	for (size_t i = 0; i < cor_node_len(paths); i++)
		if (takes(cor_node_item(paths, i), param->name))
			return true;
	return false;
}

int cor_before_check(struct cor_before *before, const struct cor_node *document)
{
	const struct cor_node *schemes = cor_node_get(
		cor_node_get(document, "components"), "securitySchemes");

	for (size_t i = 0; i < before->credentials_len; i++)
		if (!cor_node_get(schemes, before->credentials[i].scheme))
			return cor_before_fail(before, before->credentials[i].line,
				"no operation asks for the scheme %s",
				before->credentials[i].scheme);
	for (size_t i = 0; i < before->params_len; i++) {
		const struct cor_before_param *param = &before->params[i];
		if (!is_taken(param, cor_node_get(document, "paths")))
			return cor_before_fail(before, param->line,
				"no operation%s%s has a parameter %s", param->path ? " of " : "",
				param->path ? param->path : "", param->name);
	}
	return 0;
}
