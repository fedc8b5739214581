/* SPDX-License-Identifier: MIT */
#include "curl/options.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "curl/ending.h"

/* A file of authorities is read anew after so long: it may have been renewed. */
#define CA_FILE_S 60L

static bool begins(struct cor_str text, const char *with)
{
	return text.len >= strlen(with) && strncasecmp(text.data, with, strlen(with)) == 0;
}

static bool is_word(struct cor_str text, const char *word)
{
	return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

static bool is_http_proxy(struct cor_str proxy)
{
	return begins(proxy, "http://") || begins(proxy, "https://");
}

static bool is_proxy(struct cor_str proxy)
{
	return is_http_proxy(proxy) || begins(proxy, "socks5h://") || begins(proxy, "socks5://");
}

bool cor_curl_is_relayed(const struct cor_destination *destination)
{
	return !destination->is_tls && is_http_proxy(destination->proxy);
}

struct cor_str cor_curl_proxy_place(struct cor_str proxy)
{
	for (size_t i = proxy.len; i-- > 0;) {
		if (proxy.data[i] != '@' && !(proxy.data[i] == '/' && i + 1 != proxy.len))
			continue;
		proxy.data += i + 1;
		proxy.len -= i + 1;
		break;
	}
	return proxy;
}

/* A chain of struct curl_slist in the arena: curl reads it, and does not copy it. */
struct list {
	struct cor_arena *arena;
	struct curl_slist *first;
	struct curl_slist **end;
};

/* NOLINTNEXTLINE(readability-non-const-parameter): an item has it so */
static int add(struct list *list, char *text)
{
	struct curl_slist *item = cor_arena_alloc(list->arena, sizeof *item);

	if (!item || !text)
		return -ENOMEM;
	*item = (struct curl_slist){ .data = text };
	*list->end = item;
	list->end = &item->next;
	return 0;
}

/* Fields that curl would add: a name alone is none. */
static int add_nothing_of_curls(struct list *list)
{
	static const char *const names[] = { "Accept:", "Expect:", "Proxy-Connection:" };
	int rc = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names && rc == 0; i++)
		rc = add(list, cor_arena_strdup(list->arena, names[i]));
	return rc;
}

static int add_field(struct list *list, const struct cor_http_field *field)
{
	if (*field->value == 0)
		return add(list, cor_arena_printf(list->arena, "%s;", field->name));
	return add(list, cor_arena_printf(list->arena, "%s: %s", field->name, field->value));
}

static int set_fields(struct cor_curl_wire *wire, const struct cor_carrier_request *request)
{
	struct list list = { .arena = request->arena };
	list.end = &list.first;
	int rc = add_nothing_of_curls(&list);

	if (rc == 0)
		rc = add(&list, cor_arena_printf(request->arena, "Host: %.*s",
					(int)request->authority.len, request->authority.data));
	for (size_t i = 0; i < request->fields_len && rc == 0; i++)
		rc = add_field(&list, &request->fields[i]);
	if (rc == 0)
		curl_easy_setopt(wire->easy, CURLOPT_HTTPHEADER, list.first);
	return rc;
}

static int set_text(CURL *easy, CURLoption option, const char *text)
{
	CURLcode result;

	if (!text)
		return -ENOMEM;
	result = curl_easy_setopt(easy, option, text);
	if (result == CURLE_OUT_OF_MEMORY)
		return -ENOMEM;
	return result == CURLE_OK ? 0 : -EINVAL;
}

/* The URL names whom a certificate must name; CONNECT_TO says where that is. */
static int set_another_name(struct cor_curl_wire *wire, const struct cor_carrier_request *request)
{
	const struct cor_destination *to = request->destination;
	bool has_colon = memchr(to->host.data, ':', to->host.len);
	struct list list = { .arena = request->arena };
	list.end = &list.first;

	int rc = add(
		&list, cor_arena_printf(request->arena, has_colon ? "::[%.*s]:%u" : "::%.*s:%u",
			       (int)to->host.len, to->host.data, (unsigned)to->port));
	if (rc == 0)
		curl_easy_setopt(wire->easy, CURLOPT_CONNECT_TO, list.first);
	return rc;
}

static int set_url(struct cor_curl_wire *wire, const struct cor_carrier_request *request)
{
	const struct cor_destination *to = request->destination;
	const char *name = to->is_tls && to->tls ? to->tls->server_name : NULL;
	struct cor_str host = name ? (struct cor_str){ name, strlen(name) } : to->host;
	bool has_colon = memchr(host.data, ':', host.len);
	char *url;

	if (host.len == 0 || (to->port == 0 && !to->unix_path))
		return -EINVAL;
	url = cor_arena_printf(request->arena,
		has_colon ? "http%s://[%.*s]:%u/" : "http%s://%.*s:%u/", to->is_tls ? "s" : "",
		(int)host.len, host.data, to->port ? to->port : 80u);
	int rc = set_text(wire->easy, CURLOPT_URL, url);
	if (rc == 0 && to->unix_path)
		rc = set_text(wire->easy, CURLOPT_UNIX_SOCKET_PATH, to->unix_path);
	if (rc == 0 && name && !to->unix_path)
		rc = set_another_name(wire, request);
	return rc;
}

