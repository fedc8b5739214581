/* SPDX-License-Identifier: MIT */
#include "client/tokens.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <coracle/base64.h>
#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/json_node.h>
#include <coracle/sync.h>

#include "base/buffer.h"
#include "client/failure.h"
#include "context/context.h"
#include "http/response.h"
#include "http/uri_encode.h"
#include "runtime/clock.h"

#define LIFETIME_MAX_S (24 * 60 * 60) /* whatever it says: clocks that err, and secrets that leak */

/* One of a client, a server and a scope. */
struct token {
	struct token *next;
	char *key;                 /* what it was asked for with, without the secret */
	uint32_t users;            /* calls that hold this struct */
	struct cor_mutex renewing; /* one call at a time asks for a new one */
	char *text;                /* NULL: there is none */
	int64_t renew_ns;
	int64_t end_ns;
};

struct cor_tokens {
	struct cor_tokens *next;
	const void *options;
	uint32_t threads;
	struct token *first;
	size_t len;
};

/* Of this file, and never held while anybody waits. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct cor_tokens *all;

/* --- life --- */

static void forget(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void destroy_token(struct token *token)
{
	forget(token->text);
	free(token->key);
	free(token);
}

struct cor_tokens *cor_tokens_join(const void *options)
{
	struct cor_tokens *tokens;

	pthread_mutex_lock(&lock);
	tokens = all;
	while (tokens && tokens->options != options)
		tokens = tokens->next;
	if (!tokens) {
		tokens = calloc(1, sizeof *tokens);
		if (tokens) {
			tokens->options = options;
			tokens->next = all;
			all = tokens;
		}
	}
	if (tokens)
		tokens->threads++;
	pthread_mutex_unlock(&lock);
	return tokens;
}

void cor_tokens_leave(struct cor_tokens *tokens)
{
	struct cor_tokens **at = &all;

	if (!tokens)
		return;
	pthread_mutex_lock(&lock);
	bool is_last = --tokens->threads == 0;
	while (is_last && *at != tokens)
		at = &(*at)->next;
	if (is_last)
		*at = tokens->next;
	pthread_mutex_unlock(&lock);
	while (is_last && tokens->first) {
		struct token *token = tokens->first;
		tokens->first = token->next;
		destroy_token(token);
	}
	if (is_last)
		free(tokens);
}

/* Nobody uses it: of those, the one that was asked for first. */
static void drop_one(struct cor_tokens *tokens)
{
	struct token **found = NULL;

	for (struct token **at = &tokens->first; *at; at = &(*at)->next)
		if ((*at)->users == 0)
			found = at;
	if (!found)
		return;
	struct token *token = *found;
	*found = token->next;
	tokens->len--;
	destroy_token(token);
}

static struct token *add(struct cor_tokens *tokens, const char *key)
{
	if (tokens->len == COR_TOKENS_MAX)
		drop_one(tokens);
	if (tokens->len == COR_TOKENS_MAX)
		return NULL;
	struct token *token = calloc(1, sizeof *token);
	if (!token)
		return NULL;
	token->key = strdup(key);
	if (!token->key) {
		free(token);
		return NULL;
	}
	token->next = tokens->first;
	tokens->first = token;
	tokens->len++;
	return token;
}

static struct token *hold(struct cor_tokens *tokens, const char *key)
{
	pthread_mutex_lock(&lock);
	struct token *token = tokens->first;
	while (token && strcmp(token->key, key) != 0)
		token = token->next;
	if (!token)
		token = add(tokens, key);
	if (token)
		token->users++;
	pthread_mutex_unlock(&lock);
	return token;
}

static void release(struct token *token)
{
	pthread_mutex_lock(&lock);
	token->users--;
	pthread_mutex_unlock(&lock);
}

/* --- what is kept --- */

enum state { FRESH, AGEING, GONE };

/* *ret is a copy in the memory of ctx; NULL without memory, or if it is gone. */
static enum state look(
	struct cor_ctx *ctx, struct token *token, const char *refused, const char **ret)
{
	int64_t now = cor_monotonic_ns();
	enum state state = GONE;

	*ret = NULL;
	pthread_mutex_lock(&lock);
	if (token->text && refused && strcmp(token->text, refused) == 0) {
		forget(token->text);
		token->text = NULL;
	}
	if (token->text && now < token->end_ns) {
		state = now < token->renew_ns ? FRESH : AGEING;
		*ret = cor_strdup(ctx, token->text);
	}
	pthread_mutex_unlock(&lock);
	return state;
}

static int keep(struct token *token, const char *text, int64_t lifetime_s)
{
	int64_t early_s = lifetime_s / 10;
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	if (early_s > COR_TOKEN_EARLY_MAX_S)
		early_s = COR_TOKEN_EARLY_MAX_S;
	pthread_mutex_lock(&lock);
	forget(token->text);
	token->text = copy;
	token->end_ns = cor_monotonic_ns() + lifetime_s * COR_NS_PER_S;
	token->renew_ns = token->end_ns - early_s * COR_NS_PER_S;
	pthread_mutex_unlock(&lock);
	return 0;
}

static void put_off(struct token *token)
{
	pthread_mutex_lock(&lock);
	token->renew_ns = cor_monotonic_ns() + COR_TOKEN_AGAIN_S * (int64_t)COR_NS_PER_S;
	pthread_mutex_unlock(&lock);
}

/* --- the request: RFC 6749 section 4.4.2 --- */

struct asking {
	struct cor_ctx *ctx;
	const struct cor_token_credentials *of;
	const char *id;
	const char *secret;
	const char *form; /* without the secret */
};

static const char *take(struct cor_ctx *ctx, struct cor_buffer *buffer)
{
	const char *copy = cor_buffer_error(buffer) < 0
				   ? NULL
				   : cor_arena_copy(&ctx->arena, buffer->data, buffer->len);

	cor_buffer_finish(buffer);
	return copy;
}

static void put_pair(struct cor_buffer *buffer, const char *name, const char *value)
{
	cor_buffer_byte(buffer, '&');
	cor_percent_append(buffer, cor_str(name));
	cor_buffer_byte(buffer, '=');
	cor_percent_append(buffer, cor_str(value));
}

static const char *write_form(struct cor_ctx *ctx, const struct cor_token_credentials *of)
{
	struct cor_buffer buffer = { 0 };

	cor_buffer_literal(&buffer, "grant_type=client_credentials");
	if (of->scope)
		put_pair(&buffer, "scope", of->scope);
	for (const struct cor_http_field *at = of->parameters; at && at->name; at++)
		put_pair(&buffer, at->name, at->value);
	return take(ctx, &buffer);
}

/* Section 2.3.1: both are encoded as in a form first. */
static const char *write_basic(const struct asking *asking)
{
	struct cor_buffer buffer = { 0 };

	cor_percent_append(&buffer, cor_str(asking->id));
	cor_buffer_byte(&buffer, ':');
	cor_percent_append(&buffer, cor_str(asking->secret));
	const char *pair = take(asking->ctx, &buffer);
	if (!pair)
		return NULL;
	size_t bytes = cor_base64_text_bytes(strlen(pair));
	char *value = cor_alloc(asking->ctx, sizeof "Basic " + bytes);
	if (!value)
		return NULL;
	memcpy(value, "Basic ", sizeof "Basic " - 1);
	cor_base64_print(cor_str(pair), value + sizeof "Basic " - 1);
	return value;
}

static const char *write_form_with_secret(const struct asking *asking)
{
	struct cor_buffer buffer = { 0 };

	cor_buffer_append_str(&buffer, cor_str(asking->form));
	put_pair(&buffer, "client_id", asking->id);
	put_pair(&buffer, "client_secret", asking->secret);
	return take(asking->ctx, &buffer);
}

/* Of another kind than Bearer it cannot be used (section 7.1). */
static const char *read_answer(
	struct cor_ctx *ctx, struct cor_str text, const char **ret_token, int64_t *ret_lifetime_s)
{
	struct cor_str token = { NULL, 0 }, kind = { NULL, 0 };
	struct cor_node *node;
	int64_t seconds = COR_TOKEN_LIFETIME_S;

	if (cor_node_parse(&ctx->arena, text, NULL, &node, NULL) < 0)
		return "its answer is no JSON";
	if (cor_node_to_text(cor_node_get(node, "access_token"), &token) < 0 || token.len == 0 ||
		!cor_field_value_valid(token))
		return "its answer has no access_token";
	if (cor_node_to_text(cor_node_get(node, "token_type"), &kind) < 0 ||
		kind.len != strlen("Bearer") || strncasecmp(kind.data, "Bearer", kind.len) != 0)
		return "its answer has another token_type than Bearer";
	struct cor_node *lifetime = cor_node_get(node, "expires_in");
	if (lifetime && (cor_node_to_int64(lifetime, &seconds) < 0 || seconds <= 0))
		return "its answer has no expires_in of seconds";
	*ret_token = cor_arena_copy(&ctx->arena, token.data, token.len);
	*ret_lifetime_s = seconds < LIFETIME_MAX_S ? seconds : LIFETIME_MAX_S;
	return NULL;
}

static int fail(const struct asking *asking, enum cor_failure kind, const char *text)
{
	const struct cor_http_failure failure = {
		.kind = kind,
		.code = cor_failure_code(kind),
		.upstream = asking->of->upstream->name,
		.text = text,
		.retry_after_ms = -1,
		.body = { "", 0 },
		.attempts = 1,
	};

	return cor_failure_record(asking->ctx, &failure);
}

/* A redirect is a failure: the secret is for nobody else. */
static int ask(const struct asking *asking, struct token *token, const char **ret)
{
	bool is_form = asking->of->client_by == COR_CLIENT_BY_FORM;
	const char *basic = is_form ? NULL : write_basic(asking);
	const char *form = is_form ? write_form_with_secret(asking) : asking->form;
	struct cor_str answer;
	int64_t lifetime_s = 0;

	if ((!is_form && !basic) || !form)
		return fail(asking, COR_FAILED_MEMORY, "no memory");
	int rc = cor_http_post(asking->ctx, asking->of->upstream, COR_BYTES, &answer,
		COR_PATH_AS_IS(asking->of->path), .body = cor_str(form),
		.content_type = "application/x-www-form-urlencoded",
		.headers = COR_HTTP_FIELDS(
			{ "Accept", "application/json" }, { "Authorization", basic }),
		.credentials = COR_NO_CREDENTIALS, .repeats = COR_REPEATABLE,
		.redirects = COR_REDIRECT_IS_ANSWER);
	if (rc < 0)
		return rc;
	const char *fault = read_answer(asking->ctx, answer, ret, &lifetime_s);
	if (fault)
		return fail(asking, COR_FAILED_SYNTAX, fault);
	rc = *ret ? keep(token, *ret, lifetime_s) : -ENOMEM;
	return rc < 0 ? fail(asking, COR_FAILED_MEMORY, "no memory") : 0;
}

/* --- the whole --- */

/* One asks; the others wait for it, or go on with the old one while that holds. */
static int renew(
	const struct asking *asking, struct token *token, const char *refused, const char **ret)
{
	enum state state = look(asking->ctx, token, refused, ret);
	const char *old = *ret;
	int rc;

	if (state == FRESH || (state == AGEING && cor_mutex_try_lock(&token->renewing) < 0))
		return *ret ? 0 : fail(asking, COR_FAILED_MEMORY, "no memory");
	if (state == GONE) {
		rc = cor_mutex_lock(&token->renewing);
		if (rc < 0)
			return fail(asking,
				rc == -ECANCELED ? cor_failure_canceled(asking->ctx)
						 : COR_FAILED_TOTAL_TIMEOUT,
				"no token in time: another call was waiting for it");
	}
	/* another call may have been quicker */
	rc = look(asking->ctx, token, refused, ret) == FRESH && *ret ? 0 : ask(asking, token, ret);
	if (rc < 0 && old) {
		put_off(token);
		*ret = old;
		rc = 0;
	}
	cor_mutex_unlock(&token->renewing);
	return rc;
}

int cor_tokens_get(struct cor_ctx *ctx, struct cor_tokens *tokens,
	const struct cor_token_credentials *of, const char *refused, const char **ret,
	const char **ret_why)
{
	struct asking asking = {
		.ctx = ctx,
		.of = of,
		.id = of->client_id_of ? of->client_id_of(ctx) : of->client_id,
		.secret = of->client_secret(ctx),
	};

	if (!asking.id || !asking.id[0] || !asking.secret || !asking.secret[0]) {
		*ret_why = "have no client or no secret: is the setting set?";
		return -EINVAL;
	}
	asking.form = write_form(ctx, of);
	const char *key = asking.form ? cor_printf(ctx, "%s %s %s %s", of->upstream->name, of->path,
						asking.id, asking.form)
				      : NULL;
	struct token *token = key ? hold(tokens, key) : NULL;
	if (!token)
		return fail(&asking, COR_FAILED_MEMORY,
			"no memory for its token, or too many are asked for at once");
	int rc = renew(&asking, token, refused, ret);
	release(token);
	return rc;
}
