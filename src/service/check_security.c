/* SPDX-License-Identifier: MIT */
/* Security schemes and what asks for them: each can be read, named, challenged and described. */
#include <string.h>

#include <coracle/files.h>

#include "cookies/session.h"
#include "http/chars.h"
#include "http/response.h"
#include "observe/mask.h"
#include "security/credential.h"
#include "security/scope.h"
#include "service/check.h"

#define WAYS_MAX 16

static bool is_plain(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	return name[0] != '\0' && strspn(name, allowed) == strlen(name);
}

/* RFC 6749 section 3.3. */
static bool is_scope(const char *name)
{
	for (const char *p = name; *p; p++)
		if (*p <= ' ' || *p >= 0x7f || *p == '"' || *p == '\\')
			return false;
	return name[0] != '\0';
}

static void check_scopes_of(
	const struct cor_check *check, const struct cor_security_scheme *scheme, const char *where)
{
	for (const struct cor_security_scope *at = scheme->scopes; at && at->name; at++)
		if (!is_scope(at->name))
			cor_contradict_once(check, where,
				"the scope \"%s\" has a blank, a quote or a control byte",
				at->name);
}

static void check_key(
	const struct cor_check *check, const struct cor_security_scheme *scheme, const char *where)
{
	const char *key = cor_scheme_key(scheme);
	enum cor_from in = cor_scheme_source(scheme);

	if (in != COR_FROM_HEADER && in != COR_FROM_QUERY && in != COR_FROM_COOKIE)
		cor_contradict_once(check, where,
			"its .in is none of COR_FROM_HEADER, COR_FROM_QUERY and COR_FROM_COOKIE");
	else if (in != COR_FROM_QUERY && !cor_field_name_valid(cor_str(key)))
		cor_contradict_once(check, where, "\"%s\" cannot be the name of a %s", key,
			in == COR_FROM_HEADER ? "header" : "cookie");
	else if (in == COR_FROM_QUERY && !cor_mask_is_secret(cor_str(key)))
		cor_contradict_once(check, where,
			"the access log would show the parameter \"%s\": give it a name that ends "
			"with \"key\" or \"token\"",
			key);
}

static void check_bearer(
	const struct cor_check *check, const struct cor_security_scheme *scheme, const char *where)
{
	if (scheme->oauth2 && scheme->openid_url)
		cor_contradict_once(check, where, "it has .oauth2 and .openid_url: use one");
	if (scheme->oauth2 && !scheme->oauth2->token_url)
		cor_contradict_once(check, where, "its .oauth2 has no .token_url");
}

static bool is_listed(const struct cor_check *check, const struct cor_session *session)
{
	const struct cor_session *const *at = check->whole->sessions;

	while (at && *at && *at != session)
		at++;
	return at && *at;
}

static void check_session(
	const struct cor_check *check, const struct cor_security_scheme *scheme, const char *where)
{
	const struct cor_session *session = scheme->session;

	if (!is_listed(check, session))
		cor_contradict_once(check, where,
			"service %s does not list its session \"%s\" in .sessions",
			check->service->name ? check->service->name : "without a name",
			cor_session_name(session));
	else if (session->keeps != scheme->kept)
		cor_contradict_once(check, where,
			"its check takes %s, and the session \"%s\" keeps another",
			scheme->kept->symbol, cor_session_name(session));
}

static bool has_others_options(const struct cor_security_scheme *scheme)
{
	bool is_key = scheme->kind == COR_CREDENTIAL_API_KEY;
	bool is_bearer = scheme->kind == COR_CREDENTIAL_BEARER;

	return ((scheme->in || scheme->key) && !is_key) ||
	       ((scheme->format || scheme->oauth2 || scheme->openid_url) && !is_bearer) ||
	       (scheme->http_scheme && scheme->kind != COR_CREDENTIAL_CUSTOM);
}

static bool is_quotable(const char *text)
{
	for (const char *p = text; *p; p++)
		if (*p < ' ' || *p == 0x7f || *p == '"' || *p == '\\')
			return false;
	return true;
}

/* --- names: two schemes of one name would be one in the document --- */

