/* SPDX-License-Identifier: MIT */
/*
 * Seals and opens for test_sealing.py, at one moment and with nonces of one byte:
 *     s|e PURPOSE SECRET VALUE-IN-HEX   ->  the text
 *     S|E PURPOSE SECRET TEXT           ->  the value in hex, or the name of the error
 */
#include <stdio.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/sealing.h>

#include "moment.h"

#define LINE_BYTES 4096

static size_t from_hex(const char *hex, char *out)
{
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++) {
		char digits[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
		out[i] = (char)strtoul(digits, NULL, 16);
	}
	return len;
}

static int seal(struct cor_ctx *ctx, char way, const struct cor_seal_keys *keys,
	const char *purpose, const char *hex)
{
	char value[LINE_BYTES];
	struct cor_str in = { value, from_hex(hex, value) }, text;
	int rc = way == 's' ? cor_seal_signed(ctx, keys, purpose, in, &text)
			    : cor_seal_encrypted(ctx, keys, purpose, in, &text);

	if (rc == 0)
		printf("%.*s\n", (int)text.len, text.data);
	return rc;
}

static int unseal(struct cor_ctx *ctx, char way, const struct cor_seal_keys *keys,
	const char *purpose, const char *text)
{
	struct cor_unsealed out;
	int rc = way == 'S'
			 ? cor_unseal_signed(ctx, keys, purpose, COR_FOREVER, cor_str(text), &out)
			 : cor_unseal_encrypted(
				   ctx, keys, purpose, COR_FOREVER, cor_str(text), &out);

	for (size_t i = 0; rc == 0 && i < out.value.len; i++)
		printf("%02x", (unsigned char)out.value.data[i]);
	if (rc == 0)
		printf("\n");
	return rc;
}

int main(void)
{
	char line[LINE_BYTES], way, purpose[256], secret[256], what[LINE_BYTES];
	struct moment moment;

	while (fgets(line, sizeof line, stdin)) {
		struct cor_seal_keys *keys;
		what[0] = '\0';
		if (sscanf(line, "%c %255s %255s %4095s", &way, purpose, secret, what) < 3)
			return 1;
		moment_begin(&moment, NULL, 1800000000, 7);
		struct cor_str only = cor_str(secret);
		int rc = cor_seal_keys_create(moment.ctx, &only, 1, &keys);
		if (rc < 0)
			return 1;
		rc = way == 's' || way == 'e' ? seal(moment.ctx, way, keys, purpose, what)
					      : unseal(moment.ctx, way, keys, purpose, what);
		if (rc < 0)
			printf("%s\n", cor_errname(rc));
		cor_seal_keys_destroy(keys);
		moment_end(&moment);
	}
	return 0;
}
