/* SPDX-License-Identifier: MIT */
/**
 * The field names that the server or a service looks up often: one list, in order of length.
 */
#ifndef CORACLE_HTTP_KNOWN_H
#define CORACLE_HTTP_KNOWN_H

#include <stddef.h>

#define COR_KNOWN_NAMES(X)                                                                         \
	X(TE, "te")                                                                                \
	X(HOST, "host")                                                                            \
	X(RANGE, "range")                                                                          \
	X(ACCEPT, "accept")                                                                        \
	X(EXPECT, "expect")                                                                        \
	X(COOKIE, "cookie")                                                                        \
	X(ORIGIN, "origin")                                                                        \
	X(UPGRADE, "upgrade")                                                                      \
	X(IF_MATCH, "if-match")                                                                    \
	X(IF_RANGE, "if-range")                                                                    \
	X(FORWARDED, "forwarded")                                                                  \
	X(CONNECTION, "connection")                                                                \
	X(USER_AGENT, "user-agent")                                                                \
	X(TRACESTATE, "tracestate")                                                                \
	X(TRACEPARENT, "traceparent")                                                              \
	X(CONTENT_TYPE, "content-type")                                                            \
	X(X_REQUEST_ID, "x-request-id")                                                            \
	X(AUTHORIZATION, "authorization")                                                          \
	X(IF_NONE_MATCH, "if-none-match")                                                          \
	X(CONTENT_LENGTH, "content-length")                                                        \
	X(ACCEPT_ENCODING, "accept-encoding")                                                      \
	X(X_FORWARDED_FOR, "x-forwarded-for")                                                      \
	X(CONTENT_ENCODING, "content-encoding")                                                    \
	X(TRANSFER_ENCODING, "transfer-encoding")                                                  \
	X(IF_MODIFIED_SINCE, "if-modified-since")                                                  \
	X(X_FORWARDED_PROTO, "x-forwarded-proto")                                                  \
	X(IF_UNMODIFIED_SINCE, "if-unmodified-since")

#define COR_KNOWN_MEMBER(name, text) COR_KNOWN_##name,
enum cor_known { COR_KNOWN_NAMES(COR_KNOWN_MEMBER) COR_KNOWN_COUNT };
#undef COR_KNOWN_MEMBER

/**
 * Which name it is, in any case; COR_KNOWN_COUNT if none of them. `name` is a token (RFC 9110
 * section 5.6.2), not empty.
 */
enum cor_known cor_known_find(const char *name, size_t len);

/** The name in lower case, static. */
const char *cor_known_name(enum cor_known known);

#endif
