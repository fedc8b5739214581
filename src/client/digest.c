/* SPDX-License-Identifier: MIT */
#include "client/digest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/trim.h"
#include "http/challenge.h"
#include "http/uri_encode.h"

static const struct {
	const char *name;
	enum cor_hash hash;
	bool is_session;
} algorithms[] = {
	{ "MD5", COR_HASH_MD5, false },
	{ "MD5-sess", COR_HASH_MD5, true },
	{ "SHA-256", COR_HASH_SHA_256, false },
	{ "SHA-256-sess", COR_HASH_SHA_256, true },
	{ "SHA-512-256", COR_HASH_SHA_512_256, false },
	{ "SHA-512-256-sess", COR_HASH_SHA_512_256, true },
};

static bool is_word(struct cor_str text, const char *word)
{
	return text.len == strlen(word) && strncasecmp(text.data, word, text.len) == 0;
}

/* --- the challenge: section 3.3 --- */

static bool read_algorithm(struct cor_digest_challenge *challenge)
{
	if (!challenge->algorithm.data)
		return true; /* MD5, which is 0 */
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (is_word(challenge->algorithm, algorithms[i].name)) {
			challenge->hash = algorithms[i].hash;
			challenge->is_session = algorithms[i].is_session;
			return true;
		}
	return false;
}

static bool has_word(struct cor_str list, const char *word)
{
	while (list.len) {
		const char *end = memchr(list.data, ',', list.len);
		size_t len = end ? (size_t)(end - list.data) : list.len;
		if (is_word(cor_trim((struct cor_str){ list.data, len }), word))
			return true;
		len += end != NULL;
		list = (struct cor_str){ list.data + len, list.len - len };
	}
	return false;
}

static bool read_qop(struct cor_digest_challenge *challenge, struct cor_str list, bool has_body)
{
	challenge->qop = !list.data               ? COR_DIGEST_QOP_NONE
			 : has_word(list, "auth") ? COR_DIGEST_QOP_AUTH
						  : COR_DIGEST_QOP_AUTH_INT;
	return challenge->qop != COR_DIGEST_QOP_AUTH_INT ||
	       (has_body && has_word(list, "auth-int"));
}

static bool read_challenge(
	struct cor_str parameters, bool has_body, struct cor_digest_challenge *ret)
{
	*ret = (struct cor_digest_challenge){
		.algorithm = cor_challenge_parameter(parameters, "algorithm"),
		.realm = cor_challenge_parameter(parameters, "realm"),
		.nonce = cor_challenge_parameter(parameters, "nonce"),
		.opaque = cor_challenge_parameter(parameters, "opaque"),
		.is_stale = is_word(cor_challenge_parameter(parameters, "stale"), "true"),
		.hashes_user = is_word(cor_challenge_parameter(parameters, "userhash"), "true"),
		.is_utf8 = is_word(cor_challenge_parameter(parameters, "charset"), "UTF-8"),
	};
	return ret->realm.data && ret->nonce.len && read_algorithm(ret) &&
	       read_qop(ret, cor_challenge_parameter(parameters, "qop"), has_body);
}

bool cor_digest_choose(const struct cor_http_field *fields, size_t len, bool has_body,
	struct cor_digest_challenge *ret)
{
	struct cor_str scheme, parameters;
	struct cor_digest_challenge it;
	bool found = false;

	for (size_t i = 0; i < len; i++) {
		struct cor_str rest = cor_str(fields[i].value);
		if (strcasecmp(fields[i].name, "WWW-Authenticate") != 0)
			continue;
		while (cor_challenge_next(&rest, &scheme, &parameters)) {
			if (!is_word(scheme, "Digest") ||
				!read_challenge(parameters, has_body, &it) ||
				(found && it.hash <= ret->hash))
				continue;
			*ret = it;
			found = true;
		}
	}
	return found;
}

/* --- the answer: section 3.4 --- */

struct writer {
	const struct cor_hashing *hashing;
	const struct cor_digest *digest;
	const struct cor_digest_request *request;
	struct cor_arena *arena;
};

/* The hash of what is formatted. */
COR_PRINTF(3, 4)
static int hash(const struct writer *writer, char ret[COR_HASH_TEXT_BYTES], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = cor_arena_vprintf(writer->arena, format, args);
	va_end(args);
	return text ? writer->hashing->hash(writer->digest->challenge.hash, cor_str(text), ret)
		    : -ENOMEM;
}

/* Section 3.4.2. */
static int hash_secret(const struct writer *writer, char ret[COR_HASH_TEXT_BYTES])
{
	const struct cor_digest *digest = writer->digest;
	const struct cor_digest_challenge *challenge = &digest->challenge;
	int rc = hash(writer, ret, "%s:%.*s:%s", writer->request->user, (int)challenge->realm.len,
		challenge->realm.data, writer->request->password);

	if (rc < 0 || !challenge->is_session)
		return rc;
	return hash(writer, ret, "%s:%.*s:%s", ret, (int)digest->first_nonce.len,
		digest->first_nonce.data, digest->cnonce);
}

/* Section 3.4.3. */
static int hash_request(
	const struct writer *writer, struct cor_str method, char ret[COR_HASH_TEXT_BYTES])
{
	const struct cor_digest_request *request = writer->request;
	const struct cor_digest_challenge *challenge = &writer->digest->challenge;
	char body[COR_HASH_TEXT_BYTES] = "";
	bool has_body = challenge->qop == COR_DIGEST_QOP_AUTH_INT;
	int rc = has_body ? writer->hashing->hash(challenge->hash, request->body, body) : 0;

	if (rc < 0)
		return rc;
	return hash(writer, ret, "%.*s:%.*s%s%s", (int)method.len, method.data,
		(int)request->uri.len, request->uri.data, has_body ? ":" : "", body);
}

