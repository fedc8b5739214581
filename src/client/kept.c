/* SPDX-License-Identifier: MIT */
#include "client/kept.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "cache/mark.h"
#include "http/fold.h"
#include "http/response.h"

/* As it is kept; only machines of one kind share a store (cache/mark.h). */
struct header {
	uint32_t kind;
	uint32_t status;
	uint64_t epoch;
	uint64_t generation;
	int64_t asked_ms;
	int64_t came_ms;
	uint32_t fields_len;
	uint32_t texts_bytes; /* of names and values, each with its NUL; of an index: its names */
};

/* --- bytes --- */

static void write_texts(const struct cor_kept *kept, struct cor_buffer *buffer)
{
	for (size_t i = 0; i < kept->head.fields_len; i++) {
		const struct cor_http_field *field = &kept->head.fields[i];
		cor_buffer_append(buffer, field->name, strlen(field->name) + 1);
		cor_buffer_append(buffer, field->value, strlen(field->value) + 1);
	}
	cor_buffer_append_str(buffer, kept->vary);
}

void cor_kept_write(const struct cor_kept *kept, struct cor_buffer *buffer)
{
	const struct cor_mark mark = cor_mark(COR_MARK_UPSTREAM, 0);
	struct header header = {
		.kind = kept->kind,
		.status = kept->head.status,
		.epoch = kept->epoch,
		.generation = kept->generation,
		.asked_ms = kept->times.asked_ms,
		.came_ms = kept->times.came_ms,
		.fields_len = (uint32_t)kept->head.fields_len,
	};

	cor_buffer_append(buffer, &mark, sizeof mark);
	size_t at = buffer->len;
	cor_buffer_append(buffer, &header, sizeof header);
	size_t texts = buffer->len;
	write_texts(kept, buffer);
	if (cor_buffer_error(buffer) < 0)
		return;
	header.texts_bytes = (uint32_t)(buffer->len - texts);
	memcpy(buffer->data + at, &header, sizeof header);
	cor_buffer_append_str(buffer, kept->body);
}

static bool take_text(struct cor_str *rest, const char **ret)
{
	const char *end = memchr(rest->data, '\0', rest->len);

	if (!end)
		return false;
	*ret = rest->data;
	rest->len -= (size_t)(end + 1 - rest->data);
	rest->data = end + 1;
	return true;
}

static int read_fields(struct cor_arena *arena, const struct header *header, struct cor_str texts,
	struct cor_carrier_answer *ret)
{
	struct cor_http_field *fields;

	if (header->fields_len > texts.len / 2)
		return -EBADMSG;
	fields = cor_arena_zalloc(arena, (header->fields_len + 1) * sizeof *fields);
	if (!fields)
		return -ENOMEM;
	for (size_t i = 0; i < header->fields_len; i++)
		if (!take_text(&texts, &fields[i].name) || !take_text(&texts, &fields[i].value) ||
			!cor_field_name_valid(cor_str(fields[i].name)) ||
			!cor_field_value_valid(cor_str(fields[i].value)))
			return -EBADMSG;
	ret->fields = fields;
	ret->fields_len = header->fields_len;
	return texts.len == 0 ? 0 : -EBADMSG;
}

/* Of the next thousands of years: nothing that is added to it overflows. */
static bool is_time(int64_t ms)
{
	return ms >= 0 && ms < INT64_C(1) << 48;
}

static int read_answer(struct cor_arena *arena, const struct header *header, struct cor_str texts,
	struct cor_kept *ret)
{
	if (header->status < 200 || header->status > 599 || !is_time(header->asked_ms) ||
		!is_time(header->came_ms))
		return -EBADMSG;
	ret->head.status = (uint16_t)header->status;
	ret->head.body_bytes = (int64_t)ret->body.len;
	ret->times = (struct cor_answer_times){ header->asked_ms, header->came_ms };
	return read_fields(arena, header, texts, &ret->head);
}

