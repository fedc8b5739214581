/* SPDX-License-Identifier: MIT */
#include "client/kept_key.h"

#include <string.h>

#include "client/credentials.h"
#include "client/freshness.h"
#include "client/upstreams.h"
#include "compress/coding.h"
#include "http/fold.h"

void cor_kept_add(struct cor_sha256 *hash, struct cor_str text)
{
	const uint32_t len = (uint32_t)text.len; /* URLs and fields have limits far below that */

	cor_sha256_add(hash, &len, sizeof len);
	cor_sha256_add(hash, text.data, text.len);
}

static void add(struct cor_sha256 *hash, const char *text)
{
	cor_kept_add(hash, text ? cor_str(text) : COR_STR(""));
}

static void print(
	const struct cor_answer *answer, struct cor_sha256 *hash, struct cor_kept_key *ret)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[COR_SHA256_BYTES];

	cor_sha256_end(hash, digest);
	ret->len = strlen(answer->here->upstream->name);
	memcpy(ret->text, answer->here->upstream->name, ret->len);
	ret->text[ret->len++] = '/';
	for (size_t i = 0; i < sizeof digest; i++) {
		ret->text[ret->len++] = digits[digest[i] >> 4];
		ret->text[ret->len++] = digits[digest[i] & 15];
	}
}

/* --- the URL --- */

/* What all calls of the upstream have in common, as others may share the store. */
static void add_upstream(const struct cor_upstream *upstream, struct cor_sha256 *hash)
{
	add(hash, upstream->name);
	for (const struct cor_http_field *at = upstream->headers; at && at->name; at++) {
		add(hash, at->name);
		add(hash, at->value);
	}
	add(hash, NULL);
	add(hash, upstream->tls ? upstream->tls->certificate_file : NULL);
	for (const struct cor_coding *const *at = upstream->codings; at && *at; at++)
		add(hash, (*at)->name); /* what is kept may be encoded so */
	add(hash, NULL);
}

static void add_server(const struct cor_url *url, struct cor_sha256 *hash)
{
	add(hash, url->is_tls ? "https" : "http");
	cor_kept_add(hash, url->authority);
	add(hash, url->unix_path);
}

/* Its targets are the same. */
static const struct cor_sha256 *own_of(struct cor_upstream_here *here)
{
	if (!here->has_kept) {
		cor_sha256_begin(&here->kept);
		add_upstream(here->upstream, &here->kept);
		add_server(&here->url, &here->kept);
		here->has_kept = true;
	}
	return &here->kept;
}

void cor_kept_key_of(
	const struct cor_answer *answer, const struct cor_url *url, struct cor_kept_key *ret)
{
	struct cor_sha256 hash;

	if (cor_upstream_is_own(answer->here, url)) {
		hash = *own_of(answer->here);
	} else {
		cor_sha256_begin(&hash);
		add_upstream(answer->here->upstream, &hash);
		add_server(url, &hash);
	}
	cor_kept_add(&hash, url->path);
	if (url->has_query)
		cor_kept_add(&hash, url->query);
	print(answer, &hash, ret);
}

/* --- whom it is for --- */

/*
 * What negotiates (Vary says if it has), what is of this one request, and what a cache has to do
 * with. All others might tell whom it is for, and few servers name them in Vary.
 */
static bool tells_nobody(const struct cor_answer *answer, const char *name)
{
	static const char *const names[] = { "Accept", "Accept-Charset", "Accept-Encoding",
		"Accept-Language", "User-Agent", "X-Request-Id", "traceparent", "tracestate",
		"baggage", "Cache-Control", "Pragma", "If-Match", "If-None-Match",
		"If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range", "Content-Type" };
	const char *deadline = answer->here->upstream->deadline_header;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (cor_fold_same_name(name, names[i]))
			return true;
	return deadline && cor_fold_same_name(name, deadline);
}

/* It is in the key of the URL. Two headers may have one text, which compilers merge. */
static bool is_upstreams(const struct cor_answer *answer, const struct cor_http_field *field)
{
	const struct cor_http_field *at = answer->here->upstream->headers;

	while (at && at->name &&
		(at->value != field->value || !cor_fold_same_name(at->name, field->name)))
		at++;
	return at && at->name;
}

/* Of those that all calls have, the ones that are left out. */
static bool add_absent(const struct cor_answer *answer, struct cor_sha256 *hash)
{
	const struct cor_message *message = &answer->message;
	const struct cor_http_field *at = answer->here->upstream->headers;
	bool is_some = false;

	for (; at && at->name; at++)
		if (!cor_fields_find(message->fields, message->fields_len, at->name)) {
			add(hash, at->name);
			is_some = true;
		}
	add(hash, NULL);
	return is_some;
}

static bool add_fields(const struct cor_answer *answer, struct cor_sha256 *hash)
{
	const struct cor_message *message = &answer->message;
	bool is_some = add_absent(answer, hash);

	for (size_t i = 0; i < message->fields_len; i++) {
		const struct cor_http_field *field = &message->fields[i];
		if (tells_nobody(answer, field->name) || is_upstreams(answer, field))
			continue;
		add(hash, field->name);
		add(hash, field->value);
		is_some = true;
	}
	add(hash, NULL);
	return is_some;
}

bool cor_kept_identify(struct cor_answer *answer, struct cor_kept_identity *ret)
{
	struct cor_sha256 hash;

	cor_sha256_begin(&hash);
	ret->is_some = add_fields(answer, &hash) || answer->credentials;
	if (answer->credentials && !cor_credentials_identify(answer, &hash))
		return false;
	if (ret->is_some)
		cor_sha256_end(&hash, ret->digest);
	return true;
}

/* --- one of its answers --- */

static const char *value_of(const struct cor_answer *answer, struct cor_str name)
{
	const struct cor_message *message = &answer->message;

	for (size_t i = 0; i < message->fields_len; i++)
		if (strlen(message->fields[i].name) == name.len &&
			strncasecmp(message->fields[i].name, name.data, name.len) == 0)
			return message->fields[i].value;
	return NULL;
}

static void add_named(const struct cor_answer *answer, struct cor_str vary, struct cor_sha256 *hash)
{
	while (vary.len) { /* ",accept,accept-language" */
		const char *end = memchr(vary.data + 1, ',', vary.len - 1);
		size_t len = end ? (size_t)(end - vary.data) : vary.len;
		const char *value = value_of(answer, (struct cor_str){ vary.data + 1, len - 1 });
		add(hash, value ? "" : "none");
		add(hash, value);
		vary = (struct cor_str){ vary.data + len, vary.len - len };
	}
}

void cor_kept_key_vary(const struct cor_answer *answer, const struct cor_kept_key *of_url,
	uint64_t generation, const struct cor_kept_identity *identity, struct cor_str vary,
	struct cor_kept_key *ret)
{
	struct cor_sha256 hash;

	cor_sha256_begin(&hash);
	cor_kept_add(&hash, cor_kept_key_str(of_url));
	cor_sha256_add(&hash, &generation, sizeof generation);
	if (identity->is_some)
		cor_sha256_add(&hash, identity->digest, sizeof identity->digest);
	cor_kept_add(&hash, vary);
	add_named(answer, vary, &hash);
	print(answer, &hash, ret);
}
