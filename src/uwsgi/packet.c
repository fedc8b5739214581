/* SPDX-License-Identifier: MIT */
#include "uwsgi/packet.h"

#include <string.h>

#include "http/chars.h"

static const char *const names[COR_UWSGI_VARIABLES] = {
	[COR_UWSGI_METHOD] = "REQUEST_METHOD",
	[COR_UWSGI_URI] = "REQUEST_URI",
	[COR_UWSGI_PATH] = "PATH_INFO",
	[COR_UWSGI_QUERY] = "QUERY_STRING",
	[COR_UWSGI_CONTENT_TYPE] = "CONTENT_TYPE",
	[COR_UWSGI_CONTENT_LENGTH] = "CONTENT_LENGTH",
	[COR_UWSGI_HOST] = "HTTP_HOST",
	[COR_UWSGI_SERVER_NAME] = "SERVER_NAME",
	[COR_UWSGI_SERVER_PORT] = "SERVER_PORT",
	[COR_UWSGI_HTTP_CONTENT_LENGTH] = "HTTP_CONTENT_LENGTH",
	[COR_UWSGI_TRANSFER_ENCODING] = "HTTP_TRANSFER_ENCODING",
	[COR_UWSGI_CLIENT] = "REMOTE_ADDR",
	[COR_UWSGI_CLIENT_PORT] = "REMOTE_PORT",
	[COR_UWSGI_SCHEME] = "REQUEST_SCHEME",
	[COR_UWSGI_HTTPS] = "HTTPS",
};

static uint16_t u16_at(const char *bytes)
{
	return (uint16_t)((unsigned char)bytes[0] | (unsigned char)bytes[1] << 8);
}

static bool take_text(struct cor_str *rest, struct cor_str *ret)
{
	if (rest->len < 2)
		return false;
	size_t len = u16_at(rest->data);
	if (len > rest->len - 2)
		return false;
	*ret = (struct cor_str){ rest->data + 2, len };
	rest->data += 2 + len;
	rest->len -= 2 + len;
	return true;
}

bool cor_uwsgi_next(struct cor_str *rest, struct cor_str *name, struct cor_str *value)
{
	return rest->len > 0 && take_text(rest, name) && take_text(rest, value);
}

/* --- checks --- */

static bool is_token(struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!cor_char_is(text.data[i], COR_CHAR_TOKEN))
			return false;
	return text.len > 0;
}

static bool is_of_one_line(struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\r' || text.data[i] == '\n' || text.data[i] == '\0')
			return false;
	return true;
}

/* Returns a fault, or NULL. */
static const char *keep(struct cor_uwsgi_packet *packet, struct cor_str name, struct cor_str value)
{
	if (!is_token(name))
		return "a name of the uwsgi packet is empty, or is not a token";
	if (!is_of_one_line(value))
		return "a value of the uwsgi packet has a line break or a NUL";
	for (size_t i = 0; i < COR_UWSGI_VARIABLES; i++) {
		if (!cor_str_equal(cor_str(names[i]), name))
			continue;
		if (packet->known[i].data)
			return "a variable of the uwsgi packet is there twice";
		packet->known[i] = value;
	}
	return NULL;
}

static const char *read_variables(struct cor_uwsgi_packet *packet)
{
	struct cor_str rest = packet->variables, name, value;
	const char *fault = NULL;

	while (rest.len > 0 && !fault) {
		if (!cor_uwsgi_next(&rest, &name, &value))
			return "a length in the uwsgi packet leads out of it";
		fault = keep(packet, name, value);
	}
	return fault;
}

/* Somebody who speaks HTTP is told so. */
static const char *start_fault(const char *bytes, size_t len)
{
	if (cor_char_is(bytes[0], COR_CHAR_TOKEN))
		return "this address speaks the uwsgi protocol, and not HTTP";
	if (bytes[0] != 0 || (len >= COR_UWSGI_START_BYTES && bytes[3] != 0))
		return "a modifier of the uwsgi packet is not 0";
	if (len >= COR_UWSGI_START_BYTES && u16_at(bytes + 1) == 0)
		return "the uwsgi packet has no variables";
	return NULL;
}

ssize_t cor_uwsgi_read(struct cor_uwsgi_packet *packet, const char *bytes, size_t len,
	struct cor_http_error *error)
{
	if (len == 0)
		return 0;
	const char *fault = start_fault(bytes, len);
	if (fault)
		return cor_http_refuse(error, 400, fault);
	if (len < COR_UWSGI_START_BYTES)
		return 0;
	size_t size = u16_at(bytes + 1);
	if (len - COR_UWSGI_START_BYTES < size)
		return 0;
	*packet = (struct cor_uwsgi_packet){ .variables = { bytes + COR_UWSGI_START_BYTES, size } };
	fault = read_variables(packet);
	return fault ? cor_http_refuse(error, 400, fault) : (ssize_t)(COR_UWSGI_START_BYTES + size);
}
