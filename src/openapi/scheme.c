/* SPDX-License-Identifier: MIT */
/* A security scheme as OpenAPI says it. */
#include <ctype.h>
#include <string.h>

#include "cookies/session.h"
#include "openapi/parts.h"
#include "security/credential.h"

/* Only OAuth2 has a place for what scopes mean; of others the text says it. */
static void write_description(const struct cor_security_scheme *scheme, struct cor_members *object)
{
	const struct cor_security_scope *scope = scheme->scopes;
	struct cor_buffer text = { 0 };

	cor_buffer_printf(&text, "%s", scheme->doc ? scheme->doc : "");
	if (scope && scope->name && !scheme->oauth2)
		cor_buffer_printf(&text, "%sScopes:\n", scheme->doc ? "\n\n" : "");
	for (; scope && scope->name && !scheme->oauth2; scope++)
		cor_buffer_printf(&text, "\n- `%s`%s%s", scope->name, scope->doc ? ": " : "",
			scope->doc ? scope->doc : "");
	cor_buffer_byte(&text, '\0');
	if (cor_buffer_error(&text) < 0)
		cor_buffer_fail(object->buffer, cor_buffer_error(&text));
	else if (text.data[0] != '\0')
		cor_member_text(object, "description", text.data);
	cor_buffer_finish(&text);
}

static void write_flow(
	const struct cor_security_scheme *scheme, const char *flow, struct cor_members *flows)
{
	const struct cor_oauth2 *oauth2 = scheme->oauth2;

	cor_member(flows, flow);
	struct cor_members object = cor_object_open(flows->buffer);
	cor_member_text(&object, "authorizationUrl", oauth2->authorization_url);
	cor_member_text(&object, "tokenUrl", oauth2->token_url);
	cor_member_text(&object, "refreshUrl", oauth2->refresh_url);
	cor_member(&object, "scopes");
	struct cor_members scopes = cor_object_open(flows->buffer);
	for (const struct cor_security_scope *at = scheme->scopes; at && at->name; at++)
		cor_member_text(&scopes, at->name, at->doc ? at->doc : "");
	cor_object_close(&scopes);
	cor_object_close(&object);
}

static void write_bearer(const struct cor_security_scheme *scheme, struct cor_members *object)
{
	if (scheme->openid_url) {
		cor_member_text(object, "type", "openIdConnect");
		cor_member_text(object, "openIdConnectUrl", scheme->openid_url);
	} else if (scheme->oauth2) {
		cor_member_text(object, "type", "oauth2");
		cor_member(object, "flows");
		struct cor_members flows = cor_object_open(object->buffer);
		write_flow(scheme,
			scheme->oauth2->authorization_url ? "authorizationCode"
							  : "clientCredentials",
			&flows);
		cor_object_close(&flows);
	} else {
		cor_member_text(object, "type", "http");
		cor_member_text(object, "scheme", "bearer");
		cor_member_text(object, "bearerFormat", scheme->format);
	}
}

static void write_http(const char *name, struct cor_members *object)
{
	cor_member_text(object, "type", "http");
	cor_member_text(object, "scheme", name);
}

static void write_session(const struct cor_security_scheme *scheme, struct cor_members *object)
{
	cor_member_text(object, "type", "apiKey");
	cor_member_text(object, "in", "cookie");
	cor_member_text(object, "name", cor_session_name(scheme->session));
}

static void write_key(const struct cor_security_scheme *scheme, struct cor_members *object)
{
	enum cor_from in = cor_scheme_source(scheme);

	cor_member_text(object, "type", "apiKey");
	cor_member_text(object, "in",
		in == COR_FROM_QUERY    ? "query"
		: in == COR_FROM_COOKIE ? "cookie"
					: "header");
	cor_member_text(object, "name", cor_scheme_key(scheme));
}

void cor_document_scheme(const struct cor_security_scheme *scheme, struct cor_buffer *buffer)
{
	struct cor_members object = cor_object_open(buffer);

	switch (scheme->kind) {
	case COR_CREDENTIAL_BEARER:
		write_bearer(scheme, &object);
		break;
	case COR_CREDENTIAL_BASIC:
		write_http("basic", &object);
		break;
	case COR_CREDENTIAL_API_KEY:
		write_key(scheme, &object);
		break;
	case COR_CREDENTIAL_SESSION:
		write_session(scheme, &object);
		break;
	case COR_CREDENTIAL_CERTIFICATE:
		cor_member_text(&object, "type", "mutualTLS");
		break;
	default:
		write_http(scheme->http_scheme ? scheme->http_scheme : cor_scheme_name(scheme),
			&object);
	}
	write_description(scheme, &object);
	cor_object_close(&object);
}
