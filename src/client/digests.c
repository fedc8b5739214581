/* SPDX-License-Identifier: MIT */
/*
 * A nonce is used by one thread, so that its requests are counted without a lock. A call that waits
 * while another learns a new nonce finds that when it is sent again.
 */
#include "client/digests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <coracle/random.h>

#include "client/attempt.h"
#include "client/digest.h"
#include "http/challenge.h"

#define RENEWED_MAX 2 /* for the first challenge, and for a nonce that was old by then */

/* What it points to is behind it, but for the nonce, which changes. */
struct cor_kept_digest {
	struct cor_kept_digest *next;
	const char *key; /* server and user */
	char *nonce;
	struct cor_digest digest;
};

/* --- what is kept --- */

static void destroy(struct cor_kept_digest *kept)
{
	free(kept->nonce);
	free(kept);
}

void cor_digests_drop(struct cor_kept_digest *first)
{
	while (first) {
		struct cor_kept_digest *next = first->next;
		destroy(first);
		first = next;
	}
}

/* Take it out of the list; NULL: it is not there. */
static struct cor_kept_digest *take(struct cor_kept_digest **first, const char *key)
{
	struct cor_kept_digest **at = first;

	while (*at && strcmp((*at)->key, key) != 0)
		at = &(*at)->next;
	struct cor_kept_digest *kept = *at;
	if (kept)
		*at = kept->next;
	return kept;
}

/* In front: the last of too many goes. */
static void put(struct cor_kept_digest **first, struct cor_kept_digest *kept)
{
	size_t len = 1;

	kept->next = *first;
	*first = kept;
	for (struct cor_kept_digest **at = &kept->next; *at; at = &(*at)->next)
		if (++len > COR_DIGESTS_MAX) {
			cor_digests_drop(*at);
			*at = NULL;
			return;
		}
}

static struct cor_kept_digest *find(struct cor_kept_digest **first, const char *key)
{
	struct cor_kept_digest *kept = take(first, key);

	if (kept)
		put(first, kept);
	return kept;
}

static bool set_nonce(struct cor_kept_digest *kept, struct cor_str nonce)
{
	char *copy = nonce.data ? strndup(nonce.data, nonce.len) : NULL;

	if (!copy)
		return false;
	free(kept->nonce);
	kept->nonce = copy;
	/* NOLINTNEXTLINE(analyzer-malloc-leak): `kept` has it */
	kept->digest.challenge.nonce = (struct cor_str){ copy, strlen(copy) };
	kept->digest.count = 0;
	return true;
}

static void draw_cnonce(struct cor_digest *digest)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char chance[16];

	cor_random_fill(chance, sizeof chance);
	for (size_t i = 0; i < sizeof chance; i++) {
		digest->cnonce[2 * i] = digits[chance[i] >> 4];
		digest->cnonce[2 * i + 1] = digits[chance[i] & 15];
	}
}

static char *copy(char *at, struct cor_str *text)
{
	if (!text->data)
		return at;
	memcpy(at, text->data, text->len);
	text->data = at;
	return at + text->len + 1;
}

static bool learn(struct cor_kept_digest **first, const char *key,
	const struct cor_digest_challenge *challenge)
{
	size_t key_bytes = strlen(key) + 1;
	struct cor_kept_digest *kept = calloc(
		1, sizeof *kept + key_bytes + challenge->algorithm.len + challenge->realm.len +
			   challenge->nonce.len + challenge->opaque.len + 4);

	if (!kept)
		return false;
	char *at = (char *)(kept + 1);
	kept->key = memcpy(at, key, key_bytes);
	at += key_bytes;
	struct cor_digest *digest = &kept->digest;
	digest->challenge = *challenge;
	digest->first_nonce = challenge->nonce;
	at = copy(at, &digest->challenge.algorithm);
	at = copy(at, &digest->challenge.realm);
	at = copy(at, &digest->challenge.opaque);
	copy(at, &digest->first_nonce);
	draw_cnonce(digest);
	if (!set_nonce(kept, challenge->nonce)) {
		free(kept);
		return false;
	}
	struct cor_kept_digest *old = take(first, key);
	if (old)
		destroy(old);
	put(first, kept);
	return true;
}

/* --- in a call --- */

int cor_digests_show(struct cor_answer *answer, const struct cor_digest_credentials *of,
	const char **ret, const char **ret_why)
{
	struct cor_ctx *ctx = answer->ctx;
	const struct cor_message *message = &answer->message;
	const char *user = of->user_of ? of->user_of(ctx) : of->user;
	const char *password = of->password(ctx);

	*ret = NULL;
	answer->rspauth = NULL;
	*ret_why = "have no user or no password: is the setting set?";
	if (!user || !user[0] || !password)
		return -EINVAL;
	answer->digest_key = cor_printf(
		ctx, "%.*s %s", (int)message->url.authority.len, message->url.authority.data, user);
	if (!answer->digest_key)
		return -ENOMEM;
	struct cor_kept_digest *kept = find(&answer->here->digests, answer->digest_key);
	if (!kept)
		return 0;
	const struct cor_digest_request request = { message->method, answer->request.path,
		message->body.bytes, user, password };
	struct cor_digest_proof proof;
	int rc = cor_digest_write(of->hashing, &kept->digest, &request, &ctx->arena, &proof);
	*ret_why = "are asked for by a hash that this OpenSSL does not have";
	if (rc < 0)
		return rc == -ENOTSUP ? -EINVAL : rc;
	*ret = proof.authorization;
	answer->rspauth = proof.rspauth;
	return 0;
}

bool cor_digests_renew(struct cor_answer *answer)
{
	const struct cor_message_body *body = &answer->message.body;
	struct cor_digest_challenge challenge;

	if (answer->digests_renewed == RENEWED_MAX || !answer->digest_key)
		return false;
	if (!cor_digest_choose(answer->head.fields, answer->head.fields_len,
		    !body->source && !body->relayed, &challenge)) {
		answer->unmet =
			"it asks for no Digest that can be met: MD5, SHA-256 or SHA-512-256, "
			"with qop=auth";
		return false;
	}
	if ((answer->digests_renewed && !challenge.is_stale) || !cor_answer_rewind(answer))
		return false;
	answer->digests_renewed++;
	return learn(&answer->here->digests, answer->digest_key, &challenge);
}

/* Hexadecimal digits, of which servers write capitals, too. */
static bool is_proof(struct cor_str said, const char *expected)
{
	return said.len == strlen(expected) && strncasecmp(said.data, expected, said.len) == 0;
}

int cor_digests_heard(struct cor_answer *answer)
{
	struct cor_str info = cor_answer_field(answer, "Authentication-Info");
	struct cor_str nonce = cor_challenge_parameter(info, "nextnonce");
	struct cor_str rspauth = cor_challenge_parameter(info, "rspauth");
	struct cor_kept_digest *kept = nonce.len && answer->digest_key
					       ? find(&answer->here->digests, answer->digest_key)
					       : NULL;

	if (rspauth.data && answer->rspauth && answer->head.status != 401 &&
		!is_proof(rspauth, answer->rspauth))
		return cor_answer_fail(answer, COR_FAILED_PROTOCOL,
			"its rspauth does not prove that it knows the password");
	if (kept)
		(void)set_nonce(kept, nonce); /* without memory the old one goes on */
	return 0;
}
