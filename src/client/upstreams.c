/* SPDX-License-Identifier: MIT */
#include "client/upstreams.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>
#include <coracle/random.h>

#include "client/credentials.h"
#include "client/digests.h"
#include "client/message.h"
#include "client/retry.h"
#include "client/tokens.h"
#include "client/upstream_limit.h"
#include "compress/coding.h"
#include "resolver/literal.h"
#include "runtime/forked.h"

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

static const char *proxy_fault(struct cor_arena *arena, const struct cor_process_variable *proxy)
{
	/* which may have a password */
	return is_proxy(proxy->value)
		       ? NULL
		       : cor_arena_printf(arena,
				 "needs a proxy in %s of the environment that begins with http://, "
				 "https://, socks5h:// or socks5://",
				 proxy->name);
}

/* The carrier that a call there needs more than the plain one for. */
static const char *lacks(
	struct cor_arena *arena, const struct cor_upstream *upstream, const struct cor_url *url)
{
	const uint32_t skills = upstream->carrier ? upstream->carrier->skills : 0;
	struct cor_process_environment environment;
	struct cor_process_variable proxy = { NULL, upstream->proxy };
	const char *why = NULL;

	if (!proxy.value && upstream->environment == COR_ENVIRONMENT_TRUSTED) {
		if (cor_process_environment_read(arena, &environment) < 0)
			return "finds no memory";
		proxy = cor_process_environment_proxy(&environment, url);
		why = proxy.name ? proxy_fault(arena, &proxy) : NULL;
	}
	const char *what = url->is_tls && !(skills & COR_CARRIES_TLS) ? "https"
			   : proxy.value && !(skills & COR_CARRIES_BY_PROXY)
				   ? upstream->proxy ? "a .proxy"
						     : cor_arena_printf(arena,
							       "the proxy that %s of the "
							       "environment names",
							       proxy.name)
				   : NULL;
	return why || !what
		       ? why
		       : cor_arena_printf(arena,
				 "needs curl for %s: set .carrier = &cor_curl (<coracle/curl.h>)",
				 what);
}

/*
 * What no call could reach: "127.1" is 127.0.0.1 to some libraries, and a name that does not exist
 * to others.
 */
