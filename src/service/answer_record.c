/* SPDX-License-Identifier: MIT */
#include "service/answer_record.h"

#include <errno.h>

/* Then the header lines, and the body. */
struct head {
	int64_t made_ms;
	uint32_t body_len;
	uint32_t fields_bytes;
	uint32_t fields_len;
	uint16_t status;
	uint16_t own_len;
};

/* Then name and value, with a NUL behind each. */
struct line {
	uint32_t name_len;
	uint32_t value_len;
};

struct cor_reply_aside cor_reply_put_aside(struct cor_exchange *x)
{
	struct cor_reply_aside aside = { x->fields_out, x->fields_out_last };

	x->fields_out = x->fields_out_last = NULL;
	return aside;
}

void cor_reply_restore(struct cor_exchange *x, struct cor_reply_aside aside)
{
	x->fields_out = aside.first;
	x->fields_out_last = aside.last;
}

void cor_reply_join(struct cor_exchange *x, struct cor_reply_aside aside)
{
	struct cor_reply_field *own = x->fields_out, *next;

	if (!aside.first)
		return;
	cor_reply_restore(x, aside);
	for (; own; own = next) {
		next = own->next;
		own->next = NULL;
		if (!cor_exchange_replace_field(x, own->name.data, own->value))
			cor_exchange_link_field(x, own);
	}
}

uint16_t cor_reply_count(const struct cor_exchange *x)
{
	uint16_t len = 0;

	for (const struct cor_reply_field *at = x->fields_out; at && len < UINT16_MAX;
		at = at->next)
		len++;
	return len;
}

static void append_text(struct cor_buffer *buffer, struct cor_str text)
{
	cor_buffer_append_str(buffer, text);
	cor_buffer_byte(buffer, '\0');
}

void cor_answer_record_write(const struct cor_exchange *x, uint16_t status, int64_t made_ms,
	uint16_t own_len, struct cor_str body, struct cor_buffer *buffer)
{
	struct head head = { .made_ms = made_ms,
		.body_len = (uint32_t)body.len,
		.status = status,
		.own_len = own_len };

	for (const struct cor_reply_field *at = x->fields_out; at; at = at->next) {
		head.fields_bytes += (uint32_t)(sizeof(struct line) + at->name.len + at->value.len +
						2);
		head.fields_len++;
	}
	cor_buffer_append(buffer, &head, sizeof head);
	for (const struct cor_reply_field *at = x->fields_out; at; at = at->next) {
		const struct line line = { (uint32_t)at->name.len, (uint32_t)at->value.len };
		cor_buffer_append(buffer, &line, sizeof line);
		append_text(buffer, at->name);
		append_text(buffer, at->value);
	}
	cor_buffer_append_str(buffer, body);
}

static bool take_text(struct cor_str *rest, size_t len, struct cor_str *ret)
{
	if (rest->len <= len || rest->data[len] != '\0')
		return false;
	*ret = (struct cor_str){ rest->data, len };
	rest->data += len + 1;
	rest->len -= len + 1;
	return true;
}

static bool take_line(struct cor_str *rest, struct cor_str *ret_name, struct cor_str *ret_value)
{
	struct line line;

	if (rest->len < sizeof line)
		return false;
	memcpy(&line, rest->data, sizeof line);
	rest->data += sizeof line;
	rest->len -= sizeof line;
	return take_text(rest, line.name_len, ret_name) &&
	       take_text(rest, line.value_len, ret_value);
}

static bool has_lines(const struct cor_answer_record *record)
{
	struct cor_str rest = record->fields, name, value;

	for (uint32_t i = 0; i < record->fields_len; i++)
		if (!take_line(&rest, &name, &value))
			return false;
	return rest.len == 0;
}

int cor_answer_record_read(struct cor_str text, struct cor_answer_record *ret)
{
	struct head head;

	if (text.len < sizeof head)
		return -EBADMSG;
	memcpy(&head, text.data, sizeof head);
	text.data += sizeof head;
	text.len -= sizeof head;
	/* of the next thousands of years: an age can be counted from it */
	if (head.made_ms < 0 || head.made_ms >= INT64_C(1) << 48 || head.fields_bytes > text.len ||
		head.body_len != text.len - head.fields_bytes || head.status < 200 ||
		head.status > 499)
		return -EBADMSG;
	*ret = (struct cor_answer_record){
		.status = head.status,
		.made_ms = head.made_ms,
		.fields_len = head.fields_len,
		.own_len = head.own_len,
		.fields = { text.data, head.fields_bytes },
		.body = { text.data + head.fields_bytes, head.body_len },
	};
	return has_lines(ret) ? 0 : -EBADMSG;
}

int cor_answer_record_say(const struct cor_answer_record *record, struct cor_exchange *x)
{
	struct cor_str rest = record->fields;
	struct cor_reply_field *field = NULL;
	bool is_first = x->fields_out == NULL;

	if (record->fields_len != 0)
		field = cor_arena_zalloc(&x->ctx.arena, record->fields_len * sizeof *field);
	if (record->fields_len != 0 && !field)
		return -ENOMEM;
	for (uint32_t i = 0; i < record->fields_len; i++, field++) {
		if (!take_line(&rest, &field->name, &field->value))
			break; /* which reading has ruled out */
		if (i < record->own_len && !is_first &&
			cor_exchange_replace_field(x, field->name.data, field->value))
			continue;
		if (is_first || !cor_exchange_has_said(x, field->name.data))
			cor_exchange_link_field(x, field);
	}
	return 0;
}
