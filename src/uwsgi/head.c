/* SPDX-License-Identifier: MIT */
#include "uwsgi/head.h"

#include <stdbool.h>
#include <string.h>

#include "http/chars.h"

static struct cor_str known(const struct cor_uwsgi_packet *packet, enum cor_uwsgi_variable name)
{
	return packet->known[name];
}

static bool is_there(const struct cor_uwsgi_packet *packet, enum cor_uwsgi_variable name)
{
	return packet->known[name].len > 0;
}

/* --- the target --- */

static bool is_encoded(const char *at, const char *end)
{
	return end - at >= 3 && cor_char_is(at[1], COR_CHAR_HEX) &&
	       cor_char_is(at[2], COR_CHAR_HEX);
}

/* Whether `encoded` is a spelling of `path`. */
static bool spells(struct cor_str encoded, struct cor_str path)
{
	const char *at = encoded.data, *end = encoded.data + encoded.len;
	size_t i = 0;

	for (; at < end; i++) {
		unsigned char byte = (unsigned char)*at;
		bool is_escape = byte == '%' && is_encoded(at, end);
		if (is_escape)
			byte = (unsigned char)(cor_hex_value(at[1]) << 4 | cor_hex_value(at[2]));
		if (i >= path.len || (unsigned char)path.data[i] != byte)
			return false;
		at += is_escape ? 3 : 1;
	}
	return i == path.len;
}

static struct cor_str path_of(struct cor_str uri)
{
	const char *mark = uri.len ? memchr(uri.data, '?', uri.len) : NULL;

	if (mark)
		uri.len = (size_t)(mark - uri.data);
	return uri;
}

static void encode_path(struct cor_buffer *buffer, struct cor_str path)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < path.len; i++) {
		unsigned char byte = (unsigned char)path.data[i];
		if (byte != '%' && cor_char_is((char)byte, COR_CHAR_PATH)) {
			cor_buffer_byte(buffer, (char)byte);
			continue;
		}
		cor_buffer_byte(buffer, '%');
		cor_buffer_byte(buffer, digits[byte >> 4]);
		cor_buffer_byte(buffer, digits[byte & 15]);
	}
}

/* The URI is what the client sent, the path what the proxy has made of it. */
static void write_target(struct cor_buffer *buffer, const struct cor_uwsgi_packet *packet)
{
	struct cor_str uri = known(packet, COR_UWSGI_URI), path = known(packet, COR_UWSGI_PATH);
	struct cor_str query = known(packet, COR_UWSGI_QUERY);

	if (path.len == 0) {
		cor_buffer_append_str(buffer, uri);
		return;
	}
	if (spells(path_of(uri), path))
		cor_buffer_append_str(buffer, path_of(uri));
	else
		encode_path(buffer, path);
	if (query.len > 0) {
		cor_buffer_byte(buffer, '?');
		cor_buffer_append_str(buffer, query);
	}
}

/* --- fields --- */

/*
 * What a proxy and its client agreed on (RFC 9110 section 7.6.1), or what other variables say, and
 * Proxy, which makes libraries that take variables for their environment call somebody.
 */
static bool concerns_the_proxy(struct cor_str name)
{
	static const char *const not_passed[] = {
		"CONNECTION",
		"KEEP_ALIVE",
		"PROXY",
		"PROXY_CONNECTION",
		"PROXY_AUTHORIZATION",
		"TE",
		"TRAILER",
		"TRANSFER_ENCODING",
		"UPGRADE",
		"EXPECT",
		"HOST",
		"CONTENT_LENGTH",
		"CONTENT_TYPE",
	};

	for (size_t i = 0; i < sizeof not_passed / sizeof not_passed[0]; i++)
		if (cor_str_equal(cor_str(not_passed[i]), name))
			return true;
	return false;
}

static void write_name(struct cor_buffer *buffer, struct cor_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char byte = name.data[i];
		if (byte >= 'A' && byte <= 'Z')
			byte = (char)(byte - 'A' + 'a');
		cor_buffer_byte(buffer, byte == '_' ? '-' : byte);
	}
}

