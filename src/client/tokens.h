/* SPDX-License-Identifier: MIT */
/**
 * Access tokens that other servers have given (OAuth 2.0, RFC 6749 section 4.4): kept for all
 * threads of the process, and renewed by one of them before they end. Private to the client folder.
 */
#ifndef CORACLE_CLIENT_TOKENS_H
#define CORACLE_CLIENT_TOKENS_H

#include <coracle/client.h>
#include <coracle/credentials.h>

#define COR_TOKENS_MAX        64  /* of a process: clients, servers and scopes */
#define COR_TOKEN_LIFETIME_S  300 /* of one that does not say */
#define COR_TOKEN_EARLY_MAX_S 60  /* so long before its end, or a tenth, it is renewed */
#define COR_TOKEN_AGAIN_S     5   /* after a renewal that has failed, while the old one holds */

struct cor_tokens;

/**
 * Those of the options that upstreams are made of, which are the same for all threads: made for the
 * first thread that joins, and gone with the last that leaves. NULL: no memory. Any thread.
 */
struct cor_tokens *cor_tokens_join(const void *options);
void cor_tokens_leave(struct cor_tokens *tokens);

/**
 * The token to be shown: that which is kept, or a new one. *ret is in the memory of ctx. `refused`
 * (may be NULL) was answered with a 401: it is not used again. Yields.
 *
 * Returns 0, or the code of a failure: cor_http_failure() and the log have it already, as that of
 * the server of tokens; but for -EINVAL with *ret_why, which says what is wrong here.
 */
int cor_tokens_get(struct cor_ctx *ctx, struct cor_tokens *tokens,
	const struct cor_token_credentials *of, const char *refused, const char **ret,
	const char **ret_why) COR_CHECKED;

#endif
