/* SPDX-License-Identifier: MIT */
#include "before/pass.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "http/set_cookie.h"

#define SHOWN_BYTES 300 /* of an answer that is no success */

void cor_before_begin(struct cor_before_pass *pass, struct cor_before *before)
{
	memset(pass, 0, sizeof *pass);
	pass->before = before;
	cor_arena_init(&pass->arena, NULL, 0, 0);
}

void cor_before_pass_finish(struct cor_before_pass *pass)
{
	cor_arena_finish(&pass->arena);
}

/* --- what answers have --- */

/* The last of that name among the first `len`. */
static size_t index_of(const struct cor_before *before, size_t len, const char *name)
{
	size_t i = len;

	while (i-- > 0)
		if (before->requests[i].name && strcmp(before->requests[i].name, name) == 0)
			return i;
	return 0;
}

static const char *header_of(const struct cor_before_came *came, const char *name)
{
	for (const struct cor_before_field *at = came->fields; at && at->name; at++)
		if (strcasecmp(at->name, name) == 0)
			return at->value;
	return NULL;
}

/* ".items[0].id", "['odd name']": one step of it. NULL: there is none such. */
static const struct cor_node *step(const struct cor_node *node, const char **at)
{
	const char *from = *at + 1;
	char *end;

	if (**at == '.') {
		size_t len = strcspn(from, ".[");
		*at = from + len;
		return cor_node_get_text(node, (struct cor_str){ from, len });
	}
	if (**at != '[')
		return NULL;
	if (*from == '\'' && (end = strstr(from + 1, "']")) != NULL) {
		*at = end + 2;
		return cor_node_get_text(
			node, (struct cor_str){ from + 1, (size_t)(end - from) - 1 });
	}
	size_t index = strtoul(from, &end, 10);
	if (end == from || *end != ']')
		return NULL;
	*at = end + 1;
	return cor_node_item(node, index);
}

static bool find_member(
	struct cor_before_pass *pass, size_t i, const char *path, struct cor_str *ret)
{
	if (!pass->json[i] &&
		cor_node_parse(&pass->arena, pass->came[i].body, NULL, &pass->json[i], NULL) < 0)
		return false;
	const struct cor_node *node = pass->json[i];
	while (node && *path)
		node = step(node, &path);
	return node &&
	       (cor_node_to_text(node, ret) == 0 || cor_node_print(&pass->arena, node, ret) == 0);
}

static bool find_header(const struct cor_before_came *came, const char *name, struct cor_str *ret)
{
	const char *value = header_of(came, name);

	*ret = cor_str(value ? value : "");
	return value != NULL;
}

static bool has_control(struct cor_str text)
{
	bool has = false;

	for (size_t i = 0; i < text.len; i++)
		has |= (unsigned char)text.data[i] < ' ' || text.data[i] == 127;
	return has;
}

/* What a text is for, and where it stands. */
struct filling {
	unsigned line;
	size_t len; /* requests that have been answered */
	bool is_body;
};

/* What stands in braces. A value must not end a line of the head, and begin another one. */
static int find_value(struct cor_before_pass *pass, const struct filling *filling,
	const struct cor_before_place *place, struct cor_str *ret)
{
	size_t i = index_of(pass->before, filling->len, place->name);
	const char *of = place->is_header ? "header " : "$";

	if (place->is_header ? !find_header(&pass->came[i], place->what, ret)
			     : !find_member(pass, i, place->what, ret))
		return cor_before_fail(pass->before, filling->line, "the answer of %s has no %s%s",
			place->name, of, place->what);
	if (!filling->is_body && has_control(*ret))
		return cor_before_fail(pass->before, filling->line,
			"%s%s of the answer of %s has a control character: a body alone may have one",
			of, place->what, place->name);
	return 0;
}

/* A text with what its braces stand for. */
static int fill(struct cor_before_pass *pass, const struct filling *filling, const char *text,
	struct cor_str *ret)
{
	struct cor_buffer out = { 0 };
	struct cor_before_place place;
	struct cor_str value = { "", 0 };
	const char *at, *end;
	int rc;

	while ((rc = cor_before_place(&pass->arena, text, &at, &end, &place)) > 0) {
		rc = find_value(pass, filling, &place, &value);
		if (rc < 0)
			break;
		cor_buffer_append(&out, text, (size_t)(at - text));
		cor_buffer_append_str(&out, value);
		text = end;
	}
	cor_buffer_append_str(&out, cor_str(text));
	if (rc == 0)
		rc = cor_buffer_error(&out);
	if (rc == 0) {
		char *copy = cor_arena_copy(&pass->arena, out.data ? out.data : "", out.len);
		*ret = (struct cor_str){ copy, out.len };
		rc = copy ? 0 : -ENOMEM;
	}
	cor_buffer_finish(&out);
	return rc;
}

