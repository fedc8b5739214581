/* SPDX-License-Identifier: MIT */
/*
 * Credentials are added to the request of a try, never to the message that it is made of: so they
 * are not in what is logged of it, nor in what is resolved against its URL.
 */
#include "client/credentials.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <coracle/base64.h>
#include <coracle/error.h>

#include "base/buffer.h"
#include "client/attempt.h"
#include "client/digests.h"
#include "client/failure.h"
#include "client/kept_key.h"
#include "client/netrc.h"
#include "client/tokens.h"
#include "crypto/hashing.h"
#include "http/response.h"
#include "http/uri_encode.h"

#define ADDED_MAX 16 /* headers that a signer may add */

/* --- what is wrong with them --- */

static bool is_name(const char *name)
{
	return name && cor_field_name_valid(cor_str(name));
}

static bool has_basic(const struct cor_credentials *it)
{
	return it->basic.user || it->basic.user_of || it->basic.password;
}

static bool has_token(const struct cor_credentials *it)
{
	return it->token.upstream || it->token.path || it->token.client_secret;
}

static bool has_digest(const struct cor_credentials *it)
{
	return it->digest.hashing || it->digest.user || it->digest.user_of || it->digest.password;
}

static int count(const struct cor_credentials *it)
{
	return has_basic(it) + !!it->netrc + !!it->bearer + (it->header.name || it->header.key) +
	       (it->query.name || it->query.key) + has_token(it) + has_digest(it) + !!it->sign;
}

bool cor_credentials_are_none(const struct cor_credentials *it)
{
	return count(it) == 0;
}

static const char *token_fault(const struct cor_token_credentials *it)
{
	if (!it->upstream || !it->client_secret || !it->client_id == !it->client_id_of)
		return "need .token.upstream, .client_secret, and either .client_id or "
		       ".client_id_of";
	if (!it->path || it->path[0] != '/' || it->path[strcspn(it->path, "{}?#")])
		return "need a .token.path that begins with '/', without '?', '{' and '}'";
	if (it->upstream->credentials && has_token(it->upstream->credentials))
		return "have a .token.upstream that needs a token itself";
	return NULL;
}

static const char *digest_fault(const struct cor_digest_credentials *it)
{
	if (!it->hashing)
		return "need .digest.hashing = &cor_hashing (<coracle/hashing.h>)";
	if (it->hashing->interface != COR_HASHING_INTERFACE)
		return "have a .digest.hashing of another version of Coracle";
	return !it->user == !it->user_of || !it->password
		       ? "need .digest.password, and either .digest.user or .digest.user_of"
		       : NULL;
}

const char *cor_credentials_fault(const struct cor_credentials *it)
{
	int len = count(it);

	if (len == 0)
		return "are empty: .basic, .digest, .netrc, .bearer, .header, .query, .token or .sign";
	if (len > 1)
		return "have more than one of .basic, .digest, .netrc, .bearer, .header, .query, .token, "
		       ".sign";
	if (has_basic(it) && (!it->basic.user == !it->basic.user_of || !it->basic.password))
		return "need .basic.password, and either .basic.user or .basic.user_of";
	if (it->basic.user && strchr(it->basic.user, ':'))
		return "have a ':' in .basic.user, which ends a name there (RFC 7617 section 2)";
	if (it->header.key &&
		(!is_name(it->header.name) || cor_message_owns_field(it->header.name)))
		return "need the name of a header in .header";
	if (it->query.key && (!it->query.name || !it->query.name[0]))
		return "need the name of a parameter in .query";
	if ((it->header.name && !it->header.key) || (it->query.name && !it->query.key))
		return "need a function that gives the key";
	if (has_digest(it))
		return digest_fault(&it->digest);
	if (it->netrc && it->netrc[0] != '/' && strncmp(it->netrc, "~/", 2) != 0)
		return "have a .netrc that begins neither with '/' nor with \"~/\"";
	return has_token(it) ? token_fault(&it->token) : NULL;
}

const char *cor_credentials_header(const struct cor_credentials *it)
{
	if (has_basic(it) || it->netrc || it->bearer || has_token(it) || has_digest(it))
		return "Authorization";
	return it->header.name;
}

