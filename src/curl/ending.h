/* SPDX-License-Identifier: MIT */
/**
 * Whether a connection of TLS has ended as it must (close_notify), or was cut by anybody.
 *
 * It matters where an answer has neither a length nor chunks, and is complete when the connection
 * ends (RFC 9112 section 9.8). curl does not tell the two apart, so OpenSSL is asked.
 */
#ifndef CORACLE_CURL_ENDING_H
#define CORACLE_CURL_ENDING_H

#include "curl/wire.h"

/** Before the call: have OpenSSL tell of connections that it makes. Never yields. */
void cor_curl_ending_watch(struct cor_curl_wire *wire);

/** The head is there, and the end of the connection will be that of the body. In curl. */
void cor_curl_ending_await(struct cor_curl_wire *wire);

/** It does not matter any more. Never yields. */
void cor_curl_ending_forget(struct cor_curl_wire *wire);

/** curl says that the answer is complete: whether it is. Never yields. */
bool cor_curl_ending_is_whole(const struct cor_curl_wire *wire);

/** Whether OpenSSL has read more of its connection than curl has taken. In curl. */
bool cor_curl_ending_has_more(const struct cor_curl_wire *wire);

#endif