/* Its text, and the files that stand between. */
static int fill_body(struct cor_before_pass *pass, const struct filling *filling,
	const struct cor_before_request *request, struct cor_str *ret)
{
	const struct cor_before_file *files = pass->before->files + request->files_from;
	struct cor_buffer out = { 0 };
	size_t from = 0;
	int rc = 0;

	if (request->files_len == 0)
		return fill(pass, filling, request->body, ret);
	for (size_t i = 0; rc == 0 && i <= request->files_len; i++) {
		bool is_file = i < request->files_len;
		size_t to = is_file ? files[i].at : strlen(request->body);
		char *text = cor_arena_copy(&pass->arena, request->body + from, to - from);
		struct cor_str part = { "", 0 };
		rc = text ? fill(pass, filling, text, &part) : -ENOMEM;
		cor_buffer_append_str(&out, part);
		if (is_file)
			cor_buffer_append_str(&out, files[i].bytes);
		from = to;
	}
	if (rc == 0)
		rc = cor_buffer_error(&out);
	char *copy = rc == 0 ? cor_arena_copy(&pass->arena, out.data ? out.data : "", out.len)
			     : NULL;
	*ret = (struct cor_str){ copy, copy ? out.len : 0 };
	cor_buffer_finish(&out);
	return rc == 0 && !copy ? -ENOMEM : rc;
}

/* As editors send it: what no target can have is encoded, so that it stays one word. */
static int encode_target(struct cor_before_pass *pass, struct cor_str text, const char **ret)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = cor_arena_alloc(&pass->arena, 3 * text.len + 1);

	*ret = out;
	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		if (byte > ' ' && byte < 127) {
			*out++ = (char)byte;
			continue;
		}
		*out++ = '%';
		*out++ = digits[byte >> 4];
		*out++ = digits[byte & 15];
	}
	*out = '\0';
	return 0;
}

/* --- a request --- */

static size_t count(const char *text, char what)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == what;
	return n;
}

/* Who sends it says these itself: they are about the connection, or the form of the body. */
static bool is_of_client(const char *name)
{
	static const char *const names[] = { "Content-Length", "Connection", "Expect", "Keep-Alive",
		"Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade" };
	bool is_its = false;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		is_its |= strcasecmp(name, names[i]) == 0;
	return is_its;
}

/* "Name: value\n" each; the text is taken apart in place. */
static int make_fields(struct cor_before_pass *pass, char *text, struct cor_before_sent *ret)
{
	struct cor_before_field *fields = cor_arena_zalloc(
		&pass->arena, (count(text, '\n') + 1) * sizeof *fields);
	size_t len = 0;

	if (!fields)
		return -ENOMEM;
	for (char *line = text; *line;) {
		char *end = strchr(line, '\n'), *colon = strchr(line, ':');
		*end = *colon = '\0';
		char *value = colon + 1 + strspn(colon + 1, " \t");
		if (!is_of_client(line))
			fields[len++] = (struct cor_before_field){ line, value };
		line = end + 1;
	}
	ret->fields = fields;
	return 0;
}

int cor_before_make(struct cor_before_pass *pass, size_t i, struct cor_before_sent *ret)
{
	const struct cor_before_request *request = &pass->before->requests[i];
	struct filling filling = { .line = request->line, .len = i };
	struct cor_str target = { "", 0 }, fields;
	int rc = fill(pass, &filling, request->target, &target);

	if (rc == 0)
		rc = encode_target(pass, target, &ret->target);
	if (rc == 0)
		rc = fill(pass, &filling, request->fields, &fields);
	filling.is_body = true;
	if (rc == 0)
		rc = fill_body(pass, &filling, request, &ret->body);
	if (rc != 0)
		return rc;
	ret->method = request->method;
	ret->cookies = cor_before_cookies(pass);
	char *copy = cor_arena_strdup(&pass->arena, fields.data);
	return copy ? make_fields(pass, copy, ret) : -ENOMEM;
}

void cor_before_write(const struct cor_before_sent *sent, const char *host, const char *more,
	struct cor_buffer *out)
{
	bool has_host = false;

