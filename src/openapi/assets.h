/* SPDX-License-Identifier: MIT */
/**
 * The files of the documentation page that stand in the library: Swagger UI, as
 * page/package-lock.json pins it.
 *
 * The table is made at build time by tools/embed-assets. Everything in it is constant and lives as
 * long as the program.
 */
#ifndef CORACLE_OPENAPI_ASSETS_H
#define CORACLE_OPENAPI_ASSETS_H

#include <stddef.h>

#include <coracle/str.h>

struct cor_asset {
	const char *name;         /* the last part of its path: "swagger-ui.css" */
	const char *content_type; /* "text/css; charset=utf-8" */
	const char *etag;         /* of the plain form, quotes included (RFC 9110, 8.8.3) */
	struct cor_str plain;
	struct cor_str gzip; /* compressed (RFC 1952); empty if that saves nothing */
};

extern const struct cor_asset cor_docs_assets[];
extern const size_t cor_docs_assets_len;

#endif
