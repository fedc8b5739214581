/* SPDX-License-Identifier: MIT */
#include "fuzz/compose.h"

#include <string.h>

#include <coracle/error.h>
#include <coracle/str.h>

#include "contract/file_example.h"
#include "document/reference.h"
#include "fuzz/value.h"
#include "http/uri_encode.h"

#define WORDS_MAX 400 /* of a dictionary */
#define BOUNDARY  "between-the-parts"

struct composing {
	struct cor_fuzz_making making;
	const struct cor_before_pass *before;
	struct cor_fuzz_request *request;
	struct cor_buffer value; /* of a parameter, as JSON and then as text */
	struct cor_buffer query, headers, cookies;
};

/* --- parameters --- */

/* What stands between quotes, with its escapes undone; what is no string as it is. */
static struct cor_str plain(struct cor_arena *arena, const struct cor_buffer *json)
{
	struct cor_str text = { json->data, json->len }, value;
	struct cor_node *node;

	if (text.len && text.data[0] == '[') /* a list of one */
		text = (struct cor_str){ text.data + 1, text.len - 2 };
	if (text.len && text.data[0] == '"' &&
		cor_node_parse(arena, text, NULL, &node, NULL) == 0 &&
		cor_node_to_text(node, &value) == 0)
		return value;
	return text;
}

static void put_pair(
	struct cor_buffer *out, const char *between, struct cor_str name, struct cor_str value)
{
	if (out->len)
		cor_buffer_append_str(out, cor_str(between));
	cor_percent_append(out, name);
	cor_buffer_byte(out, '=');
	cor_percent_append(out, value);
}

/* In a header: no byte that would end it. */
static void put_header(struct cor_buffer *out, struct cor_str name, struct cor_str value)
{
	cor_buffer_append_str(out, name);
	cor_buffer_literal(out, ": ");
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] != '\n' && value.data[i] != '\r' && value.data[i] != '\0')
			cor_buffer_byte(out, value.data[i]);
	cor_buffer_byte(out, '\n');
}

/* {name} of the path becomes the value, which is never empty: that would be another path. */
static void put_in_path(struct composing *composing, struct cor_str name, struct cor_str value)
{
	struct cor_buffer *head = &composing->request->head, path = { 0 };
	char *at = head->data;
	const char *end = at + head->len, *found = NULL;

	for (; at && at < end && !found; at++)
		if (*at == '{' && (size_t)(end - at) > name.len + 1 && at[name.len + 1] == '}' &&
			memcmp(at + 1, name.data, name.len) == 0)
			found = at;
	if (!found)
		return;
	cor_buffer_append(&path, head->data, (size_t)(found - head->data));
	if (value.len == 0 || cor_str_equal(value, COR_STR(".")) ||
		cor_str_equal(value, COR_STR("..")))
		value = COR_STR("0");
	cor_percent_append(&path, value);
	cor_buffer_append(&path, found + name.len + 2, (size_t)(end - found) - name.len - 2);
	cor_buffer_finish(head);
	*head = path;
}

static void put_parameter(struct composing *composing, const struct cor_node *parameter)
{
	struct cor_arena arena;
	struct cor_str name;
	bool is_required = false;

	if (cor_node_to_text(cor_node_get(parameter, "name"), &name) < 0)
		return;
	if (cor_node_to_bool(cor_node_get(parameter, "required"), &is_required) < 0)
		is_required = false;
	bool is_in_path = cor_fuzz_is(parameter, "in", "path");
	if (is_required != cor_fuzz_mostly(&composing->making, is_required ? 246 : 90) &&
		!is_in_path)
		return;
	cor_arena_init(&arena, NULL, 0, 0);
	const char *given = cor_before_value(composing->before, composing->making.promise->path,
		cor_arena_copy(&arena, name.data, name.len));
	struct cor_str value = cor_str(given ? given : "");
	if (!given || !cor_fuzz_mostly(&composing->making, 160)) {
		cor_buffer_clear(&composing->value, 1 << 16);
		composing->making.out = &composing->value;
		cor_fuzz_value(&composing->making, cor_node_get(parameter, "schema"));
		value = plain(&arena, &composing->value);
	}
	if (is_in_path)
		put_in_path(composing, name, value);
	else if (cor_fuzz_is(parameter, "in", "header"))
		put_header(&composing->headers, name, value);
	else if (cor_fuzz_is(parameter, "in", "cookie"))
		put_pair(&composing->cookies, "; ", name, value);
	else
		put_pair(&composing->query, "&", name, value);
	cor_arena_finish(&arena);
}

static void put_parameters(struct composing *composing, const struct cor_node *list)
{
	for (size_t i = 0; i < cor_node_len(list); i++)
		put_parameter(composing, cor_reference_follow(composing->making.promise->document,
						 cor_node_item(list, i)));
}

