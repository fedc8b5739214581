/* SPDX-License-Identifier: MIT */
/**
 * Links in a header field (RFC 8288): where the next page of a list is, say.
 *
 *     struct cor_str rest = cor_str(page->link);
 *     struct cor_http_link link;
 *
 *     while (cor_http_link_next(&rest, &link))
 *             if (cor_http_link_is(&link, "next"))
 *                     next = link.target;
 *
 * Nothing here yields or allocates; any thread.
 */
#ifndef CORACLE_HTTP_LINK_H
#define CORACLE_HTTP_LINK_H

#include <stdbool.h>

#include <coracle/api.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

/** One of them. Both point into the field. */
struct cor_http_link {
	/** Where it leads: a URI, or one that counts from that of the answer, as it was sent. */
	struct cor_str target;
	/** What is said of it, as it was sent: `; rel="next"; title="More"`. */
	struct cor_str parameters;
};

/**
 * Take the next link from the front of *rest, the value of a Link field. False when none is left,
 * or when what is left is none.
 */
COR_API bool cor_http_link_next(struct cor_str *rest, struct cor_http_link *ret);

/**
 * Whether it is of that relation, in any case: "next", "prev", "last", or an extension's URI. Never
 * if it has an anchor: it is of another resource then (section 3.2).
 */
COR_API bool cor_http_link_is(const struct cor_http_link *link, const char *relation);

/**
 * The value of its first parameter of that name, in any case: without quotes, a '\' of a quoted
 * text as it was sent; "" for one without a value. data NULL: there is none.
 */
COR_API struct cor_str cor_http_link_parameter(const struct cor_http_link *link, const char *name);

COR_END_DECLS
#endif
