/* SPDX-License-Identifier: MIT */
#include "security/credential.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/base64.h>
#include <coracle/request.h>

#include "base/utf8.h"
#include "cookies/cookie.h"
#include "cookies/session.h"
#include "http/cookie.h"
#include "http/uri.h"

const char *cor_scheme_key(const struct cor_security_scheme *scheme)
{
	return scheme->key ? scheme->key : COR_API_KEY_HEADER;
}

enum cor_from cor_scheme_source(const struct cor_security_scheme *scheme)
{
	return scheme->in ? scheme->in : COR_FROM_HEADER;
}

bool cor_scheme_reads_same(const struct cor_security_scheme *a, const struct cor_security_scheme *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case COR_CREDENTIAL_API_KEY:
		return cor_scheme_source(a) == cor_scheme_source(b) &&
		       strcasecmp(cor_scheme_key(a), cor_scheme_key(b)) == 0;
	case COR_CREDENTIAL_CUSTOM:
		return a->http_scheme && b->http_scheme &&
		       strcasecmp(a->http_scheme, b->http_scheme) == 0;
	case COR_CREDENTIAL_SESSION:
		return a->session == b->session;
	default:
		return true;
	}
}

const char *cor_scheme_name(const struct cor_security_scheme *scheme)
{
	return scheme->name ? scheme->name : scheme->symbol;
}

static int copy_text(struct cor_exchange *x, struct cor_str text, const char **ret)
{
	*ret = cor_arena_copy(&x->ctx.arena, text.data, text.len);
	return *ret ? 1 : -ENOMEM;
}

/* Lines that say it again would be joined: no credential is a list. */
static bool is_repeated(const struct cor_exchange *x, struct cor_str name)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < x->head.fields_len; i++) {
		struct cor_str field = cor_span_text(x->bytes, x->fields[i].name);
		count += field.len == name.len && strncasecmp(field.data, name.data, name.len) == 0;
	}
	return count > 1;
}

/* What stands behind the scheme in Authorization (RFC 9110 section 11.4); data NULL: another. */
static struct cor_str authorization(struct cor_exchange *x, const char *scheme)
{
	struct cor_str value = cor_exchange_header(x, COR_STR("authorization"));
	size_t len = strlen(scheme);

	if (value.len < len || strncasecmp(value.data, scheme, len) != 0 ||
		(value.len > len && value.data[len] != ' '))
		return (struct cor_str){ 0 };
	value = (struct cor_str){ value.data + len, value.len - len };
	while (value.len != 0 && *value.data == ' ')
		value = (struct cor_str){ value.data + 1, value.len - 1 };
	return value;
}

static bool is_token_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-._~+/", c));
}

/* RFC 9110 section 11.2: token68, which RFC 6750 section 2.1 calls b64token. */
static bool is_token68(struct cor_str text)
{
	size_t at = 0;

	while (at < text.len && is_token_byte(text.data[at]))
		at++;
	if (at == 0)
		return false;
	while (at < text.len && text.data[at] == '=')
		at++;
	return at == text.len;
}

static int read_bearer(struct cor_exchange *x, struct cor_credential *ret)
{
	struct cor_str token = authorization(x, "Bearer");

	if (!token.data)
		return 0;
	return is_token68(token) ? copy_text(x, token, &ret->text) : -EACCES;
}

/* RFC 7617 section 2: no control bytes. NUL and what is not UTF-8 would be another text to C. */
static bool is_plain_text(struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return false;
	return cor_utf8_valid(text);
}

static int split_login(char *text, size_t len, struct cor_login *ret)
{
	char *colon = memchr(text, ':', len);

	if (!colon || !is_plain_text((struct cor_str){ text, len }))
		return -EACCES;
	*colon = '\0';
	*ret = (struct cor_login){ .name = text, .password = colon + 1 };
	return 1;
}

static int read_basic(struct cor_exchange *x, struct cor_credential *ret)
{
	struct cor_str text = authorization(x, "Basic");
	size_t len;

	if (!text.data)
		return 0;
	char *login = cor_arena_alloc(&x->ctx.arena, cor_base64_bytes(text) + 1);
	if (!login)
		return -ENOMEM;
	if (cor_base64_parse(text, login, &len) < 0)
		return -EACCES;
	login[len] = '\0';
	return split_login(login, len, &ret->login);
}

