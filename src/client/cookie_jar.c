/* SPDX-License-Identifier: MIT */
#include "client/cookie_jar.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/ip.h>

#include "base/buffer.h"
#include "http/cookie.h"
#include "http/set_cookie.h"

/* The four texts are behind it, each with its NUL. */
struct cookie {
	struct cookie *next;
	size_t bytes; /* of all of it */
	struct cor_str name, value;
	struct cor_str domain; /* lower case, or that of a unix socket */
	struct cor_str path;
	bool is_host_only;
	bool is_secure;
	int64_t expires_s; /* COR_JAR_COOKIE_ENDLESS: with the jar */
	uint64_t used;     /* when it was kept or sent last, as a count */
};

struct cor_cookie_jar {
	pthread_mutex_t lock; /* never held while anybody waits */
	struct cookie *first; /* the oldest */
	size_t len;
	size_t bytes;
	uint64_t uses;
};

/* --- whose it is --- */

/* What cookies are of: a host, or a unix socket. */
struct origin {
	struct cor_str host;
	bool is_name; /* which may have hosts below */
	bool is_tls;
	struct cor_str path;
	char room[sizeof "unix:" + 108];
};

static void read_origin(const struct cor_url *url, struct origin *ret)
{
	struct cor_ip ip;

	ret->host = url->host;
	ret->is_tls = url->is_tls;
	ret->path = url->path;
	ret->is_name = !url->unix_path && cor_ip_parse(url->host, &ip) < 0;
	if (url->unix_path) {
		snprintf(ret->room, sizeof ret->room, "unix:%s", url->unix_path);
		ret->host = cor_str(ret->room);
	}
}

