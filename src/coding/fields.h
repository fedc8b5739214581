/* SPDX-License-Identifier: MIT */
/**
 * What the header of an answer says of codings, and what they change there. Nothing here yields.
 */
#ifndef CORACLE_CODING_FIELDS_H
#define CORACLE_CODING_FIELDS_H

#include <stdbool.h>

#include "exchange/exchange.h"

/**
 * Whether the fields let the answer be coded: it has no coding of its own, is no part of something
 * (Content-Range), has no digest of its bytes, and nobody has said no-transform (RFC 9111 section
 * 5.2.2.6).
 */
bool cor_coding_fields_allow(const struct cor_exchange *x);

/** Say that another Accept-Encoding would have got another answer. Returns 0 or -ENOMEM. */
int cor_coding_fields_vary(struct cor_exchange *x) COR_CHECKED;

/**
 * A strong validator becomes a weak one, and ranges are not offered: the bytes are others, and the
 * next time they may be others again (RFC 9110 section 8.8.1). Returns 0 or -ENOMEM.
 */
int cor_coding_fields_weaken(struct cor_exchange *x) COR_CHECKED;

/** Say what the body is coded with. Returns 0 or -ENOMEM. */
int cor_coding_fields_announce(struct cor_exchange *x, const char *coding) COR_CHECKED;

#endif