/* --- the body --- */

static struct cor_str value_of(
	struct composing *composing, struct cor_arena *arena, const struct cor_node *schema)
{
	cor_buffer_clear(&composing->value, 1 << 16);
	composing->making.out = &composing->value;
	cor_fuzz_value(&composing->making, schema);
	return plain(arena, &composing->value);
}

/* A whole one of its type, since services look at how it begins; or a text, or both. */
static void put_file(struct composing *composing, const struct cor_node *media, struct cor_str name)
{
	const struct cor_node *encoding = cor_node_get_text(cor_node_get(media, "encoding"), name);
	struct cor_buffer *body = &composing->request->body;
	struct cor_str types;

	if (cor_node_to_text(cor_node_get(encoding, "contentType"), &types) < 0)
		types = COR_STR("");
	const struct cor_file_example example = cor_file_example(types);
	cor_buffer_printf(body, "; filename=\"%s\"\r\nContent-Type: %.*s\r\n\r\n", example.name,
		(int)example.type.len, example.type.data);
	if (cor_fuzz_mostly(&composing->making, 200))
		cor_buffer_append_str(body, example.bytes);
	if (example.bytes.len == 0 || !cor_fuzz_mostly(&composing->making, 200))
		cor_buffer_append_str(body, cor_fuzz_text(composing->making.choices));
}

static bool is_file(const struct cor_node *document, const struct cor_node *row)
{
	row = cor_reference_follow(document, row);
	const struct cor_node *items = cor_node_get(row, "items");

	return cor_fuzz_is(items ? cor_reference_follow(document, items) : row, "format", "binary");
}

/* RFC 7578 */
static void put_part(struct composing *composing, const struct cor_node *media, struct cor_str name,
	const struct cor_node *row)
{
	struct cor_buffer *body = &composing->request->body;
	struct cor_arena arena;

	cor_buffer_printf(body, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%.*s\"",
		(int)name.len, name.data);
	if (is_file(composing->making.promise->document, row)) {
		put_file(composing, media, name);
	} else {
		cor_arena_init(&arena, NULL, 0, 0);
		cor_buffer_literal(body, "\r\n\r\n");
		cor_buffer_append_str(body, value_of(composing, &arena, row));
		cor_arena_finish(&arena);
	}
	cor_buffer_literal(body, "\r\n");
}

static void put_form(struct composing *composing, const struct cor_node *media, bool has_parts)
{
	const struct cor_node *schema = cor_reference_follow(
		composing->making.promise->document, cor_node_get(media, "schema"));
	const struct cor_node *properties = cor_node_get(schema, "properties");
	struct cor_buffer *body = &composing->request->body;
	struct cor_arena arena;

	for (size_t i = 0; i < cor_node_len(properties); i++) {
		const struct cor_node *row = cor_node_item(properties, i);
		struct cor_str name = cor_node_key(properties, i);
		if (!cor_fuzz_mostly(&composing->making, 240))
			continue;
		if (has_parts) {
			put_part(composing, media, name, row);
			continue;
		}
		cor_arena_init(&arena, NULL, 0, 0);
		put_pair(body, "&", name, value_of(composing, &arena, row));
		cor_arena_finish(&arena);
	}
	if (has_parts)
		cor_buffer_literal(body, "--" BOUNDARY "--\r\n");
}

/* The whole of it, or up to somewhere, or other bytes. */
static void spoil(struct composing *composing)
{
	struct cor_buffer *body = &composing->request->body;
	struct cor_fuzz_choices *choices = composing->making.choices;
	unsigned how = cor_fuzz_pick(choices);

	if (how >= 252) {
		cor_buffer_clear(body, 1 << 16);
		cor_buffer_append_str(body, cor_fuzz_rest(choices));
	} else if (how >= 248 && body->len) {
		body->len = (size_t)cor_fuzz_bits(choices) % body->len;
	}
}

static void put_body(struct composing *composing)
{
	const struct cor_node *body = cor_reference_follow(composing->making.promise->document,
		cor_node_get(composing->making.promise->node, "requestBody"));
	const struct cor_node *content = cor_node_get(body, "content");
	size_t len = cor_node_len(content);

	if (len == 0 || !cor_fuzz_mostly(&composing->making, 250))
		return;
	size_t which = cor_fuzz_mostly(&composing->making, 220)
			       ? 0
			       : cor_fuzz_pick(composing->making.choices) % len;
	struct cor_str type = cor_node_key(content, which);
	const struct cor_node *media = cor_node_item(content, which);
	bool has_parts = cor_str_equal(type, COR_STR("multipart/form-data"));
	put_header(&composing->headers, COR_STR("Content-Type"),
		has_parts ? COR_STR("multipart/form-data; boundary=" BOUNDARY) : type);
	if (has_parts || cor_str_equal(type, COR_STR("application/x-www-form-urlencoded"))) {
		put_form(composing, media, has_parts);
	} else if (type.len > 4 && memcmp(type.data + type.len - 4, "json", 4) == 0) {
		composing->making.out = &composing->request->body;
		cor_fuzz_value(&composing->making, cor_node_get(media, "schema"));
	} else {
		cor_buffer_append_str(
			&composing->request->body, cor_fuzz_rest(composing->making.choices));
	}
	spoil(composing);
}

