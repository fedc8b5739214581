/* SPDX-License-Identifier: MIT */
#include "service/input.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/violation_texts.h"
#include "cookies/cookie.h"
#include "http/accept.h"
#include "http/uri.h"
#include "schema/bind.h"
#include "schema/hooks.h"
#include "hooks/hooks.h"
#include "service/selection.h"

static struct cor_arena *arena_of(const struct cor_input_binding *binding)
{
	return &binding->x->ctx.arena;
}

int cor_input_note(struct cor_input_binding *binding, int rc)
{
	if (rc == 0)
		return 0;
	if (rc != -COR_EINVALID && rc != -COR_ESYNTAX)
		return rc;
	if (rc == -COR_ESYNTAX)
		binding->status = 400;
	else if (binding->status == 0)
		binding->status = 422;
	return 0;
}

int cor_input_bind_pairs(struct cor_input_binding *binding, enum cor_from source,
	const struct cor_bind_pair *pairs, size_t len)
{
	return cor_input_note(binding,
		cor_bind(binding->x->ctx.environment->codec, arena_of(binding),
			binding->action->operation->in, source, binding->action->default_from,
			pairs, len, binding->in, binding->violations));
}

static int bind_path(struct cor_input_binding *binding)
{
	const struct cor_exchange *x = binding->x;
	const struct cor_place *place = binding->action->place;
	struct cor_str path = cor_exchange_path(x);
	struct cor_bind_pair pairs[COR_ROUTE_PARAMETERS_MAX];

	for (size_t i = 0; i < x->parameters.len; i++) {
		struct cor_bind_pair *pair = &pairs[i];
		struct cor_str sent = cor_span_text(path.data, x->parameters.values[i]);
		*pair = (struct cor_bind_pair){ place->names[i], sent };
		if (!memchr(sent.data, '%', sent.len))
			continue;
		int rc = cor_uri_decode(arena_of(binding), sent, &pair->value);
		if (rc == -COR_ESYNTAX)
			return cor_problem(
				&binding->x->ctx, 400, rc, "the path %s", cor_uri_fault(sent));
		if (rc < 0)
			return rc;
	}
	return cor_input_bind_pairs(binding, COR_FROM_PATH, pairs, x->parameters.len);
}

/* Whether a parameter of the query is not the input's: it selects members, or is a credential. */
static bool is_taken(const struct cor_action *action, struct cor_str name)
{
	return cor_selection_takes(action->operation, name) ||
	       (action->gate.ways && cor_gate_reads(&action->gate, name));
}

int cor_input_bind_text(
	struct cor_input_binding *binding, enum cor_from source, struct cor_str text)
{
	struct cor_uri_pairs split = { 0 };
	int rc = cor_uri_split_pairs(arena_of(binding), text, &split);

	if (rc == -COR_ESYNTAX || rc == -COR_ETOOLARGE)
		return cor_problem(&binding->x->ctx, 400, rc, "the %s %s",
			source == COR_FROM_QUERY ? "query" : "form",
			rc == -COR_ESYNTAX ? cor_uri_fault(text) : "has too many parameters");
	if (rc < 0)
		return rc;
	struct cor_bind_pair *pairs = cor_arena_alloc(
		arena_of(binding), (split.len + 1) * sizeof *pairs);
	if (!pairs)
		return -ENOMEM;
	size_t len = 0;
	for (size_t i = 0; i < split.len; i++)
		if (source != COR_FROM_QUERY || !is_taken(binding->action, split.items[i].name))
			pairs[len++] = (struct cor_bind_pair){ split.items[i].name,
				split.items[i].value };
	return cor_input_bind_pairs(binding, source, pairs, len);
}

static int bind_headers(struct cor_input_binding *binding)
{
	const struct cor_exchange *x = binding->x;
	struct cor_bind_pair *pairs = cor_arena_alloc(
		arena_of(binding), (x->head.fields_len + 1) * sizeof *pairs);

	if (!pairs)
		return -ENOMEM;
	for (size_t i = 0; i < x->head.fields_len; i++)
		pairs[i] = (struct cor_bind_pair){
			.name = cor_span_text(x->bytes, x->fields[i].name),
			.value = cor_span_text(x->bytes, x->fields[i].value),
		};
	return cor_input_bind_pairs(binding, COR_FROM_HEADER, pairs, x->head.fields_len);
}

static int bind_cookies(struct cor_input_binding *binding)
{
	const struct cor_action *action = binding->action;
	struct cor_bind_pair *pairs = cor_arena_alloc(
		arena_of(binding), action->cookies_in_len * sizeof *pairs);
	size_t len = 0;

	if (!pairs)
		return -ENOMEM;
	for (uint32_t i = 0; i < action->cookies_in_len; i++) {
		const struct cor_field *field = action->cookies_in[i];
		const char *name = cor_row_key(field);
		struct cor_unsealed found;
		int rc = cor_cookie_read(binding->x, field->cookie, name, &found);
		if (rc < 0)
			return rc;
		if (rc > 0)
			pairs[len++] = (struct cor_bind_pair){ cor_str(name), found.value };
	}
	return cor_input_bind_pairs(binding, COR_FROM_COOKIE, pairs, len);
}