static bool same_name(struct cor_str a, struct cor_str b)
{
	return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

/* `host` is `domain`, or below it: section 5.1.3, for names. */
static bool is_within(struct cor_str host, struct cor_str domain)
{
	size_t above = host.len - domain.len;

	return same_name(host, domain) ||
	       (host.len > domain.len && host.data[above - 1] == '.' &&
		       same_name((struct cor_str){ host.data + above, domain.len }, domain));
}

/* Section 5.1.4. */
static bool is_below(struct cor_str path, struct cor_str of)
{
	return path.len >= of.len && memcmp(path.data, of.data, of.len) == 0 &&
	       (path.len == of.len || of.data[of.len - 1] == '/' || path.data[of.len] == '/');
}

static struct cor_str default_path(struct cor_str path)
{
	while (path.len > 1 && path.data[path.len - 1] != '/')
		path.len--;
	if (path.len > 1)
		path.len--;
	return path.len ? path : COR_STR("/");
}

/* --- the list --- */

static void drop(struct cor_cookie_jar *jar, struct cookie **at)
{
	struct cookie *cookie = *at;

	*at = cookie->next;
	jar->len--;
	jar->bytes -= cookie->bytes;
	explicit_bzero(cookie, cookie->bytes);
	free(cookie);
}

static void drop_ended(struct cor_cookie_jar *jar)
{
	struct cookie **at = &jar->first;
	int64_t now_s = cor_now().tv_sec;

	while (*at) {
		if ((*at)->expires_s <= now_s)
			drop(jar, at);
		else
			at = &(*at)->next;
	}
}

/* Of one domain (NULL: of any), the one that was sent least recently; plain ones before others. */
static void drop_one(struct cor_cookie_jar *jar, const struct cookie *of)
{
	struct cookie **found = NULL;

	for (struct cookie **at = &jar->first; *at; at = &(*at)->next) {
		if (of && !same_name((*at)->domain, of->domain))
			continue;
		if (!found || (*at)->is_secure < (*found)->is_secure ||
			((*at)->is_secure == (*found)->is_secure && (*at)->used < (*found)->used))
			found = at;
	}
	if (found)
		drop(jar, found);
}

static void make_room(struct cor_cookie_jar *jar, const struct cookie *coming)
{
	size_t of_domain = 0;

	for (const struct cookie *at = jar->first; at; at = at->next)
		of_domain += same_name(at->domain, coming->domain);
	if (of_domain >= COR_COOKIE_JAR_HOST_MAX)
		drop_one(jar, coming);
	while (jar->len >= COR_COOKIE_JAR_MAX ||
		(jar->len && jar->bytes + coming->bytes > COR_COOKIE_JAR_BYTES))
		drop_one(jar, NULL);
}

static struct cookie *make(const struct cor_set_cookie *said, struct cor_str domain,
	bool is_host_only, struct cor_str path)
{
	const struct cor_str texts[] = { said->name, said->value, domain, path };
	struct cookie *cookie;
	size_t bytes = sizeof *cookie;

	for (size_t i = 0; i < 4; i++)
		bytes += texts[i].len + 1;
	cookie = calloc(1, bytes);
	if (!cookie)
		return NULL;
	struct cor_str *const copies[] = { &cookie->name, &cookie->value, &cookie->domain,
		&cookie->path };
	char *at = (char *)(cookie + 1);
	for (size_t i = 0; i < 4; i++) {
		if (texts[i].len)
			memcpy(at, texts[i].data, texts[i].len);
		*copies[i] = (struct cor_str){ at, texts[i].len };
		at += texts[i].len + 1;
	}
	cookie->bytes = bytes;
	cookie->is_host_only = is_host_only;
	cookie->is_secure = said->is_secure;
	cookie->expires_s = said->is_persistent ? said->expires_s : COR_JAR_COOKIE_ENDLESS;
	return cookie;
}

/* --- keeping: section 5.7 --- */

/* *domain is what it is kept for. NULL, or why it cannot be. */
static const char *find_domain(const struct origin *origin, const struct cor_set_cookie *said,
	struct cor_str *domain, bool *is_host_only)
{
	struct cor_str wanted = said->domain;
	const char *dot = wanted.len ? memchr(wanted.data, '.', wanted.len) : NULL;

	*domain = origin->host;
	*is_host_only = true;
	if (wanted.len == 0)
		return NULL;
	if (!origin->is_name || !dot || wanted.data[wanted.len - 1] == '.')
		return same_name(wanted, origin->host) ? NULL
		       : dot                           ? "is for another host"
			     : "has a Domain of one label, which is everybody's";
	if (!is_within(origin->host, wanted))
		return "is for another host";
	*domain = (struct cor_str){ origin->host.data + origin->host.len - wanted.len, wanted.len };
	*is_host_only = false;
	return NULL;
}

static bool begins(struct cor_str text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && strncasecmp(text.data, with, len) == 0;
}

/* A value without a name that looks like such a name is sent as one. */
static const char *prefix_fault(
	const struct cor_set_cookie *said, struct cor_str path, bool is_host_only)
{
	struct cor_str name = said->name.len ? said->name : said->value;
	bool is_host = begins(name, "__Host-"), is_secure = begins(name, "__Secure-");

	if (!is_host && !is_secure)
		return NULL;
	if (said->name.len == 0)
		return "has no name, and a value that is the prefix of one";
	if (!said->is_secure)
		return "is not Secure, as its prefix promises";
	if (is_host && (said->domain.len || !is_host_only || said->path.len != 1 || path.len != 1))
		return "has a Domain, or no Path=/, against the prefix __Host-";
	return NULL;
}

/* Over plain http nobody hides a cookie that was set over https. */
static bool hides_secure(const struct cor_cookie_jar *jar, const struct cookie *coming)
{
	for (const struct cookie *at = jar->first; at; at = at->next)
		if (at->is_secure && cor_str_equal(at->name, coming->name) &&
			(is_within(at->domain, coming->domain) ||
				is_within(coming->domain, at->domain)) &&
			is_below(coming->path, at->path))
			return true;
	return false;
}

/* One that is there already keeps its place: sooner made, sooner sent. */
static void put(struct cor_cookie_jar *jar, struct cookie *coming)
{
	struct cookie **at = &jar->first;

	while (*at && !(cor_str_equal((*at)->name, coming->name) &&
			      same_name((*at)->domain, coming->domain) &&
			      (*at)->is_host_only == coming->is_host_only &&
			      cor_str_equal((*at)->path, coming->path)))
		at = &(*at)->next;
	if (*at) {
		drop(jar, at);
	} else {
		make_room(jar, coming);
		for (at = &jar->first; *at;)
			at = &(*at)->next;
	}
	coming->next = *at;
	coming->used = ++jar->uses;
	*at = coming;
	jar->len++;
	jar->bytes += coming->bytes;
}

static const char *keep(
	struct cor_cookie_jar *jar, const struct origin *origin, const struct cor_set_cookie *said)
{
	struct cor_str path = said->path.len ? said->path : default_path(origin->path), domain;
	bool is_host_only;
	const char *why = find_domain(origin, said, &domain, &is_host_only);

	if (!why && said->is_secure && !origin->is_tls)
		why = "is Secure, but was not set over https";
	if (!why)
		why = prefix_fault(said, path, is_host_only);
	if (why)
		return why;
	struct cookie *coming = make(said, domain, is_host_only, path);
	if (!coming)
		return "finds no memory";
	pthread_mutex_lock(&jar->lock);
	drop_ended(jar);
	if (!origin->is_tls && hides_secure(jar, coming)) {
		why = "would hide one that is Secure";
		free(coming);
	} else {
		put(jar, coming);
		drop_ended(jar); /* it may itself have ended */
	}
	pthread_mutex_unlock(&jar->lock);
	return why;
}

const char *cor_jar_keep(
	struct cor_cookie_jar *jar, const struct cor_url *url, struct cor_str set_cookie)
{
	struct cor_set_cookie said;
	struct origin origin;

	read_origin(url, &origin);
	if (cor_set_cookie_parse(set_cookie, cor_now().tv_sec, &said) < 0)
		return "is empty, too long, or has a control character";
	return keep(jar, &origin, &said);
}

/* --- showing: section 5.8.3 --- */

static bool fits(const struct cookie *cookie, const struct origin *origin)
{
	return (same_name(cookie->domain, origin->host) ||
		       (!cookie->is_host_only && origin->is_name &&
			       is_within(origin->host, cookie->domain))) &&
	       is_below(origin->path, cookie->path) && (!cookie->is_secure || origin->is_tls);
}

/* Longer paths first, then older cookies: the order in which they come. */
static size_t find_all(struct cor_cookie_jar *jar, const struct origin *origin, struct cookie **ret)
{
	size_t len = 0;

	for (struct cookie *at = jar->first; at; at = at->next) {
		size_t i = len;
		if (!fits(at, origin))
			continue;
		for (; i > 0 && ret[i - 1]->path.len < at->path.len; i--)
			ret[i] = ret[i - 1];
		ret[i] = at;
		len++;
	}
	return len;
}

static void append(struct cor_cookie_jar *jar, struct cor_buffer *buffer, struct cookie *cookie,
	struct cor_str own)
{
	if ((cookie->name.len && cor_cookie_find(own, cookie->name).data) ||
		buffer->len + cookie->name.len + cookie->value.len + 3 > COR_COOKIE_HEADER_BYTES)
		return;
	if (buffer->len)
		cor_buffer_literal(buffer, "; ");
	cor_buffer_append_str(buffer, cookie->name);
	if (cookie->name.len)
		cor_buffer_byte(buffer, '=');
	cor_buffer_append_str(buffer, cookie->value);
	cookie->used = ++jar->uses;
}

int cor_jar_show(struct cor_cookie_jar *jar, const struct cor_url *url, const char *own,
	struct cor_arena *arena, const char **ret)
{
	struct cor_buffer buffer = { 0 };
	struct origin origin;
	size_t len = 0;

	read_origin(url, &origin);
	cor_buffer_append_str(&buffer, cor_str(own));
	pthread_mutex_lock(&jar->lock);
	drop_ended(jar);
	struct cookie **found = cor_arena_zalloc(arena, (jar->len + 1) * sizeof(struct cookie *));
	if (found)
		len = find_all(jar, &origin, found);
	for (size_t i = 0; i < len; i++)
		append(jar, &buffer, found[i], cor_str(own));
	pthread_mutex_unlock(&jar->lock);
	int rc = found ? cor_buffer_error(&buffer) : -ENOMEM;
	const char *text = rc == 0 && buffer.len ? cor_arena_copy(arena, buffer.data, buffer.len)
						 : NULL;
	if (rc == 0 && buffer.len && !text)
		rc = -ENOMEM;
	cor_buffer_finish(&buffer);
	if (rc == 0)
		*ret = text;
	return rc;
}

/* --- by hand --- */

int cor_cookie_jar_set(struct cor_cookie_jar *jar, const char *url, const char *set_cookie)
{
	struct cor_arena arena;
	struct cor_url parsed;
	const char *why;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = cor_url_parse(&arena, cor_str(url), &parsed, &why);
	if (rc == 0 && cor_jar_keep(jar, &parsed, cor_str(set_cookie)))
		rc = -COR_EINVALID;
	cor_arena_finish(&arena);
	return rc == -ENOMEM || rc == 0 ? rc : -COR_EINVALID;
}

static bool copy(struct cor_arena *arena, const struct cookie *cookie, struct cor_jar_cookie *ret)
{
	*ret = (struct cor_jar_cookie){
		.name = cor_arena_copy(arena, cookie->name.data, cookie->name.len),
		.value = cor_arena_copy(arena, cookie->value.data, cookie->value.len),
		.domain = cor_arena_copy(arena, cookie->domain.data, cookie->domain.len),
		.path = cor_arena_copy(arena, cookie->path.data, cookie->path.len),
		.is_host_only = cookie->is_host_only,
		.is_secure = cookie->is_secure,
		.expires_s = cookie->expires_s,
	};
	return ret->name && ret->value && ret->domain && ret->path;
}

const struct cor_jar_cookie *cor_cookie_jar_list(struct cor_ctx *ctx, struct cor_cookie_jar *jar)
{
	struct cor_arena *arena = cor_ctx_arena(ctx);
	size_t len = 0;

	pthread_mutex_lock(&jar->lock);
	drop_ended(jar);
	struct cor_jar_cookie *items = cor_arena_zalloc(arena, (jar->len + 1) * sizeof *items);
	bool ok = items != NULL;
	for (const struct cookie *at = jar->first; ok && at; at = at->next)
		ok = copy(arena, at, &items[len++]);
	pthread_mutex_unlock(&jar->lock);
	return ok ? items : NULL;
}

/* --- life --- */

int cor_cookie_jar_create(struct cor_cookie_jar **ret)
{
	struct cor_cookie_jar *jar = calloc(1, sizeof *jar);

	if (!jar)
		return -ENOMEM;
	pthread_mutex_init(&jar->lock, NULL);
	*ret = jar;
	return 0;
}

void cor_cookie_jar_clear(struct cor_cookie_jar *jar)
{
	pthread_mutex_lock(&jar->lock);
	while (jar->first)
		drop(jar, &jar->first);
	pthread_mutex_unlock(&jar->lock);
}

void cor_cookie_jar_destroy(struct cor_cookie_jar *jar)
{
	if (!jar)
		return;
	cor_cookie_jar_clear(jar);
	pthread_mutex_destroy(&jar->lock);
	free(jar);
}
