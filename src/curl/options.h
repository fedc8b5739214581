/* SPDX-License-Identifier: MIT */
/**
 * A request as options of curl: what curl does of itself (redirects, cookies, decoding, proxies of
 * the environment, fields of its own) is off.
 */
#ifndef CORACLE_CURL_OPTIONS_H
#define CORACLE_CURL_OPTIONS_H

#include "curl/wire.h"

/**
 * Set them on wire->easy, which has its defaults. Never yields. What they point to is in the arena
 * of the request. Returns 0, -ENOMEM, or -EINVAL (curl cannot do it).
 */
int cor_curl_options_set(
	struct cor_curl_wire *wire, const struct cor_carrier_request *request) COR_CHECKED;

/** Whether it is a proxy of HTTP that sees each request: to be sent an absolute URL. */
bool cor_curl_is_relayed(const struct cor_destination *destination);

/** A proxy without what stands before its host: "127.0.0.1:3128". */
struct cor_str cor_curl_proxy_place(struct cor_str proxy);

#endif
