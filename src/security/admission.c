/* SPDX-License-Identifier: MIT */
#include "security/admission.h"

#include <errno.h>
#include <stdarg.h>

#include <coracle/log.h>

#include "base/buffer.h"
#include "context/context.h"
#include "cors/cors.h"
#include "observe/access.h"
#include "schema/bind.h"
#include "security/challenge.h"
#include "security/credential.h"
#include "security/scope.h"

const struct cor_schema cor_admission_key = { .symbol = "admission" };

const struct cor_security_scheme cor_anonymous = { .symbol = "anonymous" };

struct cor_admission *cor_admission_of(const struct cor_ctx *ctx)
{
	struct cor_admission *const *kept = cor_ctx_find_value(ctx, &cor_admission_key);

	return kept ? *kept : NULL;
}

int cor_admission_keep(struct cor_ctx *ctx, struct cor_admission *admission)
{
	return cor_ctx_set_value(ctx, &cor_admission_key, sizeof admission, &admission);
}

const char *cor_principal_scheme(const struct cor_ctx *ctx)
{
	const struct cor_admission *admission = cor_admission_of(ctx);

	cor_ctx_look_who(ctx, __func__);
	return admission && admission->scheme ? cor_scheme_name(admission->scheme) : NULL;
}

int cor_deny(struct cor_ctx *ctx, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *why = cor_arena_vprintf(&ctx->arena, format, args);
	va_end(args);
	if (why)
		cor_log_info(ctx, "a credential is refused: %s", why);
	return -EACCES;
}

/* --- one way after the other --- */

/* What a scheme has said of the request. */
struct opinion {
	const struct cor_security_scheme *scheme;
	int rc; /* 1: its principal; 0: the request shows no credential of it; else a code */
	const char *granted;
	void *principal;
};

static int ask(struct cor_exchange *x, struct cor_admission *admission, struct opinion *opinion)
{
	const struct cor_security_scheme *scheme = opinion->scheme;
	struct cor_credential credential;
	int rc = cor_credential_read(x, scheme, &credential);

	if (rc == COR_CREDENTIAL_UNKNOWN)
		admission->is_unknown = true;
	if (rc <= 0 || rc == COR_CREDENTIAL_UNKNOWN)
		return rc < 0 ? rc : 0;
	if (cor_scheme_is_ambient(scheme) && cor_cors_is_crossed(x))
		return -EXDEV;
	opinion->principal = cor_alloc(&x->ctx, scheme->principal->size);
	if (!opinion->principal)
		return -ENOMEM;
	admission->granted = NULL;
	rc = scheme->check(&x->ctx, &credential, opinion->principal);
	opinion->granted = admission->granted;
	admission->granted = NULL;
	if (rc > 0)
		return cor_ctx_positive(&x->ctx, "the check of a security scheme ", rc);
	if (rc == -ENOENT && scheme->kind == COR_CREDENTIAL_CUSTOM)
		return 0;
	return rc < 0 ? rc : 1;
}

/* The first that was not granted; empty: none is missing. Without memory nobody shall get more. */
static struct cor_str missing_scope(const char *needed, const char *granted)
{
	struct cor_str rest = cor_str(needed ? needed : "");
	struct cor_str scope;

	while (cor_scopes_next(&rest, &scope))
		if (!cor_scopes_have(granted, scope))
			return scope;
	return (struct cor_str){ 0 };
}

int cor_admission_name(
	struct cor_ctx *ctx, const struct cor_security_scheme *scheme, struct cor_str *ret)
{
	const void *principal = cor_ctx_find_value(ctx, scheme->principal);
	struct cor_buffer text = { 0 };
	struct cor_rows rows;

	const struct cor_field *first = principal ? cor_rows_first(&rows, scheme->principal) : NULL;
	if (!first)
		return -ENOENT;
	int rc = cor_row_text(first, principal, &text);
	if (cor_buffer_error(&text) < 0)
		rc = cor_buffer_error(&text);
	if (rc > 0) {
		char *copy = cor_arena_copy(&ctx->arena, text.data, text.len);
		*ret = (struct cor_str){ copy, text.len };
		rc = copy ? 0 : -ENOMEM;
	} else if (rc == 0 || rc == -COR_EINVALID) {
		rc = -ENOENT;
	}
	cor_buffer_finish(&text);
	return rc;
}

/* For the log, unless it is a secret. */
static int note_name(struct cor_exchange *x, const struct cor_security_scheme *scheme)
{
	struct cor_rows rows;
	const struct cor_field *first = cor_rows_first(&rows, scheme->principal);

	if (!first || first->access == COR_WRITE_ONLY)
		return 0;
	int rc = cor_admission_name(&x->ctx, scheme, &x->user);
	return rc == -ENOENT ? 0 : rc;
}

