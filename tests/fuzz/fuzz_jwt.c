/* SPDX-License-Identifier: MIT */
/*
 * The first byte says what the rest is. 'k': a text with keys; what is taken is published, and that
 * is taken again. 't': a token, as a stranger sends it, which nobody takes. 's': a header, a line
 * feed and claims, signed as they are: whatever is in them, the code is one of those in jwt.h. 'u':
 * something to unseal, which nobody takes.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <coracle/base64.h>
#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/json.h>
#include <coracle/jwt.h>
#include <coracle/sealing.h>

#include "moment.h"
#include "target.h"

#define NOW_S  1800000000
#define SECRET "a secret that the fuzzer knows, but does not compute with"

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* --- the service --- */

struct caller {
	const char *sub;
	cor_opt(int64_t) level;
	cor_array(const char *) groups;
};
static const struct cor_field caller_fields[] = {
	COR_FIELD(struct caller, sub, .presence = COR_OPTIONAL, .max_length = 20),
	COR_OPT_FIELD(struct caller, level, .range = COR_BETWEEN(1, 9)),
	COR_ARRAY(struct caller, groups, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(caller_schema, struct caller, caller_fields);

static int do_nothing(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(nothing, do_nothing, COR_NONE, COR_NONE);
static const struct cor_resource root = { .path = "/", .get = &nothing };
static const struct cor_service service = {
	.name = "fuzz",
	.version = "1",
	.resources = COR_RESOURCES(&root),
	.schemas = COR_SCHEMAS(caller_schema),
};

/* The examples of RFC 7515 and RFC 8037, and a secret. */
static const char set[] =
	"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\"YSBzZWNyZXQgdGhhdCB0aGUgZnV6emVyIGtub3dz"
	"LCBidXQgZG9lcyBub3QgY29tcHV0ZSB3aXRo\"},"
	"{\"kty\":\"EC\",\"kid\":\"e\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9u"
	"PHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"
	"{\"kty\":\"OKP\",\"kid\":\"o\",\"crv\":\"Ed25519\","
	"\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},{\"kty\":\"later\",\"kid\":\"l\"}]}";

static const struct cor_jwt_keys *the_keys;

static const struct cor_jwt_keys *keys_of(struct cor_ctx *ctx)
{
	(void)ctx;
	return the_keys;
}
static const struct cor_jwt_rules rules = {
	.keys = keys_of,
	.issuer = "id",
	.audience = "a",
	.is_endless_taken = true,
};

/* --- what is tried --- */

static int verify(struct cor_ctx *ctx, const char *token)
{
	struct caller caller = { 0 };
	struct cor_jwt jwt;
	int rc = cor_jwt_verify(ctx, &rules, token, caller_schema, &caller, &jwt);

	must((rc < 0) == (jwt.why != NULL) && jwt.scope);
	must(rc == 0 || rc == -EBADMSG || rc == -COR_ETOOLARGE || rc == -EKEYREJECTED ||
		rc == -ENOKEY || rc == -EKEYEXPIRED || rc == -EACCES || rc == -COR_EINVALID);
	if (rc == 0) {
		must(strcmp(jwt.issuer, "id") == 0 && jwt.algorithm == COR_JWT_HS256);
		must(!strstr(jwt.scope, "  ") && jwt.scope[0] != ' ');
		must(caller.level.state != COR_SET ||
			(caller.level.value >= 1 && caller.level.value <= 9));
	}
	return rc;
}

static const char *part(struct cor_ctx *ctx, struct cor_str bytes)
{
	char *text = cor_alloc(ctx, cor_base64url_text_bytes(bytes.len) + 1);

	must(text != NULL);
	cor_base64url_print(bytes, text);
	return text;
}

static void try_signed(struct cor_ctx *ctx, struct cor_str input)
{
	const char *end = memchr(input.data, '\n', input.len);
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned len;

	if (!end)
		return;
	struct cor_str header = { input.data, (size_t)(end - input.data) };
	struct cor_str claims = { end + 1, input.len - header.len - 1 };
	const char *text = cor_printf(ctx, "%s.%s", part(ctx, header), part(ctx, claims));
	must(HMAC(EVP_sha256(), SECRET, (int)strlen(SECRET), (const unsigned char *)text,
		     strlen(text), mac, &len) != NULL);
	(void)verify(ctx, cor_printf(ctx, "%s.%s", text,
				  part(ctx, (struct cor_str){ (const char *)mac, len })));
}

static void try_keys(struct cor_ctx *ctx, struct cor_str text)
{
	const struct cor_jwt_source source = { .text = text };
	struct cor_jwt_keys *keys, *again;
	struct cor_json published;
	int rc = cor_jwt_keys_create(ctx, &source, 1, &keys);

	if (rc < 0) {
		must(rc == -COR_EPROBLEM && cor_problem_of(ctx)->detail[0]);
		return;
	}
	must(cor_jwt_keys_print(ctx, keys, &published) == 0);
	must(cor_json_check(published.text, 0, NULL) == 0);
	if (!cor_str_equal(published.text, COR_STR("{\"keys\":[]}"))) {
		const struct cor_jwt_source other = { .text = published.text };
		must(cor_jwt_keys_create(ctx, &other, 1, &again) == 0);
		cor_jwt_keys_destroy(again);
	}
	cor_jwt_keys_destroy(keys);
}

static void try_unsealing(struct cor_ctx *ctx, struct cor_str text)
{
	static const struct cor_str secret = { SECRET, sizeof SECRET - 1 };
	struct cor_seal_keys *keys;
	struct cor_unsealed out;

	must(cor_seal_keys_create(ctx, &secret, 1, &keys) == 0);
	must(cor_unseal_signed(ctx, keys, "p", COR_FOREVER, text, &out) < 0);
	must(cor_unseal_encrypted(ctx, keys, "p", COR_FOREVER, text, &out) < 0);
	cor_seal_keys_destroy(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct moment moment;

	if (size == 0)
		return 0;
	moment_begin(&moment, &service, NOW_S, 0);
	struct cor_ctx *ctx = moment.ctx;
	if (!the_keys) {
		const struct cor_jwt_source source = { .text = cor_str(set) };
		struct cor_jwt_keys *keys;
		must(cor_jwt_keys_create(ctx, &source, 1, &keys) == 0);
		the_keys = keys;
	}
	const char *copy = cor_arena_copy(cor_ctx_arena(ctx), data + 1, size - 1);
	struct cor_str input = { copy, size - 1 };
	must(copy != NULL);
	if (data[0] == 'k')
		try_keys(ctx, input);
	else if (data[0] == 't')
		must(verify(ctx, copy) < 0);
	else if (data[0] == 's')
		try_signed(ctx, input);
	else if (data[0] == 'u')
		try_unsealing(ctx, input);
	moment_end(&moment);
	return 0;
}