static const char *qop_name(enum cor_digest_qop qop)
{
	return qop == COR_DIGEST_QOP_AUTH ? "auth" : "auth-int";
}

/* Section 3.4.1; without a method what the server answers with: section 3.5. */
static int respond(const struct writer *writer, const char *secret, struct cor_str method,
	char ret[COR_HASH_TEXT_BYTES])
{
	const struct cor_digest *digest = writer->digest;
	const struct cor_digest_challenge *challenge = &digest->challenge;
	char request[COR_HASH_TEXT_BYTES];
	int rc = hash_request(writer, method, request);

	if (rc < 0)
		return rc;
	if (challenge->qop == COR_DIGEST_QOP_NONE)
		return hash(writer, ret, "%s:%.*s:%s", secret, (int)challenge->nonce.len,
			challenge->nonce.data, request);
	return hash(writer, ret, "%s:%.*s:%08" PRIx32 ":%s:%s:%s", secret,
		(int)challenge->nonce.len, challenge->nonce.data, digest->count, digest->cnonce,
		qop_name(challenge->qop), request);
}

static void put_quoted(struct cor_buffer *buffer, const char *name, struct cor_str value)
{
	cor_buffer_printf(
		buffer, ", %s=\"%.*s\"", name, (int)value.len, value.len ? value.data : "");
}

static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return *text == '\0';
}

/* Sections 3.4.4 and 4. */
static int put_user(const struct writer *writer, struct cor_buffer *buffer)
{
	const struct cor_digest_challenge *challenge = &writer->digest->challenge;
	const char *user = writer->request->user;
	char hashed[COR_HASH_TEXT_BYTES];

	if (challenge->hashes_user) {
		int rc = hash(writer, hashed, "%s:%.*s", user, (int)challenge->realm.len,
			challenge->realm.data);
		cor_buffer_printf(buffer, "Digest username=\"%s\"", rc == 0 ? hashed : "");
		return rc;
	}
	if (challenge->is_utf8 && !is_ascii(user)) {
		cor_buffer_literal(buffer, "Digest username*=UTF-8''");
		cor_percent_append(buffer, cor_str(user));
		return 0;
	}
	cor_buffer_literal(buffer, "Digest username=\"");
	for (; *user; user++) {
		if (*user == '"' || *user == '\\')
			cor_buffer_byte(buffer, '\\');
		cor_buffer_byte(buffer, *user);
	}
	cor_buffer_byte(buffer, '"');
	return 0;
}

static void put_rest(const struct writer *writer, struct cor_buffer *buffer, const char *response)
{
	const struct cor_digest *digest = writer->digest;
	const struct cor_digest_challenge *challenge = &digest->challenge;

	put_quoted(buffer, "realm", challenge->realm);
	put_quoted(buffer, "uri", writer->request->uri);
	if (challenge->algorithm.data)
		cor_buffer_printf(buffer, ", algorithm=%.*s", (int)challenge->algorithm.len,
			challenge->algorithm.data);
	put_quoted(buffer, "nonce", challenge->nonce);
	if (challenge->qop != COR_DIGEST_QOP_NONE)
		cor_buffer_printf(buffer, ", nc=%08" PRIx32 ", qop=%s", digest->count,
			qop_name(challenge->qop));
	if (challenge->qop != COR_DIGEST_QOP_NONE || challenge->is_session)
		put_quoted(buffer, "cnonce", cor_str(digest->cnonce));
	put_quoted(buffer, "response", cor_str(response));
	if (challenge->opaque.data)
		put_quoted(buffer, "opaque", challenge->opaque);
	if (challenge->hashes_user)
		cor_buffer_literal(buffer, ", userhash=true");
}

static int write_authorization(const struct writer *writer, const char *response, const char **ret)
{
	struct cor_buffer buffer = { 0 };
	int rc = put_user(writer, &buffer);

	if (rc == 0) {
		put_rest(writer, &buffer, response);
		rc = cor_buffer_error(&buffer);
	}
	*ret = rc == 0 ? cor_arena_copy(writer->arena, buffer.data, buffer.len) : NULL;
	cor_buffer_finish(&buffer);
	return rc == 0 && !*ret ? -ENOMEM : rc;
}

static int write_rspauth(const struct writer *writer, const char *secret, const char **ret)
{
	char text[COR_HASH_TEXT_BYTES];

	*ret = NULL;
	if (writer->digest->challenge.qop == COR_DIGEST_QOP_AUTH_INT)
		return 0;
	int rc = respond(writer, secret, COR_STR(""), text);
	if (rc == 0)
		*ret = cor_arena_copy(writer->arena, text, strlen(text));
	return rc == 0 && !*ret ? -ENOMEM : rc;
}

int cor_digest_write(const struct cor_hashing *hashing, struct cor_digest *digest,
	const struct cor_digest_request *request, struct cor_arena *arena,
	struct cor_digest_proof *ret)
{
	const struct writer writer = { hashing, digest, request, arena };
	char secret[COR_HASH_TEXT_BYTES], response[COR_HASH_TEXT_BYTES];

	digest->count++;
	int rc = hash_secret(&writer, secret);
	if (rc == 0)
		rc = respond(&writer, secret, request->method, response);
	if (rc == 0)
		rc = write_authorization(&writer, response, &ret->authorization);
	return rc == 0 ? write_rspauth(&writer, secret, &ret->rspauth) : rc;
}
