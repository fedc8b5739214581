/* SPDX-License-Identifier: MIT */
#include "service/answer_cache.h"

#include <errno.h>
#include <inttypes.h>
#include <strings.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/log.h>

#include "base/compiler.h"
#include "base/number.h"
#include "cache/fingerprint.h"
#include "cache/outcome.h"
#include "runtime/clock.h"
#include "schema/bind.h"
#include "security/credential.h"
#include "service/answer.h"
#include "service/caching.h"
#include "service/operation.h"

#define YEAR_S    (INT64_C(365) * 24 * 3600)
#define AGE_S_MAX (INT64_C(1) << 31) /* RFC 9111 section 1.2.2 */
#define KEY_MARK  "\2answer "        /* which no template of a program begins with */
#define MS_PER_S  1000

/* --- the plan --- */

bool cor_is_for_one(const char *control)
{
	return strcasestr(control, "private") || strcasestr(control, "no-cache") ||
	       strcasestr(control, "no-store");
}

static const char *with(struct cor_arena *arena, const char *list, const char *name)
{
	return list ? cor_arena_printf(arena, "%s, %s", list, name) : name;
}

/* The header that a credential comes in; NULL: none, or a cookie, for which others say Vary. */
static const char *credential_header(const struct cor_security_scheme *scheme)
{
	switch (scheme->kind) {
	case COR_CREDENTIAL_BEARER:
	case COR_CREDENTIAL_BASIC:
		return "Authorization";
	case COR_CREDENTIAL_CUSTOM: /* or it is wherever its check looks */
		return scheme->http_scheme ? "Authorization" : "*";
	case COR_CREDENTIAL_API_KEY:
		return cor_scheme_source(scheme) == COR_FROM_HEADER ? cor_scheme_key(scheme) : NULL;
	default:
		return NULL;
	}
}

static bool is_said_before(const struct cor_security *ways, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++) {
		const char *before = credential_header(ways[i].scheme);
		if (before && strcasecmp(before, name) == 0)
			return true;
	}
	return false;
}

/* A browser that keeps it must not give it to who logs in next. */
static int plan_vary_of_ways(
	const struct cor_security *ways, struct cor_arena *arena, const char **list)
{
	for (size_t i = 0; ways && ways[i].scheme; i++) {
		const char *name = credential_header(ways[i].scheme);
		if (!name || is_said_before(ways, i, name))
			continue;
		*list = with(arena, *list, name);
		if (!*list)
			return -ENOMEM;
	}
	return 0;
}

/* What the key has of headers, as far as nobody else says so: cookies and X-Fields. */
static int plan_vary(const struct cor_action *action, const struct cor_service *service,
	struct cor_arena *arena, const char **ret)
{
	const struct cor_schema *in = action->operation->in;
	struct cor_rows rows;

	*ret = NULL;
	int rc = plan_vary_of_ways(action->gate.ways, arena, ret);
	if (rc < 0)
		return rc;
	for (const struct cor_field *field = cor_rows_first(&rows, in);
		field && action->header_rows; field = cor_rows_next(&rows)) {
		if (field->from != COR_FROM_HEADER || field->access == COR_READ_ONLY)
			continue;
		*ret = with(arena, *ret, cor_row_key(field));
		if (!*ret)
			return -ENOMEM;
	}
	if (service->languages)
		*ret = with(arena, *ret, "Accept-Language");
	return service->languages && !*ret ? -ENOMEM : 0;
}

static void take_rules(struct cor_answer_cache_plan *plan, const struct cor_answer_rules *rules)
{
	if (!rules)
		return;
	plan->rules = (struct cor_cached_rules){ .ttl_ms = rules->ttl_ms,
		.stale_ms = rules->stale_ms,
		.missing_ms = rules->missing_ms,
		.refreshes_early = rules->refreshes_early };
	plan->answers_for = rules->answers_for;
	plan->says_status = rules->says_status;
	plan->by_target = rules->by_target;
}

