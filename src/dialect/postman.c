/* SPDX-License-Identifier: MIT */
/*
 * A collection of Postman, format 2.1: a request for each operation, in a folder for each tag. The
 * variable baseUrl says where the service is. WebSockets are left out: the format has none.
 */
#include "dialect/postman.h"

#include <string.h>

#include "dialect/form.h"
#include "dialect/postman_auth.h"
#include "dialect/postman_url.h"
#include "dialect/sample.h"

#define FORMAT "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

/* The first media type of the operation's body; NULL: it has none. */
static const struct cor_node *body_of(const struct cor_node *operation)
{
	return cor_node_get(cor_node_get(operation, "requestBody"), "content");
}

/* That of a form has a boundary, which whoever sends it chooses. */
static struct cor_str written_type(const struct cor_node *content)
{
	return cor_form_is_first(content) ? (struct cor_str){ NULL, 0 } : cor_node_key(content, 0);
}

static void write_sample(const struct cor_rewrite *to, const struct cor_node *media)
{
	const struct cor_node *named = cor_node_item(cor_node_get(media, "examples"), 0);
	struct cor_buffer sample = { 0 };
	struct cor_rewrite aside = *to;

	aside.buffer = &sample;
	if (named)
		cor_rewrite_copy(&sample, cor_node_get(named, "value"));
	else
		cor_sample_write(&aside, cor_node_get(media, "schema"));
	if (cor_buffer_error(&sample) < 0)
		cor_buffer_fail(to->buffer, cor_buffer_error(&sample));
	else
		cor_json_write_string(to->buffer, (struct cor_str){ sample.data, sample.len });
	cor_buffer_finish(&sample);
}

static void write_body(
	const struct cor_rewrite *to, const struct cor_node *content, struct cor_members *request)
{
	struct cor_str type = cor_node_key(content, 0);

	if (!content)
		return;
	cor_member(request, "body");
	struct cor_members body = cor_object_open(to->buffer);
	if (cor_str_equal(type, COR_STR("application/json"))) {
		cor_member_text(&body, "mode", "raw");
		cor_member(&body, "raw");
		write_sample(to, cor_node_item(content, 0));
		cor_member_raw(&body, "options", "{\"raw\":{\"language\":\"json\"}}");
	} else if (cor_str_equal(type, COR_STR("text/plain"))) {
		cor_member_text(&body, "mode", "raw");
		cor_member_text(&body, "raw", "text");
	} else if (cor_form_is_first(content)) {
		cor_form_postman(to, content, &body);
	} else {
		cor_member_text(&body, "mode", "file");
		cor_member_raw(&body, "file", "{}");
	}
	cor_object_close(&body);
}

static void write_method(struct cor_members *request, struct cor_str verb)
{
	cor_member(request, "method");
	cor_buffer_byte(request->buffer, '"');
	for (size_t i = 0; i < verb.len; i++) /* a verb of HTTP: a to z */
		cor_buffer_byte(request->buffer, (char)(verb.data[i] - 'a' + 'A'));
	cor_buffer_byte(request->buffer, '"');
}

/* An operation under its verb and path. */
struct place {
	struct cor_str path;
	struct cor_str verb;
	const struct cor_node *operation;
};

static void write_item(const struct cor_rewrite *to, const struct place *place)
{
	const struct cor_node *content = body_of(place->operation);
	struct cor_members item = cor_object_open(to->buffer);

	cor_member_copy(&item, "name", cor_node_get(place->operation, "summary"));
	cor_member(&item, "request");
	struct cor_members request = cor_object_open(to->buffer);
	write_method(&request, place->verb);
	cor_postman_auth(to, place->operation, &request);
	cor_postman_headers(to, place->operation, written_type(content), &request);
	write_body(to, content, &request);
	cor_postman_url(to, place->path, place->operation, &request);
	cor_member_copy(&request, "description", cor_node_get(place->operation, "description"));
	cor_object_close(&request);
	cor_member_raw(&item, "response", "[]");
	cor_object_close(&item);
}

