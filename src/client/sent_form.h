/* SPDX-License-Identifier: MIT */
/** A body of multipart/form-data (RFC 7578), read while it is sent: http_part.h. */
#ifndef CORACLE_CLIENT_SENT_FORM_H
#define CORACLE_CLIENT_SENT_FORM_H

#include <coracle/client.h>

#include "schema/encode.h"

#define COR_SENT_FORM_FAULT_BYTES 160

struct cor_sent_piece;

struct cor_sent_form {
	struct cor_http_source source; /* all of it: its arg is the form */
	const char *content_type;      /* with the boundary */
	const struct cor_sent_piece *pieces;
	size_t len;
	size_t at;                             /* the piece that is read */
	uint64_t done;                         /* bytes of it */
	char fault[COR_SENT_FORM_FAULT_BYTES]; /* why source.read() has failed; "": it has not */
};

/**
 * Make it of the rows of .in that are in the body, if there are any, and of .parts of the call, in
 * the memory of ctx. Returns 0, -ENOMEM, -EINVAL or -COR_EINVALID: *why says what cannot be sent.
 */
int cor_sent_form_make(struct cor_ctx *ctx, const struct cor_http_call *call, bool has_rows,
	struct cor_sent_form **ret, struct cor_encode_fault *why) COR_CHECKED;

#endif