/* Twice is not once: which of the two would count? */
static int read_parameter(struct cor_exchange *x, struct cor_str name, const char **ret)
{
	struct cor_str query = cor_exchange_query(x);
	struct cor_uri_pairs pairs = { 0 };
	int rc = query.len ? cor_uri_split_pairs(&x->ctx.arena, query, &pairs) : 0;
	int found = 0;

	if (rc < 0)
		return rc == -ENOMEM ? rc : -EACCES;
	for (size_t i = 0; i < pairs.len; i++)
		if (cor_str_equal(pairs.items[i].name, name)) {
			*ret = pairs.items[i].value.data;
			found++;
		}
	return found > 1 ? -EACCES : found;
}

static int read_cookie(struct cor_exchange *x, struct cor_str name, struct cor_str *ret)
{
	struct cor_str rest, found, value;
	int count = 0;

	if (cor_exchange_read_header(x, COR_STR("cookie"), &rest) < 0)
		return -ENOMEM;
	while (cor_cookie_next(&rest, &found, &value))
		if (cor_str_equal(found, name)) {
			*ret = value;
			count++;
		}
	return count > 1 ? -EACCES : count;
}

static int read_text_key(struct cor_exchange *x, const struct cor_security_scheme *scheme,
	struct cor_str name, const char **ret)
{
	struct cor_str value = { 0 };
	int found;

	if (cor_scheme_source(scheme) == COR_FROM_COOKIE) {
		found = cor_cookie_vary(x);
		if (found == 0)
			found = read_cookie(x, name, &value);
	} else if (is_repeated(x, name)) {
		found = -EACCES;
	} else {
		value = cor_exchange_header(x, name);
		found = value.data != NULL;
	}
	return found > 0 ? copy_text(x, value, ret) : found;
}

/* An empty one is nobody's: it would be equal to a secret that was never set. */
static int read_key(struct cor_exchange *x, const struct cor_security_scheme *scheme,
	struct cor_credential *ret)
{
	struct cor_str name = cor_str(cor_scheme_key(scheme));
	int found = cor_scheme_source(scheme) == COR_FROM_QUERY
			    ? read_parameter(x, name, &ret->text)
			    : read_text_key(x, scheme, name, &ret->text);

	return found > 0 && ret->text[0] == '\0' ? -EACCES : found;
}

static int read_certificate(struct cor_exchange *x, struct cor_credential *ret)
{
	ret->certificate = (struct cor_certificate){
		.subject = cor_request_certificate_subject(&x->ctx),
		.fingerprint = cor_request_certificate_fingerprint(&x->ctx),
	};
	return ret->certificate.subject && ret->certificate.fingerprint;
}

static int read_custom(struct cor_exchange *x, const struct cor_security_scheme *scheme,
	struct cor_credential *ret)
{
	struct cor_str text;

	if (!scheme->http_scheme)
		return 1;
	text = authorization(x, scheme->http_scheme);
	if (text.data && is_repeated(x, COR_STR("authorization")))
		return -EACCES;
	return text.data ? copy_text(x, text, &ret->text) : 0;
}

static int read_session(struct cor_exchange *x, const struct cor_security_scheme *scheme,
	struct cor_credential *ret)
{
	int rc = cor_session_find(&x->ctx, scheme->session, &ret->session);

	if (rc > 0)
		return COR_CREDENTIAL_UNKNOWN;
	return rc < 0 ? rc : ret->session != NULL;
}

int cor_credential_read(struct cor_exchange *x, const struct cor_security_scheme *scheme,
	struct cor_credential *ret)
{
	*ret = (struct cor_credential){ 0 };
	switch (scheme->kind) {
	case COR_CREDENTIAL_BEARER:
		return read_bearer(x, ret);
	case COR_CREDENTIAL_BASIC:
		return read_basic(x, ret);
	case COR_CREDENTIAL_API_KEY:
		return read_key(x, scheme, ret);
	case COR_CREDENTIAL_CERTIFICATE:
		return read_certificate(x, ret);
	case COR_CREDENTIAL_CUSTOM:
		return read_custom(x, scheme, ret);
	case COR_CREDENTIAL_SESSION:
		return read_session(x, scheme, ret);
	case COR_CREDENTIAL_NONE:
		break;
	}
	return 0;
}
