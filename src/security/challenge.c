/* SPDX-License-Identifier: MIT */
#include "security/challenge.h"

#include <errno.h>

#include "http/fold.h"
#include "security/credential.h"

/* Schemes that HTTP has no name for get one, since a 401 must have a challenge. */
static const char *name_of(const struct cor_security_scheme *scheme)
{
	switch (scheme->kind) {
	case COR_CREDENTIAL_BEARER:
		return "Bearer";
	case COR_CREDENTIAL_BASIC:
		return "Basic";
	case COR_CREDENTIAL_SESSION:
		return "Session";
	case COR_CREDENTIAL_API_KEY:
		return "ApiKey";
	case COR_CREDENTIAL_CERTIFICATE:
		return "ClientCertificate";
	default:
		return scheme->http_scheme ? scheme->http_scheme : cor_scheme_name(scheme);
	}
}

/* RFC 6750 section 3: what a client that has a token should know. */
static const char *more_of(struct cor_exchange *x, const struct cor_security *way, bool is_refused,
	const struct cor_admission *admission)
{
	if (way->scheme->kind == COR_CREDENTIAL_BASIC)
		return ", charset=\"UTF-8\"";
	if (way->scheme->kind != COR_CREDENTIAL_BEARER)
		return "";
	if (admission->rc == -EPERM)
		return cor_printf(&x->ctx, ", error=\"insufficient_scope\", scope=\"%s\"",
			way->scopes ? way->scopes : "");
	return is_refused ? ", error=\"invalid_token\"" : "";
}

static bool is_said(const struct cor_security *ways, uint32_t at)
{
	for (uint32_t i = 0; i < at; i++)
		if (ways[i].scheme == ways[at].scheme)
			return true;
	return false;
}

/* Two schemes may ask for the same: two of Bearer, of one realm. */
static bool has_challenge(const struct cor_exchange *x, struct cor_str value)
{
	const struct cor_reply_field *field = x->fields_out;

	while (field && !(cor_fold_equal(field->name, COR_STR("www-authenticate")) &&
				cor_str_equal(field->value, value)))
		field = field->next;
	return field != NULL;
}

static int add(struct cor_exchange *x, const struct cor_gate *gate, uint32_t at,
	const struct cor_admission *admission)
{
	const struct cor_security *way = &gate->ways[at];
	const char *realm = way->scheme->realm ? way->scheme->realm : gate->guard->realm;
	const char *more = more_of(x, way, admission->refused >> (at & 31) & 1, admission);
	const char *value = more ? cor_printf(&x->ctx, "%s realm=\"%s\"%s", name_of(way->scheme),
					   realm, more)
				 : NULL;

	if (value && has_challenge(x, cor_str(value)))
		return 0;
	return value ? cor_reply_header(&x->ctx, "WWW-Authenticate", value) : -ENOMEM;
}

int cor_challenge(
	struct cor_exchange *x, const struct cor_gate *gate, const struct cor_admission *admission)
{
	bool is_forbidden = admission->rc == -EPERM || admission->rc == -EXDEV;
	int rc = 0;

	for (uint32_t i = 0; gate->ways[i].scheme && rc == 0; i++) {
		const struct cor_security_scheme *scheme = gate->ways[i].scheme;
		if (scheme == &cor_anonymous || is_said(gate->ways, i))
			continue;
		/* who may not, and has no token that could do more, learns nothing by it */
		if (is_forbidden &&
			(scheme != admission->lacking || scheme->kind != COR_CREDENTIAL_BEARER))
			continue;
		rc = add(x, gate, i, admission);
	}
	return rc;
}
