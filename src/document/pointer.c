/* SPDX-License-Identifier: MIT */
#include "document/pointer.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/number.h"
#include "document/members.h"
#include "document/node.h"

#define INDEX_DIGITS 10 /* no array has more items */

bool cor_pointer_is_valid(struct cor_str pointer)
{
	if (pointer.len > 0 && pointer.data[0] != '/')
		return false;
	for (size_t i = 0; i < pointer.len; i++) {
		if (pointer.data[i] != '~')
			continue;
		if (i + 1 == pointer.len ||
			(pointer.data[i + 1] != '0' && pointer.data[i + 1] != '1'))
			return false;
	}
	return true;
}

bool cor_pointer_take(struct cor_str *pointer, struct cor_str *ret_token)
{
	if (pointer->len == 0)
		return false;
	const char *first = pointer->data + 1, *end = pointer->data + pointer->len;
	const char *slash = memchr(first, '/', (size_t)(end - first));
	if (!slash)
		slash = end;
	*ret_token = (struct cor_str){ first, (size_t)(slash - first) };
	*pointer = (struct cor_str){ slash, (size_t)(end - slash) };
	return true;
}

void cor_pointer_split(
	struct cor_str pointer, struct cor_str *ret_parent, struct cor_str *ret_token)
{
	size_t slash = pointer.len - 1;

	while (pointer.data[slash] != '/')
		slash--;
	*ret_parent = (struct cor_str){ pointer.data, slash };
	*ret_token = (struct cor_str){ pointer.data + slash + 1, pointer.len - slash - 1 };
}

/* Resolve "~0" and "~1"; the length. `out` may be where the token is. */
static size_t unescape(struct cor_str token, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < token.len; i++) {
		char byte = token.data[i];
		if (byte == '~')
			byte = token.data[++i] == '0' ? '~' : '/';
		out[len++] = byte;
	}
	return len;
}

struct cor_str cor_pointer_key(struct cor_arena *arena, struct cor_str token)
{
	if (token.len == 0 || !memchr(token.data, '~', token.len))
		return token;
	char *out = cor_arena_alloc(arena, token.len);
	if (!out)
		return (struct cor_str){ NULL, 0 };
	return (struct cor_str){ out, unescape(token, out) };
}

bool cor_pointer_index(struct cor_str token, size_t *ret)
{
	uint64_t value;

	if (token.len == 0 || token.len > INDEX_DIGITS ||
		cor_number_parse_uint64(token, &value) < 0)
		return false;
	*ret = (size_t)value;
	return true;
}

/* Whether a token stands for this key, without memory for what it stands for. */
static bool is_key(struct cor_str token, struct cor_str key)
{
	size_t at = 0;

	for (size_t i = 0; i < token.len; i++) {
		char byte = token.data[i];
		if (byte == '~')
			byte = token.data[++i] == '0' ? '~' : '/';
		if (at == key.len || key.data[at++] != byte)
			return false;
	}
	return at == key.len;
}

static ptrdiff_t find_escaped(const struct cor_node *object, struct cor_str token)
{
	for (size_t i = 0; i < object->len; i++) {
		if (is_key(token, object->members[i].key))
			return (ptrdiff_t)i;
	}
	return -1;
}

ptrdiff_t cor_pointer_step(const struct cor_node *node, struct cor_str token)
{
	size_t index;

	if (node->type == COR_JSON_OBJECT) {
		bool escaped = token.len > 0 && memchr(token.data, '~', token.len);
		return escaped ? find_escaped(node, token) : cor_members_find(node, token);
	}
	if (node->type == COR_JSON_ARRAY && cor_pointer_index(token, &index) && index < node->len)
		return (ptrdiff_t)index;
	return -1;
}

int cor_pointer_find(const struct cor_node *root, struct cor_str pointer, struct cor_node **ret)
{
	struct cor_node *node = (struct cor_node *)(uintptr_t)root;
	struct cor_str token;

	if (!cor_pointer_is_valid(pointer))
		return -COR_ESYNTAX;
	if (!node)
		return -ENOENT;
	while (cor_pointer_take(&pointer, &token)) {
		ptrdiff_t at = cor_pointer_step(node, token);
		if (at < 0)
			return -ENOENT;
		node = *cor_node_slot(node, (size_t)at);
	}
	*ret = node;
	return 0;
}

struct cor_node *cor_pointer_get(const struct cor_node *root, const char *pointer)
{
	struct cor_node *node = NULL;

	return cor_pointer_find(root, cor_str(pointer), &node) == 0 ? node : NULL;
}

/* Put a token and its slash before `at`, or with NULL only count; the bytes. */
static size_t put_key(char *at, struct cor_str key)
{
	size_t len = 0;

	for (size_t i = key.len; i-- > 0;) {
		char byte = key.data[i];
		bool escaped = byte == '~' || byte == '/';
		len += escaped ? 2 : 1;
		if (at && escaped)
			memcpy(at - len, byte == '~' ? "~0" : "~1", 2);
		else if (at)
			at[-(ptrdiff_t)len] = byte;
	}
	len++;
	if (at)
		at[-(ptrdiff_t)len] = '/';
	return len;
}

static size_t put_step(char *at, const struct cor_node *node)
{
	const struct cor_node *parent = node->parent;
	char digits[COR_NUMBER_BYTES];
	size_t index = 0;

	while (*cor_node_slot(parent, index) != node)
		index++;
	if (parent->type == COR_JSON_OBJECT)
		return put_key(at, parent->members[index].key);
	size_t len = cor_number_print_uint64(index, digits);

	return put_key(at, (struct cor_str){ digits, len });
}

struct cor_str cor_pointer_of(struct cor_arena *arena, const struct cor_node *node)
{
	size_t len = 0;

	if (!node)
		return (struct cor_str){ NULL, 0 };
	for (const struct cor_node *at = node; at->parent; at = at->parent)
		len += put_step(NULL, at);
	char *text = cor_arena_alloc(arena, len + 1);
	if (!text)
		return (struct cor_str){ NULL, 0 };
	char *begin = text + len;
	for (const struct cor_node *at = node; at->parent; at = at->parent)
		begin -= put_step(begin, at);
	text[len] = '\0';
	return (struct cor_str){ text, len };
}
