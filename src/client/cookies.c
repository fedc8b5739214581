/* SPDX-License-Identifier: MIT */
#include "client/cookies.h"

#include <string.h>
#include <strings.h>

#include <coracle/log.h>

#include "client/attempt.h"
#include "client/cookie_jar.h"

static size_t find(struct cor_http_field *fields, size_t len, const char *name)
{
	size_t i = 0;

	while (i < len && strcasecmp(fields[i].name, name) != 0)
		i++;
	return i;
}

int cor_cookies_show(struct cor_answer *answer)
{
	struct cor_carrier_request *request = &answer->request;
	struct cor_arena *arena = &answer->ctx->arena;
	size_t len = request->fields_len;
	struct cor_http_field *fields = cor_arena_alloc(arena, (len + 1) * sizeof *fields);
	const char *value = NULL;

	if (!fields)
		return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	memcpy(fields, request->fields, len * sizeof *fields);
	size_t at = find(fields, len, "Cookie");
	const char *own = at < len ? fields[at].value : NULL;
	if (cor_jar_show(answer->jar, &answer->message.url, own, arena, &value) < 0)
		return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	if (!value)
		return 0;
	fields[at] = (struct cor_http_field){ "Cookie", value };
	request->fields = fields;
	request->fields_len = len + (at == len);
	return 0;
}

/* By its name alone; what has none is a value. */
static void tell_refused(struct cor_answer *answer, const char *set_cookie, const char *why)
{
	size_t len = strcspn(set_cookie, "=;");

	if (set_cookie[len] != '=')
		len = 0;
	cor_log_debug(answer->ctx, "upstream %s: its cookie \"%.*s\" is not kept: it %s",
		answer->here->upstream->name, len < 40 ? (int)len : 40, set_cookie, why);
}

void cor_cookies_keep(struct cor_answer *answer)
{
	for (size_t i = 0; i < answer->head.fields_len; i++) {
		const struct cor_http_field *field = &answer->head.fields[i];
		if (strcasecmp(field->name, "Set-Cookie") != 0)
			continue;
		const char *why = cor_jar_keep(
			answer->jar, &answer->message.url, cor_str(field->value));
		if (why)
			tell_refused(answer, field->value, why);
	}
}
