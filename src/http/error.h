/* SPDX-License-Identifier: MIT */
/**
 * Why a message is refused: what every decoder of this folder says.
 */
#ifndef CORACLE_HTTP_ERROR_H
#define CORACLE_HTTP_ERROR_H

#include <stdint.h>

#include <coracle/error.h>

struct cor_http_error {
	uint16_t status;    /* to answer with; the connection must then be closed */
	const char *reason; /* a sentence for the client's author, static */
};

/** Record it; always -COR_ESYNTAX. */
static inline int cor_http_refuse(struct cor_http_error *error, uint16_t status, const char *reason)
{
	error->status = status;
	error->reason = reason;
	return -COR_ESYNTAX;
}

#endif