const struct cor_credentials *cor_credentials_of(
	const struct cor_upstream *upstream, const struct cor_http_call *call)
{
	const struct cor_credentials *it = call->credentials ? call->credentials
							     : upstream->credentials;
	const char *name = it ? cor_credentials_header(it) : NULL;

	for (const struct cor_http_field *at = call->headers; name && at && at->name; at++)
		if (strcasecmp(at->name, name) == 0)
			return NULL;
	return it && count(it) ? it : NULL;
}

/* --- a request with them --- */

struct cor_signing {
	struct cor_answer *answer;
	struct cor_http_field *fields; /* those of the request, and room for more */
	size_t len;
	size_t max;
	struct cor_signed_request request;
};

static int no_memory(struct cor_answer *answer)
{
	return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
}

static int refuse(struct cor_answer *answer, const char *why)
{
	return cor_answer_fail(answer, COR_FAILED_CREDENTIALS, "its .credentials %s", why);
}

static int set(struct cor_signing *signing, const char *name, const char *value)
{
	size_t i = 0;

	if (!is_name(name) || cor_message_owns_field(name) ||
		!cor_field_value_valid(cor_str(value)))
		return -COR_EINVALID;
	/* there is room for them: NOLINTBEGIN(analyzer-null-dereference) */
	while (i < signing->len && strcasecmp(signing->fields[i].name, name) != 0)
		i++;
	if (i == signing->max)
		return -COR_EINVALID;
	signing->fields[i] = (struct cor_http_field){ name, value };
	signing->len += i == signing->len;
	signing->fields[signing->len] = (struct cor_http_field){ NULL, NULL };
	/* NOLINTEND(analyzer-null-dereference) */
	return 0;
}

static int set_secret(struct cor_signing *signing, const char *name, const char *value)
{
	if (!value)
		return no_memory(signing->answer);
	return set(signing, name, value) < 0
		       ? refuse(signing->answer, "have a secret that cannot be sent: it has a line "
						 "end, or a space at one of its ends")
		       : 0;
}

static int show_login(struct cor_signing *signing, const char *user, const char *password)
{
	struct cor_answer *answer = signing->answer;
	struct cor_arena *arena = &answer->ctx->arena;

	if (strchr(user, ':'))
		return refuse(answer, "have a user with a ':', which ends a name there");
	const char *pair = cor_arena_printf(arena, "%s:%s", user, password);
	if (!pair)
		return no_memory(answer);
	size_t bytes = cor_base64_text_bytes(strlen(pair));
	char *value = cor_arena_zalloc(arena, sizeof "Basic " + bytes);
	if (!value)
		return no_memory(answer);
	memcpy(value, "Basic ", sizeof "Basic " - 1);
	cor_base64_print(cor_str(pair), value + sizeof "Basic " - 1);
	return set_secret(signing, "Authorization", value);
}

static int show_basic(struct cor_signing *signing, const struct cor_basic_credentials *basic)
{
	struct cor_answer *answer = signing->answer;
	const char *user = basic->user_of ? basic->user_of(answer->ctx) : basic->user;
	const char *password = basic->password(answer->ctx);

	return user && password
		       ? show_login(signing, user, password)
		       : refuse(answer, "have no user or no password: is the setting set?");
}

static int show_netrc(struct cor_signing *signing, const char *path)
{
	struct cor_answer *answer = signing->answer;
	struct cor_netrc_login login;
	const char *why;
	int rc = cor_netrc_read(&answer->ctx->arena, path, answer->message.url.host, &login, &why);

	if (rc == -EINVAL)
		return refuse(answer, why);
	if (rc < 0)
		return no_memory(answer);
	return rc ? show_login(signing, login.user, login.password) : 0;
}

static const char *secret_of(
	struct cor_answer *answer, const char *(*function)(struct cor_ctx *ctx))
{
	const char *secret = function(answer->ctx);

	if (!secret || !secret[0])
		cor_ignore(refuse(answer, "have no secret: is the setting set?"));
	return secret && secret[0] ? secret : NULL;
}

/* A call that has the parameter itself, or was led to a URL with it, sends that. */
static bool has_parameter(struct cor_str query, struct cor_str name)
{
	while (query.len) {
		const char *end = memchr(query.data, '&', query.len);
		size_t len = end ? (size_t)(end - query.data) : query.len;

		if (len >= name.len && memcmp(query.data, name.data, name.len) == 0 &&
			(len == name.len || query.data[name.len] == '='))
			return true;
		len += end != NULL;
		query = (struct cor_str){ query.data + len, query.len - len };
	}
	return false;
}