/* RFC 9211 section 2. */
static int plan_statuses(struct cor_answer_cache_plan *plan, struct cor_arena *arena)
{
	static const char *const ways[COR_ANSWER_STATUSES] = {
		[COR_LOAD_FOUND] = "hit",
		[COR_LOAD_STALE] = "hit; ttl=0; detail=stale",
		[COR_LOAD_MADE] = "fwd=miss",
		[COR_LOAD_JOINED] = "fwd=miss; collapsed",
		[COR_LOAD_STORED] = "fwd=miss; stored",
	};

	for (size_t i = 0; i < COR_ANSWER_STATUSES && plan->says_status; i++) {
		plan->statuses[i] = cor_arena_printf(arena, "%s; %s", plan->cache->name, ways[i]);
		if (!plan->statuses[i])
			return -ENOMEM;
	}
	return 0;
}

/*
 * What is no JSON belongs to its type, too, which another version may say otherwise: a text must
 * not become a page.
 */
static const char *plan_name(const struct cor_place *place, const struct cor_operation *operation,
	struct cor_arena *arena)
{
	struct cor_str type = cor_operation_content_type(operation);

	if (operation->out->media == COR_MEDIA_JSON)
		type.len = 0;
	return cor_arena_printf(arena, KEY_MARK "%s %s %.*s ", place->resource->path,
		operation->handler, (int)type.len, type.data ? type.data : "");
}

int cor_answer_cache_plan_make(const struct cor_service *service, const struct cor_place *place,
	const struct cor_action *action, struct cor_arena *arena,
	const struct cor_answer_cache_plan **ret)
{
	const struct cor_operation *operation = action->operation;
	struct cor_answer_cache_plan *plan;

	*ret = NULL;
	if (!operation->cache || operation->stream)
		return 0;
	plan = cor_arena_zalloc(arena, sizeof *plan);
	if (!plan)
		return -ENOMEM;
	take_rules(plan, operation->cache_rules);
	plan->cache = operation->cache;
	plan->is_private = action->gate.ways != NULL;
	plan->has_control = operation->caching && operation->caching->control;
	plan->has_told = cor_arena_zalloc(arena, sizeof *plan->has_told);
	plan->name = plan_name(place, operation, arena);
	if (!plan->has_told || !plan->name)
		return -ENOMEM;
	*ret = plan;
	int rc = plan_statuses(plan, arena);
	return rc < 0 ? rc : plan_vary(action, service, arena, &plan->vary);
}

/* --- making it --- */

/* Whether a header line says that nobody else may have the answer. */
static bool forbids(const struct cor_reply_field *field, bool is_for_one)
{
	if (cor_reply_field_is(field, COR_STR("set-cookie")))
		return true;
	if (cor_reply_field_is(field, COR_STR("vary")))
		return strchr(field->value.data, '*') != NULL;
	if (!cor_reply_field_is(field, COR_STR("cache-control")))
		return false;
	return strcasestr(field->value.data, "no-store") ||
	       (!is_for_one && strcasestr(field->value.data, "private"));
}

/* The header line; NULL: none does. */
static const struct cor_reply_field *forbidding(const struct cor_kept_answer *answer)
{
	bool is_for_one = answer->action->kept->answers_for == COR_FOR_EACH_PRINCIPAL;
	const struct cor_reply_field *at = answer->x->fields_out;

	while (at && !forbids(at, is_for_one))
		at = at->next;
	return at;
}

static void tell_own(struct cor_kept_answer *answer)
{
	const struct cor_action *action = answer->action;

	if (*action->kept->has_told)
		return;
	*action->kept->has_told = true;
	if (answer->forbidding)
		cor_log_warning(&answer->x->ctx,
			"%s: an answer is not kept: it has the header %s, which says that it is "
			"for this client alone. Leave that or .cache out. This thread says it once",
			action->route.name, answer->forbidding->name.data);
	else
		cor_log_warning(&answer->x->ctx,
			"%s: an answer is not kept: %s(), which its handler has called, depends on "
			"what is no row of its input. Make it a row, say .answers_for, or leave "
			".cache out. This thread says it once",
			action->route.name, answer->looked_by);
}

