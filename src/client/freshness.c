/* SPDX-License-Identifier: MIT */
#include "client/freshness.h"

#include <string.h>

#include "base/date.h"
#include "http/fold.h"
#include "http/status.h"

#define MS 1000

/* --- fields --- */

const char *cor_fields_find(const struct cor_http_field *fields, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++)
		if (cor_fold_same_name(fields[i].name, name))
			return fields[i].value;
	return NULL;
}

/* RFC 9110 section 8.8.3; what is none might say something else where it stands in a list. */
static bool is_etag(const char *text)
{
	if (!text)
		return false;
	text += strncmp(text, "W/", 2) == 0 ? 2 : 0;
	const char *end = text[0] == '"' ? strchr(text + 1, '"') : NULL;
	return end && end[1] == '\0';
}

static const char *find(const struct cor_carrier_answer *head, const char *name)
{
	return cor_fields_find(head->fields, head->fields_len, name);
}

/* Several that say different things say nothing that could be believed. */
static const char *find_only(const struct cor_carrier_answer *head, const char *name, bool *several)
{
	const char *value = NULL;

	*several = false;
	for (size_t i = 0; i < head->fields_len; i++) {
		if (!cor_fold_same_name(head->fields[i].name, name))
			continue;
		*several = *several || (value && strcmp(value, head->fields[i].value) != 0);
		value = head->fields[i].value;
	}
	return value;
}

/* Seconds since 1970; -1: it is no date, or one before that. */
static int64_t date_of(const char *text, int64_t now_ms)
{
	int64_t s;

	return text && cor_imf_date_parse(cor_str(text), now_ms / MS, &s) == 0 && s >= 0 ? s : -1;
}

void cor_cache_control_of(
	const struct cor_http_field *fields, size_t len, struct cor_cache_control *ret)
{
	cor_cache_control_begin(ret);
	for (size_t i = 0; i < len; i++)
		if (cor_fold_same_name(fields[i].name, "Cache-Control"))
			cor_cache_control_add(ret, cor_str(fields[i].value));
}

/* --- age: section 4.2.3 --- */

/* Of a list the first counts, and what is no number does not: section 5.1. */
static int64_t age_said_ms(const struct cor_carrier_answer *head)
{
	const char *text = find(head, "Age");
	size_t len = text ? strcspn(text, ", \t") : 0;
	int64_t s = cor_delta_seconds((struct cor_str){ text, len });

	return s < 0 ? 0 : s * MS;
}

static int64_t initial_age_ms(
	const struct cor_carrier_answer *head, const struct cor_answer_times *times, int64_t date_s)
{
	int64_t took_ms = times->came_ms > times->asked_ms ? times->came_ms - times->asked_ms : 0;
	int64_t corrected_ms = age_said_ms(head) + took_ms;
	/* a Date is of whole seconds, and one that is ahead of us says nothing */
	int64_t apparent_ms = date_s < 0 ? 0 : (times->came_ms / MS - date_s) * MS;

	return apparent_ms > corrected_ms ? apparent_ms : corrected_ms;
}

int64_t cor_freshness_age_ms(const struct cor_freshness *freshness, int64_t now_ms)
{
	return now_ms < freshness->came_ms ? -1 : freshness->age_ms + (now_ms - freshness->came_ms);
}

/* --- lifetime: sections 4.2.1 and 4.2.2 --- */

/* RFC 9110 section 15.1: those that may be kept by default; 206 is none of ours. */
static bool is_guessable(int status)
{
	static const uint16_t statuses[] = { 200, 203, 204, 300, 301, 308, 404, 405, 410, 414,
		501 };

	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (statuses[i] == status)
			return true;
	return false;
}

static int64_t guess_ms(const struct cor_carrier_answer *head, const struct cor_freshness *it,
	const struct cor_http_caching *rules, int64_t date_s)
{
	int64_t most_ms = MS * (int64_t)(rules && rules->guess_max_s ? rules->guess_max_s
								     : COR_HEURISTIC_MAX_S);
	int64_t modified_s = date_of(it->modified, it->came_ms);

	if ((rules && rules->guesses == COR_GUESS_NO_FRESHNESS) ||
		!(is_guessable(head->status) || it->said.is_public) || modified_s < 0 ||
		modified_s >= date_s)
		return 0;
	int64_t tenth_ms = (date_s - modified_s) * (MS / 10);
	return tenth_ms < most_ms ? tenth_ms : most_ms;
}

static int64_t lifetime_ms(const struct cor_carrier_answer *head, const struct cor_freshness *it,
	const struct cor_http_caching *rules, int64_t date_s)
{
	bool several;
	const char *expires = find_only(head, "Expires", &several);

	if (it->said.is_broken)
		return 0;
	if (it->said.max_age_s >= 0)
		return it->said.max_age_s * MS;
	date_s = date_s < 0 ? it->came_ms / MS : date_s;
	if (!expires)
		return guess_ms(head, it, rules, date_s);
	int64_t expires_s = date_of(expires, it->came_ms);
	return several || expires_s <= date_s ? 0 : (expires_s - date_s) * MS;
}

/* --- whether it may be kept: section 3 --- */

static bool is_known(int status)
{
	return strcmp(cor_status_reason(status), "Unknown") != 0;
}

/* What they say is of that one request, or of the moment. */
static bool is_keepable(int status)
{
	return status >= 200 && (status < 500 || status == 501) && status != 206 && status != 304 &&
	       status != 401 && status != 407 && status != 416;
}

static bool varies_with_all(const struct cor_carrier_answer *head)
{
	for (size_t i = 0; i < head->fields_len; i++)
		if (cor_fold_same_name(head->fields[i].name, "Vary") &&
			strchr(head->fields[i].value, '*'))
			return true;
	return false;
}

static bool may_be_kept(const struct cor_carrier_answer *head, const struct cor_freshness *it)
{
	const struct cor_cache_control *said = &it->said;
	bool is_understood = is_known(head->status);

	if (!is_keepable(head->status) || (said->must_understand && !is_understood))
		return false;
	if (said->no_store && !said->must_understand) /* section 5.2.2.3 */
		return false;
	if (varies_with_all(head) || find(head, "Set-Cookie") || find(head, "Content-Range"))
		return false;
	return said->is_public || said->is_private || said->max_age_s >= 0 ||
	       find(head, "Expires") || is_guessable(head->status);
}

void cor_freshness_of(const struct cor_carrier_answer *head, const struct cor_answer_times *times,
	const struct cor_http_caching *rules, struct cor_freshness *ret)
{
	bool several;
	int64_t date_s = date_of(find_only(head, "Date", &several), times->came_ms);

	*ret = (struct cor_freshness){ .came_ms = times->came_ms };
	cor_cache_control_of(head->fields, head->fields_len, &ret->said);
	ret->etag = find(head, "ETag");
	if (!is_etag(ret->etag))
		ret->etag = NULL;
	ret->modified = find(head, "Last-Modified");
	if (date_of(ret->modified, times->came_ms) < 0)
		ret->modified = NULL;
	ret->age_ms = initial_age_ms(head, times, date_s);
	ret->fresh_ms = lifetime_ms(head, ret, rules, date_s);
	ret->is_validated = ret->said.no_cache;
	ret->is_never_stale = ret->said.no_cache || ret->said.must_revalidate ||
			      ret->said.is_broken;
	ret->stale_if_error_s = ret->said.stale_if_error_s >= 0 ? ret->said.stale_if_error_s
				: rules                         ? rules->stale_if_error_s
								: 0;
	ret->may_be_kept = may_be_kept(head, ret);
}
