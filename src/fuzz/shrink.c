/* SPDX-License-Identifier: MIT */
#include "fuzz/shrink.h"

#include <stdlib.h>
#include <string.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/json_node.h>
#include <coracle/str.h>

#define TRIES_MAX 300
#define TIME_NS   INT64_C(20000000000)

/*
 * A way to make a request smaller, in steps from 0: writes it into *ret (empty before). Returns
 * false if there is no such step.
 */
typedef bool (*shrinking)(
	const struct cor_fuzz_request *request, size_t step, struct cor_fuzz_request *ret);

static void copy(struct cor_buffer *to, const struct cor_buffer *from)
{
	if (from->len)
		cor_buffer_append(to, from->data, from->len);
}

/* --- the head --- */

/* Without one of its headers, but for those that each client sends. */
static bool drop_header(
	const struct cor_fuzz_request *request, size_t step, struct cor_fuzz_request *ret)
{
	const char *at = request->head.data, *end = at + request->head.len;
	size_t line = 0, number = 0;
	bool is_dropped = false;

	for (; at < end; line++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = stop ? (size_t)(stop - at) + 1 : (size_t)(end - at);
		bool is_needed = line == 0 || strncmp(at, "Host:", 5) == 0 ||
				 strncmp(at, "Content-Type:", 13) == 0;
		number += !is_needed;
		if (!is_needed && number == step + 1)
			is_dropped = true;
		else
			cor_buffer_append(&ret->head, at, len);
		at += len;
	}
	copy(&ret->body, &request->body);
	return is_dropped;
}

/* One part of the query: without it (even steps), or with half of it. */
static bool cut_query(
	const struct cor_fuzz_request *request, size_t step, struct cor_fuzz_request *ret)
{
	struct cor_str target = cor_fuzz_request_target(request);
	const char *query = target.len ? memchr(target.data, '?', target.len) : NULL;
	const char *end = target.data + target.len, *at = query;

	for (size_t i = 0; at && i < step / 2; i++)
		at = memchr(at + 1, '&', (size_t)(end - at) - 1);
	if (!at)
		return false;
	const char *stop = memchr(at + 1, '&', (size_t)(end - at) - 1);
	size_t len = (size_t)((stop ? stop : end) - at);
	size_t kept = step % 2 == 0 ? 0 : len - (len > 1 ? len / 2 : 0);
	cor_buffer_append(&ret->head, request->head.data, (size_t)(at - request->head.data));
	cor_buffer_append(&ret->head, at, kept);
	const char *rest = at + len;
	if (kept == 0 && at == query && stop) { /* what follows it begins the query */
		cor_buffer_byte(&ret->head, '?');
		rest++;
	}
	cor_buffer_append(
		&ret->head, rest, (size_t)(request->head.data + request->head.len - rest));
	copy(&ret->body, &request->body);
	return true;
}

/* --- the body --- */

enum { REMOVE, EMPTY, HALVE, CHANGES };

/* The node of that number, in the order of the text. */
static struct cor_node *node_at(struct cor_node *node, size_t *number)
{
	if (*number == 0)
		return node;
	--*number;
	for (size_t i = 0; i < cor_node_len(node); i++) {
		struct cor_node *found = node_at(cor_node_item(node, i), number);
		if (found)
			return found;
	}
	return NULL;
}

static struct cor_node *emptied(struct cor_arena *arena, const struct cor_node *node, bool by_half)
{
	struct cor_str text;
	int64_t number;

	if (cor_node_to_text(node, &text) == 0) {
		size_t len = by_half ? text.len / 2 : 0;
		while (len && (text.data[len] & 0xC0) == 0x80) /* not inside of a character */
			len--;
		return text.len ? cor_node_text(arena, (struct cor_str){ text.data, len }) : NULL;
	}
	if (cor_node_to_int64(node, &number) == 0)
		return number ? cor_node_int64(arena, by_half ? number / 2 : 0) : NULL;
	if (by_half || cor_node_len(node) == 0)
		return NULL;
	return cor_node_type(node) == COR_JSON_ARRAY ? cor_node_array(arena)
						     : cor_node_object(arena);
}

