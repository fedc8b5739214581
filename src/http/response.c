/* SPDX-License-Identifier: MIT */
#include "http/response.h"

#include <errno.h>

#include "base/number.h"
#include "http/chars.h"
#include "http/scan.h"
#include "http/status.h"

/* Everything cor_response_begin() writes except the content type. */
#define FIXED_BYTES 256

#define JSON "application/json"

bool cor_field_name_valid(struct cor_str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!cor_char_is(name.data[i], COR_CHAR_TOKEN))
			return false;
	return name.len > 0;
}

bool cor_field_value_valid(struct cor_str value)
{
	const char *end = value.data + value.len;

	if (value.len == 0)
		return true;
	if (cor_char_is_blank(value.data[0]) || cor_char_is_blank(end[-1]))
		return false;
	return cor_scan_line(value.data, value.data, end) == end;
}

static inline char *put(char *out, const char *text, size_t len)
{
	memcpy(out, text, len);
	return out + len;
}

#define PUT(out, literal) put((out), "" literal, sizeof(literal) - 1)

static char *put_status(char *out, uint16_t status)
{
	if (status == 200)
		return PUT(out, "HTTP/1.1 200 OK\r\n");
	struct cor_str line = cor_status_line(status);
	if (line.len > 0)
		return put(out, line.data, line.len);
	out = PUT(out, "HTTP/1.1 ");
	out += cor_number_print_uint64(status, out);
	return PUT(out, " Unknown\r\n");
}

/* By far the most common type; known to be valid. */
static inline bool is_json(struct cor_str type)
{
	return type.len == sizeof JSON - 1 && memcmp(type.data, JSON, sizeof JSON - 1) == 0;
}

static inline char *put_type(char *out, struct cor_str type)
{
	if (type.len == 0)
		return out;
	out = PUT(out, "Content-Type: ");
	out = put(out, type.data, type.len);
	return PUT(out, "\r\n");
}

static char *put_length(char *out, const struct cor_response_head *head)
{
	if (!cor_status_has_body(head->status))
		return head->status == 205 ? PUT(out, "Content-Length: 0\r\n") : out;
	if (head->content_length == COR_LENGTH_CHUNKED)
		return PUT(out, "Transfer-Encoding: chunked\r\n");
	if (head->content_length < 0)
		return out;
	out = PUT(out, "Content-Length: ");
	out = cor_response_put_number(out, (uint64_t)head->content_length);
	return PUT(out, "\r\n");
}

static char *put_connection(char *out, enum cor_response_connection connection)
{
	if (connection == COR_CONNECTION_CLOSE)
		return PUT(out, "Connection: close\r\n");
	return PUT(out, "Connection: keep-alive\r\n");
}

int cor_response_begin(struct cor_buffer *buffer, const struct cor_response_head *head)
{
	bool json = is_json(head->content_type);

	if (head->status < 100 || head->status > 599 || head->content_length < COR_LENGTH_NONE ||
		(!json && !cor_field_value_valid(head->content_type)))
		return -EINVAL;
	char *out = cor_buffer_reserve(buffer, FIXED_BYTES + head->content_type.len);
	if (!out)
		return cor_buffer_error(buffer);

	out = put_status(out, head->status);
	if (head->date) {
		out = PUT(out, "Date: ");
		out = put(out, head->date, COR_IMF_DATE_BYTES);
		out = PUT(out, "\r\n");
	}
	out = json ? PUT(out, "Content-Type: " JSON "\r\n") : put_type(out, head->content_type);
	out = put_length(out, head);
	if (head->connection != COR_CONNECTION_DEFAULT)
		out = put_connection(out, head->connection);
	buffer->len = (size_t)(out - buffer->data);
	return 0;
}

int cor_response_field(struct cor_buffer *buffer, struct cor_str name, struct cor_str value)
{
	if (!cor_field_name_valid(name) || !cor_field_value_valid(value))
		return -EINVAL;
	char *out = cor_buffer_reserve(buffer, name.len + value.len + 4);
	if (!out)
		return cor_buffer_error(buffer);
	out = put(out, name.data, name.len);
	out = PUT(out, ": ");
	if (value.len > 0)
		out = put(out, value.data, value.len);
	out = PUT(out, "\r\n");
	buffer->len = (size_t)(out - buffer->data);
	return 0;
}
