/* SPDX-License-Identifier: MIT */
#include "jwt/claims.h"

#include <errno.h>
#include <math.h>

#include <coracle/clock.h>

/* --- who, and for whom --- */

static int judge_issuer(struct cor_jwt_token *token, const struct cor_node *claims)
{
	const char *wanted = token->rules->issuer;
	int rc = cor_jwt_get_text(token, claims, "iss", &token->facts->issuer);

	if (rc < 0 || !wanted)
		return rc;
	if (token->facts->issuer && strcmp(token->facts->issuer, wanted) == 0)
		return 0;
	return cor_jwt_fail(token, -EACCES, "its issuer is \"%.100s\", not \"%.100s\"",
		token->facts->issuer ? token->facts->issuer : "", wanted);
}

/* A text, or an array of texts: section 4.1.3. Returns 1, 0 or -EBADMSG. */
static int names_audience(
	struct cor_jwt_token *token, const struct cor_node *audience, const char *wanted)
{
	bool is_array = cor_node_type(audience) == COR_JSON_ARRAY;
	size_t len = is_array ? cor_node_len(audience) : 1;
	struct cor_str text;
	int found = 0;

	for (size_t i = 0; i < len; i++) {
		if (cor_node_to_text(is_array ? cor_node_item(audience, i) : audience, &text) < 0)
			return cor_jwt_fail(
				token, -EBADMSG, "\"aud\" is no text and no array of texts");
		found |= wanted && cor_str_equal(text, cor_str(wanted));
	}
	return found;
}

static int judge_audience(struct cor_jwt_token *token, const struct cor_node *claims)
{
	const struct cor_node *audience = cor_node_get(claims, "aud");
	const char *wanted = token->rules->audience;
	int found = audience ? names_audience(token, audience, wanted) : 0;

	if (found < 0)
		return found;
	if (found || (!wanted && (!audience || token->rules->any_audience)))
		return 0;
	if (!wanted)
		return cor_jwt_fail(token, -EACCES,
			"it is for an audience, and the rules have none: set .audience");
	return cor_jwt_fail(token, -EACCES, "it is not for the audience \"%.100s\"", wanted);
}

/* --- when --- */

/* Seconds since 1970, with a fraction if they like: section 2, NumericDate. */
static int get_time(
	struct cor_jwt_token *token, const struct cor_node *claims, const char *name, double *ret)
{
	const struct cor_node *node = cor_node_get(claims, name);

	if (!node || cor_node_to_double(node, ret) == 0)
		return 0;
	return cor_jwt_fail(token, -EBADMSG, "\"%s\" is no number, or too large", name);
}

/* Whole seconds, rounded down, and within what an integer holds. */
static int64_t whole(double seconds)
{
	const double most = 9007199254740992.0; /* 2^53 */

	seconds = seconds > most ? most : seconds < -most ? -most : seconds;
	int64_t cut = (int64_t)seconds; /* towards 0 */
	return (double)cut > seconds ? cut - 1 : cut;
}

/** NAN: not there. */
struct times {
	double now, leeway;
	double expires, begins, issued;
};

static int get_times(struct cor_jwt_token *token, const struct cor_node *claims, struct times *ret)
{
	int32_t leeway = token->rules->leeway_s;
	struct timespec now = cor_now();

	*ret = (struct times){ .expires = NAN, .begins = NAN, .issued = NAN };
	ret->now = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	ret->leeway = leeway == 0 ? COR_JWT_LEEWAY_S : leeway < 0 ? 0 : leeway;
	int rc = get_time(token, claims, "exp", &ret->expires);
	if (rc == 0)
		rc = get_time(token, claims, "nbf", &ret->begins);
	if (rc == 0)
		rc = get_time(token, claims, "iat", &ret->issued);
	if (rc == 0 && !isnan(ret->expires))
		token->facts->expires_s = whole(ret->expires);
	if (rc == 0 && !isnan(ret->issued))
		token->facts->issued_s = whole(ret->issued);
	return rc;
}

