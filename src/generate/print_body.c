/* SPDX-License-Identifier: MIT */
#include "generate/print_body.h"

const char *cor_gen_body_schema(struct cor_gen *gen, const struct cor_gen_body *body)
{
	switch (body->media) {
	case COR_GEN_JSON:
		return cor_gen_printf(gen, "%s_schema", body->type->name);
	case COR_GEN_PLAIN:
		return "COR_TEXT";
	case COR_GEN_BYTES:
		return "COR_BYTES";
	default:
		return "COR_NONE";
	}
}

const char *cor_gen_body_struct(struct cor_gen *gen, const struct cor_gen_body *body)
{
	if (body->media == COR_GEN_JSON)
		return cor_gen_printf(gen, "struct %s", body->type->name);
	return body->media == COR_GEN_NOTHING ? "struct cor_none" : "struct cor_str";
}

bool cor_gen_operation_is_refused(const struct cor_gen_operation *operation)
{
	return !operation || (operation->in.type && operation->in.type->is_refused) ||
	       (operation->out.type && operation->out.type->is_refused);
}