	cor_buffer_printf(out, "%s %s HTTP/1.1\r\n", sent->method, sent->target);
	for (const struct cor_before_field *at = sent->fields; at->name; at++) {
		has_host |= strcasecmp(at->name, "Host") == 0;
		cor_buffer_printf(out, "%s: %s\r\n", at->name, at->value);
	}
	if (!has_host)
		cor_buffer_printf(out, "Host: %s\r\n", host);
	cor_buffer_append_str(out, cor_str(more));
	if (sent->cookies)
		cor_buffer_printf(out, "Cookie: %s\r\n", sent->cookies);
	if (sent->body.len || sent->method[0] == 'P')
		cor_buffer_printf(out, "Content-Length: %zu\r\n", sent->body.len);
	cor_buffer_literal(out, "\r\n");
	cor_buffer_append_str(out, sent->body);
}

/* --- an answer --- */

static void keep_cookie(struct cor_before_pass *pass, const char *text)
{
	struct cor_set_cookie cookie;

	/* 1: whatever has an end in the past is taken out. */
	if (cor_set_cookie_parse(cor_str(text), 1, &cookie) < 0)
		return;
	char *name = cor_arena_copy(&pass->arena, cookie.name.data, cookie.name.len);
	char *value = cor_arena_copy(&pass->arena, cookie.value.data, cookie.value.len);
	size_t at = 0;
	while (name && at < pass->cookies_len && strcmp(pass->cookies[at].name, name) != 0)
		at++;
	if (!name || !value)
		return;
	if (cookie.is_persistent && cookie.expires_s <= 1) {
		if (at < pass->cookies_len)
			pass->cookies[at] = pass->cookies[--pass->cookies_len];
	} else if (at < COR_BEFORE_COOKIES_MAX) {
		pass->cookies[at] = (struct cor_before_field){ name, value };
		pass->cookies_len += at == pass->cookies_len;
	}
}

static int copy_fields(struct cor_before_pass *pass, const struct cor_before_field *fields,
	const struct cor_before_field **ret)
{
	size_t len = 0;

	while (fields && fields[len].name)
		len++;
	struct cor_before_field *copy = cor_arena_zalloc(&pass->arena, (len + 1) * sizeof *copy);
	for (size_t i = 0; copy && i < len; i++) {
		copy[i].name = cor_arena_strdup(&pass->arena, fields[i].name);
		copy[i].value = cor_arena_strdup(&pass->arena, fields[i].value);
		if (!copy[i].name || !copy[i].value)
			return -ENOMEM;
	}
	*ret = copy;
	return copy ? 0 : -ENOMEM;
}

/* Of a URL the path counts, as in the file. */
static const char *path_of(const char *location)
{
	const char *host = strstr(location, "://");

	return host && strcspn(location, "/?#") == (size_t)(host - location) + 1
		       ? host + 3 + strcspn(host + 3, "/?#")
		       : location;
}

/* Where it leads; with a '*' at its end, what begins so. */
static bool leads_to(const char *wanted, const char *location)
{
	size_t len = strlen(wanted);
	const char *path = path_of(location);

	return wanted[len - 1] == '*' ? strncmp(path, wanted, len - 1) == 0
				      : strcmp(path, wanted) == 0;
}

static int check_redirect(struct cor_before_pass *pass, const struct cor_before_request *request,
	const struct cor_before_came *came)
{
	const char *location = header_of(came, "Location"), *wanted = request->redirects_to;
	bool redirects = came->status >= 300 && came->status <= 399;

	if (redirects && wanted && location && leads_to(wanted, location))
		return 0;
	if (!redirects)
		return cor_before_fail(pass->before, request->line,
			"%s %s is answered with %d, and not redirected to %s", request->method,
			request->target, came->status, wanted);
	location = location ? location : "nowhere";
	return wanted ? cor_before_fail(pass->before, request->line,
				"%s %s is redirected (%d) to %s, and not to %s", request->method,
				request->target, came->status, location, wanted)
		      : cor_before_fail(pass->before, request->line,
				"%s %s is redirected (%d) to %s: if that is what a success is, say "
				"\"# @redirects-to %s\" before it",
				request->method, request->target, came->status, location,
				path_of(location));
}