static int64_t now_ms(void)
{
	struct timespec now = cor_now();

	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / COR_NS_PER_MS;
}

/* The handler has succeeded: what it answers becomes the record. */
static int record(struct cor_kept_answer *answer, const void *out)
{
	struct cor_exchange *x = answer->x;
	struct cor_action chosen = *answer->action;
	struct cor_buffer body = { 0 };
	struct cor_str text;

	if (x->status)
		chosen.status = x->status;
	uint16_t own_len = cor_reply_count(x); /* without those of rows */
	int rc = cor_answer_make(x, &chosen, out, &body, &text);
	if (rc == 0 && text.len > UINT32_MAX)
		rc = -COR_ETOOLARGE;
	if (rc == 0) {
		answer->bytes.len = 0;
		cor_answer_record_write(x, chosen.status, now_ms(), own_len, text, &answer->bytes);
		rc = cor_buffer_error(&answer->bytes);
	}
	cor_buffer_finish(&body);
	if (rc == 0)
		rc = cor_answer_record_read(
			(struct cor_str){ answer->bytes.data, answer->bytes.len }, &answer->record);
	return rc;
}

static int call(struct cor_kept_answer *answer)
{
	struct cor_ctx *ctx = &answer->x->ctx;
	const struct cor_operation *operation = answer->action->operation;
	void *out = cor_arena_zalloc(&ctx->arena, operation->out->size);

	if (!out)
		return -ENOMEM;
	int rc = operation->call(ctx, answer->in, out);
	if (rc > 0)
		rc = cor_ctx_positive(ctx, "", rc);
	return rc < 0 ? rc : record(answer, out);
}

static int make(struct cor_ctx *ctx, void *self)
{
	struct cor_kept_answer *answer = self;
	const struct cor_answer_cache_plan *plan = answer->action->kept;
	struct cor_ctx_watch watch = {
		.has_principal = plan->answers_for == COR_FOR_EACH_PRINCIPAL,
		.has_target = plan->by_target,
	};
	struct cor_ctx_watch **watching = cor_ctx_watch_begin(ctx, &watch);

	if (!watching)
		return -ENOMEM;
	struct cor_reply_aside aside = cor_reply_put_aside(answer->x);
	answer->x->status = 0;
	int rc = call(answer);
	cor_ctx_watch_end(watching);
	answer->looked_by = watch.looked_by;
	answer->forbidding = rc == 0 && !watch.looked_by ? forbidding(answer) : NULL;
	answer->is_own = watch.looked_by || answer->forbidding ||
			 (rc != 0 && answer->x->fields_out != NULL);
	if (rc == 0)
		cor_reply_restore(answer->x, aside);
	else
		cor_reply_join(answer->x, aside);
	return rc;
}

static int write(struct cor_ctx *ctx, struct cor_cache_here *here, void *self,
	struct cor_mark *mark, struct cor_buffer *buffer)
{
	struct cor_kept_answer *answer = self;

	if (answer->is_own) {
		tell_own(answer);
		cor_cache_count(ctx, here, COR_CACHE_UNKEPT, 1);
		return -ENOTSUP;
	}
	int rc = cor_fingerprint_of(
		&here->all->fingerprints, answer->action->operation->out, &mark->fingerprint);
	mark->kind = COR_MARK_ANSWER;
	cor_buffer_append(buffer, answer->bytes.data, answer->bytes.len);
	return rc < 0 ? rc : cor_buffer_error(buffer);
}

/* What another's flight has is gone soon. */
static int borrow(struct cor_kept_answer *answer, struct cor_str *text)
{
	answer->bytes.len = 0;
	cor_buffer_append_str(&answer->bytes, *text);
	*text = (struct cor_str){ answer->bytes.data, answer->bytes.len };
	return cor_buffer_error(&answer->bytes);
}