static bool change(struct cor_arena *arena, struct cor_node *node, size_t how)
{
	if (how == REMOVE && cor_node_parent(node)) {
		cor_node_remove(node);
		return true;
	}
	struct cor_node *less = how == REMOVE ? NULL : emptied(arena, node, how == HALVE);
	return less && cor_node_parent(node) && cor_node_replace(node, less) == 0;
}

/* A member or an item: without it, empty, half of it. Steps that change nothing are passed over. */
static bool cut_json(
	const struct cor_fuzz_request *request, size_t step, struct cor_fuzz_request *ret)
{
	struct cor_str body = { request->body.data, request->body.len }, text;
	size_t number = step / CHANGES;
	struct cor_arena arena;
	struct cor_node *root, *node = NULL;

	cor_arena_init(&arena, NULL, 0, 0);
	if (body.len && cor_node_parse(&arena, body, NULL, &root, NULL) == 0)
		node = node_at(root, &number);
	if (node && change(&arena, node, step % CHANGES) &&
		cor_node_print(&arena, root, &text) == 0) {
		copy(&ret->head, &request->head);
		cor_buffer_append_str(&ret->body, text);
	}
	cor_arena_finish(&arena);
	return node != NULL;
}

/* What is no JSON: nothing, its first half, all but the last byte. */
static bool cut_bytes(
	const struct cor_fuzz_request *request, size_t step, struct cor_fuzz_request *ret)
{
	size_t len = request->body.len;

	if (step > 2 || len == 0)
		return false;
	copy(&ret->head, &request->head);
	len = step == 0 ? 0 : step == 1 ? len / 2 : len - 1;
	if (len)
		cor_buffer_append(&ret->body, request->body.data, len);
	return true;
}

/* --- all of them --- */

struct shrink {
	struct cor_fuzz_session *session;
	struct cor_fuzz_request *request;
	struct cor_fuzz_verdict *verdict;
	unsigned limit_s, tries;
	int64_t end_ns;
};

static bool shows_the_same(struct shrink *shrink, const struct cor_fuzz_request *smaller)
{
	struct cor_fuzz_verdict verdict;

	shrink->tries++;
	cor_fuzz_try(shrink->session, smaller, shrink->limit_s, &verdict);
	bool is_same = verdict.is_found && strcmp(verdict.title, shrink->verdict->title) == 0;
	if (is_same) {
		cor_buffer_finish(&shrink->verdict->output);
		*shrink->verdict = verdict;
	} else {
		cor_buffer_finish(&verdict.output);
	}
	return is_same;
}

static bool may_go_on(const struct shrink *shrink)
{
	return shrink->tries < TRIES_MAX && cor_monotonic_ns() < shrink->end_ns;
}

/* Returns whether anything became smaller. */
static bool shrink_by(struct shrink *shrink, shrinking cut)
{
	bool has_shrunk = false;

	for (size_t step = 0; may_go_on(shrink);) {
		struct cor_fuzz_request smaller = { 0 };
		bool is_step = cut(shrink->request, step, &smaller);
		if (is_step && smaller.head.len && shows_the_same(shrink, &smaller)) {
			cor_fuzz_request_finish(shrink->request);
			*shrink->request = smaller;
			has_shrunk = true;
			continue; /* what followed is at this step now */
		}
		cor_fuzz_request_finish(&smaller);
		if (!is_step)
			break;
		step++;
	}
	return has_shrunk;
}

unsigned cor_fuzz_shrink(struct cor_fuzz_session *session, struct cor_fuzz_request *request,
	unsigned limit_s, struct cor_fuzz_verdict *verdict)
{
	static const shrinking ways[] = { cut_query, cut_json, cut_bytes, drop_header };
	struct shrink shrink = { session, request, verdict, limit_s, 0,
		cor_monotonic_ns() + TIME_NS };
	bool has_shrunk = true;

	while (has_shrunk && may_go_on(&shrink)) {
		has_shrunk = false;
		for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
			has_shrunk |= shrink_by(&shrink, ways[i]);
	}
	return shrink.tries;
}
