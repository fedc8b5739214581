/* SPDX-License-Identifier: MIT */
/*
 * What memcached answers: read whole, in one-byte steps from memory that moves, and cut in two; all
 * must agree. Nothing is longer than the limits.
 */
#include <stdlib.h>
#include <string.h>

#include "memcached/reply.h"
#include "target.h"

#define LIMIT 4096

/* What has come of an input: events and data, in a sum that tells orders apart. */
struct course {
	struct cor_memcached_reader reader;
	uint64_t sum;
	size_t value; /* bytes of the value that is read */
	size_t used;
	bool is_over;
};

static void add(struct course *course, uint64_t number)
{
	course->sum = (course->sum ^ number) * UINT64_C(1099511628211);
}

static void add_text(struct course *course, struct cor_str text)
{
	add(course, text.len);
	for (size_t i = 0; i < text.len; i++)
		add(course, (unsigned char)text.data[i]);
}

static void add_reply(struct course *course)
{
	const struct cor_memcached_reply *reply = &course->reader.reply;

	add(course, reply->code);
	add(course, reply->opaque + reply->bytes + reply->flags + reply->version + reply->number);
	add(course, (uint64_t)reply->ttl_s);
	add_text(course, reply->key);
	add_text(course, reply->text);
	if (reply->bytes > LIMIT && reply->code == COR_MEMCACHED_VALUE)
		abort();
}

static void take(struct course *course, enum cor_memcached_event event, struct cor_str data)
{
	if (event == COR_MEMCACHED_DATA) {
		course->value += data.len;
		for (size_t i = 0; i < data.len; i++)
			add(course, (unsigned char)data.data[i]);
		return;
	}
	if (event == COR_MEMCACHED_WHOLE && course->value != course->reader.reply.bytes)
		abort();
	if (event == COR_MEMCACHED_LINE || event == COR_MEMCACHED_BEGIN) {
		course->value = 0;
		add_reply(course);
	}
	add(course, 100 + (uint64_t)event);
}

/* All that can be made of data[used..size], from a copy of exactly that size. */
static void feed(struct course *course, const uint8_t *data, size_t size)
{
	size_t len = size - course->used, at = 0, used;
	char *copy = malloc(len ? len : 1);
	struct cor_str part = { NULL, 0 };

	if (!copy)
		abort();
	memcpy(copy, data + course->used, len);
	while (!course->is_over) {
		enum cor_memcached_event event = cor_memcached_read(
			&course->reader, copy + at, len - at, &used, &part);
		if (event == COR_MEMCACHED_MORE)
			break;
		take(course, event, part);
		at += used;
		course->is_over = event == COR_MEMCACHED_WRONG;
	}
	if (!course->is_over && course->reader.left == 0 && len - at >= COR_MEMCACHED_LINE_BYTES)
		abort();
	course->used += at;
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct course whole = { .used = 0 }, step, cut;

	cor_memcached_reader_init(&whole.reader, LIMIT);
	step = cut = whole;
	feed(&whole, data, size);
	for (size_t i = 0; i <= size; i++)
		feed(&step, data, i);
	feed(&cut, data, size / 2);
	feed(&cut, data, size);
	if (whole.sum != step.sum || whole.sum != cut.sum || whole.used != step.used)
		abort();
	return 0;
}
