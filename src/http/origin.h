/* SPDX-License-Identifier: MIT */
/** Whether a page is of a host: the header Origin (RFC 6454) beside Host. */
#ifndef CORACLE_HTTP_ORIGIN_H
#define CORACLE_HTTP_ORIGIN_H

#include <stdbool.h>

#include <coracle/str.h>

/**
 * Whether an origin names that host and port, in any case, with or without the port that is its
 * scheme's. Its scheme is not compared: nobody but a trusted proxy tells that a client came by
 * https.
 */
bool cor_origin_is_of(struct cor_str origin, struct cor_str host);

#endif
