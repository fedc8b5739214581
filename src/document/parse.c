/* SPDX-License-Identifier: MIT */
/*
 * Text into nodes. The values of open containers wait on one stack, outside the caller's arena, so
 * that each container gets exactly the memory that it needs. The depth is limited, hence recursion.
 */
#include <errno.h>

#include <coracle/error.h>

#include "base/block.h"
#include "document/edit.h"
#include "document/make.h"
#include "document/members.h"
#include "document/node.h"
#include "json/reader.h"

#define STACK_FIRST 2048 /* bytes */

struct waiting {
	struct cor_node_member member; /* an item has no key */
	size_t at;                     /* the offset of its key or value, for errors */
};

struct parser {
	struct cor_json_reader reader;
	struct cor_arena *arena;
	struct cor_arena scratch;
	struct cor_block stack; /* struct waiting */
	size_t len;
	enum cor_duplicates duplicates;
	size_t wrong; /* the offset of a key that is there twice, or SIZE_MAX */
};

static struct waiting *waiting_at(const struct parser *parser, size_t index)
{
	return (struct waiting *)(void *)parser->stack.data + index;
}

static int push(struct parser *parser, struct waiting waiting)
{
	size_t used = parser->len * sizeof waiting;
	size_t more = used > STACK_FIRST ? used : STACK_FIRST;

	if (parser->stack.bytes - used < sizeof waiting &&
		!cor_block_grow(&parser->scratch, &parser->stack, more))
		return -ENOMEM;
	*waiting_at(parser, parser->len++) = waiting;
	return 0;
}

static int parse_value(struct parser *parser, struct cor_node **ret);

/* The values from `base` on are those of the array. */
static int fill_array(struct parser *parser, struct cor_node *array, size_t base)
{
	size_t len = parser->len - base;

	if (len > COR_NODE_LEN_MAX)
		return -COR_ETOOLARGE;
	array->items = cor_arena_alloc(parser->arena, len * sizeof(struct cor_node *));
	if (!array->items)
		return -ENOMEM;
	array->capacity = (uint32_t)len;
	array->len = len;
	for (size_t i = 0; i < len; i++) {
		array->items[i] = waiting_at(parser, base + i)->member.value;
		cor_node_adopt(array, array->items[i]);
	}
	return 0;
}

static int fill_object(struct parser *parser, struct cor_node *object, size_t base)
{
	size_t len = parser->len - base;
	int rc = cor_members_reserve(parser->arena, object, len);

	if (rc < 0)
		return rc;
	object->len = len;
	for (size_t i = 0; i < len; i++) {
		object->members[i] = waiting_at(parser, base + i)->member;
		cor_node_adopt(object, object->members[i].value);
	}
	ptrdiff_t doubled = cor_members_seal(object, parser->duplicates);
	if (doubled < 0)
		return 0;
	parser->wrong = waiting_at(parser, base + (size_t)doubled)->at;
	return -COR_EINVALID;
}

/* 1: the key (of an object) is read and a value stands next; 0: the container has ended. */
static int next(struct parser *parser, const struct cor_node *container, struct waiting *waiting)
{
	struct cor_json_reader *reader = &parser->reader;

	if (container->type == COR_JSON_ARRAY)
		return cor_json_next_item(reader);
	waiting->at = cor_json_offset(reader);
	return cor_json_next_member(reader, &waiting->member.key);
}

static int parse_container(struct parser *parser, struct cor_node *container)
{
	struct waiting waiting = { 0 };
	size_t base = parser->len;
	bool is_array = container->type == COR_JSON_ARRAY;
	int rc = is_array ? cor_json_enter_array(&parser->reader)
			  : cor_json_enter_object(&parser->reader);

	while (rc == 0 && (rc = next(parser, container, &waiting)) > 0) {
		rc = parse_value(parser, &waiting.member.value);
		if (rc == 0)
			rc = push(parser, waiting);
	}
	if (rc == 0 && parser->len > base)
		rc = is_array ? fill_array(parser, container, base)
			      : fill_object(parser, container, base);
	parser->len = base;
	return rc;
}

static int parse_text(struct parser *parser, struct cor_node *node)
{
	struct cor_json_number number;
	struct cor_str text = { NULL, 0 };
	int rc;

	if (node->type == COR_JSON_STRING) {
		rc = cor_json_read_string(&parser->reader, &text);
	} else {
		rc = cor_json_read_number(&parser->reader, &number);
		if (rc == 0)
			text = number.text;
	}
	node->text = text.data;
	node->len = text.len;
	return rc;
}

static int parse_value(struct parser *parser, struct cor_node **ret)
{
	enum cor_json_type type = cor_json_peek(&parser->reader);

	if (type == COR_JSON_END || type == COR_JSON_WRONG)
		return -COR_ESYNTAX;
	struct cor_node *node = cor_node_new(parser->arena, type);
	if (!node)
		return -ENOMEM;
	*ret = node;
	switch (type) {
	case COR_JSON_NULL:
		return cor_json_read_null(&parser->reader);
	case COR_JSON_BOOL:
		return cor_json_read_bool(&parser->reader, &node->truth);
	case COR_JSON_STRING:
	case COR_JSON_NUMBER:
		return parse_text(parser, node);
	default:
		return parse_container(parser, node);
	}
}

static unsigned depth_of(const struct cor_node_options *options)
{
	if (options->depth_max == 0)
		return COR_JSON_DEPTH_MAX;
	return options->depth_max < COR_NODE_DEPTH_MAX ? options->depth_max : COR_NODE_DEPTH_MAX;
}

static int parse_whole(struct parser *parser, struct cor_node **ret)
{
	struct cor_node *root = NULL;
	int rc = parse_value(parser, &root);

	if (rc == 0)
		rc = cor_json_finish(&parser->reader);
	if (rc == 0)
		*ret = root;
	return rc;
}

int cor_node_parse(struct cor_arena *arena, struct cor_str text,
	const struct cor_node_options *options, struct cor_node **ret, size_t *ret_at)
{
	static const struct cor_node_options defaults = { 0 };
	struct parser parser = { .arena = arena, .wrong = SIZE_MAX };

	if (!options)
		options = &defaults;
	if (!options->borrow && text.len > 0) {
		text.data = cor_arena_copy(arena, text.data, text.len);
		if (!text.data)
			return -ENOMEM;
	}
	parser.duplicates = options->duplicates;
	cor_json_reader_init(&parser.reader, text, arena, depth_of(options));
	cor_arena_init_part(&parser.scratch, arena);
	int rc = parse_whole(&parser, ret);
	cor_arena_finish(&parser.scratch);
	if (rc < 0 && ret_at)
		*ret_at = parser.wrong != SIZE_MAX ? parser.wrong : cor_json_offset(&parser.reader);
	return rc;
}