int cor_before_took(struct cor_before_pass *pass, size_t i, const struct cor_before_came *came)
{
	const struct cor_before_request *request = &pass->before->requests[i];
	struct cor_before_came *kept = &pass->came[i];
	bool is_good = came->status >= 200 && came->status <= 399;

	if (is_good && (came->status >= 300 || request->redirects_to)) {
		int wrong = check_redirect(pass, request, came);
		if (wrong != 0)
			return wrong;
	}
	if (!is_good)
		return cor_before_fail(pass->before, request->line,
			"%s %s is answered with %d: %.*s", request->method, request->target,
			came->status,
			(int)(came->body.len < SHOWN_BYTES ? came->body.len : SHOWN_BYTES),
			came->body.len ? came->body.data : "");
	kept->status = came->status;
	char *body = cor_arena_copy(
		&pass->arena, came->body.len ? came->body.data : "", came->body.len);
	if (!body)
		return -ENOMEM;
	kept->body = (struct cor_str){ body, came->body.len };
	pass->json[i] = NULL;
	int rc = copy_fields(pass, came->fields, &kept->fields);
	for (const struct cor_before_field *at = kept->fields; rc == 0 && at->name; at++)
		if (strcasecmp(at->name, "Set-Cookie") == 0)
			keep_cookie(pass, at->value);
	return rc;
}

int cor_before_end(struct cor_before_pass *pass)
{
	const struct cor_before *before = pass->before;
	struct filling filling = { .len = before->len };
	struct cor_str text;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < before->credentials_len; i++) {
		filling.line = before->credentials[i].line;
		rc = fill(pass, &filling, before->credentials[i].value, &text);
		pass->secrets[i] = rc == 0 ? text.data : NULL;
	}
	for (size_t i = 0; rc == 0 && i < before->params_len; i++) {
		filling.line = before->params[i].line;
		rc = fill(pass, &filling, before->params[i].value, &text);
		pass->values[i] = rc == 0 ? text.data : NULL;
	}
	return rc;
}

/* --- what is asked for --- */

bool cor_before_logs_in(const struct cor_before_pass *pass, size_t i)
{
	const struct cor_before *before = pass->before;
	const char *name = before->requests[i].name;

	if (header_of(&pass->came[i], "Set-Cookie"))
		return true;
	for (size_t at = 0; name && at < before->credentials_len; at++) {
		const char *braces = strstr(before->credentials[at].value, "{{");
		const char *of = braces ? braces + 2 + strspn(braces + 2, " ") : "";
		size_t len = strlen(name);
		if (strncmp(of, name, len) == 0 && of[len] == '.')
			return true;
	}
	return false;
}

const char *cor_before_secret(const struct cor_before_pass *pass, const char *scheme)
{
	const struct cor_before *before = pass->before;

	for (size_t i = 0; before && i < before->credentials_len; i++)
		if (strcmp(before->credentials[i].scheme, scheme) == 0)
			return pass->secrets[i];
	return NULL;
}

const char *cor_before_value(const struct cor_before_pass *pass, const char *path, const char *name)
{
	const struct cor_before *before = pass->before;
	const char *of_all = NULL;

	for (size_t i = 0; before && name && i < before->params_len; i++) {
		const struct cor_before_param *param = &before->params[i];
		if (strcmp(param->name, name) != 0)
			continue;
		if (param->path && strcmp(param->path, path) == 0)
			return pass->values[i];
		if (!param->path && !of_all)
			of_all = pass->values[i];
	}
	return of_all;
}

bool cor_before_has_cookie(const struct cor_before_pass *pass, const struct cor_node *scheme)
{
	for (size_t i = 0; i < pass->cookies_len; i++)
		if (cor_scheme_is_cookie(scheme, pass->cookies[i].name))
			return true;
	return false;
}

const char *cor_before_cookies(struct cor_before_pass *pass)
{
	const char *text = NULL;

	for (size_t i = 0; i < pass->cookies_len; i++)
		text = cor_arena_printf(&pass->arena, "%s%s%s=%s", text ? text : "",
			text ? "; " : "", pass->cookies[i].name, pass->cookies[i].value);
	return text;
}

int cor_before_show(struct cor_before_pass *pass, const struct cor_node *document,
	const struct cor_node *security, struct cor_shown *ret)
{
	*ret = (struct cor_shown){ .header = NULL };
	for (size_t i = 0; i < cor_node_len(security); i++) {
		struct cor_str key = cor_node_key(cor_node_item(security, i), 0);
		const char *name = cor_arena_copy(&pass->arena, key.data ? key.data : "", key.len);
		const char *secret = name ? cor_before_secret(pass, name) : NULL;
		if (!name)
			return -ENOMEM;
		if (secret)
			return cor_shown_of(
				&pass->arena, cor_scheme_named(document, name), secret, ret);
	}
	return 0;
}
