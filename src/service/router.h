/* SPDX-License-Identifier: MIT */
/**
 * From a path to what stands there.
 *
 * Paths are compared segment by segment in their percent-decoded form (RFC 3986 section 6.2.2.2);
 * text beats a {name}, also where that takes going back. A {name} matches any segment that is not
 * empty. "/a" and "/a/" are different. A path without names is found by one look into a hash table.
 * A prefix matches what it begins, at a segment's end, and no path matches: the longest one does.
 * Nothing here yields or takes memory once sealed.
 */
#ifndef CORACLE_SERVICE_ROUTER_H
#define CORACLE_SERVICE_ROUTER_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/str.h>

#include "exchange/exchange.h"

struct cor_router_node;
struct cor_router_slot;

struct cor_router {
	struct cor_arena *arena; /* borrowed: everything here is in it */
	struct cor_router_node *root;
	struct cor_router_slot *slots; /* of the paths without names; a power of two of them */
	size_t slots_len;
	unsigned slots_shift; /* so many bits fewer than 64 count them */
	size_t fixed_len;     /* how many paths have no name */
	size_t text_max;      /* the longest segment of text */
};

/** One segment of a path. */
struct cor_segment {
	struct cor_str text; /* the name, where it is one */
	bool is_name;
};

/**
 * Take the next segment off *path, which begins with its '/'. Returns 1, 0 at the end, or
 * -COR_ETABLE: a brace that belongs to no {name}, or a {name} of nothing.
 */
int cor_segment_next(struct cor_str *path, struct cor_segment *ret);

/** An empty router. Returns 0 or -ENOMEM. */
int cor_router_init(struct cor_router *router, struct cor_arena *arena) COR_CHECKED;

/**
 * Add a path (checked, borrowed). Returns 0, -ENOMEM, or -EEXIST: *ret_other is the path that is
 * there already and matches the same requests. No path may have more than COR_ROUTE_PARAMETERS_MAX
 * names.
 */
int cor_router_add(struct cor_router *router, const char *path, const void *value,
	const char **ret_other) COR_CHECKED;

/**
 * Add a prefix: a checked path without names; "/" is that of all paths. Returns as
 * cor_router_add(), also where a {name} follows the prefix in a path that is there already, and
 * would take what it stands for.
 */
int cor_router_add_prefix(struct cor_router *router, const char *path, const void *value,
	const char **ret_other) COR_CHECKED;

/**
 * Once all is added, give what is beneath a prefix, and is nothing, a value: paths and prefixes
 * that are there come before it, whatever has a {name} in the prefix's place does not. Returns 0 or
 * -ENOMEM.
 */
int cor_router_surround(
	struct cor_router *router, const char *prefix, const void *value) COR_CHECKED;

/** End adding. Returns 0 or -ENOMEM. */
int cor_router_seal(struct cor_router *router) COR_CHECKED;

/**
 * Look up a path as sent among those without {names}, which come before all others. NULL: it is
 * none of them.
 */
const void *cor_router_find_fixed(const struct cor_router *router, struct cor_str path);

/** The same, but look only where nearly all of them stand. NULL: it may stand elsewhere. */
const void *cor_router_find_at_once(const struct cor_router *router, struct cor_str path);

/**
 * Look up among all. Where in the path the values of its {names} stand, as sent and in order, goes
 * to `parameters` (room for COR_ROUTE_PARAMETERS_MAX of them), *ret_len says how many. Returns the
 * value, NULL if nothing stands there.
 */
const void *cor_router_find_named(const struct cor_router *router, struct cor_str path,
	struct cor_span *parameters, uint8_t *ret_len);

#endif