static const char *host_fault(struct cor_arena *arena, const struct cor_url *url)
{
	struct cor_addresses addresses;
	char name[COR_HOST_NAME_BYTES];

	if (url->unix_path || cor_host_literal(url->host, &addresses, name) >= 0)
		return NULL;
	return cor_arena_printf(arena,
		"has a host, %.*s, that is neither a name nor an address: write an address of "
		"IPv4 as four decimal numbers, 127.0.0.1",
		(int)url->host.len, url->host.data);
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
	why = host_fault(arena, &url);
	if (why)
		return why;
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

static const char *codings_fault(struct cor_arena *arena, const struct cor_upstream *upstream)
{
	for (const struct cor_coding *const *at = upstream->codings; at && *at; at++) {
		if ((*at)->interface != COR_CODING_INTERFACE)
			return "has .codings, but libcoracle-compress and libcoracle are of "
			       "different versions: install the same";
		if ((*at)->missing)
			return cor_arena_printf(arena,
				"has .codings, but libcoracle-compress was built without %s: "
				"install %s and build it again, or leave &%s out",
				(*at)->name, (*at)->missing, (*at)->symbol);
	}
	return NULL;
}

bool cor_upstream_has_targets(const struct cor_upstream *upstream)
{
	return upstream->targets || upstream->balance;
}

static size_t count_urls(const char *const *urls)
{
	size_t len = 0;

	while (urls && urls[len])
		len++;
	return len;
}

/* They take each other's place: what is below them must mean the same. */
static const char *differ(const struct cor_url *a, const struct cor_url *b)
{
	size_t a_len = a->path.len, b_len = b->path.len;

	if (a->is_tls != b->is_tls)
		return "http and https";
	a_len -= a_len && a->path.data[a_len - 1] == '/';
	b_len -= b_len && b->path.data[b_len - 1] == '/';
	return a_len == b_len && memcmp(a->path.data, b->path.data, a_len) == 0 ? NULL
										: "another path";
}

const char *cor_targets_fault(struct cor_arena *arena, const char *const *urls, size_t len)
{
	struct cor_url *parsed = cor_arena_zalloc(arena, (len + 1) * sizeof *parsed);
	const char *why;

	if (len > COR_TARGETS_MAX)
		return cor_arena_printf(
			arena, "has %zu targets, more than %d", len, COR_TARGETS_MAX);
	for (size_t i = 0; parsed && i < len; i++) {
		if (cor_url_parse(arena, cor_str(urls[i]), &parsed[i], &why) < 0)
			return why;
		for (size_t j = 0; j < i; j++)
			if (cor_url_same_origin(&parsed[i], &parsed[j]))
				return cor_arena_printf(
					arena, "has the target \"%s\" twice", urls[i]);
		why = differ(&parsed[0], &parsed[i]);
		if (why)
			return cor_arena_printf(
				arena, "has targets that are not the same: %s", why);
	}
	return NULL;
}

static const char *balance_fault(const struct cor_upstream *upstream)
{
	const struct cor_balance *balance = upstream->balance;

	if (upstream->base_url)
		return "has a .base_url besides .targets or .balance, which are for several";
	if (balance && balance->ejected_ms && balance->ejected_max_ms &&
		balance->ejected_ms > balance->ejected_max_ms)
		return "has an .ejected_ms that is longer than its .ejected_max_ms";
	if (balance && balance->ejection == COR_NOT_EJECTED &&
		(balance->eject_after || balance->ejected_ms || balance->ejected_max_ms))
		return "says when targets are ejected, and that they are COR_NOT_EJECTED";
	return NULL;
}

static const char *breaker_fault(struct cor_arena *arena, const struct cor_breaker *breaker)
{
	if (breaker->failed_percent > 100)
		return cor_arena_printf(arena,
			"has a .breaker with %" PRIu32 " .failed_percent, which are 100 at most",
			breaker->failed_percent);
	if (breaker->probes > COR_BREAKER_PROBES_MAX)
		return cor_arena_printf(arena,
			"has a .breaker with %" PRIu32 " .probes, which are %d at most",
			breaker->probes, COR_BREAKER_PROBES_MAX);
	return NULL;
}

static const char *own_targets_fault(struct cor_arena *arena, const struct cor_upstream *upstream)
{
	for (const char *const *at = upstream->targets; *at; at++) {
		const char *why = url_fault(arena, upstream, *at);
		if (why && strchr(*at, '@')) /* it may have a password, and this is logged */
			return cor_arena_printf(
				arena, "has a target that %s; set .credentials", why);
		if (why)
			return cor_arena_printf(arena, "has the target \"%s\", which %s", *at, why);
	}
	return cor_targets_fault(arena, upstream->targets, count_urls(upstream->targets));
}

static const char *headers_fault(struct cor_arena *arena, const struct cor_upstream *upstream)
{
	const struct cor_http_field deadline[] = { { upstream->deadline_header, NULL }, { 0 } };
	const struct cor_http_field *const lists[] = { upstream->headers, deadline };

	for (size_t i = 0; i < 2; i++)
		for (const struct cor_http_field *at = lists[i]; at && at->name; at++) {
			const char *why = cor_message_field_fault(at->name, at->value);
			if (why)
				return cor_arena_printf(arena, "has a %s \"%s\", which %s",
					i == 0 ? "header" : ".deadline_header", at->name, why);
		}
	return NULL;
}

const char *cor_upstream_fault(
	struct cor_arena *arena, const struct cor_upstream *upstream, const char *url)
{
	const char *why;

	if (!is_name(upstream->name))
		return "needs a .name of small letters, digits and '-', shorter than 40 characters";
	why = credentials_fault(arena, upstream);
	if (!why)
		why = codings_fault(arena, upstream);
	if (!why && cor_upstream_has_targets(upstream))
		why = balance_fault(upstream);
	if (!why && upstream->hedge && upstream->hedge->percentile > 99)
		why = "has a .hedge with a .percentile above 99";
	if (!why && upstream->breaker)
		why = breaker_fault(arena, upstream->breaker);
	if (!why)
		why = cor_upstream_limit_fault(arena, upstream);
	if (!why)
		why = headers_fault(arena, upstream);
	if (why)
		return why;
	if (upstream->proxy && !is_proxy(upstream->proxy)) /* which may have a password */
		return "has a .proxy that does not begin with http://, https://, socks5h:// or "
		       "socks5://";
	if (url)
		return url_fault(arena, upstream, url);
	if (upstream->targets && upstream->targets[0])
		return own_targets_fault(arena, upstream);
	if (cor_upstream_has_targets(upstream))
		return cor_arena_printf(arena,
			"has no .targets: set them, or give --upstream-%s-url", upstream->name);
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
		int rc = carrier->open(carrier, &cor_carrier_calls, &use->state);
		if (rc < 0)
			return rc;
		use->next = upstreams->carriers;
		upstreams->carriers = use;
	}
	*ret_state = use->state;
	return 0;
}

