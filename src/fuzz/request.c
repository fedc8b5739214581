/* SPDX-License-Identifier: MIT */
#include "fuzz/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

void cor_fuzz_request_finish(struct cor_fuzz_request *request)
{
	cor_buffer_finish(&request->head);
	cor_buffer_finish(&request->body);
}

/* The next line, without its end; false: there is no more. */
static bool next_line(struct cor_str *text, struct cor_str *ret)
{
	const char *end = text->len ? memchr(text->data, '\n', text->len) : NULL;
	size_t len = end ? (size_t)(end - text->data) : text->len;

	if (text->len == 0)
		return false;
	*ret = (struct cor_str){ text->data, len };
	text->data += len + (end != NULL);
	text->len -= len + (end != NULL);
	if (ret->len && ret->data[ret->len - 1] == '\r') /* of an editor */
		ret->len--;
	return true;
}

static bool has_request_line(const struct cor_fuzz_request *request)
{
	return cor_fuzz_request_method(request).len && cor_fuzz_request_target(request).len;
}

int cor_fuzz_request_read(struct cor_str text, struct cor_fuzz_request *ret)
{
	struct cor_fuzz_request request = { 0 };
	struct cor_str line;

	while (next_line(&text, &line) && (line.len || request.head.len == 0)) {
		if (line.len == 0 || (line.data[0] == '#' && request.head.len == 0))
			continue;
		cor_buffer_append_str(&request.head, line);
		cor_buffer_byte(&request.head, '\n');
	}
	cor_buffer_append_str(&request.body, text);
	int rc = cor_buffer_error(&request.head);
	if (rc == 0)
		rc = cor_buffer_error(&request.body);
	if (rc == 0 && !has_request_line(&request))
		rc = -COR_EINVALID;
	if (rc == 0)
		*ret = request;
	else
		cor_fuzz_request_finish(&request);
	return rc;
}

static int read_file(const char *path, struct cor_buffer *out)
{
	FILE *file = fopen(path, "re");
	size_t n = 1;

	if (!file)
		return -errno;
	while (n > 0) {
		char *at = cor_buffer_reserve(out, 1 << 14);
		n = at ? fread(at, 1, 1 << 14, file) : 0;
		out->len += n;
	}
	fclose(file);
	return cor_buffer_error(out);
}

int cor_fuzz_request_load(const char *path, struct cor_fuzz_request *ret)
{
	struct cor_buffer text = { 0 };
	int rc = read_file(path, &text);

	if (rc == 0)
		rc = cor_fuzz_request_read((struct cor_str){ text.data, text.len }, ret);
	cor_buffer_finish(&text);
	return rc;
}

void cor_fuzz_request_write(const struct cor_fuzz_request *request, struct cor_buffer *out)
{
	cor_buffer_append(out, request->head.data, request->head.len);
	cor_buffer_byte(out, '\n');
	if (request->body.len)
		cor_buffer_append(out, request->body.data, request->body.len);
}

static bool is_field(struct cor_str line, const char *name)
{
	size_t len = strlen(name);

	return line.len > len && line.data[len] == ':' && strncasecmp(line.data, name, len) == 0;
}

/* "GET /books?limit=3 HTTP/1.1", with what the query shows. */
static void send_first(struct cor_str line, const char *query, struct cor_buffer *out)
{
	size_t end = line.len;

	while (end && line.data[end - 1] != ' ')
		end--;
	const char *last = end ? line.data + end - 1 : line.data + line.len;
	size_t len = (size_t)(last - line.data);
	bool is_version = len < line.len && strncmp(last, " HTTP/", 6) == 0;
	if (!is_version)
		len = line.len;
	cor_buffer_append(out, line.data, len);
	cor_buffer_printf(out, "%c%s", memchr(line.data, '?', len) ? '&' : '?', query);
	cor_buffer_append(out, line.data + len, line.len - len);
}

static void send_cookies(
	struct cor_str own, const struct cor_fuzz_guise *guise, struct cor_buffer *out)
{
	const char *const more[] = { guise->cookies, guise->shown.cookie };
	const char *between = "";

	cor_buffer_literal(out, "Cookie: ");
	if (own.len) {
		cor_buffer_append_str(out, own);
		between = "; ";
	}
	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
		if (!more[i])
			continue;
		cor_buffer_printf(out, "%s%s", between, more[i]);
		between = "; ";
	}
	cor_buffer_literal(out, "\r\n");
}

static void send_head(const struct cor_fuzz_request *request, const struct cor_fuzz_guise *guise,
	struct cor_buffer *out)
{
	struct cor_str head = { request->head.data, request->head.len }, line;
	bool has_header = !guise->shown.header;
	bool has_cookies = !guise->cookies && !guise->shown.cookie;

	for (bool is_first = true; next_line(&head, &line); is_first = false) {
		if (guise->shown.header)
			has_header |= is_field(line, guise->shown.header);
		if (is_first && guise->shown.query) {
			send_first(line, guise->shown.query, out);
		} else if (!has_cookies && is_field(line, "Cookie")) {
			size_t blanks = strspn(line.data + 7, " ");
			send_cookies(
				(struct cor_str){ line.data + 7 + blanks, line.len - 7 - blanks },
				guise, out);
			has_cookies = true;
			continue;
		} else {
			cor_buffer_append_str(out, line);
		}
		cor_buffer_literal(out, "\r\n");
	}
	if (!has_header)
		cor_buffer_printf(out, "%s: %s\r\n", guise->shown.header, guise->shown.value);
	if (!has_cookies)
		send_cookies((struct cor_str){ "", 0 }, guise, out);
}

void cor_fuzz_request_send(const struct cor_fuzz_request *request,
	const struct cor_fuzz_guise *guise, struct cor_buffer *out)
{
	struct cor_str method = cor_fuzz_request_method(request);

	send_head(request, guise, out);
	if (request->body.len || (method.len && method.data[0] == 'P'))
		cor_buffer_printf(out, "Content-Length: %zu\r\n", request->body.len);
	cor_buffer_literal(out, "\r\n");
	if (request->body.len)
		cor_buffer_append(out, request->body.data, request->body.len);
}

/* The word behind so many others of the first line. */
static struct cor_str word(const struct cor_fuzz_request *request, int number)
{
	struct cor_str head = { request->head.data, request->head.len };
	struct cor_str line = { "", 0 };

	(void)next_line(&head, &line);
	for (;; number--) {
		const char *blank = line.len ? memchr(line.data, ' ', line.len) : NULL;
		size_t len = blank ? (size_t)(blank - line.data) : line.len;
		if (number == 0)
			return (struct cor_str){ line.data, len };
		line.data += len + (blank != NULL);
		line.len -= len + (blank != NULL);
	}
}

struct cor_str cor_fuzz_request_method(const struct cor_fuzz_request *request)
{
	return word(request, 0);
}

struct cor_str cor_fuzz_request_target(const struct cor_fuzz_request *request)
{
	return word(request, 1);
}