int cor_kept_read(struct cor_arena *arena, struct cor_str bytes, struct cor_kept *ret)
{
	struct header header;

	if (bytes.len < sizeof header)
		return -EBADMSG;
	memcpy(&header, bytes.data, sizeof header);
	bytes = (struct cor_str){ bytes.data + sizeof header, bytes.len - sizeof header };
	if (header.texts_bytes > bytes.len)
		return -EBADMSG;
	struct cor_str texts = { bytes.data, header.texts_bytes };
	*ret = (struct cor_kept){ .kind = (enum cor_kept_kind)header.kind,
		.epoch = header.epoch,
		.generation = header.generation,
		.body = { bytes.data + texts.len, bytes.len - texts.len } };
	switch (header.kind) {
	case COR_KEPT_ANSWER:
		return read_answer(arena, &header, texts, ret);
	case COR_KEPT_INDEX:
		ret->vary = texts;
		return 0;
	case COR_KEPT_CHANGE:
		return 0;
	default:
		return -EBADMSG;
	}
}

/* --- fields --- */

bool cor_names_have(struct cor_str list, const char *name)
{
	size_t len = strlen(name);

	while (list.len) {
		size_t skipped = 0, item = 0;
		while (skipped < list.len && strchr(", \t", list.data[skipped]))
			skipped++;
		list = (struct cor_str){ list.data + skipped, list.len - skipped };
		while (item < list.len && !strchr(", \t", list.data[item]))
			item++;
		if (item == len && len && strncasecmp(list.data, name, len) == 0)
			return true;
		list = (struct cor_str){ list.data + item, list.len - item };
	}
	return false;
}

static bool is_one_of(const char *name, const char *const *names, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (cor_fold_same_name(name, names[i]))
			return true;
	return false;
}

/* RFC 9110 section 7.6.1, and what is between us and a proxy. */
static bool is_of_connection(const struct cor_carrier_answer *head, const char *name)
{
	static const char *const names[] = { "Connection", "Keep-Alive", "Proxy-Connection",
		"Proxy-Authenticate", "Proxy-Authentication-Info", "Authentication-Info", "TE",
		"Trailer", "Transfer-Encoding", "Upgrade" };

	if (is_one_of(name, names, sizeof names / sizeof names[0]))
		return true;
	for (size_t i = 0; i < head->fields_len; i++)
		if (cor_fold_same_name(head->fields[i].name, "Connection") &&
			cor_names_have(cor_str(head->fields[i].value), name))
			return true;
	return false;
}

int cor_kept_fields(struct cor_arena *arena, const struct cor_carrier_answer *head,
	const struct cor_cache_control *said, struct cor_carrier_answer *ret)
{
	struct cor_http_field *fields = cor_arena_zalloc(
		arena, (head->fields_len + 1) * sizeof *fields);

	if (!fields)
		return -ENOMEM;
	*ret = *head;
	ret->fields = fields;
	ret->fields_len = 0;
	for (size_t i = 0; i < head->fields_len; i++)
		if (!is_of_connection(head, head->fields[i].name) &&
			!cor_names_have(said->unchecked, head->fields[i].name))
			fields[ret->fields_len++] = head->fields[i];
	return 0;
}

/* What says how the body is framed and encoded is of the body that is kept. */
static bool is_updated(const struct cor_carrier_answer *not_modified, const char *name)
{
	static const char *const names[] = { "Content-Length", "Content-Encoding",
		"Content-Range" };

	return !is_one_of(name, names, sizeof names / sizeof names[0]) &&
	       !is_of_connection(not_modified, name);
}

/* Age and Date are of the answer that is here now. */
static bool stays(const struct cor_carrier_answer *not_modified, const char *name)
{
	return !cor_fold_same_name(name, "Age") && !cor_fold_same_name(name, "Date") &&
	       (!is_updated(not_modified, name) ||
		       !cor_fields_find(not_modified->fields, not_modified->fields_len, name));
}

int cor_kept_update(struct cor_arena *arena, const struct cor_carrier_answer *old,
	const struct cor_carrier_answer *not_modified, struct cor_carrier_answer *ret)
{
	size_t most = old->fields_len + not_modified->fields_len, len = 0;
	struct cor_http_field *fields = cor_arena_zalloc(arena, (most + 1) * sizeof *fields);

	if (!fields)
		return -ENOMEM;
	for (size_t i = 0; i < old->fields_len; i++)
		if (stays(not_modified, old->fields[i].name))
			fields[len++] = old->fields[i];
	for (size_t i = 0; i < not_modified->fields_len; i++)
		if (is_updated(not_modified, not_modified->fields[i].name))
			fields[len++] = not_modified->fields[i];
	*ret = *old;
	ret->fields = fields;
	ret->fields_len = len;
	return 0;
}