static int parse(struct cor_upstreams *upstreams, const char *text, struct cor_url *ret)
{
	const char *why;

	int rc = cor_url_parse(&upstreams->arena, cor_str(text), ret, &why);
	if (rc < 0)
		return rc == -ENOMEM ? rc : -COR_ETABLE;
	while (ret->path.len && ret->path.data[ret->path.len - 1] == '/')
		ret->path.len--;
	return 0;
}

const char *const *cor_upstream_urls_of(const struct cor_upstream *upstream,
	const struct cor_upstream_settings *said, size_t *ret_len)
{
	const char *const *one = said && said->url ? &said->url : &upstream->base_url;

	if (said && said->urls.len) {
		*ret_len = said->urls.len;
		return (const char *const *)said->urls.items;
	}
	if (upstream->targets) {
		*ret_len = count_urls(upstream->targets);
		return upstream->targets;
	}
	*ret_len = *one ? 1 : 0;
	return one;
}

static int parse_all(struct cor_upstreams *upstreams, const struct cor_upstream_settings *said,
	struct cor_upstream_here *here)
{
	size_t len;
	const char *const *urls = cor_upstream_urls_of(here->upstream, said, &len);
	uint32_t chance;
	int rc = 0;

	if (len == 0 || len > COR_TARGETS_MAX)
		return -COR_ETABLE;
	here->targets = cor_arena_zalloc(&upstreams->arena, len * sizeof *here->targets);
	if (!here->targets)
		return -ENOMEM;
	for (size_t i = 0; rc == 0 && i < len; i++)
		rc = parse(upstreams, urls[i], &here->targets[i]);
	here->url = here->targets[0];
	cor_random_fill(&chance, sizeof chance);
	cor_balancer_init(&here->balancer, here->upstream->balance, (uint32_t)len, chance);
	return rc;
}

/* SSL_CERT_FILE is for those who say nothing themselves. */
static const struct cor_upstream_tls *tls_of(struct cor_upstream_here *here)
{
	const struct cor_upstream *upstream = here->upstream;
	const char *ca_file = upstream->environment == COR_ENVIRONMENT_TRUSTED
				      ? here->all->environment.ca_file
				      : NULL;

	if (!ca_file || (upstream->tls && upstream->tls->ca_file))
		return upstream->tls;
	if (upstream->tls)
		here->tls = *upstream->tls;
	here->tls.ca_file = ca_file;
	return &here->tls;
}

struct cor_str cor_upstream_proxy(const struct cor_upstream_here *here, const struct cor_url *url)
{
	const struct cor_upstream *upstream = here->upstream;

	if (upstream->proxy || upstream->environment != COR_ENVIRONMENT_TRUSTED)
		return cor_str(upstream->proxy ? upstream->proxy : "");
	struct cor_process_variable proxy = cor_process_environment_proxy(
		&here->all->environment, url);
	return cor_str(proxy.name ? proxy.value : "");
}

/* One that finds no room in the table is its thread's own: better than none. */
static int prepare_breaker(struct cor_upstreams *upstreams, struct cor_upstream_here *here)
{
	const struct cor_upstream *upstream = here->upstream;

	if (!upstream->breaker)
		return 0;
	here->breaker_rules = cor_breaker_rules(upstream->breaker);
	if (upstreams->options->breakers)
		here->breaker = cor_breaker_hold(
			upstreams->options->breakers, upstream->name, &here->breaker_rules);
	if (here->breaker)
		return 0;
	here->breaker = cor_arena_zalloc(&upstreams->arena, sizeof *here->breaker);
	return here->breaker ? cor_breaker_init(here->breaker) : -ENOMEM;
}

