/* SPDX-License-Identifier: MIT */
/** A page of the web, loaded with a plain request of HTTP/1.0. */
#ifndef LOAD_URLS_PAGE_H
#define LOAD_URLS_PAGE_H

#include <coracle/coracle.h>

struct page {
	const char *url;
	uint64_t bytes; /* of its body */
};

/**
 * Load page->url: "http://127.0.0.1:8080/path"; hosts are numbers, because names are not resolved.
 * Yields. What went wrong is recorded in ctx. Returns 0, -COR_EPROBLEM or -ECANCELED.
 */
int page_load(struct cor_ctx *ctx, struct page *page);

#endif
