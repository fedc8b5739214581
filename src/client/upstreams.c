/* SPDX-License-Identifier: MIT */
#include "client/upstreams.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "client/credentials.h"
#include "client/retry.h"
#include "client/tokens.h"

struct cor_carrier_use {
	struct cor_carrier_use *next;
	const struct cor_carrier *carrier;
	void *state;
};

/* --- what is wrong --- */

static bool is_name(const char *name)
{
	return name && name[0] >= 'a' && name[0] <= 'z' && strlen(name) < COR_UPSTREAM_NAME_BYTES &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static bool is_proxy(const char *url)
{
	static const char *const schemes[] = { "http://", "https://", "socks5h://", "socks5://" };

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
			return url[strlen(schemes[i])] != '\0';
	return false;
}

/* The carrier that a call there needs more than the plain one for. */
static const char *lacks(
	struct cor_arena *arena, const struct cor_upstream *upstream, const struct cor_url *url)
{
	const uint32_t skills = upstream->carrier ? upstream->carrier->skills : 0;
	const char *what = url->is_tls && !(skills & COR_CARRIES_TLS)            ? "https"
			   : upstream->proxy && !(skills & COR_CARRIES_BY_PROXY) ? "a .proxy"
										 : NULL;

	return what ? cor_arena_printf(arena,
			      "needs curl for %s: set .carrier = &cor_curl (<coracle/curl.h>)",
			      what)
		    : NULL;
}

static const char *url_fault(
	struct cor_arena *arena, const struct cor_upstream *upstream, const char *text)
{
	struct cor_url url;
	const char *why;

	if (cor_url_parse(arena, cor_str(text), &url, &why) < 0)
		return why;
	if (url.has_query)
		return "has a query, which belongs to calls";
	return lacks(arena, upstream, &url);
}

static const char *credentials_fault(struct cor_arena *arena, const struct cor_upstream *upstream)
{
	const struct cor_credentials *credentials = upstream->credentials;
	const char *fault = credentials ? cor_credentials_fault(credentials) : NULL;
	const char *name = credentials ? cor_credentials_header(credentials) : NULL;

	if (fault)
		return cor_arena_printf(arena, "has .credentials that %s", fault);
	for (const struct cor_http_field *at = upstream->headers; name && at && at->name; at++)
		if (strcasecmp(at->name, name) == 0)
			return cor_arena_printf(
				arena, "has %s in .headers, which its .credentials send", name);
	return NULL;
}

const char *cor_upstream_fault(
	struct cor_arena *arena, const struct cor_upstream *upstream, const char *url)
{
	const char *why;

	if (!is_name(upstream->name))
		return "needs a .name of small letters, digits and '-', shorter than 40 characters";
	why = credentials_fault(arena, upstream);
	if (why)
		return why;
	if (upstream->proxy && !is_proxy(upstream->proxy)) /* which may have a password */
		return "has a .proxy that does not begin with http://, https://, socks5h:// or "
		       "socks5://";
	if (url)
		return url_fault(arena, upstream, url);
	if (!upstream->base_url)
		return cor_arena_printf(arena,
			"has no .base_url: set it, or give --upstream-%s-url", upstream->name);
	why = url_fault(arena, upstream, upstream->base_url);
	if (why && strchr(upstream->base_url, '@')) /* it may have a password, and this is logged */
		return cor_arena_printf(arena, "has a .base_url that %s; set .credentials", why);
	return why ? cor_arena_printf(
			     arena, "has the .base_url \"%s\", which %s", upstream->base_url, why)
		   : NULL;
}

/* --- life --- */

static int use_carrier(
	struct cor_upstreams *upstreams, const struct cor_carrier *carrier, void **ret_state)
{
	struct cor_carrier_use *use = upstreams->carriers;

	while (use && use->carrier != carrier)
		use = use->next;
	if (!use) {
		use = cor_arena_zalloc(&upstreams->arena, sizeof *use);
		if (!use)
			return -ENOMEM;
		use->carrier = carrier;
		int rc = carrier->open(carrier, &cor_runtime_calls, &use->state);
		if (rc < 0)
			return rc;
		use->next = upstreams->carriers;
		upstreams->carriers = use;
	}
	*ret_state = use->state;
	return 0;
}

static int parse(struct cor_upstreams *upstreams, const char *url, struct cor_upstream_here *ret)
{
	const char *why;

	if (!url)
		return -COR_ETABLE;
	int rc = cor_url_parse(&upstreams->arena, cor_str(url), &ret->url, &why);
	if (rc < 0)
		return rc == -ENOMEM ? rc : -COR_ETABLE;
	while (ret->url.path.len && ret->url.path.data[ret->url.path.len - 1] == '/')
		ret->url.path.len--;
	return 0;
}

static int prepare(struct cor_upstreams *upstreams, const struct cor_upstreams_options *options,
	size_t i, struct cor_upstream_here *here)
{
	const struct cor_upstream *upstream = options->upstreams[i];
	const char *url = options->urls ? options->urls[i] : NULL;

	here->upstream = upstream;
	here->all = upstreams;
	here->agent = options->agent;
	here->tokens = upstreams->tokens;
	int rc = parse(upstreams, url ? url : upstream->base_url, here);
	if (rc < 0)
		return rc;
	bool is_plain = !here->url.is_tls && !upstream->proxy;
	here->carrier = options->instead             ? options->instead
			: is_plain && options->plain ? options->plain
						     : upstream->carrier;
	if (!here->carrier)
		return -COR_ETABLE;
	here->destination = (struct cor_destination){
		.is_tls = here->url.is_tls,
		.host = here->url.host,
		.port = here->url.port,
		.unix_path = here->url.unix_path,
		.tls = upstream->tls,
		.proxy = cor_str(upstream->proxy ? upstream->proxy : ""),
	};
	here->retry_tenths = COR_RETRY_TENTHS_MAX;
	cor_semaphore_init(
		&here->places, upstream->in_flight ? upstream->in_flight : COR_IN_FLIGHT);
	return use_carrier(upstreams, here->carrier, &here->state);
}

/* An http URL may lead to https. */
const struct cor_carrier *cor_upstream_carrier(
	struct cor_upstream_here *here, bool is_tls, void **ret_state)
{
	const struct cor_carrier *carrier = here->carrier;

	*ret_state = here->state;
	if (!is_tls || (carrier->skills & COR_CARRIES_TLS))
		return carrier;
	carrier = here->upstream->carrier;
	return carrier && (carrier->skills & COR_CARRIES_TLS) &&
			       use_carrier(here->all, carrier, ret_state) == 0
		       ? carrier
		       : NULL;
}

static size_t count(const struct cor_upstream *const *upstreams)
{
	size_t len = 0;

	while (upstreams && upstreams[len])
		len++;
	return len;
}

static void destroy(struct cor_upstreams *upstreams)
{
	for (struct cor_carrier_use *use = upstreams->carriers; use; use = use->next)
		use->carrier->close(use->state);
	cor_tokens_leave(upstreams->tokens);
	cor_arena_finish(&upstreams->arena);
	free(upstreams);
}

static int create(const struct cor_upstreams_options *options, struct cor_upstreams **ret)
{
	struct cor_upstreams *upstreams = calloc(1, sizeof *upstreams);
	size_t len = count(options->upstreams);
	int rc = 0;

	if (!upstreams)
		return -ENOMEM;
	upstreams->options = options;
	cor_arena_init(&upstreams->arena, NULL, 0, 0);
	upstreams->items = cor_arena_zalloc(&upstreams->arena, len * sizeof *upstreams->items);
	upstreams->tokens = cor_tokens_join(options);
	if ((len && !upstreams->items) || !upstreams->tokens)
		rc = -ENOMEM;
	for (; rc == 0 && upstreams->len < len; upstreams->len++)
		rc = prepare(upstreams, options, upstreams->len, &upstreams->items[upstreams->len]);
	if (rc < 0)
		destroy(upstreams);
	else
		*ret = upstreams;
	return rc;
}

/* --- of a thread --- */

static _Thread_local struct cor_upstreams *of_thread;
static pthread_key_t at_thread_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_error;

static void end_thread(void *first)
{
	(void)first;
	while (of_thread) {
		struct cor_upstreams *upstreams = of_thread;
		of_thread = upstreams->next;
		destroy(upstreams);
	}
}

static void make_key(void)
{
	once_error = -pthread_key_create(&at_thread_end, end_thread);
}

int cor_upstreams_here(const struct cor_upstreams_options *options, struct cor_upstreams **ret)
{
	struct cor_upstreams *upstreams = of_thread;

	while (upstreams && upstreams->options != options)
		upstreams = upstreams->next;
	if (!upstreams) {
		pthread_once(&once, make_key);
		int rc = once_error ? once_error : create(options, &upstreams);
		if (rc < 0)
			return rc;
		upstreams->next = of_thread;
		of_thread = upstreams;
		pthread_setspecific(at_thread_end, upstreams);
	}
	*ret = upstreams;
	return 0;
}

void cor_upstreams_drop(const struct cor_upstreams_options *options)
{
	for (struct cor_upstreams **at = &of_thread; *at; at = &(*at)->next) {
		struct cor_upstreams *upstreams = *at;
		if (upstreams->options != options)
			continue;
		*at = upstreams->next;
		destroy(upstreams);
		return;
	}
}

struct cor_upstream_here *cor_upstreams_find(
	struct cor_upstreams *upstreams, const struct cor_upstream *upstream)
{
	for (size_t i = 0; upstreams && i < upstreams->len; i++)
		if (upstreams->items[i].upstream == upstream)
			return &upstreams->items[i];
	return NULL;
}
