/* SPDX-License-Identifier: MIT */
/**
 * Trailer fields (RFC 9110 section 6.5): which ones there may be, and who takes them. Nothing here
 * yields.
 */
#ifndef CORACLE_HTTP_TRAILER_H
#define CORACLE_HTTP_TRAILER_H

#include <stdbool.h>

#include <coracle/str.h>

/**
 * Whether a field of that name, in any case, may come behind the content: not one that is about
 * framing, routing, authentication, the request or its answer as a whole, or what the content is
 * (RFC 9110 section 6.5.1), which others have acted upon by then.
 */
bool cor_trailer_is_allowed(struct cor_str name);

/** Whether a TE header says that its sender takes trailer fields (RFC 9110 section 10.1.4). */
bool cor_te_takes_trailers(struct cor_str te);

/**
 * Take the first line off a section as cor_chunked_read() leaves it. False: there is none. The
 * value has no blanks around it.
 */
bool cor_trailer_take(struct cor_str *section, struct cor_str *ret_name, struct cor_str *ret_value);

#endif
