/* SPDX-License-Identifier: MIT */
#include "generate/model.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json_pointer.h>

void *cor_gen_alloc(struct cor_gen *gen, size_t bytes)
{
	void *memory = cor_arena_zalloc(gen->arena, bytes);

	if (!memory && gen->error == 0)
		gen->error = -ENOMEM;
	return memory;
}

const char *cor_gen_printf(struct cor_gen *gen, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = cor_arena_vprintf(gen->arena, format, args);
	va_end(args);
	if (!text && gen->error == 0)
		gen->error = -ENOMEM;
	return text ? text : "";
}

const char *cor_gen_text(struct cor_gen *gen, struct cor_str text)
{
	const char *copy = cor_arena_copy(gen->arena, text.len ? text.data : "", text.len);

	if (!copy && gen->error == 0)
		gen->error = -ENOMEM;
	return copy ? copy : "";
}

const char *cor_gen_json(struct cor_gen *gen, const struct cor_node *node)
{
	struct cor_str text;

	if (cor_node_print(gen->arena, node, &text) < 0) {
		gen->error = gen->error ? gen->error : -ENOMEM;
		return NULL;
	}
	return cor_gen_text(gen, text);
}

static bool is_new(struct cor_gen *gen, const char *note)
{
	if (cor_node_get(gen->told, note))
		return false;
	if (cor_node_set(gen->arena, gen->told, note, cor_node_bool(gen->arena, true)) < 0 &&
		gen->error == 0)
		gen->error = -ENOMEM;
	return true;
}

void cor_gen_note(struct cor_gen *gen, const struct cor_node *at, const char *format, ...)
{
	struct cor_str where = cor_pointer_of(gen->arena, at);
	va_list args;

	va_start(args, format);
	const char *text = cor_arena_vprintf(gen->arena, format, args);
	va_end(args);
	struct cor_generate_note *note = cor_gen_alloc(gen, sizeof *note);
	if (!note || !text || !is_new(gen, cor_gen_printf(gen, "%s: %s", where.data, text)))
		return;
	note->where = cor_gen_text(gen, where);
	note->text = text;
	if (gen->last_note)
		gen->last_note->next = note;
	else
		gen->notes = note;
	gen->last_note = note;
	gen->notes_len++;
}

/* Room for one more in a list that doubles. */
static void *more(struct cor_gen *gen, void *list, size_t len, size_t *capacity, size_t bytes)
{
	if (len < *capacity)
		return list;
	size_t larger = *capacity ? *capacity * 2 : 8;
	void *copy = cor_gen_alloc(gen, larger * bytes);
	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, list, len * bytes);
	*capacity = larger;
	return copy;
}

struct cor_gen_type *cor_gen_add_type(
	struct cor_gen *gen, enum cor_gen_form form, const struct cor_node *at, const char *tag)
{
	if (gen->types_len >= COR_GENERATE_TYPES_MAX && gen->error == 0)
		gen->error = -COR_ETOOLARGE;
	if (gen->error)
		return NULL;
	void *list = more(
		gen, gen->types, gen->types_len, &gen->types_capacity, sizeof gen->types[0]);
	struct cor_gen_type *type = cor_gen_alloc(gen, sizeof *type);
	if (!list || !type)
		return NULL;
	type->form = form;
	type->at = at;
	type->name = tag;
	type->members = cor_node_object(gen->arena);
	gen->types = list;
	gen->types[gen->types_len++] = type;
	return type;
}

struct cor_gen_row *cor_gen_add_row(struct cor_gen *gen, struct cor_gen_type *type)
{
	void *list = more(
		gen, type->rows, type->rows_len, &type->rows_capacity, sizeof type->rows[0]);

	if (!list)
		return NULL;
	type->rows = list;
	return &type->rows[type->rows_len++];
}