static int read(struct cor_ctx *ctx, struct cor_cache_here *here, void *self,
	const struct cor_fetched *fetched, int *ret_rc)
{
	struct cor_kept_answer *answer = self;
	struct cor_str text = fetched->item.value;
	uint64_t fingerprint;

	if (fetched->mark.kind == COR_MARK_MISSING)
		return cor_outcome_read_failure(ctx, text, ret_rc);
	int rc = cor_fingerprint_of(
		&here->all->fingerprints, answer->action->operation->out, &fingerprint);
	if (rc == 0 &&
		(fetched->mark.kind != COR_MARK_ANSWER || fetched->mark.fingerprint != fingerprint))
		rc = -EBADMSG;
	if (rc == 0 && fetched->is_borrowed)
		rc = borrow(answer, &text);
	if (rc == 0)
		rc = cor_answer_record_read(text, &answer->record);
	*ret_rc = 0;
	return rc;
}

static bool is_own(struct cor_ctx *ctx, void *self)
{
	const struct cor_kept_answer *answer = self;

	(void)ctx;
	return answer->is_own;
}

/* RFC 5861 section 4: what a client does wrong stays an answer. */
static bool may_hide(struct cor_ctx *ctx, void *self, int rc)
{
	struct cor_kept_answer *answer = self;
	int status = cor_status_answered(answer->x, rc);

	(void)ctx;
	answer->hidden_status = status >= 500 ? status : 0;
	return status >= 500;
}

static const struct cor_load_ops ops = {
	.make = make,
	.write = write,
	.read = read,
	.is_own = is_own,
	.may_hide = may_hide,
};

/* A clock that was set is no reason to say what cannot be. */
static int64_t age_s_of(const struct cor_kept_answer *answer)
{
	int64_t age_s = (now_ms() - answer->record.made_ms) / MS_PER_S;

	return age_s < 0 ? 0 : age_s < AGE_S_MAX ? age_s : AGE_S_MAX;
}

/* The client hears nothing of it; the operator shall. */
static COR_COLD void tell_hidden(const struct cor_kept_answer *answer)
{
	const struct cor_ctx *ctx = &answer->x->ctx;
	const char *detail = ctx->problem.status && ctx->problem.detail ? ctx->problem.detail : "";

	cor_log_warning(&answer->x->ctx, "%s: %d%s%s; its answer of %" PRId64 " s ago is sent",
		answer->action->route.name, answer->hidden_status, detail[0] ? ": " : "", detail,
		age_s_of(answer));
}

int cor_kept_answer_get(struct cor_kept_answer *answer, struct cor_exchange *x,
	const struct cor_action *action, const void *in)
{
	const struct cor_answer_cache_plan *plan = action->kept;
	struct cor_cache_key key;
	struct cor_reply_field *before;

	answer->x = x;
	answer->action = action;
	answer->in = in;
	answer->here = cor_cache_of(&x->ctx, plan->cache);
	answer->loading = (struct cor_loading){
		.ops = &ops, .rules = &plan->rules, .self = answer
	};
	if (!answer->here)
		return -COR_EPROBLEM;
	int rc = plan->vary ? cor_exchange_add_field(x, "Vary", cor_str(plan->vary)) : 0;
	if (rc == 0)
		rc = cor_answer_cache_key(x, in, &key);
	if (rc == -ENOMEM)
		return rc;
	if (rc == -COR_ETOOLARGE)
		cor_cache_tell_long_key(&x->ctx, answer->here);
	before = x->fields_out_last;
	rc = rc == 0 ? cor_load(&x->ctx, answer->here, &answer->loading, &key)
		     : cor_load_unkept(&x->ctx, answer->here, &answer->loading);
	if (rc == 0) {
		/* an old one has nothing of the failure that it stands for */
		cor_exchange_take_back(x, before);
		x->status = answer->record.status;
		if (answer->loading.way == COR_LOAD_STALE && answer->hidden_status)
			tell_hidden(answer);
	}
	return rc;
}