static int prepare(struct cor_upstreams *upstreams, const struct cor_upstreams_options *options,
	size_t i, struct cor_upstream_here *here)
{
	const struct cor_upstream *upstream = options->upstreams[i];

	here->upstream = upstream;
	here->all = upstreams;
	here->agent = options->agent;
	here->tokens = upstreams->tokens;
	const struct cor_upstream_settings *said = options->settings ? &options->settings[i] : NULL;
	int rc = parse_all(upstreams, said, here);
	if (rc == 0)
		rc = prepare_breaker(upstreams, here);
	if (rc == 0)
		rc = cor_upstream_limit_prepare(here, said);
	if (rc < 0)
		return rc;
	struct cor_str proxy = cor_upstream_proxy(here, &here->url);
	bool is_plain = !here->url.is_tls && proxy.len == 0;
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
		.tls = tls_of(here),
		.proxy = proxy,
	};
	here->retry_tenths = COR_RETRY_TENTHS_MAX;
	return use_carrier(upstreams, here->carrier, &here->state);
}

/* A service does not start with one that has no URL, a program may, and call the others. */
static int prepare_unless_unusable(struct cor_upstreams *upstreams,
	const struct cor_upstreams_options *options, size_t i, struct cor_upstream_here *here)
{
	int rc = prepare(upstreams, options, i, here);

	here->is_unusable = rc == -COR_ETABLE;
	return here->is_unusable ? 0 : rc;
}

/* An http URL may lead to https, and what no_proxy has to where it does not help. */
const struct cor_carrier *cor_upstream_carrier(
	struct cor_upstream_here *here, const struct cor_destination *destination, void **ret_state)
{
	const struct cor_carrier *carrier = here->carrier;
	uint32_t needed = (destination->is_tls ? COR_CARRIES_TLS : 0) |
			  (destination->proxy.len ? COR_CARRIES_BY_PROXY : 0);

	*ret_state = here->state;
	if ((needed & ~carrier->skills) == 0)
		return carrier;
	carrier = here->upstream->carrier;
	return carrier && (needed & ~carrier->skills) == 0 &&
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
	for (size_t i = 0; i < upstreams->len; i++)
		cor_digests_drop(upstreams->items[i].digests);
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
	else
		rc = cor_process_environment_read(&upstreams->arena, &upstreams->environment);
	for (; rc == 0 && upstreams->len < len; upstreams->len++)
		rc = prepare_unless_unusable(
			upstreams, options, upstreams->len, &upstreams->items[upstreams->len]);
	if (rc < 0)
		destroy(upstreams);
	else
		*ret = upstreams;
	return rc;
}

/* --- of a thread --- */

static _Thread_local struct cor_upstreams *of_thread;
static _Thread_local struct cor_upstreams *of_parent; /* never closed here */
static _Thread_local unsigned forks;
static pthread_key_t at_thread_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_error;

/*
 * A child of fork() has copies of its parent's connections: over one of them both would take each
 * other's answers, and to close one of TLS would end it for the parent. It makes its own.
 */
static void leave_to_parent(void)
{
	if (COR_LIKELY(forks == cor_forked_count))
		return;
	forks = cor_forked_count;
	if (of_thread)
		of_parent = of_thread;
	of_thread = NULL;
}

static void end_thread(void *first)
{
	(void)first;
	leave_to_parent();
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
	leave_to_parent();
	struct cor_upstreams *upstreams = of_thread;

	while (upstreams && upstreams->options != options)
		upstreams = upstreams->next;
	if (!upstreams) {
		cor_forked_watch();
		pthread_once(&once, make_key);
		int rc = once_error ? once_error : create(options, &upstreams);
		if (rc != 0)
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
	leave_to_parent();
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
			return upstreams->items[i].is_unusable ? NULL : &upstreams->items[i];
	return NULL;
}

bool cor_upstream_is_own(const struct cor_upstream_here *here, const struct cor_url *url)
{
	for (size_t i = 0; i < here->balancer.len; i++)
		if (cor_url_same_origin(&here->targets[i], url))
			return true;
	return false;
}
