/* SPDX-License-Identifier: MIT */
/** How a call fails: what the log, the caller and our own client are told. */
#ifndef CORACLE_CLIENT_FAILURE_H
#define CORACLE_CLIENT_FAILURE_H

#include <coracle/client.h>

/** The names of those that a call can end with, from 0; NULL: there are not so many. */
const char *cor_failure_name_at(size_t at);

/** Which of them it is; none of them for a call that could not be made. */
size_t cor_failure_index(enum cor_failure kind);

/** What a failure is to the caller: a negative code. */
int cor_failure_code(enum cor_failure kind);

/** What a call is that is canceled in ctx. */
enum cor_failure cor_failure_canceled(const struct cor_ctx *ctx);

/** Whether code of the caller has failed in the call, whose own code it returns. */
bool cor_failure_is_callers(enum cor_failure kind);

/** And to our own client: 500, 502, 503 or 504. */
int cor_failure_status(enum cor_failure kind);

/**
 * Keep it in the memory of ctx, for cor_http_failure(), tell the log, and record the problem that
 * it is, unless what was to be sent has recorded one. Returns failure->code, which stands for the
 * problem; or -ENOMEM.
 */
int cor_failure_record(struct cor_ctx *ctx, const struct cor_http_failure *failure) COR_CHECKED;

#endif
