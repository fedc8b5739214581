/* SPDX-License-Identifier: MIT */
#include "crypto/mac.h"

#include <openssl/core_names.h>

bool cor_mac_compute(EVP_MAC *hmac, const char *digest, struct cor_str key, struct cor_str message,
	uint8_t *ret, size_t bytes)
{
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_MAC_PARAM_DIGEST, (char *)(uintptr_t)digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(hmac);
	size_t len = 0;
	bool works = context &&
		     EVP_MAC_init(context, (const uint8_t *)key.data, key.len, parameters) == 1 &&
		     EVP_MAC_update(context, (const uint8_t *)message.data, message.len) == 1 &&
		     EVP_MAC_final(context, ret, &len, bytes) == 1 && len == bytes;

	EVP_MAC_CTX_free(context);
	return works;
}
