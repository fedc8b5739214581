/* SPDX-License-Identifier: MIT */
/* The .websocket of an operation. */
#include <string.h>

#include "http/response.h"
#include "service/check.h"

#define contradict(check, where, ...) cor_contradict((check), (where), __VA_ARGS__)

static void check_protocols(
	const struct cor_check *check, const char *where, const char *const *protocols)
{
	for (size_t i = 0; protocols && protocols[i]; i++)
		if (!cor_field_name_valid(cor_str(protocols[i])))
			contradict(check, where,
				"\"%s\" in .protocols is not a token: letters, digits and -.+ only",
				protocols[i]);
}

/* RFC 6454 section 6.2: scheme and authority, without a path. */
static bool is_origin(const char *text)
{
	const char *mark = strstr(text, "://");

	return mark && mark != text && mark[3] != '\0' && !strchr(mark + 3, '/');
}

static void check_origins(
	const struct cor_check *check, const char *where, const char *const *origins)
{
	for (size_t i = 0; origins && origins[i]; i++)
		if (!is_origin(origins[i]) && strcmp(origins[i], "*") != 0 &&
			strcmp(origins[i], "null") != 0)
			contradict(check, where,
				"\"%s\" in .origins is not an origin, like https://shop.example, nor *",
				origins[i]);
}

static void check_messages(const struct cor_check *check, const char *where, const char *option,
	const struct cor_schema *schema)
{
	if (schema && schema->media != COR_MEDIA_JSON)
		contradict(check, where,
			"%s is for messages with a table: leave it out for text and bytes", option);
}

static void check_options(
	const struct cor_check *check, const char *where, const struct cor_operation *operation)
{
	const struct cor_websocket_options *options = &operation->websocket;

	check_protocols(check, where, options->protocols);
	check_origins(check, where, options->origins);
	check_messages(check, where, ".receives", options->receives);
	check_messages(check, where, ".sends", options->sends);
	if (options->message_bytes > COR_WEBSOCKET_MESSAGE_MAX)
		contradict(check, where, ".message_bytes %u is more than %d",
			options->message_bytes, COR_WEBSOCKET_MESSAGE_MAX);
	if (operation->content_type || operation->answers)
		contradict(check, where,
			".content_type and .answers are for answers: a WebSocket has .websocket.sends");
	if (operation->status)
		contradict(check, where, ".status of a WebSocket is 101: leave it out");
}

static bool has_options(const struct cor_websocket_options *options)
{
	static const struct cor_websocket_options none = { 0 };

	return memcmp(options, &none, sizeof none) != 0;
}

void cor_check_websocket(const struct cor_check *check, const struct cor_verb *verb,
	const struct cor_operation *operation, const char *where)
{
	if (!operation->converse) {
		if (has_options(&operation->websocket))
			contradict(check, where,
				".websocket is for WebSockets: define it with COR_WEBSOCKET_OPERATION");
		return;
	}
	if (verb->method != COR_METHOD_GET)
		contradict(check, where, "a WebSocket begins with a GET: put it under .get");
	check_options(check, where, operation);
}
