/* SPDX-License-Identifier: MIT */
/**
 * The service's documentation as resources: /openapi.json, the same in older dialects (dialect.h),
 * and the page at /docs that shows it (Swagger UI, embedded).
 *
 * Made once in a process and read by all its threads. All URLs are relative, so that it works
 * behind a proxy's prefix; nothing is fetched from elsewhere, and the Content-Security-Policy
 * forbids it.
 */
#ifndef CORACLE_OPENAPI_DOCS_H
#define CORACLE_OPENAPI_DOCS_H

#include <coracle/service.h>

#include "openapi/document.h"

struct cor_docs;

/**
 * Write the document of a service whose tables are free of contradictions. Never yields. The
 * service is borrowed and outlives *ret, which the caller owns. Returns 0, -ENOMEM, or
 * -COR_EINVALID (a text in a table is not UTF-8).
 */
int cor_docs_create(const struct cor_service *service, const struct cor_document_access *access,
	struct cor_docs **ret) COR_CHECKED;

/** Free it, when no request is in flight. NULL is allowed. */
void cor_docs_destroy(struct cor_docs *docs);

/** The resources, NULL-terminated: for the dispatcher's `extra`. They live as long as docs. */
const struct cor_resource *const *cor_docs_resources(const struct cor_docs *docs);

/** Their paths, NULL-terminated: for the dispatcher's `reserved`. */
extern const char *const cor_docs_paths[];

/** The documents, in the order of their paths. */
enum cor_docs_document {
	COR_DOCS_OPENAPI_3_1 = 0,
	COR_DOCS_OPENAPI_3_0,
	COR_DOCS_SWAGGER_2_0,
	COR_DOCS_POSTMAN_2_1,
	COR_DOCS_DOCUMENTS,
};

/** The text of one. */
struct cor_str cor_docs_document(const struct cor_docs *docs, enum cor_docs_document which);

#endif