static int judge_end(struct cor_jwt_token *token, const struct times *times)
{
	if (isnan(times->expires))
		return token->rules->is_endless_taken
			       ? 0
			       : cor_jwt_fail(token, -EACCES, "it has no \"exp\": it never ends");
	if (times->now < times->expires + times->leeway)
		return 0;
	return cor_jwt_fail(
		token, -EKEYEXPIRED, "it has expired %.0f s ago", times->now - times->expires);
}

static int judge_begin(struct cor_jwt_token *token, const struct times *times)
{
	if (times->begins > times->now + times->leeway) /* false if it is not there */
		return cor_jwt_fail(token, -EACCES, "it is valid in %.0f s only (\"nbf\")",
			times->begins - times->now);
	if (times->issued > times->now + times->leeway)
		return cor_jwt_fail(token, -EACCES, "it is issued in %.0f s only (\"iat\")",
			times->issued - times->now);
	return 0;
}

static int judge_age(struct cor_jwt_token *token, const struct times *times)
{
	double most = (double)token->rules->max_age_s;

	if (token->rules->max_age_s == 0)
		return 0;
	if (isnan(times->issued))
		return cor_jwt_fail(
			token, -EACCES, "it has no \"iat\", and the rules limit its age");
	if (times->now <= times->issued + most + times->leeway)
		return 0;
	return cor_jwt_fail(token, -EKEYEXPIRED, "it is %.0f s old, %.0f are allowed",
		times->now - times->issued, most);
}

static int judge_times(struct cor_jwt_token *token, const struct cor_node *claims)
{
	struct times times;
	int rc = get_times(token, claims, &times);

	if (rc == 0)
		rc = judge_end(token, &times);
	if (rc == 0)
		rc = judge_begin(token, &times);
	return rc < 0 ? rc : judge_age(token, &times);
}

/* --- what for --- */

/** A list that grows; it has room for all that the claims may have. */
struct scopes {
	char *text;
	size_t len;
};

/* Each word of a text. */
static void add_words(struct scopes *scopes, struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		bool is_first = text.data[i] != ' ' && (i == 0 || text.data[i - 1] == ' ');
		if (is_first && scopes->len != 0)
			scopes->text[scopes->len++] = ' ';
		if (text.data[i] != ' ')
			scopes->text[scopes->len++] = text.data[i];
	}
}

static int add_scopes(struct cor_jwt_token *token, const struct cor_node *claims, const char *name,
	struct scopes *scopes)
{
	const struct cor_node *node = cor_node_get(claims, name);
	bool is_array = cor_node_type(node) == COR_JSON_ARRAY;
	size_t len = is_array ? cor_node_len(node) : node ? 1 : 0;
	struct cor_str text;

	for (size_t i = 0; i < len; i++) {
		if (cor_node_to_text(is_array ? cor_node_item(node, i) : node, &text) < 0 ||
			memchr(text.data, '\0', text.len))
			return cor_jwt_fail(
				token, -EBADMSG, "\"%s\" is no text and no array of texts", name);
		add_words(scopes, text);
	}
	return 0;
}

/* Each word has a quote, a comma or a blank next to it in the payload, so that is room enough. */
static int get_scopes(struct cor_jwt_token *token, const struct cor_node *claims)
{
	struct scopes scopes = { .text = cor_alloc(token->ctx, token->payload.len + 1) };

	if (!scopes.text)
		return -ENOMEM;
	int rc = add_scopes(token, claims, "scope", &scopes);
	if (rc == 0)
		rc = add_scopes(token, claims, "scp", &scopes);
	scopes.text[scopes.len] = '\0';
	token->facts->scope = scopes.text;
	return rc;
}

int cor_jwt_claims_judge(struct cor_jwt_token *token)
{
	const struct cor_node *claims = NULL;
	int rc = cor_jwt_parse_object(token, "payload", token->payload, &claims);

	if (rc == 0)
		rc = judge_issuer(token, claims);
	if (rc == 0)
		rc = judge_audience(token, claims);
	if (rc == 0)
		rc = judge_times(token, claims);
	if (rc == 0)
		rc = cor_jwt_get_text(token, claims, "sub", &token->facts->subject);
	if (rc == 0)
		rc = cor_jwt_get_text(token, claims, "jti", &token->facts->id);
	return rc < 0 ? rc : get_scopes(token, claims);
}