static int show_in_query(struct cor_answer *answer, const struct cor_key_credentials *query)
{
	const struct cor_url *url = &answer->message.url;
	const char *key = secret_of(answer, query->key);
	struct cor_buffer buffer = { 0 };

	if (!key)
		return cor_failure_code(COR_FAILED_CREDENTIALS);
	cor_percent_append(&buffer, cor_str(query->name));
	if (!cor_buffer_error(&buffer) &&
		has_parameter(url->query, (struct cor_str){ buffer.data, buffer.len })) {
		cor_buffer_finish(&buffer);
		return 0;
	}
	cor_buffer_byte(&buffer, '=');
	cor_percent_append(&buffer, cor_str(key));
	const char *path = cor_buffer_error(&buffer) < 0
				   ? NULL
				   : cor_arena_printf(&answer->ctx->arena, "%.*s%c%.*s",
					     (int)answer->request.path.len,
					     answer->request.path.data, url->has_query ? '&' : '?',
					     (int)buffer.len, buffer.data);
	cor_buffer_finish(&buffer);
	if (!path)
		return no_memory(answer);
	answer->request.path = cor_str(path);
	return 0;
}

static int show_token(struct cor_signing *signing, const struct cor_token_credentials *of)
{
	struct cor_answer *answer = signing->answer;
	const char *why = NULL;
	int rc = cor_tokens_get(
		answer->ctx, answer->here->tokens, of, answer->refused, &answer->token, &why);

	if (why)
		return refuse(answer, why);
	answer->is_told = rc < 0;
	if (rc < 0) {
		answer->fault.kind = COR_FAILED_CREDENTIALS;
		return rc;
	}
	return set_secret(signing, "Authorization",
		cor_arena_printf(&answer->ctx->arena, "Bearer %s", answer->token));
}

static int show_digest(struct cor_signing *signing, const struct cor_digest_credentials *of)
{
	const char *value, *why;
	int rc = cor_digests_show(signing->answer, of, &value, &why);

	if (rc == -EINVAL)
		return refuse(signing->answer, why);
	if (rc < 0)
		return no_memory(signing->answer);
	return value ? set_secret(signing, "Authorization", value) : 0;
}

int cor_credentials_heard(struct cor_answer *answer)
{
	return has_digest(answer->credentials) ? cor_digests_heard(answer) : 0;
}

bool cor_credentials_renew(struct cor_answer *answer)
{
	if (answer->credentials && has_digest(answer->credentials))
		return cor_digests_renew(answer);
	if (!answer->credentials || !has_token(answer->credentials) || answer->refused ||
		!cor_answer_rewind(answer))
		return false;
	answer->refused = answer->token;
	return true;
}

/* --- whom they show --- */

static bool add_texts(struct cor_sha256 *hash, const char *const *texts, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!texts[i])
			return false;
		cor_kept_add(hash, cor_str(texts[i]));
	}
	return true;
}

static bool add_login(
	struct cor_sha256 *hash, const char *kind, const char *user, const char *password)
{
	return add_texts(hash, (const char *const[]){ kind, user, password }, 3);
}

static bool add_netrc(struct cor_answer *answer, const char *path, struct cor_sha256 *hash)
{
	struct cor_netrc_login login = { "", "" };
	const char *why;
	int rc = cor_netrc_read(&answer->ctx->arena, path, answer->message.url.host, &login, &why);

	return rc >= 0 && add_login(hash, rc ? "netrc" : "no login", login.user, login.password);
}

static bool add_token(
	struct cor_ctx *ctx, const struct cor_token_credentials *of, struct cor_sha256 *hash)
{
	const struct cor_http_field *at = of->parameters;

	if (!add_login(hash, "token", of->client_id_of ? of->client_id_of(ctx) : of->client_id,
		    of->client_secret(ctx)))
		return false;
	for (; at && at->name; at++)
		if (!add_texts(hash, (const char *const[]){ at->name, at->value }, 2))
			return false;
	return add_texts(hash,
		(const char *const[]){ of->upstream->name, of->path, of->scope ? of->scope : "" },
		3);
}

