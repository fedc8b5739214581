/* SPDX-License-Identifier: MIT */
#include "jwt/algorithm.h"

#define HMAC(bits, algorithm_)                                                                     \
	{                                                                                          \
		.name = "HS" #bits, .algorithm = (algorithm_), .family = COR_JWT_HMAC,             \
		.digest = "SHA" #bits, .hash_bytes = (bits) / 8                                    \
	}
#define RSA(bits, algorithm_)                                                                      \
	{                                                                                          \
		.name = "RS" #bits, .algorithm = (algorithm_), .family = COR_JWT_RSA,              \
		.digest = "SHA" #bits, .hash_bytes = (bits) / 8                                    \
	}
#define PSS(bits, algorithm_)                                                                      \
	{                                                                                          \
		.name = "PS" #bits, .algorithm = (algorithm_), .family = COR_JWT_RSA,              \
		.is_pss = true, .digest = "SHA" #bits, .hash_bytes = (bits) / 8                    \
	}
#define EC(bits, algorithm_, curve_, size)                                                         \
	{                                                                                          \
		.name = "ES" #bits, .algorithm = (algorithm_), .family = COR_JWT_EC,               \
		.digest = "SHA" #bits, .hash_bytes = (bits) / 8, .curve = (curve_),                \
		.size_bytes = (size)                                                               \
	}

/* In the order of their bits. */
/* clang-format off */
static const struct cor_jwt_method methods[] = {
	HMAC(256, COR_JWT_HS256),
	HMAC(384, COR_JWT_HS384),
	HMAC(512, COR_JWT_HS512),
	RSA(256, COR_JWT_RS256),
	RSA(384, COR_JWT_RS384),
	RSA(512, COR_JWT_RS512),
	PSS(256, COR_JWT_PS256),
	PSS(384, COR_JWT_PS384),
	PSS(512, COR_JWT_PS512),
	EC(256, COR_JWT_ES256, "P-256", 32),
	EC(384, COR_JWT_ES384, "P-384", 48),
	EC(512, COR_JWT_ES512, "P-521", 66),
	{ .name = "EdDSA", .algorithm = COR_JWT_EDDSA, .family = COR_JWT_ED },
};
/* clang-format on */
#define METHODS (sizeof methods / sizeof methods[0])

const struct cor_jwt_method *cor_jwt_method_named(struct cor_str name)
{
	for (size_t i = 0; i < METHODS; i++)
		if (cor_str_equal(cor_str(methods[i].name), name))
			return &methods[i];
	return NULL;
}

const struct cor_jwt_method *cor_jwt_method_of(enum cor_jwt_algorithm algorithm)
{
	for (size_t i = 0; i < METHODS; i++)
		if (methods[i].algorithm == algorithm)
			return &methods[i];
	return NULL;
}

const struct cor_jwt_method *cor_jwt_method_first(uint32_t algorithms)
{
	for (size_t i = 0; i < METHODS; i++)
		if (algorithms & (uint32_t)methods[i].algorithm)
			return &methods[i];
	return NULL;
}

const char *cor_jwt_names(struct cor_ctx *ctx, uint32_t algorithms)
{
	const char *names = "";

	for (size_t i = 0; names && i < METHODS; i++)
		if (algorithms & (uint32_t)methods[i].algorithm)
			names = cor_printf(
				ctx, "%s%s%s", names, names[0] ? ", " : "", methods[i].name);
	return names ? names : "";
}