static int take(
	struct cor_exchange *x, struct cor_admission *admission, const struct opinion *opinion)
{
	const struct cor_schema *schema = opinion->scheme->principal;

	admission->scheme = opinion->scheme;
	admission->granted = opinion->granted;
	int rc = cor_ctx_set_value(&x->ctx, schema, schema->size, opinion->principal);
	if (rc == 0 && cor_access_wanted(x->ctx.environment->logger))
		rc = note_name(x, opinion->scheme);
	return rc;
}

/* A token that one scheme refuses and another knows is somebody's: it was no guess. */
static void forgive(struct cor_admission *admission, const struct cor_security *ways,
	const struct cor_security_scheme *knows)
{
	for (uint32_t i = 0; ways[i].scheme; i++)
		if (cor_scheme_reads_same(ways[i].scheme, knows))
			admission->refused &= ~(1U << (i & 31));
}

/* The ways of one scheme that differ in their scopes ask it once. */
static int find(
	struct cor_exchange *x, struct cor_admission *admission, const struct cor_gate *gate)
{
	const struct cor_security *ways = gate->ways;
	struct opinion opinion = { 0 };
	bool may_be_nobody = false;

	for (uint32_t i = 0; ways[i].scheme; i++) {
		may_be_nobody |= ways[i].scheme == &cor_anonymous;
		if (ways[i].scheme != opinion.scheme) {
			opinion = (struct opinion){ .scheme = ways[i].scheme };
			opinion.rc = ask(x, admission, &opinion);
		}
		if (opinion.rc == -EACCES)
			admission->refused |= 1U << (i & 31);
		else if (opinion.rc < 0)
			return opinion.rc;
		if (opinion.rc <= 0)
			continue;
		forgive(admission, ways, ways[i].scheme);
		struct cor_str missing = missing_scope(ways[i].scopes, opinion.granted);
		if (missing.len == 0)
			return take(x, admission, &opinion);
		if (admission->lacking) /* the first is what the challenge is of */
			continue;
		admission->missing = missing;
		admission->lacking = ways[i].scheme;
	}
	if (admission->lacking)
		return -EPERM;
	return admission->refused || !may_be_nobody ? -EACCES : 0;
}

int cor_admission_find(struct cor_exchange *x, const struct cor_gate *gate)
{
	struct cor_admission *admission = cor_admission_of(&x->ctx);

	if (admission)
		return 0;
	admission = cor_alloc(&x->ctx, sizeof *admission);
	int rc = admission ? cor_admission_keep(&x->ctx, admission) : -ENOMEM;
	if (rc < 0)
		return rc;
	admission->rc = find(x, admission, gate);
	if (admission->rc < 0)
		admission->record = cor_ctx_keep_problem(&x->ctx, &x->ctx);
	admission->state = COR_ADMISSION_OVER;
	return 0;
}

/* --- the answer --- */

static int refuse(struct cor_exchange *x, const struct cor_admission *admission)
{
	struct cor_ctx *ctx = &x->ctx;

	if (admission->rc == -EPERM)
		return cor_problem(ctx, 403, 0, "the scope %.*s is needed",
			(int)admission->missing.len, admission->missing.data);
	if (admission->rc == -EXDEV)
		return cor_ctx_problem(ctx, 403, 0,
			"a page of another origin has sent this, which .cors does not trust with credentials");
	return cor_ctx_problem(ctx, 401, 0,
		admission->refused ? "the credential is refused: see WWW-Authenticate"
				   : "a credential is needed: see WWW-Authenticate");
}

/* A 401 would have the client log in again, and lose the session that it has. */
static int refuse_unknown(struct cor_exchange *x)
{
	int rc = cor_ctx_problem(
		&x->ctx, 503, 0, "who sends this cannot be found out now: try again");

	x->ctx.problem.retry_after_s = 1;
	return rc;
}

int cor_admit(struct cor_exchange *x, const struct cor_gate *gate)
{
	int rc = cor_admission_find(x, gate);

	if (rc < 0)
		return rc;
	const struct cor_admission *admission = cor_admission_of(&x->ctx);
	/* NOLINTNEXTLINE(analyzer-null-dereference): it has been found */
	if (admission->rc == 0)
		return 0;
	if (admission->rc != -EACCES && admission->rc != -EPERM && admission->rc != -EXDEV)
		return cor_ctx_take_record(&x->ctx, admission->record, admission->rc);
	if (admission->rc == -EACCES && admission->is_unknown)
		return refuse_unknown(x);
	rc = cor_challenge(x, gate, admission);
	return rc < 0 ? rc : refuse(x, admission);
}