/* --- sending it --- */

static int64_t ttl_ms_of(const struct cor_kept_answer *answer)
{
	int64_t ttl_ms = answer->action->kept->rules.ttl_ms;

	return ttl_ms ? ttl_ms : answer->here->filled->ttl_ms;
}

static bool is_from_cache(const struct cor_kept_answer *answer)
{
	return answer->loading.way == COR_LOAD_FOUND || answer->loading.way == COR_LOAD_STALE;
}

/* By hand, as each hit has two of them. */
static int say_number(
	struct cor_exchange *x, const char *name, struct cor_str before, int64_t number)
{
	char *text = cor_arena_alloc(&x->ctx.arena, before.len + COR_NUMBER_BYTES);

	if (!text)
		return -ENOMEM;
	memcpy(text, before.data, before.len);
	size_t len = before.len + cor_number_print_int64(number, text + before.len);
	text[len] = '\0';
	return cor_exchange_add_field(x, name, (struct cor_str){ text, len });
}

static bool has_said(const struct cor_exchange *x, struct cor_str name)
{
	const struct cor_reply_field *at = x->fields_out;

	while (at && !cor_reply_field_is(at, name))
		at = at->next;
	return at != NULL;
}

/* Whether other caches have heard that it is for one client, or that they must ask here. */
static bool has_said_private(const struct cor_exchange *x)
{
	const struct cor_reply_field *at = x->fields_out;

	while (at && !(cor_reply_field_is(at, COR_STR("cache-control")) &&
			     cor_is_for_one(at->value.data)))
		at = at->next;
	return at != NULL;
}

static int say_control(const struct cor_kept_answer *answer)
{
	struct cor_exchange *x = answer->x;
	const struct cor_answer_cache_plan *plan = answer->action->kept;
	int64_t fresh_s = ttl_ms_of(answer) / MS_PER_S;

	if (has_said(x, COR_STR("cache-control")))
		return plan->is_private && !has_said_private(x)
			       ? cor_exchange_add_field(x, "Cache-Control", COR_STR("private"))
			       : 0;
	if (plan->has_control)
		return 0;
	if (answer->is_own)
		return cor_exchange_add_field(x, "Cache-Control", COR_STR("no-store"));
	return say_number(x, "Cache-Control",
		plan->is_private ? COR_STR("private, max-age=") : COR_STR("max-age="),
		fresh_s < YEAR_S ? fresh_s : YEAR_S);
}

static int say_status(const struct cor_kept_answer *answer)
{
	const char *const *statuses = answer->action->kept->statuses;
	bool was_kept = answer->loading.way == COR_LOAD_MADE && answer->loading.was_kept;

	return cor_exchange_add_field(answer->x, "Cache-Status",
		cor_str(statuses[was_kept ? COR_LOAD_STORED : answer->loading.way]));
}

static int say_all(const struct cor_kept_answer *answer)
{
	struct cor_exchange *x = answer->x;
	int rc = cor_answer_record_say(&answer->record, x);

	if (rc == 0 && is_from_cache(answer) && !has_said(x, COR_STR("age")))
		rc = say_number(x, "Age", COR_STR(""), age_s_of(answer));
	if (rc == 0)
		rc = say_control(answer);
	return rc == 0 && answer->action->kept->says_status ? say_status(answer) : rc;
}

int cor_kept_answer_send(struct cor_kept_answer *answer)
{
	struct cor_exchange *x = answer->x;
	struct cor_reply_field *before = x->fields_out_last;
	int rc = say_all(answer);

	if (rc == 0)
		rc = cor_caching_judge(x, answer->action);
	if (rc == 0)
		rc = cor_exchange_respond(x, answer->record.status, answer->action->content_type,
			answer->record.body);
	if (rc < 0)
		cor_exchange_take_back(x, before);
	return rc < 0 ? rc : 0;
}

void cor_kept_answer_finish(struct cor_kept_answer *answer)
{
	cor_buffer_finish(&answer->bytes);
}
