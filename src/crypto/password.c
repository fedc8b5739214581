/* SPDX-License-Identifier: MIT */
#include <coracle/password.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <coracle/base64.h>
#include <coracle/error.h>
#include <coracle/random.h>

#define PREFIX "$scrypt$"

#define SALT_BYTES     16 /* of those that are made here; others may have other lengths */
#define HASH_BYTES     32
#define PART_BYTES_MAX 64
#define HASH_BYTES_MIN 16

#define MEMORY_MAX (128ULL * 1024 * 1024)
#define WORK_MAX   (16ULL * 5 * 8 * 16384)

static const struct cor_password_cost usual = { .log_n = 14, .r = 8, .p = 5 };

/** What is stored, taken apart. */
struct stored {
	struct cor_password_cost cost;
	uint8_t salt[PART_BYTES_MAX];
	size_t salt_len;
	uint8_t hash[PART_BYTES_MAX];
	size_t hash_len;
};

/* --- the cost --- */

static uint64_t memory_of(const struct cor_password_cost *cost)
{
	return (128ULL * cost->r) << cost->log_n;
}

/* Whoever can write a string into the database must not get all of the memory for it. */
static bool is_within_limits(const struct cor_password_cost *cost)
{
	return cost->log_n >= 10 && cost->log_n <= 20 && cost->r >= 1 && cost->r <= 32 &&
	       cost->p >= 1 && cost->p <= 16 && memory_of(cost) <= MEMORY_MAX &&
	       memory_of(cost) / 128 * cost->p <= WORK_MAX;
}

static int choose_cost(const struct cor_password_cost *given, struct cor_password_cost *ret)
{
	static const struct cor_password_cost nothing;

	*ret = given && memcmp(given, &nothing, sizeof nothing) != 0 ? *given : usual;
	return is_within_limits(ret) ? 0 : -EINVAL;
}

/* --- computing --- */

static int compute(const char *password, const struct stored *stored, uint8_t *ret, size_t bytes)
{
	const struct cor_password_cost *cost = &stored->cost;
	/* OpenSSL counts two blocks more, and the p blocks that the memory is filled from */
	uint64_t most = memory_of(cost) + 128ULL * cost->r * (cost->p + 2) + 4096;
	int done = EVP_PBE_scrypt(password, strlen(password), stored->salt, stored->salt_len,
		1ULL << cost->log_n, cost->r, cost->p, most, ret, bytes);

	ERR_clear_error();
	return done == 1 ? 0 : -ENOMEM;
}

/* --- the text: base64 without its padding --- */

static size_t print_part(const uint8_t *bytes, size_t len, char *out)
{
	cor_base64_print((struct cor_str){ (const char *)bytes, len }, out);
	size_t text_len = cor_base64_text_bytes(len);
	while (out[text_len - 1] == '=')
		text_len--;
	return text_len;
}

/* Up to the '$' or the end; false: it is no base64, or too long. */
static bool parse_part(const char **at, uint8_t ret[PART_BYTES_MAX], size_t *ret_len)
{
	char text[PART_BYTES_MAX / 3 * 4 + 8], bytes[sizeof text];
	size_t len = strcspn(*at, "$"), padded = (len + 3) / 4 * 4;

	if (len == 0 || padded > sizeof text || len % 4 == 1 || memchr(*at, '=', len))
		return false;
	memcpy(text, *at, len);
	memset(text + len, '=', padded - len);
	if (cor_base64_parse((struct cor_str){ text, padded }, bytes, ret_len) < 0 ||
		*ret_len > PART_BYTES_MAX)
		return false;
	memcpy(ret, bytes, *ret_len);
	*at += len;
	return true;
}

/* A number of at most 5 digits behind its name. */
static bool parse_number(const char **at, const char *name, uint32_t *ret)
{
	size_t digits = 0;

	if (strncmp(*at, name, strlen(name)) != 0)
		return false;
	*at += strlen(name);
	for (*ret = 0; (*at)[digits] >= '0' && (*at)[digits] <= '9' && digits < 5; digits++)
		*ret = *ret * 10 + (uint32_t)((*at)[digits] - '0');
	*at += digits;
	return digits != 0;
}

