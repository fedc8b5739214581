/* SPDX-License-Identifier: MIT */
/* Server-sent events as a browser reads them: https://html.spec.whatwg.org, section 9.2.6. */
#include <string.h>

#include "testing/service_flight.h"

/* Whether all of an event is there: a block of lines that ends with an empty one. */
static bool find_block(const struct cor_test_flight *flight, struct cor_str *ret)
{
	const char *begin = flight->body.data + flight->taken;
	size_t len = flight->body.len - flight->taken;
	const char *end = len ? memmem(begin, len, "\n\n", 2) : NULL;

	if (!end)
		return false;
	*ret = (struct cor_str){ begin, (size_t)(end - begin) + 1 };
	return true;
}

static void take_line(struct cor_arena *arena, struct cor_str line, struct cor_test_event *event)
{
	const char *colon = memchr(line.data, ':', line.len);
	struct cor_str name = { line.data, colon ? (size_t)(colon - line.data) : line.len };
	const char *value = colon ? colon + 1 : line.data + line.len;
	const char *end = line.data + line.len;

	if (value < end && *value == ' ')
		value++;
	const char *text = cor_arena_copy(arena, value, (size_t)(end - value));
	if (cor_str_equal(name, COR_STR("data")))
		event->data = event->data ? cor_arena_printf(arena, "%s\n%s", event->data, text)
					  : text;
	else if (cor_str_equal(name, COR_STR("event")))
		event->event = text;
	else if (cor_str_equal(name, COR_STR("id")))
		event->id = text;
}

/* Returns whether it is one: a block without data is none. */
static bool take_block(struct cor_arena *arena, struct cor_str block, struct cor_test_event *ret)
{
	*ret = (struct cor_test_event){ .event = "message" };
	while (block.len) {
		const char *end = memchr(block.data, '\n', block.len);
		size_t len = end ? (size_t)(end - block.data) : block.len;
		take_line(arena, (struct cor_str){ block.data, len }, ret);
		block = (struct cor_str){ block.data + len + 1, block.len - len - 1 };
	}
	return ret->data != NULL;
}

/* The whole block, whatever pieces it comes in. */
static bool await_block(struct cor_test *t, struct cor_test_flight *flight, struct cor_str *ret)
{
	size_t begin = flight->taken;

	while (!find_block(flight, ret)) {
		flight->taken = flight->body.len;
		if (!cor_test_read(t, flight).data)
			return false;
		flight->taken = begin;
	}
	return true;
}

bool cor_test_read_event(
	struct cor_test *t, struct cor_test_flight *flight, struct cor_test_event *ret)
{
	struct cor_str block;

	while (await_block(t, flight, &block)) {
		flight->taken += block.len + 1;
		if (take_block(&flight->service->arena, block, ret))
			return true;
	}
	return false;
}
