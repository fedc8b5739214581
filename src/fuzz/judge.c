/* SPDX-License-Identifier: MIT */
#include "fuzz/judge.h"

#include <string.h>
#include <strings.h>

#include <coracle/error.h>
#include <coracle/str.h>

#include "contract/judge.h"
#include "document/reference.h"

/*
 * What HTTP itself answers, whatever the operation: broken heads, sizes, waits. And that other
 * servers are not there.
 */
static bool is_of_http(int status)
{
	static const int statuses[] = { 400, 408, 413, 414, 417, 431, 502, 503, 504 };

	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (statuses[i] == status)
			return true;
	return false;
}

static const struct cor_node *declared(const struct cor_fuzz_promise *promise, int status)
{
	const char key[4] = { (char)('0' + status / 100), (char)('0' + status / 10 % 10),
		(char)('0' + status % 10), '\0' };

	return cor_reference_follow(
		promise->document, cor_node_get(cor_node_get(promise->node, "responses"), key));
}

/* The media type of the document that a Content-Type is of, without its parameters. */
static const struct cor_node *media_of(const struct cor_node *content, struct cor_str type)
{
	const char *end = type.len ? memchr(type.data, ';', type.len) : NULL;
	size_t len = end ? (size_t)(end - type.data) : type.len;

	while (len && type.data[len - 1] == ' ')
		len--;
	for (size_t i = 0; i < cor_node_len(content); i++) {
		struct cor_str key = cor_node_key(content, i);
		const char *slash = memchr(key.data, '/', key.len);
		if ((key.len == len && strncasecmp(key.data, type.data, len) == 0) ||
			cor_str_equal(key, COR_STR("*/*")))
			return cor_node_item(content, i);
		size_t group = slash ? (size_t)(slash - key.data) + 1 : 0;
		if (group && key.len == group + 1 && key.data[group] == '*' && len > group &&
			strncasecmp(key.data, type.data, group) == 0)
			return cor_node_item(content, i);
	}
	return NULL;
}

static const char *judge_body(struct cor_arena *arena, const struct cor_fuzz_promise *promise,
	const struct cor_node *response, const struct cor_fuzz_answer *answer)
{
	const struct cor_node *content = cor_node_get(response, "content");
	struct cor_str type = cor_fuzz_answer_header(answer, "Content-Type");
	struct cor_str body = { answer->body.data, answer->body.len };
	const struct cor_node *media = media_of(content, type);
	struct cor_node *value;
	const struct cor_contract_judge by = { .document = promise->document, .arena = arena };
	struct cor_contract_fault fault;

	if (body.len == 0 || cor_node_len(content) == 0)
		return NULL;
	if (!media)
		return cor_arena_printf(arena, "status %d: %.*s is no media type that it declares",
			answer->parser.status, (int)type.len, type.data);
	if (type.len < 4 || !memmem(type.data, type.len, "json", 4))
		return NULL;
	if (cor_fuzz_answer_header(answer, "Content-Encoding").len)
		return NULL;
	if (cor_node_parse(arena, body, NULL, &value, NULL) < 0)
		return cor_arena_printf(
			arena, "status %d: its body is no JSON", answer->parser.status);
	if (cor_contract_is_valid(&by, cor_node_get(media, "schema"), value, &fault))
		return NULL;
	return cor_arena_printf(arena, "status %d: the body breaks its schema at %s: it %s",
		answer->parser.status, fault.where[0] ? fault.where : "the whole", fault.text);
}

const char *cor_fuzz_judge(struct cor_arena *arena, const struct cor_fuzz_promise *promise,
	const struct cor_fuzz_answer *answer)
{
	int status = answer->parser.status;
	const struct cor_node *response;

	if (answer->fault)
		return answer->fault;
	response = declared(promise, status);
	if (status == 500)
		return cor_arena_printf(arena, "status 500: %.*s", (int)answer->body.len,
			answer->body.len ? answer->body.data : "");
	if (!response && !is_of_http(status))
		return cor_arena_printf(
			arena, "status %d is none that the operation declares", status);
	return response ? judge_body(arena, promise, response, answer) : NULL;
}
