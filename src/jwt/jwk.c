/* SPDX-License-Identifier: MIT */
#include "jwt/jwk.h"

#include <errno.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <coracle/base64.h>
#include <coracle/error.h>
#include <coracle/json_node.h>

/** A JWK while it is read. */
struct reader {
	const struct cor_jwt_maker *maker;
	struct cor_arena *arena; /* ends with the call */
	const struct cor_node *jwk;
	int rc; /* of the first thing that was wrong */
};

static bool has(const struct reader *reader, const char *name)
{
	return cor_node_get(reader->jwk, name) != NULL;
}

/* A member that is a text without NUL; NULL: it is not there, or no such text. */
static const char *text_of(struct reader *reader, const char *name)
{
	struct cor_str text;

	if (reader->rc < 0 || cor_node_to_text(cor_node_get(reader->jwk, name), &text) < 0 ||
		memchr(text.data, '\0', text.len))
		return NULL;
	char *copy = cor_arena_copy(reader->arena, text.data, text.len);
	if (!copy)
		reader->rc = -ENOMEM;
	return copy;
}

static bool is_text(struct reader *reader, const char *name, const char *wanted)
{
	const char *text = text_of(reader, name);

	return text && strcmp(text, wanted) == 0;
}

/* The bytes of a member that is base64url. */
static struct cor_str bytes_of(struct reader *reader, const char *name)
{
	struct cor_str text, bytes = { NULL, 0 };

	if (reader->rc < 0)
		return bytes;
	if (cor_node_to_text(cor_node_get(reader->jwk, name), &text) < 0) {
		reader->rc = cor_jwt_refuse(reader->maker, "\"%s\" is missing, or no text", name);
		return bytes;
	}
	char *room = cor_arena_alloc(reader->arena, cor_base64url_bytes(text) + 3);
	if (!room) {
		reader->rc = -ENOMEM;
		return bytes;
	}
	bytes.data = room;
	if (cor_base64url_parse(text, room, &bytes.len) < 0)
		reader->rc = cor_jwt_refuse(
			reader->maker, "\"%s\" is not base64url without padding", name);
	return bytes;
}

/* --- numbers into a key --- */

/* Numbers that were pushed are needed until the parameters are made. */
#define NUMBERS_MAX 8

struct numbers {
	struct reader *reader;
	OSSL_PARAM_BLD *builder;
	BIGNUM *items[NUMBERS_MAX];
	size_t len;
};

static void push_number(struct numbers *numbers, const char *name, const char *parameter)
{
	struct cor_str bytes = bytes_of(numbers->reader, name);

	if (numbers->reader->rc < 0)
		return;
	BIGNUM *number = BN_bin2bn((const uint8_t *)bytes.data, (int)bytes.len, NULL);
	if (!number || OSSL_PARAM_BLD_push_BN(numbers->builder, parameter, number) != 1)
		numbers->reader->rc = -ENOMEM;
	if (number)
		numbers->items[numbers->len++] = number;
}

static EVP_PKEY *make(struct numbers *numbers, const char *type, int selection)
{
	struct reader *reader = numbers->reader;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *parameters = reader->rc == 0 ? OSSL_PARAM_BLD_to_param(numbers->builder) : NULL;
	EVP_PKEY *pkey = NULL;

	if (reader->rc == 0 && (!context || !parameters))
		reader->rc = -ENOMEM;
	if (reader->rc == 0 &&
		(EVP_PKEY_fromdata_init(context) != 1 ||
			EVP_PKEY_fromdata(context, &pkey, selection, parameters) != 1))
		reader->rc = cor_jwt_refuse(
			reader->maker, "the key is broken: its numbers cannot be those of a key");
	OSSL_PARAM_free(parameters);
	EVP_PKEY_CTX_free(context);
	return pkey;
}

static bool begin_numbers(struct numbers *numbers, struct reader *reader)
{
	*numbers = (struct numbers){ .reader = reader, .builder = OSSL_PARAM_BLD_new() };
	if (!numbers->builder && reader->rc == 0)
		reader->rc = -ENOMEM;
	return numbers->builder;
}

static void end_numbers(struct numbers *numbers)
{
	OSSL_PARAM_BLD_free(numbers->builder);
	for (size_t i = 0; i < numbers->len; i++)
		BN_clear_free(numbers->items[i]);
}

