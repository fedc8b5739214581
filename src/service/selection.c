/* SPDX-License-Identifier: MIT */
#include "service/selection.h"

#include <errno.h>

#include <coracle/error.h>

#include "http/uri.h"
#include "schema/mask.h"

struct asked {
	struct cor_str text; /* data NULL: for nothing */
	const char *in;
	const char *where;
	unsigned times;
};

static void ask(struct asked *asked, const char *in, const char *where, struct cor_str text)
{
	asked->text = text;
	asked->in = in;
	asked->where = where;
	asked->times++;
}

static int look_in_query(
	struct cor_exchange *x, const struct cor_operation *operation, struct asked *asked)
{
	struct cor_uri_pairs pairs = { 0 };
	struct cor_str query = cor_exchange_query(x);
	int rc = query.len ? cor_uri_split_pairs(&x->ctx.arena, query, &pairs) : 0;

	if (rc < 0 && rc != -ENOMEM)
		return cor_problem(&x->ctx, 400, rc, "the query %s",
			rc == -COR_ESYNTAX ? cor_uri_fault(query) : "has too many parameters");
	for (size_t i = 0; rc == 0 && i < pairs.len; i++)
		if (cor_selection_takes(operation, pairs.items[i].name))
			ask(asked, "query", COR_SELECTION_PARAMETER, pairs.items[i].value);
	return rc;
}

static void look_in_headers(
	struct cor_exchange *x, const struct cor_operation *operation, struct asked *asked)
{
	struct cor_str text = { 0 };

	if (operation->selected_by & COR_BY_HEADER)
		text = cor_exchange_header(x, COR_STR(COR_SELECTION_HEADER));
	if (text.data)
		ask(asked, "header", COR_SELECTION_HEADER, text);
}

int cor_selection_text(
	struct cor_exchange *x, const struct cor_operation *operation, struct cor_str *ret)
{
	struct asked asked = { 0 };
	int rc = look_in_query(x, operation, &asked);

	if (rc == 0)
		look_in_headers(x, operation, &asked);
	*ret = asked.text;
	return rc;
}

int cor_selection_read(
	struct cor_exchange *x, const struct cor_action *action, struct cor_violations *violations)
{
	const struct cor_operation *operation = action->operation;
	struct cor_arena *arena = &x->ctx.arena;
	struct asked asked = { 0 };
	const char *why;
	int rc = 0;

	if (operation->selected_by & COR_BY_HEADER) /* RFC 9110 section 12.5.5: for caches */
		rc = cor_exchange_add_field(x, "Vary", COR_STR(COR_SELECTION_HEADER));
	if (rc == 0)
		rc = look_in_query(x, operation, &asked);
	if (rc < 0)
		return rc;
	look_in_headers(x, operation, &asked);
	if (asked.times == 0)
		return 0;
	if (asked.times > 1) {
		cor_violate(violations, arena, asked.in, asked.where,
			"is given more than once: separate the names with commas");
		return 0;
	}
	rc = cor_mask_read(
		x->ctx.environment->codec, operation->out, asked.text, arena, &x->selection, &why);
	if (rc != -COR_EINVALID)
		return rc;
	cor_violate(violations, arena, asked.in, asked.where, "%s", why);
	return 0;
}
