/* SPDX-License-Identifier: MIT */
#include "generate/order.h"

#include "generate/names.h"

struct order {
	struct cor_gen *gen;
	struct cor_gen_type **done;
	size_t len, capacity;
};

static void visit(struct order *order, struct cor_gen_type *type);

/* A struct that is a pointer to the type: so that a map can hold it before it is complete. */
static struct cor_gen_type *link_to(struct order *order, struct cor_gen_type *type)
{
	struct cor_gen *gen = order->gen;
	struct cor_gen_type *link = cor_gen_add_type(gen, COR_GEN_STRUCT, type->at,
		cor_gen_tag(gen, cor_gen_printf(gen, "%s_link", type->name)));
	struct cor_gen_row *row = link ? cor_gen_add_row(gen, link) : NULL;

	if (!row)
		return NULL;
	link->is_bare = true;
	*row = (struct cor_gen_row){ .at = type->at, .type = type, .required = true };
	row->field.member = cor_gen_member(gen, link, "value");
	row->field.bare = true;
	row->field.type.kind = COR_KIND_POINTER;
	return link;
}

static void visit_row(struct order *order, struct cor_gen_row *row)
{
	struct cor_gen_type *type = row->type;

	if (!type)
		return;
	if (type->state == COR_GEN_OPEN && row->field.shape == COR_SHAPE_DICT)
		row->type = link_to(order, type);
	else if (type->state == COR_GEN_OPEN && row->field.shape == COR_SHAPE_ONE &&
		 row->field.type.kind == COR_KIND_OBJECT)
		row->field.type.kind = COR_KIND_POINTER;
	if (row->type)
		visit(order, row->type);
}

static void visit_branches(struct order *order, struct cor_gen_type *type)
{
	for (size_t i = 0; i < type->branches_len; i++) {
		struct cor_gen_branch *branch = &type->branches[i];
		if (!branch->type)
			continue;
		branch->is_pointer = branch->type->state == COR_GEN_OPEN;
		visit(order, branch->type);
	}
}

static void put(struct order *order, struct cor_gen_type *type)
{
	struct cor_gen *gen = order->gen;

	if (order->len == order->capacity) {
		size_t larger = order->capacity ? order->capacity * 2 : 64;
		struct cor_gen_type **list = cor_gen_alloc(gen, larger * sizeof list[0]);
		if (!list)
			return;
		for (size_t i = 0; i < order->len; i++)
			list[i] = order->done[i];
		order->done = list;
		order->capacity = larger;
	}
	order->done[order->len++] = type;
}

static void visit(struct order *order, struct cor_gen_type *type)
{
	if (type->state != COR_GEN_NEW || order->gen->error)
		return;
	type->state = COR_GEN_OPEN;
	for (size_t i = 0; i < type->rows_len; i++)
		visit_row(order, &type->rows[i]);
	visit_branches(order, type);
	type->state = COR_GEN_DONE;
	put(order, type);
}

void cor_gen_order(struct cor_gen *gen)
{
	struct order order = { .gen = gen };

	for (size_t i = 0; i < gen->types_len; i++)
		gen->types[i]->state = COR_GEN_NEW;
	for (size_t i = 0; i < gen->types_len; i++)
		visit(&order, gen->types[i]);
	if (gen->error)
		return;
	gen->types = order.done;
	gen->types_len = order.len;
	gen->types_capacity = order.capacity;
}
