/* SPDX-License-Identifier: MIT */
/**
 * The methods (RFC 9110 section 9, RFC 5789): one list, from which the enum, the parser and the
 * service's verbs derive. Nothing here yields.
 */
#ifndef CORACLE_HTTP_METHOD_H
#define CORACLE_HTTP_METHOD_H

#include <stddef.h>

/**
 * X(NAME, key, takes_body) for each method that a resource can have an operation for, in the order
 * of Allow and of documents. `key` is the name in lower case; `takes_body`: content of the request
 * has a meaning (RFC 9110 section 9.3).
 */
#define COR_METHOD_VERBS(X)                                                                        \
	X(GET, get, false)                                                                         \
	X(PUT, put, true)                                                                          \
	X(POST, post, true)                                                                        \
	X(PATCH, patch, true)                                                                      \
	X(DELETE, delete, false)

/** The other methods that are known by name. */
#define COR_METHOD_OTHERS(X)                                                                       \
	X(HEAD, head, false)                                                                       \
	X(OPTIONS, options, false)                                                                 \
	X(CONNECT, connect, false)                                                                 \
	X(TRACE, trace, false)

#define COR_METHOD_MEMBER(NAME, key, takes_body) COR_METHOD_##NAME,
enum cor_method {
	COR_METHOD_OTHER = 0, /* not one of ours: see the text */
	COR_METHOD_VERBS(COR_METHOD_MEMBER) COR_METHOD_OTHERS(COR_METHOD_MEMBER) COR_METHOD_COUNT
};
#undef COR_METHOD_MEMBER

/** Which one it is; case matters (RFC 9110 section 9.1). COR_METHOD_OTHER if none. */
enum cor_method cor_method_find(const char *text, size_t len);

#endif
