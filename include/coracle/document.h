/* SPDX-License-Identifier: MIT */
/**
 * What the OpenAPI document says of a service besides its operations: who is behind it, what its
 * tags mean, where else it runs, and what it sends by itself.
 *
 *     static const struct cor_about about_shop = {
 *             .contact_email = "shop@example.com",
 *             .license_name = "MIT",
 *             .tags = COR_TAGS({ .name = "books", .doc = "What is on the shelves" }),
 *             .webhooks = COR_OUTGOING({ .name = "sold", .sends = COR_ANSWERS(sale_schema),
 *                     .doc = "A book has been sold" }),
 *     };
 *     static const struct cor_service shop = { .name = "shop", .about = &about_shop, ... };
 *
 * Texts are CommonMark. All of it is constant data, which the start of the service checks.
 */
#ifndef CORACLE_DOCUMENT_H
#define CORACLE_DOCUMENT_H

#include <coracle/api.h>
#include <coracle/schema.h>

COR_BEGIN_DECLS

/** A page with more about something. */
struct cor_external_docs {
	const char *url;
	const char *doc;
};

/** What a .tag of operations or resources means. Tags without a row are listed behind these. */
struct cor_tag {
	const char *name;
	const char *doc;
	const struct cor_external_docs *external_docs;
};

/** Another place where the service runs: "https://api.example.com/v1". */
struct cor_server {
	const char *url;
	const char *doc;
};

/**
 * A request that the service sends: a webhook, or a callback of an operation. It is only described
 * here; the service's own code sends it, as a POST.
 */
struct cor_outgoing {
	const char *name; /* letters, digits, '.', '_' and '-' */
	/** Of a callback: where it goes, as OpenAPI's expression: "{$request.body#/notify_url}". */
	const char *url;
	const char *summary;
	const char *doc;
	/** COR_ANSWERS(schema): what it sends, as JSON. NULL: nothing. */
	const struct cor_schema *sends;
};

struct cor_about {
	const char *contact_name;
	const char *contact_url;
	const char *contact_email;
	const char *license_name;
	const char *license_identifier; /* of SPDX: "MIT"; it, or the URL */
	const char *license_url;
	const char *terms_url;
	const struct cor_external_docs *external_docs;
	/** COR_TAGS(...), in the order of the page. */
	const struct cor_tag *tags;
	/** COR_SERVERS(...), besides the one that the document came from. The page at /docs sends
	 * requests to that one alone. */
	const struct cor_server *servers;
	/** COR_OUTGOING(...). */
	const struct cor_outgoing *webhooks;
};

/* clang-format off */

/* Lists; an empty row ends each. */
#define COR_TAGS(...)     (const struct cor_tag[]) { __VA_ARGS__, { .name = NULL } }
#define COR_SERVERS(...)  (const struct cor_server[]) { __VA_ARGS__, { .url = NULL } }
#define COR_OUTGOING(...) (const struct cor_outgoing[]) { __VA_ARGS__, { .name = NULL } }

/* clang-format on */

COR_END_DECLS
#endif
