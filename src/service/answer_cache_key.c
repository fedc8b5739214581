/* SPDX-License-Identifier: MIT */
/*
 * What an answer is kept under: all that it may depend on. Each part is JSON or stands behind its
 * length, so no two lists of parts make one key; which parts there are is the operation's.
 */
#include "service/answer_cache.h"

#include <errno.h>

#include <coracle/error.h>
#include <coracle/service.h>

#include "base/number.h"
#include "schema/encode.h"
#include "security/admission.h"
#include "security/credential.h"
#include "service/language.h"
#include "service/selection.h"

int cor_answer_key_text(struct cor_cache_key *key, struct cor_str text)
{
	char number[COR_NUMBER_BYTES];
	size_t len = cor_number_print_uint64(text.len, number);

	number[len] = ':';
	int rc = cor_cache_key_append(key, (struct cor_str){ number, len + 1 });
	return rc < 0 ? rc : cor_cache_key_append(key, text);
}

/*
 * Of a table all rows, wherever they have come from. A NULL that would pass for its .fallback has
 * no key: what is kept for one must not be another's.
 */
static int append_value(struct cor_exchange *x, const struct cor_schema *schema, const void *value,
	struct cor_cache_key *key)
{
	struct cor_buffer json = {
		.data = key->bytes,
		.len = key->len,
		.capacity = sizeof key->bytes,
		.limit = sizeof key->bytes,
	};

	if (schema->media == COR_MEDIA_TEXT || schema->media == COR_MEDIA_BYTES)
		return cor_answer_key_text(key, *(const struct cor_str *)value);
	if (schema->media != COR_MEDIA_JSON)
		return 0;
	/* Where its limit is all that it has, a buffer takes no other memory. */
	int rc = cor_encode_to_keep(x->ctx.environment->codec, schema, value, &json);
	key->len = json.len;
	return rc;
}

static int append_target(struct cor_exchange *x, struct cor_cache_key *key)
{
	int rc = cor_answer_key_text(key, cor_exchange_path(x));

	return rc < 0 ? rc : cor_answer_key_text(key, cor_exchange_query(x));
}

static int append_selection(struct cor_exchange *x, struct cor_cache_key *key)
{
	struct cor_str asked;
	int rc = cor_selection_text(x, cor_action_of(x)->operation, &asked);

	return rc < 0 ? rc : cor_answer_key_text(key, asked);
}

static int append_language(struct cor_exchange *x, struct cor_cache_key *key)
{
	const struct cor_language *language = cor_language_of(x);

	return cor_answer_key_text(key, cor_str(language ? language->tag : "en"));
}

int cor_answer_key_principal(struct cor_exchange *x, bool with_scopes, struct cor_cache_key *key)
{
	const struct cor_admission *admission = cor_admission_of(&x->ctx);
	const struct cor_security_scheme *scheme = admission ? admission->scheme : NULL;

	if (!scheme)
		return -EINVAL; /* nobody was let in, and the handler would not be called */
	const void *principal = scheme->principal ? cor_ctx_find_value(&x->ctx, scheme->principal)
						  : NULL;
	int rc = cor_answer_key_text(key, cor_str(cor_scheme_name(scheme)));
	if (rc == 0 && with_scopes)
		rc = cor_answer_key_text(
			key, cor_str(admission->granted ? admission->granted : ""));
	return rc == 0 && principal ? append_value(x, scheme->principal, principal, key) : rc;
}

int cor_answer_cache_key(struct cor_exchange *x, const void *in, struct cor_cache_key *ret)
{
	const struct cor_action *action = cor_action_of(x);
	const struct cor_answer_cache_plan *plan = action->kept;
	const struct cor_service *service = cor_ctx_mounted(&x->ctx);

	ret->len = 0;
	int rc = cor_cache_key_append(ret, cor_str(plan->name));
	if (rc == 0 && action->place->host)
		rc = cor_answer_key_text(ret, cor_str(action->place->host));
	if (rc == 0)
		rc = append_value(x, action->operation->in, in, ret);
	if (rc == 0 && plan->by_target)
		rc = append_target(x, ret);
	if (rc == 0 && action->operation->selected_by)
		rc = append_selection(x, ret);
	if (rc == 0 && service && service->languages)
		rc = append_language(x, ret);
	if (rc == 0 && plan->answers_for == COR_FOR_EACH_PRINCIPAL)
		rc = cor_answer_key_principal(x, true, ret);
	return rc;
}