static bool parse_sign(const char **at, char sign)
{
	return *(*at)++ == sign;
}

static int parse(const char *text, struct stored *ret)
{
	const char *at = text + sizeof PREFIX - 1;
	bool is_right = strncmp(text, PREFIX, sizeof PREFIX - 1) == 0 &&
			parse_number(&at, "ln=", &ret->cost.log_n) &&
			parse_number(&at, ",r=", &ret->cost.r) &&
			parse_number(&at, ",p=", &ret->cost.p) && parse_sign(&at, '$') &&
			parse_part(&at, ret->salt, &ret->salt_len) && parse_sign(&at, '$') &&
			parse_part(&at, ret->hash, &ret->hash_len) && *at == '\0';

	return is_right && ret->hash_len >= HASH_BYTES_MIN && is_within_limits(&ret->cost)
		       ? 0
		       : -EBADMSG;
}

/* --- what is called --- */

static void print(const struct stored *stored, char ret[COR_PASSWORD_HASH_BYTES])
{
	const struct cor_password_cost *cost = &stored->cost;
	size_t at = (size_t)snprintf(ret, COR_PASSWORD_HASH_BYTES, PREFIX "ln=%u,r=%u,p=%u$",
		cost->log_n, cost->r, cost->p);

	at += print_part(stored->salt, stored->salt_len, ret + at);
	ret[at++] = '$';
	at += print_part(stored->hash, stored->hash_len, ret + at);
	ret[at] = '\0';
}

int cor_password_hash(const char *password, const struct cor_password_cost *cost,
	char ret[COR_PASSWORD_HASH_BYTES])
{
	struct stored made = { .salt_len = SALT_BYTES, .hash_len = HASH_BYTES };
	size_t len = strnlen(password, COR_PASSWORD_BYTES + 1);
	int rc = choose_cost(cost, &made.cost);

	if (rc < 0 || len == 0)
		return -EINVAL;
	if (len > COR_PASSWORD_BYTES)
		return -COR_ETOOLARGE;
	cor_random_fill(made.salt, made.salt_len);
	rc = compute(password, &made, made.hash, made.hash_len);
	if (rc == 0)
		print(&made, ret);
	return rc;
}

/* As long as for somebody who is there. */
static int pretend(const char *password, const struct cor_password_cost *cost)
{
	const struct stored nobody = { .cost = *cost, .salt_len = SALT_BYTES };
	uint8_t computed[HASH_BYTES];
	int rc = compute(password, &nobody, computed, sizeof computed);

	return rc < 0 ? rc : -EACCES;
}

static bool is_as_made_now(const struct stored *stored, const struct cor_password_cost *cost)
{
	return memcmp(&stored->cost, cost, sizeof *cost) == 0 && stored->salt_len == SALT_BYTES &&
	       stored->hash_len == HASH_BYTES;
}

int cor_password_verify(const char *password, const char *hash,
	const struct cor_password_cost *cost, bool *ret_is_due)
{
	struct cor_password_cost now;
	uint8_t computed[PART_BYTES_MAX];
	struct stored stored;
	int rc = choose_cost(cost, &now);

	if (rc == 0 && hash)
		rc = parse(hash, &stored);
	if (rc < 0)
		return rc;
	if (strnlen(password, COR_PASSWORD_BYTES + 1) > COR_PASSWORD_BYTES)
		return -EACCES; /* none that long was ever stored */
	if (!hash)
		return pretend(password, &now);
	rc = compute(password, &stored, computed, stored.hash_len);
	if (rc < 0)
		return rc;
	if (CRYPTO_memcmp(computed, stored.hash, stored.hash_len) != 0)
		return -EACCES;
	if (ret_is_due)
		*ret_is_due = !is_as_made_now(&stored, &now);
	return 0;
}
