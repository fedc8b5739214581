/* SPDX-License-Identifier: MIT */
#include "exchange/caller.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "exchange/exchange.h"
#include "runtime/address.h"
#include "runtime/filter.h"

static void gather(struct cor_exchange *x, uint8_t told_by, struct cor_told *ret)
{
	for (int i = 0; i < COR_TOLD_BY_COUNT; i++)
		if (told_by & (1 << i))
			ret->values[i] = cor_exchange_header(x, cor_str(cor_told_by_names[i]));
}

void cor_exchange_find_origin(
	struct cor_exchange *x, const struct cor_arrival *arrival, struct cor_origin *ret)
{
	struct cor_told told = { 0 };

	*ret = (struct cor_origin){ .client = arrival->peer };
	if (!arrival->trust || !cor_proxies_trust(&arrival->trust->proxies, &arrival->peer))
		return;
	gather(x, arrival->trust->told_by, &told);
	cor_origin_find(&arrival->trust->proxies, &arrival->peer, &told, ret);
}

static size_t name_len(struct cor_str host)
{
	size_t len = host.len;

	while (len != 0 && host.data[len - 1] >= '0' && host.data[len - 1] <= '9')
		len--;
	return len != 0 && host.data[len - 1] == ':' ? len - 1 : host.len;
}

static bool is_usual(const char *scheme, struct cor_str port)
{
	return (scheme[4] == 's' && port.len == 3 && memcmp(port.data, "443", 3) == 0) ||
	       (scheme[4] == '\0' && port.len == 2 && memcmp(port.data, "80", 2) == 0);
}

/* The port that is told apart takes the place of the host's own. */
static bool put_host(
	struct cor_exchange *x, const struct cor_origin *origin, struct cor_caller *ret)
{
	struct cor_str host = origin->host.len != 0 ? origin->host
						    : cor_span_text(x->bytes, x->head.host);
	size_t len = name_len(host);

	ret->host = host;
	if (origin->port.len == 0 || host.len == 0)
		return true;
	if (is_usual(ret->scheme, origin->port)) {
		ret->host.len = len;
		return true;
	}
	char *text = cor_printf(&x->ctx, "%.*s:%.*s", (int)len, host.data, (int)origin->port.len,
		origin->port.data);
	if (text)
		ret->host = cor_str(text);
	return text != NULL;
}

static const char *print_client(struct cor_exchange *x, const struct cor_peer *peer)
{
	char text[INET6_ADDRSTRLEN];

	if (peer->family != AF_INET && peer->family != AF_INET6)
		return "unix";
	inet_ntop(peer->family, peer->ip, text, sizeof text);
	return cor_strdup(&x->ctx, text);
}

static int put_certificate(
	struct cor_exchange *x, struct cor_filter *filter, struct cor_caller *ret)
{
	const struct cor_filter_identity *identity;

	if (!filter || !filter->ops->identify)
		return 0;
	int rc = filter->ops->identify(filter, &identity);
	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	ret->subject = cor_strdup(&x->ctx, identity->subject);
	ret->fingerprint = cor_strdup(&x->ctx, identity->fingerprint);
	return ret->subject && ret->fingerprint ? 0 : -ENOMEM;
}

int cor_exchange_find_caller(
	struct cor_exchange *x, const struct cor_arrival *arrival, struct cor_caller *ret)
{
	struct cor_origin origin;
	struct cor_caller caller = { .scheme = "http", .proxy = arrival->proxy };

	cor_exchange_find_origin(x, arrival, &origin);
	if (arrival->is_tls)
		caller.scheme = "https";
	if (origin.scheme.len != 0)
		caller.scheme = origin.scheme.len == 5 ? "https" : "http";
	caller.prefix = origin.prefix;
	caller.client = print_client(x, &origin.client);
	if (!caller.client || !put_host(x, &origin, &caller))
		return -ENOMEM;
	int rc = put_certificate(x, arrival->filter, &caller);
	if (rc < 0)
		return rc;
	*ret = caller;
	return 0;
}

struct cor_caller cor_exchange_caller(struct cor_exchange *x)
{
	struct cor_caller caller = { .scheme = "http" };

	if (x->ops->caller && x->ops->caller(x, &caller) < 0)
		return (struct cor_caller){ .scheme = "http" };
	return caller;
}
