/* SPDX-License-Identifier: MIT */
#include "curl/ending.h"

#include <string.h>

#include <openssl/ssl.h>

static void take_alert(const SSL *ssl, int where, int what)
{
	struct cor_curl_state *state = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (where != SSL_CB_READ_ALERT || (what & 0xff) != SSL_AD_CLOSE_NOTIFY)
		return;
	for (struct cor_curl_wire *wire = state->until_end; wire; wire = wire->next_until_end)
		if (wire->tls == ssl)
			wire->has_close_notify = true;
}

/* The connection outlives the wire: it is told of the state. */
static CURLcode make_context(CURL *easy, void *context, void *state)
{
	(void)easy;
	SSL_CTX_set_app_data(context, state);
	SSL_CTX_set_info_callback(context, take_alert);
	return CURLE_OK;
}

static bool is_openssl(CURL *easy, void **ret_tls)
{
	struct curl_tlssessioninfo *info = NULL;

	if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || !info)
		return false;
	*ret_tls = info->internals;
	return info->backend == CURLSSLBACKEND_OPENSSL && info->internals;
}

/* A curl with another library for TLS is not asked. */
void cor_curl_ending_watch(struct cor_curl_wire *wire)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

	if (!info->ssl_version || strncmp(info->ssl_version, "OpenSSL/", 8) != 0)
		return;
	curl_easy_setopt(wire->easy, CURLOPT_SSL_CTX_FUNCTION, make_context);
	curl_easy_setopt(wire->easy, CURLOPT_SSL_CTX_DATA, wire->state);
}

void cor_curl_ending_await(struct cor_curl_wire *wire)
{
	if (wire->tls || !is_openssl(wire->easy, &wire->tls))
		return;
	wire->has_close_notify = false;
	wire->next_until_end = wire->state->until_end;
	wire->state->until_end = wire;
}

void cor_curl_ending_forget(struct cor_curl_wire *wire)
{
	struct cor_curl_wire **at = &wire->state->until_end;

	if (!wire->tls)
		return;
	while (*at != wire)
		at = &(*at)->next_until_end;
	*at = wire->next_until_end;
	wire->tls = NULL;
}

bool cor_curl_ending_is_whole(const struct cor_curl_wire *wire)
{
	return !wire->tls || wire->has_close_notify;
}

bool cor_curl_ending_has_more(const struct cor_curl_wire *wire)
{
	void *tls;

	return is_openssl(wire->easy, &tls) && SSL_has_pending(tls) == 1;
}
