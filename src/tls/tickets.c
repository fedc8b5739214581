/* SPDX-License-Identifier: MIT */
#include "tls/tickets.h"

#include <errno.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#define IV_BYTES 16

enum { REFUSED = -1, UNKNOWN = 0, KNOWN = 1, KNOWN_RENEW = 2 };

/* As OpenSSL would do it with keys of its own: AES-256-CBC, then HMAC with SHA-256. */
static bool start(const struct cor_tls_ticket_key *key, const unsigned char *iv,
	EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int is_sealing)
{
	char digest[] = "SHA256";
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv, is_sealing) ==
		       1 &&
	       EVP_MAC_init(mac, key->mac, sizeof key->mac, parameters) == 1;
}

static int seal(const struct cor_tls_ticket_keys *keys, unsigned char *name, unsigned char *iv,
	EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	struct cor_tls_ticket_key key;

	if (!keys->newest(keys->arg, &key) || RAND_bytes(iv, IV_BYTES) != 1)
		return UNKNOWN; /* the client gets no ticket */
	memcpy(name, key.name, sizeof key.name);
	bool works = start(&key, iv, cipher, mac, 1);
	OPENSSL_cleanse(&key, sizeof key);
	return works ? KNOWN : REFUSED;
}

static int unseal(const struct cor_tls_ticket_keys *keys, const unsigned char *name,
	const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	struct cor_tls_ticket_key key;
	bool is_newest;

	if (!keys->find(keys->arg, name, &key, &is_newest))
		return UNKNOWN; /* a full handshake */
	bool works = start(&key, iv, cipher, mac, 0);
	OPENSSL_cleanse(&key, sizeof key);
	return !works ? REFUSED : is_newest ? KNOWN : KNOWN_RENEW;
}

static int use_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
	EVP_MAC_CTX *mac, int is_sealing)
{
	const struct cor_tls_ticket_keys *keys = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	return is_sealing ? seal(keys, name, iv, cipher, mac) : unseal(keys, name, iv, cipher, mac);
}

int cor_tls_tickets_use(const struct cor_tls_ticket_keys *keys, SSL_CTX *context)
{
	bool works = SSL_CTX_set_app_data(context, (void *)(uintptr_t)keys) &&
		     SSL_CTX_set_tlsext_ticket_key_evp_cb(context, use_key);

	SSL_CTX_set_timeout(context, keys->life_s);
	return works ? 0 : -ENOMEM;
}