/* As it is, which curl would not leave it otherwise. */
static int set_target(struct cor_curl_wire *wire, const struct cor_carrier_request *request)
{
	struct cor_str authority = request->authority, path = request->path;
	char *target;

	if (cor_curl_is_relayed(request->destination))
		target = cor_arena_printf(request->arena, "http://%.*s%.*s", (int)authority.len,
			authority.data, (int)path.len, path.data);
	else
		target = cor_arena_copy(request->arena, path.data, path.len);
	return set_text(wire->easy, CURLOPT_REQUEST_TARGET, target);
}

static int set_method(struct cor_curl_wire *wire, const struct cor_carrier_request *request)
{
	CURL *easy = wire->easy;
	bool is_head = is_word(request->method, "HEAD");
	bool has_body = request->body_bytes != COR_BODY_ABSENT;

	/* A tunnel is no exchange, and curl gives HEAD no body. */
	if (is_word(request->method, "CONNECT") || (is_head && has_body))
		return -EINVAL;
	if (is_head) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
		return 0;
	}
	curl_easy_setopt(easy, has_body ? CURLOPT_UPLOAD : CURLOPT_HTTPGET, 1L);
	if (has_body)
		curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
			(curl_off_t)(request->body_bytes < 0 ? -1 : request->body_bytes));
	return set_text(easy, CURLOPT_CUSTOMREQUEST,
		cor_arena_copy(request->arena, request->method.data, request->method.len));
}

static int set_proxy(struct cor_curl_wire *wire, const struct cor_carrier_request *request)
{
	struct cor_str proxy = request->destination->proxy;

	curl_easy_setopt(wire->easy, CURLOPT_NOPROXY, ""); /* nothing of the environment */
	if (proxy.len == 0)
		return set_text(wire->easy, CURLOPT_PROXY, "");
	if (!is_proxy(proxy) || request->destination->unix_path)
		return -EINVAL;
	curl_easy_setopt(wire->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	return set_text(
		wire->easy, CURLOPT_PROXY, cor_arena_copy(request->arena, proxy.data, proxy.len));
}

/* Of a file or of a folder, never both: a file of one's own counts alone, and is kept parsed. */
static int set_authorities(struct cor_curl_wire *wire, const char *ca_file)
{
	const char *folder = ca_file ? NULL : wire->state->ca_folder;

	curl_easy_setopt(wire->easy, CURLOPT_CAPATH, folder);
	if (folder)
		curl_easy_setopt(wire->easy, CURLOPT_CAINFO, (char *)NULL);
	if (!ca_file)
		return 0;
	curl_easy_setopt(wire->easy, CURLOPT_CA_CACHE_TIMEOUT, CA_FILE_S);
	return set_text(wire->easy, CURLOPT_CAINFO, ca_file);
}

static int set_tls(struct cor_curl_wire *wire, const struct cor_upstream_tls *tls)
{
	static const struct cor_upstream_tls by_default;
	CURL *easy = wire->easy;

	if (!tls)
		tls = &by_default;
	bool is_verified = tls->verification == COR_TLS_VERIFIED;
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, is_verified ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, is_verified ? 2L : 0L);
	cor_curl_ending_watch(wire);
	int rc = set_authorities(wire, tls->ca_file);
	if (rc == 0 && tls->certificate_file)
		rc = set_text(easy, CURLOPT_SSLCERT, tls->certificate_file);
	if (rc == 0 && tls->key_file)
		rc = set_text(easy, CURLOPT_SSLKEY, tls->key_file);
	if (rc == 0 && tls->pin)
		rc = set_text(easy, CURLOPT_PINNEDPUBLICKEY, tls->pin);
	return rc;
}

/* It counts in seconds, and takes 0 for two minutes. */
static long kept_s(const struct cor_carrier_request *request)
{
	uint32_t ms = request->kept_ms ? request->kept_ms : COR_KEPT_MS;

	return ms < 1000 ? 1 : (long)ms / 1000;
}

/* What holds for every request. */
static void set_always(struct cor_curl_wire *wire)
{
	CURL *easy = wire->easy;

	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a resolver's thread */
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, COR_CURL_CONNECT_MS_MAX);
	curl_easy_setopt(easy, CURLOPT_SHARE, wire->state->share);
}

int cor_curl_options_set(struct cor_curl_wire *wire, const struct cor_carrier_request *request)
{
	const struct cor_destination *to = request->destination;

	set_always(wire);
	curl_easy_setopt(wire->easy, CURLOPT_MAXAGE_CONN, kept_s(request));
	curl_easy_setopt(wire->easy, CURLOPT_HTTP_VERSION,
		(long)(to->is_tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
	int rc = set_url(wire, request);
	if (rc == 0)
		rc = set_target(wire, request);
	if (rc == 0)
		rc = set_method(wire, request);
	if (rc == 0)
		rc = set_proxy(wire, request);
	if (rc == 0 && to->is_tls)
		rc = set_tls(wire, to->tls);
	return rc == 0 ? set_fields(wire, request) : rc;
}