/* --- kty by kty --- */

/* All of the numbers that make it quick, or none: RFC 7518 section 6.3.2. */
static void push_private_rsa(struct numbers *numbers)
{
	static const char *const quick[][2] = {
		{ "p", OSSL_PKEY_PARAM_RSA_FACTOR1 },
		{ "q", OSSL_PKEY_PARAM_RSA_FACTOR2 },
		{ "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1 },
		{ "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2 },
		{ "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
	};

	push_number(numbers, "d", OSSL_PKEY_PARAM_RSA_D);
	if (has(numbers->reader, "p"))
		for (size_t i = 0; i < sizeof quick / sizeof quick[0]; i++)
			push_number(numbers, quick[i][0], quick[i][1]);
}

static void read_rsa(struct reader *reader, struct cor_jwt_key *key)
{
	struct numbers numbers;

	key->signs = has(reader, "d");
	if (key->signs && has(reader, "oth")) {
		reader->rc = cor_jwt_refuse(
			reader->maker, "an RSA key of more than two primes is not supported");
		return;
	}
	if (!begin_numbers(&numbers, reader))
		return;
	push_number(&numbers, "n", OSSL_PKEY_PARAM_RSA_N);
	push_number(&numbers, "e", OSSL_PKEY_PARAM_RSA_E);
	if (key->signs)
		push_private_rsa(&numbers);
	key->pkey = make(&numbers, "RSA", key->signs ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
	end_numbers(&numbers);
}

/* x and y have the length of the curve's coordinates: RFC 7518 section 6.2.1.2. */
static void push_point(struct numbers *numbers, uint32_t size, uint8_t *room)
{
	struct reader *reader = numbers->reader;
	struct cor_str x = bytes_of(reader, "x"), y = bytes_of(reader, "y");

	if (reader->rc < 0)
		return;
	if (!x.data || !y.data || x.len != size || y.len != size) {
		reader->rc = cor_jwt_refuse(
			reader->maker, "\"x\" and \"y\" have %u bytes each on this curve", size);
		return;
	}
	room[0] = 4; /* neither is compressed: SEC 1 section 2.3.3 */
	memcpy(room + 1, x.data, size);
	memcpy(room + 1 + size, y.data, size);
	if (OSSL_PARAM_BLD_push_octet_string(
		    numbers->builder, OSSL_PKEY_PARAM_PUB_KEY, room, 1 + 2 * size) != 1)
		reader->rc = -ENOMEM;
}

static const struct cor_jwt_method *method_on(const char *curve)
{
	const struct cor_jwt_method *method = NULL;

	for (uint32_t bit = COR_JWT_ES256; curve && bit <= COR_JWT_ES512; bit <<= 1) {
		method = cor_jwt_method_first(bit);
		if (strcmp(method->curve, curve) == 0)
			return method;
	}
	return NULL;
}

static void read_ec(struct reader *reader, struct cor_jwt_key *key)
{
	const struct cor_jwt_method *method = method_on(text_of(reader, "crv"));
	uint8_t point[1 + 2 * 66];
	struct numbers numbers;

	key->signs = has(reader, "d");
	if (!method && reader->rc == 0)
		reader->rc = cor_jwt_refuse(reader->maker, "\"crv\" is not P-256, P-384 or P-521");
	if (reader->rc < 0 || !begin_numbers(&numbers, reader))
		return;
	if (OSSL_PARAM_BLD_push_utf8_string(
		    numbers.builder, OSSL_PKEY_PARAM_GROUP_NAME, method->curve, 0) != 1)
		reader->rc = -ENOMEM;
	push_point(&numbers, method->size_bytes, point);
	if (key->signs)
		push_number(&numbers, "d", OSSL_PKEY_PARAM_PRIV_KEY);
	key->pkey = make(&numbers, "EC", key->signs ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
	end_numbers(&numbers);
}

/* The public half of a private key is computed: it must be the one that stands there. */
static bool is_public_half(const EVP_PKEY *pkey, struct cor_str x)
{
	uint8_t computed[64];
	size_t len = sizeof computed;

	return x.data && EVP_PKEY_get_raw_public_key(pkey, computed, &len) == 1 && len == x.len &&
	       memcmp(computed, x.data, len) == 0;
}

static void read_okp(struct reader *reader, struct cor_jwt_key *key)
{
	const char *curve = text_of(reader, "crv");
	bool is_448 = curve && strcmp(curve, "Ed448") == 0;

	if (reader->rc == 0 && !is_448 && (!curve || strcmp(curve, "Ed25519") != 0))
		reader->rc = cor_jwt_refuse(reader->maker, "\"crv\" is not Ed25519 or Ed448");
	struct cor_str x = bytes_of(reader, "x");
	key->signs = has(reader, "d");
	struct cor_str half = key->signs ? bytes_of(reader, "d") : x;
	if (reader->rc < 0)
		return;
	EVP_PKEY *(*read)(OSSL_LIB_CTX *, const char *, const char *, const unsigned char *,
		size_t) = key->signs ? EVP_PKEY_new_raw_private_key_ex
				     : EVP_PKEY_new_raw_public_key_ex;
	key->pkey = read(
		NULL, is_448 ? "ED448" : "ED25519", NULL, (const uint8_t *)half.data, half.len);
	if (!key->pkey || (key->signs && !is_public_half(key->pkey, x)))
		reader->rc = cor_jwt_refuse(reader->maker,
			"the key is broken: \"x\" or \"d\" is not of its curve, or they do not "
			"belong together");
}

static void read_oct(struct reader *reader, struct cor_jwt_key *key)
{
	key->secret = bytes_of(reader, "k");
	key->family = COR_JWT_HMAC;
	key->signs = true;
}

static const struct kty {
	const char *name;
	void (*read)(struct reader *reader, struct cor_jwt_key *key);
} ktys[] = {
	{ "RSA", read_rsa },
	{ "EC", read_ec },
	{ "OKP", read_okp },
	{ "oct", read_oct },
};

/* --- what it is for: RFC 7517 sections 4.2 to 4.4 --- */

static void read_alg(struct reader *reader, struct cor_jwt_key *key)
{
	const char *alg = text_of(reader, "alg");
	const struct cor_jwt_method *method = alg ? cor_jwt_method_named(cor_str(alg)) : NULL;

	if (method)
		key->algorithms = method->algorithm;
	else if (reader->rc == 0 && has(reader, "alg"))
		reader->rc = cor_jwt_refuse(reader->maker,
			"\"alg\" is \"%.40s\", no signature that is supported", alg ? alg : "");
}

static bool allows(const struct cor_node *key_ops, const char *wanted)
{
	struct cor_str text;

	for (size_t i = 0; i < cor_node_len(key_ops); i++)
		if (cor_node_to_text(cor_node_item(key_ops, i), &text) == 0 &&
			cor_str_equal(text, cor_str(wanted)))
			return true;
	return false;
}

static void read_use(struct reader *reader, struct cor_jwt_key *key)
{
	const struct cor_node *key_ops = cor_node_get(reader->jwk, "key_ops");

	key->verifies = true;
	if (has(reader, "use") && !is_text(reader, "use", "sig") && reader->rc == 0)
		reader->rc = cor_jwt_refuse(
			reader->maker, "\"use\" is not \"sig\": it is not for signatures");
	if (!key_ops || reader->rc < 0)
		return;
	key->verifies = allows(key_ops, "verify") || (key->signs && allows(key_ops, "sign"));
	key->signs = key->signs && allows(key_ops, "sign");
	if (!key->verifies && !key->signs)
		reader->rc = cor_jwt_refuse(
			reader->maker, "\"key_ops\" has neither \"verify\" nor \"sign\"");
}

static void read_key(struct reader *reader, struct cor_jwt_key *key)
{
	const char *name = text_of(reader, "kty");
	const struct kty *found = NULL;

	for (size_t i = 0; name && i < sizeof ktys / sizeof ktys[0]; i++)
		if (strcmp(ktys[i].name, name) == 0)
			found = &ktys[i];
	if (reader->rc < 0)
		return;
	if (!found) {
		reader->rc = cor_jwt_refuse(reader->maker, "\"kty\" is not RSA, EC, OKP or oct");
		return;
	}
	read_alg(reader, key);
	if (reader->rc == 0)
		found->read(reader, key);
	if (reader->rc == 0)
		read_use(reader, key);
}

/* --- one, and a set --- */

static int add_one(
	const struct cor_jwt_maker *maker, struct cor_arena *arena, const struct cor_node *jwk)
{
	struct reader reader = { .maker = maker, .arena = arena, .jwk = jwk };
	struct cor_jwt_key key = { .kid = text_of(&reader, "kid") };

	if (has(&reader, "kid") && !key.kid && reader.rc == 0)
		reader.rc = cor_jwt_refuse(maker, "\"kid\" is no text, or has a NUL in it");
	if (reader.rc == 0)
		read_key(&reader, &key);
	if (reader.rc == 0)
		reader.rc = cor_jwt_key_add(maker, &key);
	if (reader.rc < 0)
		EVP_PKEY_free(key.pkey);
	ERR_clear_error();
	return reader.rc;
}

/* The problem that is recorded says why. */
static int leave_out(const struct cor_jwt_maker *maker, const struct cor_node *jwk)
{
	struct cor_jwt_keys *keys = maker->keys;
	struct cor_jwt_left_out *left_out = cor_arena_zalloc(&keys->arena, sizeof *left_out);
	struct cor_str kid;

	if (!left_out)
		return -ENOMEM;
	left_out->why = cor_arena_strdup(&keys->arena, cor_problem_of(maker->ctx)->detail);
	if (cor_node_to_text(cor_node_get(jwk, "kid"), &kid) == 0) {
		left_out->kid = cor_arena_copy(&keys->arena, kid.data, kid.len);
		if (!left_out->kid)
			return -ENOMEM;
	}
	if (!left_out->why)
		return -ENOMEM;
	left_out->next = keys->left_out;
	keys->left_out = left_out;
	return 0;
}

static int add_item(const struct cor_jwt_maker *maker, struct cor_arena *arena,
	const struct cor_node *jwk, size_t number)
{
	struct cor_jwt_maker one = *maker;

	one.where = cor_arena_printf(arena, "%s, key %zu", maker->where, number);
	if (!one.where)
		return -ENOMEM;
	int rc = add_one(&one, arena, jwk);
	return rc == -COR_EPROBLEM ? leave_out(maker, jwk) : rc;
}

static int add_set(
	const struct cor_jwt_maker *maker, struct cor_arena *arena, const struct cor_node *items)
{
	size_t before = maker->keys->len, len = cor_node_len(items);
	int rc = 0;

	if (cor_node_type(items) != COR_JSON_ARRAY)
		return cor_jwt_refuse(maker, "\"keys\" of a JWK set is an array");
	if (len > COR_JWT_KEYS_MAX)
		return cor_jwt_refuse(
			maker, "a JWK set of more than %d keys is not supported", COR_JWT_KEYS_MAX);
	for (size_t i = 0; rc == 0 && i < len; i++)
		rc = add_item(maker, arena, cor_node_item(items, i), i + 1);
	if (rc < 0 || maker->keys->len != before)
		return rc;
	if (len == 0)
		return cor_jwt_refuse(maker, "the JWK set holds no key");
	/* that of the last is recorded; its text begins with where */
	return cor_problem(maker->ctx, 500, -EINVAL, "no key of the JWK set can be used: %s",
		maker->keys->left_out->why);
}

static int add_parsed(
	const struct cor_jwt_maker *maker, struct cor_arena *arena, const struct cor_node *node)
{
	const struct cor_node *items = cor_node_get(node, "keys");

	return items ? add_set(maker, arena, items) : add_one(maker, arena, node);
}

int cor_jwt_jwk_add(const struct cor_jwt_maker *maker, struct cor_str text)
{
	const struct cor_node_options options = { .duplicates = COR_DUPLICATES_REFUSED };
	struct cor_arena arena;
	struct cor_node *node;
	size_t at = 0;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = cor_node_parse(&arena, text, &options, &node, &at);
	if (rc == -ENOMEM) {
		cor_arena_finish(&arena);
		return rc;
	}
	if (rc < 0) {
		struct cor_json_place place = cor_json_place(text, at);
		rc = cor_jwt_refuse(maker, "it is not JSON as a JWK is: line %zu, column %zu: %s",
			place.line, place.column,
			rc == -COR_EINVALID ? "a member is there twice" : cor_strerror(rc));
	} else {
		rc = add_parsed(maker, &arena, node);
	}
	cor_arena_finish(&arena);
	return rc;
}
