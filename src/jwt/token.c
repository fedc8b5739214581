/* SPDX-License-Identifier: MIT */
#include "jwt/token.h"

#include <errno.h>
#include <stdarg.h>
#include <strings.h>

#include <coracle/base64.h>
#include <coracle/error.h>

int cor_jwt_fail(struct cor_jwt_token *token, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *why = cor_arena_vprintf(cor_ctx_arena(token->ctx), format, args);
	va_end(args);
	token->facts->why = why ? why : "no memory is left to say why";
	return code;
}

int cor_jwt_parse_object(struct cor_jwt_token *token, const char *what, struct cor_str text,
	const struct cor_node **ret)
{
	const struct cor_node_options options = {
		.duplicates = COR_DUPLICATES_REFUSED,
		.borrow = true,
	};
	struct cor_node *node;
	size_t at;
	int rc = cor_node_parse(cor_ctx_arena(token->ctx), text, &options, &node, &at);

	if (rc == -ENOMEM)
		return rc;
	if (rc < 0)
		return cor_jwt_fail(token, -EBADMSG, "the %s is wrong at byte %zu: %s", what, at,
			rc == -COR_EINVALID ? "a member is there twice" : cor_strerror(rc));
	if (cor_node_type(node) != COR_JSON_OBJECT)
		return cor_jwt_fail(token, -EBADMSG, "the %s is no object of JSON", what);
	*ret = node;
	return 0;
}

int cor_jwt_get_text(struct cor_jwt_token *token, const struct cor_node *object, const char *name,
	const char **ret)
{
	const struct cor_node *node = cor_node_get(object, name);
	struct cor_str text;

	if (!node)
		return 0;
	if (cor_node_to_text(node, &text) < 0 || memchr(text.data, '\0', text.len))
		return cor_jwt_fail(token, -EBADMSG, "\"%s\" is no text, or has a NUL in it", name);
	*ret = cor_arena_copy(cor_ctx_arena(token->ctx), text.data, text.len);
	return *ret ? 0 : -ENOMEM;
}

/* --- the parts --- */

#define PARTS     3
#define JWE_PARTS 5

/* Up to one more than a JWE has, so that they can be told from what is neither. */
static size_t split(struct cor_str text, struct cor_str parts[JWE_PARTS + 1])
{
	size_t len = 0;

	for (;;) {
		const char *dot = text.len ? memchr(text.data, '.', text.len) : NULL;
		size_t bytes = dot ? (size_t)(dot - text.data) : text.len;
		parts[len++] = (struct cor_str){ text.data, bytes };
		if (!dot || len == JWE_PARTS + 1)
			return len;
		text = (struct cor_str){ dot + 1, text.len - bytes - 1 };
	}
}

static int decode(
	struct cor_jwt_token *token, const char *what, struct cor_str part, struct cor_str *ret)
{
	char *room = cor_alloc(token->ctx, cor_base64url_bytes(part) + 3);
	size_t len;

	if (!room)
		return -ENOMEM;
	if (cor_base64url_parse(part, room, &len) < 0)
		return cor_jwt_fail(token, -EBADMSG,
			"the %s is not base64url (RFC 4648 section 5) without padding", what);
	*ret = (struct cor_str){ room, len };
	return 0;
}

static int take_apart(struct cor_jwt_token *token, const char *text, struct cor_str *ret_header)
{
	uint32_t most = token->rules->token_bytes;
	struct cor_str parts[JWE_PARTS + 1];

	most = most != 0 ? most : COR_JWT_BYTES;
	struct cor_str whole = { text, strnlen(text, (size_t)most + 1) };
	if (whole.len > most)
		return cor_jwt_fail(token, -COR_ETOOLARGE, "it is longer than %u bytes", most);
	size_t len = split(whole, parts);
	if (len == JWE_PARTS)
		return cor_jwt_fail(token, -EBADMSG,
			"it is encrypted (JWE), which is not supported: ask its issuer for a "
			"signed one");
	if (len != PARTS)
		return cor_jwt_fail(
			token, -EBADMSG, "it is no token: those have three parts with dots");
	token->input = (struct cor_str){ text, parts[0].len + 1 + parts[1].len };
	int rc = decode(token, "header", parts[0], ret_header);
	if (rc == 0)
		rc = decode(token, "payload", parts[1], &token->payload);
	return rc < 0 ? rc : decode(token, "signature", parts[2], &token->signature);
}

/* --- the header: RFC 7515 section 4.1 --- */

static int judge_alg(struct cor_jwt_token *token, const struct cor_node *header)
{
	const char *alg = NULL;
	int rc = cor_jwt_get_text(token, header, "alg", &alg);

	if (rc < 0)
		return rc;
	if (!alg)
		return cor_jwt_fail(token, -EBADMSG, "the header has no \"alg\"");
	if (strcasecmp(alg, "none") == 0)
		return cor_jwt_fail(
			token, -EKEYREJECTED, "its algorithm is \"none\": nobody has signed it");
	token->method = cor_jwt_method_named(cor_str(alg));
	if (!token->method)
		return cor_jwt_fail(
			token, -EKEYREJECTED, "its algorithm \"%.40s\" is not supported", alg);
	token->facts->algorithm = token->method->algorithm;
	if (token->rules->algorithms != 0 &&
		!(token->rules->algorithms & (uint32_t)token->method->algorithm))
		return cor_jwt_fail(token, -EKEYREJECTED,
			"its algorithm is %s, which the rules do not allow", token->method->name);
	return 0;
}

/*
 * Whoever does not understand what "crit" lists must refuse, and nothing of it is understood
 * (RFC 7515 section 4.1.11); "b64" is one of those, and changes what is signed (RFC 7797).
 */
static int judge_extensions(struct cor_jwt_token *token, const struct cor_node *header)
{
	static const char *const refused[] = { "crit", "b64" };

	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		if (cor_node_get(header, refused[i]))
			return cor_jwt_fail(token, -EBADMSG,
				"the header has \"%s\", which is not supported", refused[i]);
	return 0;
}

/* "application/" may be left away where there is no other slash: section 4.1.9. */
static const char *without_prefix(const char *type)
{
	static const char prefix[] = "application/";
	const char *rest = type + sizeof prefix - 1;

	return strncasecmp(type, prefix, sizeof prefix - 1) == 0 && !strchr(rest, '/') ? rest
										       : type;
}

static int judge_type(struct cor_jwt_token *token, const struct cor_node *header)
{
	const char *wanted = token->rules->type, *type = NULL;
	int rc = cor_jwt_get_text(token, header, "typ", &type);

	if (rc < 0 || !wanted)
		return rc;
	if (type && strcasecmp(without_prefix(type), without_prefix(wanted)) == 0)
		return 0;
	return cor_jwt_fail(
		token, -EACCES, "its \"typ\" is \"%.60s\", not \"%s\"", type ? type : "", wanted);
}

int cor_jwt_token_parse(struct cor_jwt_token *token, const char *text)
{
	const struct cor_node *header = NULL;
	struct cor_str json = { 0 };
	int rc = take_apart(token, text, &json);

	if (rc == 0)
		rc = cor_jwt_parse_object(token, "header", json, &header);
	if (rc == 0)
		rc = judge_alg(token, header);
	if (rc == 0)
		rc = judge_extensions(token, header);
	if (rc == 0)
		rc = cor_jwt_get_text(token, header, "kid", &token->facts->kid);
	return rc < 0 ? rc : judge_type(token, header);
}
