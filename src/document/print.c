/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "document/node.h"

static void write_items(struct cor_json_writer *writer, const struct cor_node *array)
{
	cor_write_array(writer);
	for (size_t i = 0; i < array->len; i++)
		cor_write_node(writer, array->items[i]);
	cor_write_end(writer);
}

static void write_members(struct cor_json_writer *writer, const struct cor_node *object)
{
	cor_write_object(writer);
	for (size_t i = 0; i < object->len; i++) {
		cor_write_key_text(writer, object->members[i].key);
		cor_write_node(writer, object->members[i].value);
	}
	cor_write_end(writer);
}

void cor_write_node(struct cor_json_writer *writer, const struct cor_node *node)
{
	switch (cor_node_type(node)) {
	case COR_JSON_OBJECT:
		write_members(writer, node);
		break;
	case COR_JSON_ARRAY:
		write_items(writer, node);
		break;
	case COR_JSON_STRING:
		cor_write_text(writer, (struct cor_str){ node->text, node->len });
		break;
	case COR_JSON_NUMBER:
		cor_write_json(writer, (struct cor_json){ { node->text, node->len } });
		break;
	case COR_JSON_BOOL:
		cor_write_bool(writer, node->truth);
		break;
	case COR_JSON_NULL:
		cor_write_null(writer);
		break;
	default: /* NULL is no value: the writer refuses it as raw JSON */
		cor_write_json(writer, (struct cor_json){ { "", 0 } });
	}
}

int cor_node_print(struct cor_arena *arena, const struct cor_node *node, struct cor_str *ret)
{
	if (!node)
		return -EINVAL;
	struct cor_json_writer *writer = cor_write_begin(arena, NULL);
	cor_write_node(writer, node);
	return cor_write_finish(writer, ret);
}
