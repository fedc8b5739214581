/* SPDX-License-Identifier: MIT */
#include "curl/head.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/str.h>

static int refuse(struct cor_curl_head *head, int rc, const char *why)
{
	head->why = why;
	return rc;
}

static void begin_fields(struct cor_curl_head *head)
{
	head->fields_len = 0;
	head->length = -1;
	head->is_chunked = false;
}

void cor_curl_head_init(struct cor_curl_head *head, struct cor_arena *arena, bool is_of_head)
{
	head->arena = arena;
	head->is_of_head = is_of_head;
	head->has_begun = false;
	head->is_whole = false;
	head->in_fields = false;
	head->status = 0;
	head->bytes = 0;
	head->interim = 0;
	head->why = NULL;
	begin_fields(head);
}

static struct cor_str trim(const char *data, size_t len)
{
	while (len != 0 && (*data == ' ' || *data == '\t'))
		data++, len--;
	while (len != 0 && (data[len - 1] == ' ' || data[len - 1] == '\t'))
		len--;
	return (struct cor_str){ data, len };
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "HTTP/1.1 200 OK", "HTTP/2 200 " */
static int take_status(struct cor_curl_head *head, const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len);
	const char *end = line + len;

	if (len < 6 || memcmp(line, "HTTP/", 5) != 0 || !space || end - space < 4 ||
		!is_digit(space[1]) || !is_digit(space[2]) || !is_digit(space[3]) ||
		(end - space > 4 && space[4] != ' '))
		return refuse(head, -EBADMSG, "its status line is none");
	int status = (space[1] - '0') * 100 + (space[2] - '0') * 10 + (space[3] - '0');
	if (status < 100 || status > 599)
		return refuse(head, -EBADMSG, "its status is none of HTTP");
	if (status == 101)
		return refuse(head, -EBADMSG, "it changes the protocol, unasked");
	head->status = (uint16_t)status;
	head->is_http1 = line[5] == '1';
	head->in_fields = true;
	begin_fields(head);
	return 0;
}

static bool is_token(const char *text, size_t len)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!is_letter && !is_digit(c) && (c == 0 || !strchr(others, c)))
			return false;
	}
	return len != 0;
}

static bool has_controls(struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static int take_length(struct cor_curl_head *head, struct cor_str value)
{
	int64_t length = 0;

	if (value.len == 0 || value.len > 18)
		return refuse(head, -EBADMSG, "its Content-Length is no length");
	for (size_t i = 0; i < value.len; i++) {
		if (!is_digit(value.data[i]))
			return refuse(head, -EBADMSG, "its Content-Length is no length");
		length = length * 10 + (value.data[i] - '0');
	}
	if (head->length >= 0)
		return refuse(head, -EBADMSG, "it has two lengths");
	head->length = length;
	return 0;
}

static bool is_word(struct cor_str text, const char *word)
{
	return text.len == strlen(word) && strncasecmp(text.data, word, text.len) == 0;
}

/* What says how the body is framed. */
static int take_framing(struct cor_curl_head *head, struct cor_str name, struct cor_str value)
{
	if (is_word(name, "content-length"))
		return take_length(head, value);
	if (!is_word(name, "transfer-encoding"))
		return 0;
	if (head->is_chunked || !is_word(value, "chunked"))
		return refuse(head, -EBADMSG, "its Transfer-Encoding is not just chunked");
	head->is_chunked = true;
	return 0;
}

static int keep_field(struct cor_curl_head *head, struct cor_str name, struct cor_str value)
{
	if (head->fields_len == COR_CURL_HEAD_FIELDS)
		return refuse(head, -EMSGSIZE, "it has more than 100 fields");
	struct cor_http_field *field = &head->fields[head->fields_len];
	field->name = cor_arena_copy(head->arena, name.data, name.len);
	field->value = cor_arena_copy(head->arena, value.data, value.len);
	if (!field->name || !field->value)
		return -ENOMEM;
	head->fields_len++;
	return 0;
}

static int take_field(struct cor_curl_head *head, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);

	if (!colon || !is_token(line, (size_t)(colon - line)))
		return refuse(head, -EBADMSG, "a field has no name");
	struct cor_str name = { line, (size_t)(colon - line) };
	struct cor_str value = trim(colon + 1, len - name.len - 1);
	if (has_controls(value))
		return refuse(head, -EBADMSG, "a field has control characters");
	int rc = take_framing(head, name, value);
	if (rc < 0 || head->status < 200)
		return rc;
	return keep_field(head, name, value);
}

static int end_head(struct cor_curl_head *head)
{
	head->in_fields = false;
	if (head->status < 200)
		return ++head->interim > COR_CURL_HEAD_INTERIM
			       ? refuse(head, -EBADMSG, "too many interim ones came first")
			       : 0;
	if (head->is_chunked && head->length >= 0)
		return refuse(head, -EBADMSG, "it has both a length and chunks");
	head->is_whole = true;
	return 0;
}

int cor_curl_head_take(struct cor_curl_head *head, const char *line, size_t len)
{
	head->has_begun = true;
	if (len > COR_CURL_HEAD_BYTES - head->bytes)
		return refuse(head, -EMSGSIZE,
			head->is_whole ? "its trailers are too long" : "it is over 32 KiB");
	head->bytes += (uint32_t)len;
	if (head->is_whole)
		return 0;
	if (len < 2 || line[len - 2] != '\r' || line[len - 1] != '\n')
		return refuse(head, -EBADMSG, "a line does not end in CRLF");
	len -= 2;
	if (!head->in_fields)
		return take_status(head, line, len);
	return len == 0 ? end_head(head) : take_field(head, line, len);
}

int64_t cor_curl_head_body_bytes(const struct cor_curl_head *head)
{
	if (head->is_of_head || head->status == 204 || head->status == 304)
		return 0;
	return head->is_chunked ? -1 : head->length;
}

bool cor_curl_head_is_until_end(const struct cor_curl_head *head)
{
	return head->is_http1 && !head->is_chunked && cor_curl_head_body_bytes(head) < 0;
}
