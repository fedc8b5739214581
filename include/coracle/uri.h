/* SPDX-License-Identifier: MIT */
/** Text that goes into a URI: a Location, a Link, a member that holds an address. */
#ifndef CORACLE_URI_H
#define CORACLE_URI_H

#include <coracle/api.h>
#include <coracle/arena.h>

COR_BEGIN_DECLS

/**
 * Percent-encode text, so that it is data wherever it stands: one segment of a path, or a name or value of a query.
 *
 *     made->location = cor_printf(ctx, "/shelves/%s", cor_percent_encode(cor_ctx_arena(ctx), name));
 *
 * Letters, digits and "-._~" stay, every other byte becomes %XX (RFC 3986 sections 2.1 and 2.3), '/' and '%' too: encode
 * each piece by itself, once. UTF-8 comes out as RFC 3986 section 2.5 wants it. A segment that is "." or ".." cannot be
 * made data: clients take it away (RFC 3986 section 5.2.4), and the server refuses it.
 *
 * The result belongs to the arena. NULL counts as "". Returns NULL without memory. Never yields; the arena's thread.
 */
COR_API char *cor_percent_encode(struct cor_arena *arena, const char *text);

COR_END_DECLS
#endif