static void write_field(struct cor_buffer *buffer, struct cor_str name, struct cor_str value)
{
	write_name(buffer, name);
	cor_buffer_literal(buffer, ": ");
	cor_buffer_append_str(buffer, value);
	cor_buffer_literal(buffer, "\r\n");
}

static void write_passed(struct cor_buffer *buffer, const struct cor_uwsgi_packet *packet)
{
	const struct cor_str prefix = COR_STR("HTTP_");
	struct cor_str rest = packet->variables, name, value;

	while (cor_uwsgi_next(&rest, &name, &value)) {
		if (name.len <= prefix.len || memcmp(name.data, prefix.data, prefix.len) != 0)
			continue;
		name.data += prefix.len;
		name.len -= prefix.len;
		if (!concerns_the_proxy(name))
			write_field(buffer, name, value);
	}
}

/* That of the client, else the proxy's own name. */
static void write_host(struct cor_buffer *buffer, const struct cor_uwsgi_packet *packet)
{
	struct cor_str host = known(packet, COR_UWSGI_HOST);
	struct cor_str port = known(packet, COR_UWSGI_SERVER_PORT);

	if (!host.data)
		host = known(packet, COR_UWSGI_SERVER_NAME);
	if (!host.data)
		return;
	cor_buffer_literal(buffer, "host: ");
	cor_buffer_append_str(buffer, host);
	if (!known(packet, COR_UWSGI_HOST).data && port.len > 0) {
		cor_buffer_byte(buffer, ':');
		cor_buffer_append_str(buffer, port);
	}
	cor_buffer_literal(buffer, "\r\n");
}

static void write_body_fields(struct cor_buffer *buffer, const struct cor_uwsgi_packet *packet)
{
	struct cor_str length = known(packet, COR_UWSGI_CONTENT_LENGTH);

	if (is_there(packet, COR_UWSGI_CONTENT_TYPE))
		write_field(buffer, cor_str("content-type"), known(packet, COR_UWSGI_CONTENT_TYPE));
	if (length.len > 0)
		write_field(buffer, cor_str("content-length"), length);
}

/* --- the whole --- */

static int check(const struct cor_uwsgi_packet *packet, struct cor_http_error *error)
{
	struct cor_str length = known(packet, COR_UWSGI_CONTENT_LENGTH);
	struct cor_str from_client = known(packet, COR_UWSGI_HTTP_CONTENT_LENGTH);

	if (!is_there(packet, COR_UWSGI_METHOD))
		return cor_http_refuse(error, 400, "the uwsgi packet has no REQUEST_METHOD");
	if (!is_there(packet, COR_UWSGI_PATH) && !is_there(packet, COR_UWSGI_URI))
		return cor_http_refuse(
			error, 400, "the uwsgi packet has neither PATH_INFO nor REQUEST_URI");
	if (from_client.len > 0 && !cor_str_equal(from_client, length))
		return cor_http_refuse(error, 400,
			"CONTENT_LENGTH and HTTP_CONTENT_LENGTH of the uwsgi packet differ");
	if (length.len == 0 && known(packet, COR_UWSGI_TRANSFER_ENCODING).data)
		return cor_http_refuse(error, 411,
			"the proxy has not said how long the body is: with nginx, uwsgi_request_buffering on");
	return 0;
}

int cor_uwsgi_write_head(const struct cor_uwsgi_packet *packet, struct cor_buffer *buffer,
	struct cor_http_error *error)
{
	int rc = check(packet, error);

	if (rc < 0)
		return rc;
	buffer->limit = COR_UWSGI_HEAD_BYTES;
	cor_buffer_append_str(buffer, known(packet, COR_UWSGI_METHOD));
	cor_buffer_byte(buffer, ' ');
	write_target(buffer, packet);
	cor_buffer_literal(buffer, " HTTP/1.0\r\n");
	write_host(buffer, packet);
	write_body_fields(buffer, packet);
	write_passed(buffer, packet);
	cor_buffer_literal(buffer, "\r\n");
	if (buffer->error == -COR_ETOOLARGE)
		return cor_http_refuse(
			error, 431, "the variables of the uwsgi packet are too large");
	return buffer->error;
}
