/* SPDX-License-Identifier: MIT */
/* The examples of RFC 7515 appendix A, RFC 7519 section 3.1 and RFC 8037 appendix A. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <coracle/error.h>
#include <coracle/jwt.h>

#include "moment.h"
#include "service.h"

#define EXPIRES_S 1300819380

struct joe {
	const char *iss;
	int64_t exp;
	bool is_root;
};
static const struct cor_field joe_fields[] = {
	COR_FIELD(struct joe, iss),
	COR_FIELD(struct joe, exp),
	COR_FIELD(struct joe, is_root, .key = "http://example.com/is_root"),
};
COR_LOCAL_SCHEMA(joe_schema, struct joe, joe_fields);
static const struct cor_service service = SERVICE_OF(joe_schema);

#define JOE                                                                                        \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"     \
	"Ijp0cnVlfQ"

static const struct vector {
	const char *name;
	const char *key;
	const char *token;
	int rc; /* 0, or why it is refused although its signature is right */
	const char *why;
} vectors[] = {
	{
		.name = "RFC 7515 A.1, RFC 7519 3.1: HS256",
		.key = "{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZ"
		       "H75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}",
		.token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." JOE
			 ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
	},
	{
		.name = "RFC 7515 A.2: RS256",
		.key = "{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26"
		       "mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOW"
		       "vG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQO"
		       "S-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFv"
		       "UK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\","
		       "\"e\":\"AQAB\"}",
		.token = "eyJhbGciOiJSUzI1NiJ9." JOE
			 ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4"
			 "Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZ"
			 "LgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO"
			 "--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6Lb"
			 "gGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
	},
	{
		.name = "RFC 7515 A.3: ES256",
		.key = "{\"kty\":\"EC\",\"crv\":\"P-256\","
		       "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		       "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
		       "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}",
		.token = "eyJhbGciOiJFUzI1NiJ9." JOE
			 ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKT"
			 "UJqPP3-Kg6NU1Q",
	},
	{
		.name = "RFC 7515 A.4: ES512",
		.key = "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06"
		       "wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk\",\"y\":\"ADSmRA43Z1DSN"
		       "x_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj"
		       "2\",\"d\":\"AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgd"
		       "Rhajnu0ferB0d53vM9mE15j2C\"}",
		.token = "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA."
			 "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KG"
			 "DKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8"
			 "vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
		.rc = -EBADMSG,
		.why = "the payload is wrong", /* it is "Payload", which is no JSON */
	},
	{
		.name = "RFC 8037 A.4: Ed25519",
		.key = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
		       "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
		       "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
		.token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
			 "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7s"
			 "VvpAr_MuM0KAg",
		.rc = -EBADMSG,
		.why = "the payload is wrong",
	},
	{
		.name = "RFC 7515 A.5: none",
		.key = "{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZ"
		       "H75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}",
		.token = "eyJhbGciOiJub25lIn0." JOE ".",
		.rc = -EKEYREJECTED,
		.why = "\"none\"",
	},
};

static const struct cor_jwt_keys *the_keys;

static const struct cor_jwt_keys *keys_of(struct cor_ctx *ctx)
{
	(void)ctx;
	return the_keys;
}
static const struct cor_jwt_rules rules = { .keys = keys_of };

static struct cor_jwt_keys *make_keys(struct cor_ctx *ctx, const char *jwk)
{
	const struct cor_jwt_source source = { .text = cor_str(jwk) };
	struct cor_jwt_keys *keys = NULL;

	if (cor_jwt_keys_create(ctx, &source, 1, &keys) != 0)
		fail_msg("%s", cor_problem_of(ctx)->detail);
	return keys;
}

static void examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		const struct vector *vector = &vectors[i];
		struct joe joe = { 0 };
		struct moment moment;
		struct cor_jwt jwt;
		moment_begin(&moment, &service, EXPIRES_S - 1, 0);
		struct cor_jwt_keys *keys = make_keys(moment.ctx, vector->key);
		the_keys = keys;
		int rc = cor_jwt_verify(moment.ctx, &rules, vector->token, joe_schema, &joe, &jwt);
		if (rc != vector->rc)
			fail_msg("%s: %d: %s", vector->name, rc, jwt.why);
		if (rc == 0) {
			assert_string_equal(joe.iss, "joe");
			assert_int_equal(joe.exp, EXPIRES_S);
			assert_true(joe.is_root);
			assert_null(jwt.why);
			assert_string_equal(jwt.issuer, "joe");
			assert_int_equal(jwt.expires_s, EXPIRES_S);
		} else {
			assert_non_null(strstr(jwt.why, vector->why));
		}
		cor_jwt_keys_destroy(keys);
		moment_end(&moment);
	}
}

/* Each bit of each part that can be flipped. */
static void a_bit_less_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		char token[1024];
		struct joe joe;
		struct moment moment;
		struct cor_jwt jwt;
		moment_begin(&moment, &service, EXPIRES_S - 1, 0);
		struct cor_jwt_keys *keys = make_keys(moment.ctx, vectors[i].key);
		the_keys = keys;
		memcpy(token, vectors[i].token, strlen(vectors[i].token) + 1);
		for (size_t at = 0; token[at]; at++) {
			char was = token[at];
			token[at] = was == 'A' ? 'B' : 'A';
			int rc = cor_jwt_verify(moment.ctx, &rules, token, joe_schema, &joe, &jwt);
			assert_true(rc < 0 && jwt.why);
			assert_true(rc == -EBADMSG || rc == -EKEYREJECTED || rc == -ENOKEY);
			token[at] = was;
		}
		cor_jwt_keys_destroy(keys);
		moment_end(&moment);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(a_bit_less_is_refused),
	};

	return cmocka_run_group_tests_name("jwt/vectors", tests, NULL, NULL);
}