/* --- all of it --- */

static void put_unknown(struct composing *composing)
{
	if (!cor_fuzz_mostly(&composing->making, 252)) {
		struct cor_str name = cor_fuzz_text(composing->making.choices);
		put_pair(&composing->query, "&", name, cor_fuzz_text(composing->making.choices));
	}
}

static void put_together(struct composing *composing, struct cor_str headers)
{
	struct cor_buffer *head = &composing->request->head;

	if (composing->query.len) {
		cor_buffer_byte(head, '?');
		cor_buffer_append(head, composing->query.data, composing->query.len);
	}
	cor_buffer_literal(head, " HTTP/1.1\nHost: localhost\n");
	if (composing->cookies.len) {
		cor_buffer_literal(head, "Cookie: ");
		cor_buffer_append(head, composing->cookies.data, composing->cookies.len);
		cor_buffer_byte(head, '\n');
	}
	if (composing->headers.len)
		cor_buffer_append(head, composing->headers.data, composing->headers.len);
	cor_buffer_append_str(head, headers);
}

void cor_fuzz_compose(const struct cor_fuzz_promise *promise, struct cor_fuzz_choices *choices,
	const struct cor_before_pass *before, struct cor_str headers,
	struct cor_fuzz_request *request)
{
	struct composing composing = {
		.making = { .promise = promise, .choices = choices },
		.before = before,
		.request = request,
	};

	cor_buffer_clear(&request->head, 1 << 16);
	cor_buffer_clear(&request->body, 1 << 16);
	cor_buffer_printf(&request->head, "%s %s", promise->method, promise->path);
	put_parameters(&composing, cor_node_get(promise->item, "parameters"));
	put_parameters(&composing, cor_node_get(promise->node, "parameters"));
	put_body(&composing);
	put_unknown(&composing);
	put_together(&composing, headers);
	cor_buffer_finish(&composing.value);
	cor_buffer_finish(&composing.query);
	cor_buffer_finish(&composing.headers);
	cor_buffer_finish(&composing.cookies);
}

/* --- its words --- */

struct listing {
	const struct cor_fuzz_promise *promise;
	struct cor_buffer *out;
	unsigned words, depth;
};

static void put_word(struct listing *listing, struct cor_str word)
{
	if (word.len == 0 || word.len > 64 || listing->words == WORDS_MAX)
		return;
	listing->words++;
	cor_buffer_byte(listing->out, '"');
	for (size_t i = 0; i < word.len; i++) {
		unsigned char byte = (unsigned char)word.data[i];
		if (byte < 0x20 || byte > 0x7E || byte == '"' || byte == '\\')
			cor_buffer_printf(listing->out, "\\x%02X", byte);
		else
			cor_buffer_byte(listing->out, (char)byte);
	}
	cor_buffer_literal(listing->out, "\"\n");
}

/* Names of members and parameters, values of enums, examples: whatever is a text below. */
static void put_words(struct listing *listing, const struct cor_node *node, bool are_names)
{
	struct cor_str text;

	node = cor_reference_follow(listing->promise->document, node);
	if (listing->depth == 12)
		return;
	listing->depth++;
	for (size_t i = 0; i < cor_node_len(node); i++) {
		const struct cor_node *item = cor_node_item(node, i);
		struct cor_str key = cor_node_key(node, i);
		bool is_value = !key.data || cor_str_equal(key, COR_STR("const")) ||
				cor_str_equal(key, COR_STR("name")) ||
				cor_str_equal(key, COR_STR("default"));
		if (are_names)
			put_word(listing, key);
		if (is_value && cor_node_to_text(item, &text) == 0)
			put_word(listing, text);
		put_words(listing, item, key.data && cor_str_equal(key, COR_STR("properties")));
	}
	listing->depth--;
}

void cor_fuzz_dictionary(const struct cor_fuzz_promise *promise, struct cor_buffer *out)
{
	struct listing listing = { .promise = promise, .out = out };

	/* Of an operation without input it is all: libFuzzer refuses an empty file. */
	cor_buffer_literal(out, "# words of its tables\n");
	put_words(&listing, cor_node_get(promise->item, "parameters"), false);
	put_words(&listing, cor_node_get(promise->node, "parameters"), false);
	put_words(&listing, cor_node_get(promise->node, "requestBody"), false);
}