/* Every source, so that every violation is found. */
static int bind_rows(struct cor_input_binding *binding)
{
	const struct cor_action *action = binding->action;
	struct cor_str query = cor_exchange_query(binding->x);
	int rc = 0;

	if (action->path_rows)
		rc = bind_path(binding);
	if (rc == 0 && (action->query_rows || (action->checks_query && query.len)))
		rc = cor_input_bind_text(binding, COR_FROM_QUERY, query);
	if (rc == 0 && action->header_rows)
		rc = bind_headers(binding);
	if (rc == 0 && action->cookies_in_len)
		rc = bind_cookies(binding);
	if (rc == 0 && (action->body.kind == COR_TAKES_ROWS || action->body.kind == COR_TAKES_FORM))
		rc = cor_input_bind_body(binding);
	return rc;
}

static int report(struct cor_input_binding *binding)
{
	struct cor_ctx *ctx = &binding->x->ctx;
	int rc;

	if (binding->status != 400)
		return cor_ctx_refuse(ctx, binding->violations);
	rc = cor_ctx_problem(ctx, 400, -COR_ESYNTAX, COR_MALFORMED_PLAIN);
	ctx->problem.violations = binding->violations;
	return rc;
}

static int run_hooks(struct cor_input_binding *binding)
{
	int rc = cor_ctx_run_hooks(&binding->x->ctx,
		&(struct cor_hooked){ binding->action->operation->in, binding->in, COR_USE_REQUEST,
			binding->violations, arena_of(binding) });

	if (rc == 0 && binding->violations->count != 0)
		binding->status = 422;
	return rc;
}

static COR_COLD int read_selection(struct cor_input_binding *binding)
{
	size_t before = binding->violations->count;
	int rc = cor_selection_read(binding->x, binding->action, binding->violations);

	if (rc == 0 && binding->violations->count != before && !binding->status)
		binding->status = 422;
	return rc;
}

/* Of an operation that binds no rows. */
static COR_COLD int read_selection_alone(struct cor_exchange *x, const struct cor_action *action)
{
	struct cor_violations *found = cor_arena_zalloc(&x->ctx.arena, sizeof *found);
	int rc = found ? cor_selection_read(x, action, found) : -ENOMEM;

	return rc < 0 || found->count == 0 ? rc : cor_ctx_refuse(&x->ctx, found);
}

/* Not on the stack of the handler: what is bound is in the arena by then. */
static COR_OUT_OF_LINE int make_rows(
	struct cor_exchange *x, const struct cor_action *action, const void **ret)
{
	struct cor_input_binding binding = {
		.x = x,
		.action = action,
		.in = cor_arena_zalloc(&x->ctx.arena, action->operation->in->size),
		.violations = cor_arena_zalloc(&x->ctx.arena, sizeof *binding.violations),
	};

	if (!binding.in || !binding.violations)
		return -ENOMEM;
	int rc = bind_rows(&binding);
	if (rc == 0 && action->operation->selected_by)
		rc = read_selection(&binding);
	if (rc == 0 && binding.status != 400 && !binding.is_unread &&
		cor_codec_has_hooks(x->ctx.environment->codec))
		rc = run_hooks(&binding);
	if (rc < 0)
		return rc;
	if (binding.status)
		return report(&binding);
	*ret = binding.in;
	return 0;
}

static int make_whole(struct cor_exchange *x, const struct cor_action *action, const void **ret)
{
	struct cor_str *body = cor_arena_zalloc(&x->ctx.arena, sizeof *body);
	int rc = body ? cor_input_take_body(x, action, body) : -ENOMEM;

	if (rc == 0)
		*ret = body;
	return rc;
}

static int make_input(struct cor_exchange *x, const struct cor_action *action, const void **ret)
{
	static const struct cor_none nothing = { 0 };
	const struct cor_schema *in = action->operation->in;
	int rc;

	if (action->produces.len &&
		!cor_accept_allows(cor_exchange_list(x, COR_KNOWN_ACCEPT), action->produces))
		return cor_problem(&x->ctx, 406, 0, "the answer is %s, which Accept excludes",
			action->produces.data);
	rc = cor_input_check_body(x, action);
	if (rc == 0 && action->operation->selected_by && in->media != COR_MEDIA_JSON)
		rc = read_selection_alone(x, action);
	if (rc < 0)
		return rc;
	if (in->media == COR_MEDIA_NONE) {
		*ret = &nothing;
		return 0;
	}
	return in->media == COR_MEDIA_JSON ? make_rows(x, action, ret) : make_whole(x, action, ret);
}

/* What a client sent is never an error of the service: without a body it was its parameters. */
static COR_COLD int refuse_parameters(struct cor_exchange *x)
{
	return cor_ctx_problem(&x->ctx, 414, 0,
		"the request's parameters take more memory than --request-memory-bytes allows");
}

int cor_input_bind(struct cor_exchange *x, const struct cor_action *action, const void **ret)
{
	int rc = make_input(x, action, ret);

	if (rc == -ENOMEM && x->ctx.arena.is_short && !cor_exchange_has_body(x))
		return refuse_parameters(x);
	return rc;
}
