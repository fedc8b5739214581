/* SPDX-License-Identifier: MIT */
/**
 * Sends a constant file: with its ETag, as 304 if the client has it (RFC 9110 section 13.1.2), and
 * compressed if the client takes that.
 */
#ifndef CORACLE_OPENAPI_FILE_H
#define CORACLE_OPENAPI_FILE_H

#include <coracle/service.h>

#include "exchange/exchange.h"
#include "openapi/assets.h"

/** Answer with the file. Never yields. Returns 0 or a negative code. */
int cor_file_send(struct cor_exchange *x, const struct cor_asset *file) COR_CHECKED;

/** Whether an If-None-Match value matches the ETag: compared weakly, and "*" matches every one. */
bool cor_etag_listed(struct cor_str list, struct cor_str etag);

#endif
