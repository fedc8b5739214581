/* SPDX-License-Identifier: MIT */
/* Cookies of rows and sessions: browsers take them as they are, and they can be sealed. */
#include <string.h>

#include <coracle/memcached.h>

#include "cookies/fault.h"
#include "cookies/jar.h"
#include "cookies/session.h"
#include "schema/bind.h"
#include "service/check.h"

/* Of any service of the program: all of them seal with the same keys. */
static bool is_of_session(const struct cor_check *check, const char *key)
{
	const struct cor_session *const *at = check->whole->sessions;

	while (at && *at && strcmp(cor_session_name(*at), key) != 0)
		at++;
	return at && *at;
}

/* The name is its key's, for the log and for OpenAPI. */
static void check_row(const struct cor_check *check, const struct cor_schema *schema,
	const struct cor_field *field)
{
	const struct cor_cookie *cookie = field->cookie;
	const char *key = cor_row_key(field), *fault = cor_cookie_fault(cookie, key);

	if (fault)
		cor_contradict_once(check, schema->symbol, "cookie \"%s\" %s", key, fault);
	else if (cookie && cookie->name && strcmp(cookie->name, key) != 0)
		cor_contradict_once(check, schema->symbol,
			"row %s has the key \"%s\", and its .cookie the name \"%s\": a cookie's row has its name as its .key, so leave out the .name",
			field->member, key, cookie->name);
	else if (is_of_session(check, key))
		cor_contradict_once(check, schema->symbol,
			"row %s has the cookie of a session, \"%s\": what it sets could pass for one; give it another .key",
			field->member, key);
	else if (cookie && cookie->seal != COR_UNSEALED && !check->whole->sealing)
		cor_contradict_once(check, schema->symbol,
			"cookie \"%s\" is sealed: the service needs .sealing = &cor_sealing of <coracle/sealing.h>",
			key);
}

void cor_check_cookie_rows(const struct cor_check *check, const struct cor_schema *schema)
{
	struct cor_rows rows;

	if (!schema || schema->media != COR_MEDIA_JSON)
		return;
	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows))
		if (field->from == COR_FROM_COOKIE || field->to == COR_TO_COOKIE)
			check_row(check, schema, field);
}

/* --- sessions --- */

static bool is_named_before(const struct cor_session *const *all, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(cor_session_name(all[i]), cor_session_name(all[at])) == 0)
			return true;
	return false;
}

static void check_lengths(
	const struct cor_check *check, const struct cor_session *session, const char *where)
{
	int64_t idle_s = session->idle_s ? session->idle_s : COR_SESSION_IDLE_S;
	int64_t life_s = session->life_s ? session->life_s : COR_SESSION_LIFE_S;

	if (session->idle_s < 0 || session->life_s < 0)
		cor_contradict(check, where, "the session has an .idle_s or .life_s below 0");
	else if (idle_s > life_s)
		cor_contradict(check, where,
			"the session ends after a .life_s of %lld s, before its .idle_s of %lld s",
			(long long)life_s, (long long)idle_s);
	if (session->cookie.max_age_s)
		cor_contradict(check, where,
			"the session's .cookie has a .max_age_s: it follows from .idle_s and .life_s");
}

static void check_cache(
	const struct cor_check *check, const struct cor_session *session, const char *where)
{
	const struct cor_cache *const *at = check->whole->caches;

	while (at && *at && *at != session->cache)
		at++;
	if (!at || !*at)
		cor_contradict(check, where,
			"the session is kept in the cache %s, which the service does not list in .caches",
			session->cache->name ? session->cache->name : "");
	if (session->cache->memcached && session->cache->memcached->moves)
		cor_contradict(check, where,
			"the session is kept in the cache %s, whose .memcached says .moves: a server that comes back would bring back sessions that were ended meanwhile: leave it out",
			session->cache->name ? session->cache->name : "");
	if (session->cookie.seal != COR_UNSEALED)
		cor_contradict(check, where,
			"the session has a .cache, so its cookie holds a random id, which nobody seals: leave out the .seal");
}

static void check_session(const struct cor_check *check, const struct cor_session *session)
{
	const char *where = cor_session_name(session);
	const char *fault = cor_cookie_fault(&session->cookie, where);

	if (!session->keeps || session->keeps->media != COR_MEDIA_JSON)
		cor_contradict(check, where,
			"the session keeps no struct: .keeps = COR_KEEPS(visit_schema)");
	if (fault)
		cor_contradict(check, where, "the session's cookie \"%s\" %s", where, fault);
	check_lengths(check, session, where);
	if (session->cache)
		check_cache(check, session, where);
}

static bool has_sealed(const struct cor_session *const *all)
{
	while (all && *all && (*all)->cache)
		all++;
	return all && *all;
}

void cor_check_sessions(const struct cor_check *check, const struct cor_service *service)
{
	const struct cor_session *const *all = service->sessions;
	const char *where = service->name ? service->name : "service";
	size_t len = 0;

	for (; all && all[len]; len++) {
		check_session(check, all[len]);
		if (is_named_before(all, len))
			cor_contradict(check, cor_session_name(all[len]),
				"two sessions have that cookie: give one of them a .cookie.name");
	}
	if (len > COR_SESSIONS_MAX)
		cor_contradict(check, where, "the service has %zu sessions, more than %d", len,
			COR_SESSIONS_MAX);
	if (has_sealed(all) && !check->whole->sealing)
		cor_contradict(check, where,
			"sessions are sealed: the service needs .sealing = &cor_sealing of <coracle/sealing.h>");
	if (service->sealing && service->sealing->interface != COR_SEALING_INTERFACE)
		cor_contradict(check, where,
			"libcoracle-crypto and libcoracle are of different versions: install the same");
}
