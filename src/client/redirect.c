/* SPDX-License-Identifier: MIT */
#include "client/redirect.h"

#include <errno.h>

#include "client/attempt.h"
#include "client/credentials.h"
#include "client/upstreams.h"

bool cor_redirect_is(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* As browsers and requests do it: what was no GET becomes one, but for 307 and 308. */
static bool becomes_get(const struct cor_answer *answer)
{
	struct cor_str method = answer->message.method;
	int status = answer->head.status;

	if (status == 307 || status == 308 || cor_str_equal(method, COR_STR("HEAD")))
		return false;
	return status == 301 ? cor_str_equal(method, COR_STR("POST")) : true;
}

/* Who is asked next must not learn what is meant for the one before. */
static void drop_secrets(struct cor_answer *answer)
{
	const struct cor_credentials *credentials = answer->here->upstream->credentials;
	struct cor_message *message = &answer->message;
	const char *name = credentials ? cor_credentials_header(credentials) : NULL;

	answer->credentials = NULL;
	if (name)
		cor_message_drop(message, name);
	cor_message_drop(message, "Authorization");
	cor_message_drop(message, "Cookie");
	cor_message_drop(message, "Proxy-Authorization");
}

int cor_redirect_lead(struct cor_answer *answer, struct cor_str location)
{
	struct cor_message *message = &answer->message;
	struct cor_url url;
	const char *why = "";
	int rc = cor_url_resolve(&answer->ctx->arena, &message->url, location, &url, &why);

	if (rc == -ENOMEM)
		return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	if (rc < 0)
		return cor_answer_fail(
			answer, COR_FAILED_REDIRECT, "its answer leads to a URL that %s", why);
	if (message->url.is_tls && !url.is_tls)
		return cor_answer_fail(answer, COR_FAILED_REDIRECT,
			"its answer leads from https to http, which is not followed");
	if (becomes_get(answer))
		cor_message_drop_body(message);
	else if (cor_message_rewind(message) < 0)
		return cor_answer_fail(answer, COR_FAILED_REDIRECT,
			"its answer leads elsewhere, but the body cannot be sent twice");
	if (!cor_url_same_origin(&message->url, &url))
		drop_secrets(answer);
	message->url = url;
	return 0;
}