static bool has_twin(const struct cor_security *ways, const struct cor_security_scheme *scheme)
{
	for (; ways && ways->scheme; ways++)
		if (ways->scheme != scheme &&
			strcmp(cor_scheme_name(ways->scheme), cor_scheme_name(scheme)) == 0)
			return true;
	return false;
}

static bool resource_has_twin(
	const struct cor_resource *resource, const struct cor_security_scheme *scheme)
{
	bool found = has_twin(resource->security, scheme);

	for (size_t i = 0; i < cor_verbs_len && !found; i++) {
		const struct cor_operation *operation = cor_verb_operation(&cor_verbs[i], resource);
		found = operation && has_twin(operation->security, scheme);
	}
	return found;
}

static bool service_has_twin(
	const struct cor_service *service, const struct cor_security_scheme *scheme)
{
	const struct cor_resource *const *r = service->resources;

	if (has_twin(service->security, scheme) || has_twin(service->docs_security, scheme))
		return true;
	for (const struct cor_files *const *files = service->files; files && *files; files++)
		if (has_twin((*files)->security, scheme))
			return true;
	while (r && *r && !resource_has_twin(*r, scheme))
		r++;
	return r && *r;
}

static void check_scheme(const struct cor_check *check, const struct cor_security_scheme *scheme)
{
	const char *where = cor_scheme_name(scheme);

	if (!scheme->check || !scheme->principal) {
		cor_contradict_once(check, where,
			"the scheme was not written by a macro such as "
			"COR_BEARER");
		return;
	}
	if (!is_plain(where))
		cor_contradict_once(
			check, where, "the name of a scheme has letters, digits, '.', '_' and '-'");
	else if (service_has_twin(check->service, scheme))
		cor_contradict_once(check, where, "two schemes have that name");
	if (scheme->realm && !is_quotable(scheme->realm))
		cor_contradict_once(check, where, "its .realm has a quote or a control byte");
	if (has_others_options(scheme))
		cor_contradict_once(check, where,
			".in and .key are of COR_API_KEY, .format, .oauth2 and .openid_url of "
			"COR_BEARER, .http_scheme of COR_CUSTOM_SCHEME");
	else if (scheme->kind == COR_CREDENTIAL_API_KEY)
		check_key(check, scheme, where);
	else if (scheme->kind == COR_CREDENTIAL_BEARER)
		check_bearer(check, scheme, where);
	else if (scheme->kind == COR_CREDENTIAL_SESSION)
		check_session(check, scheme, where);
	if (scheme->http_scheme && !cor_field_name_valid(cor_str(scheme->http_scheme)))
		cor_contradict_once(check, where, "its .http_scheme is not one word");
	check_scopes_of(check, scheme, where);
}

static bool lists(const struct cor_security_scope *scopes, struct cor_str scope)
{
	for (; scopes->name; scopes++)
		if (cor_str_equal(cor_str(scopes->name), scope))
			return true;
	return false;
}

static void check_scopes(
	const struct cor_check *check, const struct cor_security *way, const char *where)
{
	struct cor_str rest = cor_str(way->scopes ? way->scopes : "");
	struct cor_str scope;

	if (way->scopes && way->scheme == &cor_anonymous)
		cor_contradict(check, where, ".security: nobody has scopes as cor_anonymous");
	while (cor_scopes_next(&rest, &scope))
		if (way->scheme->scopes && !lists(way->scheme->scopes, scope))
			cor_contradict(check, where, ".security: %s has no scope %.*s",
				cor_scheme_name(way->scheme), (int)scope.len, scope.data);
	if (way->scopes && !is_quotable(way->scopes))
		cor_contradict(check, where, ".security: a scope has a quote or a control byte");
}

void cor_check_security(
	const struct cor_check *check, const struct cor_security *ways, const char *where)
{
	size_t len = 0;

	for (; ways && ways[len].scheme && len < WAYS_MAX; len++) {
		if (ways[len].scheme != &cor_anonymous)
			check_scheme(check, ways[len].scheme);
		check_scopes(check, &ways[len], where);
	}
	if (ways && len == WAYS_MAX && ways[len].scheme)
		cor_contradict(check, where, ".security has more than %d rows", WAYS_MAX);
	if (len == 1 && ways[0].scheme == &cor_anonymous)
		cor_contradict(
			check, where, ".security lets in nobody but cor_anonymous: use COR_PUBLIC");
}