bool cor_credentials_identify(struct cor_answer *answer, struct cor_sha256 *hash)
{
	const struct cor_credentials *it = answer->credentials;
	struct cor_ctx *ctx = answer->ctx;

	if (has_basic(it))
		return add_login(hash, "basic",
			it->basic.user_of ? it->basic.user_of(ctx) : it->basic.user,
			it->basic.password(ctx));
	if (has_digest(it))
		return add_login(hash, "digest",
			it->digest.user_of ? it->digest.user_of(ctx) : it->digest.user,
			it->digest.password(ctx));
	if (it->netrc)
		return add_netrc(answer, it->netrc, hash);
	if (has_token(it))
		return add_token(ctx, &it->token, hash);
	if (it->bearer)
		return add_login(hash, "bearer", "", it->bearer(ctx));
	if (it->header.key)
		return add_login(hash, "header", it->header.name, it->header.key(ctx));
	return it->query.key && add_login(hash, "query", it->query.name, it->query.key(ctx));
}

/* --- signers --- */

const struct cor_signed_request *cor_signing_request(const struct cor_signing *signing)
{
	return &signing->request;
}

int cor_signing_header(struct cor_signing *signing, const char *name, const char *value)
{
	struct cor_arena *arena = &signing->answer->ctx->arena;
	const char *own_name = cor_arena_copy(arena, name, strlen(name));
	const char *own_value = cor_arena_copy(arena, value, strlen(value));

	return own_name && own_value ? set(signing, own_name, own_value) : -ENOMEM;
}

static int sign(struct cor_signing *signing, const struct cor_credentials *credentials)
{
	struct cor_answer *answer = signing->answer;
	const struct cor_message *message = &answer->message;
	const struct cor_url *url = &message->url;

	signing->request = (struct cor_signed_request){
		.method = message->method.data,
		.scheme = url->is_tls ? "https" : "http",
		.authority = url->authority.data,
		.path = url->path.data,
		.query = url->has_query ? url->query.data : "",
		.headers = signing->fields,
		.body = message->body.bytes.len ? message->body.bytes : (struct cor_str){ NULL, 0 },
		.body_bytes = message->body.length == COR_BODY_ABSENT ? 0 : message->body.length,
	};
	int rc = credentials->sign(answer->ctx, signing);
	if (rc >= 0)
		return 0;
	if (cor_scope_error() < 0)
		return rc; /* the time is up, which is told as such */
	cor_ignore(cor_answer_fail(answer, COR_FAILED_CREDENTIALS,
		"its .credentials.sign has failed: %s", cor_strerror(rc)));
	return rc;
}

/* --- the whole --- */

static int prepare(struct cor_signing *signing, struct cor_answer *answer)
{
	const struct cor_carrier_request *request = &answer->request;

	signing->answer = answer;
	signing->len = request->fields_len;
	signing->max = request->fields_len + ADDED_MAX;
	signing->fields = cor_arena_zalloc(
		&answer->ctx->arena, (signing->max + 1) * sizeof *signing->fields);
	if (!signing->fields)
		return no_memory(answer);
	memcpy(signing->fields, request->fields, request->fields_len * sizeof *signing->fields);
	return 0;
}

static int show(struct cor_signing *signing, const struct cor_credentials *credentials)
{
	struct cor_answer *answer = signing->answer;
	const char *secret;

	if (has_basic(credentials))
		return show_basic(signing, &credentials->basic);
	if (credentials->netrc)
		return show_netrc(signing, credentials->netrc);
	if (has_digest(credentials))
		return show_digest(signing, &credentials->digest);
	if (has_token(credentials))
		return show_token(signing, &credentials->token);
	if (credentials->query.key)
		return show_in_query(answer, &credentials->query);
	if (credentials->sign)
		return sign(signing, credentials);
	secret = secret_of(
		answer, credentials->bearer ? credentials->bearer : credentials->header.key);
	if (!secret)
		return cor_failure_code(COR_FAILED_CREDENTIALS);
	if (!credentials->bearer)
		return set_secret(signing, credentials->header.name, secret);
	return set_secret(signing, "Authorization",
		cor_arena_printf(&answer->ctx->arena, "Bearer %s", secret));
}

int cor_credentials_show(struct cor_answer *answer)
{
	struct cor_signing signing;
	struct cor_answer_wait wait;
	int rc = prepare(&signing, answer);

	if (rc < 0)
		return rc;
	cor_answer_begin_wait(answer, &wait, UINT32_MAX, COR_FAILED_TOTAL_TIMEOUT);
	rc = cor_answer_end_wait(answer, &wait, show(&signing, answer->credentials));
	answer->request.fields = signing.fields;
	answer->request.fields_len = signing.len;
	return rc;
}
