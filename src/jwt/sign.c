/* SPDX-License-Identifier: MIT */
#include <coracle/jwt.h>

#include <errno.h>

#include <coracle/base64.h>
#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/json_node.h>
#include <coracle/random.h>

#include "jwt/key.h"
#include "jwt/signature.h"

/** A token while it is made. */
struct signer {
	struct cor_ctx *ctx;
	struct cor_arena *arena; /* of ctx */
	const struct cor_jwt_options *options;
	const struct cor_jwt_key *key;
	const struct cor_jwt_method *method;
};

static int choose_key(struct signer *signer, const struct cor_jwt_keys *keys)
{
	const struct cor_jwt_options *options = signer->options;
	uint32_t wanted = options->algorithm ? (uint32_t)options->algorithm : UINT32_MAX;

	for (const struct cor_jwt_key *key = keys->first; key; key = key->next) {
		bool is_named = !options->kid || (key->kid && strcmp(key->kid, options->kid) == 0);
		if (!key->signs || !is_named || !(key->algorithms & wanted))
			continue;
		signer->key = key;
		signer->method = cor_jwt_method_first(key->algorithms & wanted);
		return 0;
	}
	return -ENOKEY;
}

/* --- JSON --- */

/* NULL: it is not set. A text that is not UTF-8 has no node. */
static int set_text(
	const struct signer *signer, struct cor_node *object, const char *key, const char *text)
{
	if (!text)
		return 0;
	int rc = cor_node_set(signer->arena, object, key, cor_node_string(signer->arena, text));
	return rc == -EINVAL ? -COR_EINVALID : rc;
}

static int set_time(
	const struct signer *signer, struct cor_node *claims, const char *key, int64_t time_s)
{
	int rc = cor_node_set(signer->arena, claims, key, cor_node_int64(signer->arena, time_s));
	return rc == -EINVAL ? -ENOMEM : rc; /* there was no node */
}

static int set_times(const struct signer *signer, struct cor_node *claims)
{
	int64_t now_s = cor_now().tv_sec, lifetime_s = signer->options->lifetime_s;
	int64_t end_s = 0;
	int rc = set_time(signer, claims, "iat", now_s);

	if (rc < 0)
		return rc;
	if (lifetime_s == 0)
		return cor_node_get(claims, "exp") ? 0 : -EINVAL;
	if (lifetime_s == COR_FOREVER) {
		cor_node_remove(cor_node_get(claims, "exp"));
		return 0;
	}
	if (__builtin_add_overflow(now_s, lifetime_s, &end_s))
		return -EINVAL;
	return set_time(signer, claims, "exp", end_s);
}

static int set_id(const struct signer *signer, struct cor_node *claims)
{
	char text[COR_UUID_TEXT_BYTES];
	struct cor_uuid id;

	if (!signer->options->has_id)
		return 0;
	cor_uuid_random(&id);
	cor_uuid_print(&id, text);
	return set_text(signer, claims, "jti", text);
}

static int set_options(const struct signer *signer, struct cor_node *claims)
{
	const struct cor_jwt_options *options = signer->options;
	int rc = set_text(signer, claims, "iss", options->issuer);

	if (rc == 0)
		rc = set_text(signer, claims, "sub", options->subject);
	if (rc == 0)
		rc = set_text(signer, claims, "aud", options->audience);
	if (rc == 0)
		rc = set_text(signer, claims, "scope", options->scope);
	if (rc == 0)
		rc = set_times(signer, claims);
	return rc < 0 ? rc : set_id(signer, claims);
}

static int encode(const struct signer *signer, const struct cor_schema *schema, const void *claims,
	struct cor_node **ret)
{
	const struct cor_node_options options = { .borrow = true };
	struct cor_codec *codec = cor_ctx_codec(signer->ctx);
	struct cor_str text;

	if (schema->media == COR_MEDIA_NONE) {
		*ret = cor_node_object(signer->arena);
		return *ret ? 0 : -ENOMEM;
	}
	int rc = codec ? cor_encode_json(codec, signer->arena, schema, claims, &text) : -COR_ETABLE;
	if (rc == 0)
		rc = cor_node_parse(signer->arena, text, &options, ret, NULL);
	if (rc == 0 && cor_node_type(*ret) != COR_JSON_OBJECT)
		rc = -COR_EINVALID;
	return rc;
}

static int make_header(const struct signer *signer, struct cor_str *ret)
{
	const char *type = signer->options->type;
	struct cor_node *header = cor_node_object(signer->arena);

	if (!header)
		return -ENOMEM;
	int rc = set_text(signer, header, "alg", signer->method->name);
	if (rc == 0)
		rc = set_text(signer, header, "typ", type ? type : "JWT");
	if (rc == 0)
		rc = set_text(signer, header, "kid", signer->key->kid);
	return rc < 0 ? rc : cor_node_print(signer->arena, header, ret);
}

static int make_payload(const struct signer *signer, const struct cor_schema *schema,
	const void *claims, struct cor_str *ret)
{
	struct cor_node *node = NULL;
	int rc = encode(signer, schema, claims, &node);

	if (rc == 0)
		rc = set_options(signer, node);
	return rc < 0 ? rc : cor_node_print(signer->arena, node, ret);
}

/* --- the text --- */

static size_t text_bytes(struct cor_str part)
{
	return cor_base64url_text_bytes(part.len);
}

/* The signature is as long as the key says, so there is room for it, too. */
static int join(const struct signer *signer, const struct cor_jwt_keys *keys, struct cor_str header,
	struct cor_str payload, struct cor_str *ret_token)
{
	size_t signed_bytes = text_bytes(header) + 1 + text_bytes(payload);
	struct cor_str signature = { 0 };
	char *signed_text = cor_alloc(signer->ctx, signed_bytes);

	if (!signed_text)
		return -ENOMEM;
	cor_base64url_print(header, signed_text);
	signed_text[text_bytes(header)] = '.';
	cor_base64url_print(payload, signed_text + text_bytes(header) + 1);
	int rc = cor_jwt_signature_make(signer->ctx, keys, signer->key, signer->method,
		(struct cor_str){ signed_text, signed_bytes }, &signature);
	if (rc < 0)
		return -ENOMEM; /* not the key: it was tried when it was made */
	size_t bytes = signed_bytes + 1 + text_bytes(signature);
	char *text = cor_alloc(signer->ctx, bytes + 1); /* and a NUL */
	if (!text)
		return -ENOMEM;
	memcpy(text, signed_text, signed_bytes);
	text[signed_bytes] = '.';
	cor_base64url_print(signature, text + signed_bytes + 1);
	*ret_token = (struct cor_str){ text, bytes };
	return 0;
}

int cor_jwt_sign_claims(struct cor_ctx *ctx, const struct cor_jwt_keys *keys,
	const struct cor_schema *schema, const void *claims, struct cor_str *ret_token,
	const struct cor_jwt_options *options)
{
	struct signer signer = { .ctx = ctx, .arena = cor_ctx_arena(ctx), .options = options };
	struct cor_str header = { 0 }, payload = { 0 };
	int rc = choose_key(&signer, keys);

	if (rc == 0)
		rc = make_header(&signer, &header);
	if (rc == 0)
		rc = make_payload(&signer, schema, claims, &payload);
	return rc < 0 ? rc : join(&signer, keys, header, payload, ret_token);
}
