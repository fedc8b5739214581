/* SPDX-License-Identifier: MIT */
/** The punctuation of JSON objects and arrays whose values come from elsewhere. */
#ifndef CORACLE_JSON_MEMBERS_H
#define CORACLE_JSON_MEMBERS_H

#include <stdbool.h>

#include "base/buffer.h"
#include "json/writer.h"

/** An object or array in the making. */
struct cor_members {
	struct cor_buffer *buffer;
	bool any; /* one was written */
};

static inline struct cor_members cor_object_open(struct cor_buffer *buffer)
{
	cor_buffer_byte(buffer, '{');
	return (struct cor_members){ .buffer = buffer };
}

static inline void cor_object_close(struct cor_members *object)
{
	cor_buffer_byte(object->buffer, '}');
}

static inline struct cor_members cor_array_open(struct cor_buffer *buffer)
{
	cor_buffer_byte(buffer, '[');
	return (struct cor_members){ .buffer = buffer };
}

static inline void cor_array_close(struct cor_members *array)
{
	cor_buffer_byte(array->buffer, ']');
}

/** Begin an item: the caller appends its value. */
static inline void cor_item(struct cor_members *array)
{
	if (array->any)
		cor_buffer_byte(array->buffer, ',');
	array->any = true;
}

/** Begin a member: the caller appends its value. */
static inline void cor_member(struct cor_members *object, const char *name)
{
	cor_item(object);
	cor_json_write_string(object->buffer, cor_str(name));
	cor_buffer_byte(object->buffer, ':');
}

/** A text member; nothing for NULL or an empty text. */
static inline void cor_member_text(struct cor_members *object, const char *name, const char *text)
{
	if (!text || text[0] == '\0')
		return;
	cor_member(object, name);
	cor_json_write_string(object->buffer, cor_str(text));
}

/** A member that is true; nothing if `is_set` is false. */
static inline void cor_member_flag(struct cor_members *object, const char *name, bool is_set)
{
	if (!is_set)
		return;
	cor_member(object, name);
	cor_buffer_literal(object->buffer, "true");
}

/** A member whose value is JSON text. */
static inline void cor_member_raw(struct cor_members *object, const char *name, const char *json)
{
	cor_member(object, name);
	cor_buffer_append_str(object->buffer, cor_str(json));
}

#endif