static bool is_in(const struct place *place, const struct cor_node *tag)
{
	const struct cor_node *own = cor_node_item(cor_node_get(place->operation, "tags"), 0);

	if (cor_node_get(place->operation, "x-websocket"))
		return false;
	if (!own || !tag)
		return !own && !tag;
	return cor_str_equal(cor_text_of(own), cor_text_of(cor_node_get(tag, "name")));
}

/* The operations of a tag, or (NULL) those without. */
static void write_items(
	const struct cor_rewrite *to, const struct cor_node *tag, struct cor_members *items)
{
	const struct cor_node *paths = cor_node_get(to->root, "paths");

	for (size_t i = 0; i < cor_node_len(paths); i++) {
		const struct cor_node *path = cor_node_item(paths, i);
		for (size_t verb = 0; verb < cor_node_len(path); verb++) {
			const struct place place = {
				.path = cor_node_key(paths, i),
				.verb = cor_node_key(path, verb),
				.operation = cor_node_item(path, verb),
			};
			if (!is_in(&place, tag))
				continue;
			cor_item(items);
			write_item(to, &place);
		}
	}
}

static void write_folder(const struct cor_rewrite *to, const struct cor_node *tag)
{
	struct cor_members folder = cor_object_open(to->buffer);

	cor_member_copy(&folder, "name", cor_node_get(tag, "name"));
	cor_member_copy(&folder, "description", cor_node_get(tag, "description"));
	cor_member(&folder, "item");
	struct cor_members items = cor_array_open(to->buffer);
	write_items(to, tag, &items);
	cor_array_close(&items);
	cor_object_close(&folder);
}

static void write_info(const struct cor_rewrite *to, struct cor_members *root)
{
	const struct cor_node *info = cor_node_get(to->root, "info");

	cor_member(root, "info");
	struct cor_members object = cor_object_open(to->buffer);
	cor_member_copy(&object, "name", cor_node_get(info, "title"));
	cor_member_copy(&object, "version", cor_node_get(info, "version"));
	cor_member_copy(&object, "description", cor_node_get(info, "description"));
	cor_member_text(&object, "schema", FORMAT);
	cor_object_close(&object);
}

/* The first server that says where it is; else where a service listens unless told. */
static void write_base(const struct cor_rewrite *to)
{
	const struct cor_node *servers = cor_node_get(to->root, "servers");
	struct cor_str base = COR_STR("http://127.0.0.1:8080");

	for (size_t i = cor_node_len(servers); i-- > 0;) {
		struct cor_str url = cor_text_of(cor_node_get(cor_node_item(servers, i), "url"));
		if (url.len > 4 && memcmp(url.data, "http", 4) == 0)
			base = url;
	}
	if (base.data[base.len - 1] == '/')
		base.len--;
	cor_json_write_string(to->buffer, base);
}

static void write_variables(const struct cor_rewrite *to, struct cor_members *root)
{
	const struct cor_node *schemes = cor_node_get(
		cor_node_get(to->root, "components"), "securitySchemes");

	cor_member(root, "variable");
	struct cor_members list = cor_array_open(to->buffer);
	cor_item(&list);
	cor_buffer_literal(to->buffer, "{\"key\":\"baseUrl\",\"value\":");
	write_base(to);
	cor_buffer_byte(to->buffer, '}');
	if (cor_node_get(schemes, "Authorization")) {
		cor_item(&list);
		cor_buffer_literal(to->buffer, "{\"key\":\"authorization\",\"value\":\"\"}");
	}
	cor_postman_secrets(to, &list);
	cor_array_close(&list);
}

void cor_rewrite_postman(const struct cor_rewrite *to)
{
	const struct cor_node *tags = cor_node_get(to->root, "tags");
	struct cor_members root = cor_object_open(to->buffer);

	write_info(to, &root);
	cor_member(&root, "item");
	struct cor_members items = cor_array_open(to->buffer);
	for (size_t i = 0; i < cor_node_len(tags); i++) {
		cor_item(&items);
		write_folder(to, cor_node_item(tags, i));
	}
	write_items(to, NULL, &items);
	cor_array_close(&items);
	write_variables(to, &root);
	cor_object_close(&root);
}
