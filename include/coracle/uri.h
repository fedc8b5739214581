/* SPDX-License-Identifier: MIT */
/** Text that goes into a URI: a Location, a Link, a member that holds an address. */
#ifndef CORACLE_URI_H
#define CORACLE_URI_H

#include <coracle/api.h>
#include <coracle/arena.h>

COR_BEGIN_DECLS

/**
 * Percent-encode text, so that it is data wherever it is used: one segment of a path, or a name or
 * value of a query.
 *
 *     const char *shelf = cor_percent_encode(cor_ctx_arena(ctx), name);
 *     made->location = cor_printf(ctx, "/shelves/%s", shelf);
 *
 * Letters, digits and "-._~" stay; every other byte becomes %XX (RFC 3986 sections 2.1 and 2.3),
 * '/' and '%' too: encode each segment, name and value by itself, once. UTF-8 comes out as section
 * 2.5 asks. A segment that is "." or ".." stays one in any spelling: clients remove it (section
 * 5.2.4), the server refuses it.
 *
 * The result belongs to the arena; NULL without memory. NULL counts as "". Never yields; call from
 * the arena's thread.
 */
COR_API char *cor_percent_encode(struct cor_arena *arena, const char *text);

COR_END_DECLS
#endif
