/* SPDX-License-Identifier: MIT */
#include "openapi/docs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <coracle/security.h>

#include "base/buffer.h"
#include "dialect/dialect.h"
#include "openapi/document.h"
#include "openapi/file.h"
#include "openapi/page.h"
#include "service/composition.h"
#include "service/plan.h"

/* The documents come first: enum cor_docs_document. */
enum { PAGE = COR_DOCS_DOCUMENTS, PAGE_SLASH, ASSET, RESOURCES };

struct cor_docs {
	struct cor_resource resources[RESOURCES]; /* first: see docs_of() */
	char *paths[RESOURCES];
	const struct cor_resource *list[RESOURCES + 1];
	struct cor_asset documents[COR_DOCS_DOCUMENTS];
	struct cor_asset page;
	struct cor_asset script;
	struct cor_buffer texts[COR_DOCS_DOCUMENTS];
	struct cor_buffer page_text;
	char document_etags[COR_DOCS_DOCUMENTS][24];
	char page_etag[24];
	char script_etag[24];
};

struct asset_ref {
	const char *name;
};
static const struct cor_field asset_ref_fields[] = {
	COR_FIELD(struct asset_ref, name, .from = COR_FROM_PATH),
};
COR_DECLARE_SCHEMA(cor_asset_ref_schema, struct asset_ref);
COR_SCHEMA(cor_asset_ref_schema, asset_ref_fields);

/* The resource that serves the request is part of its struct cor_docs. */
static const struct cor_docs *docs_of(const struct cor_exchange *x, int which)
{
	const struct cor_action *action = cor_action_of(x);
	const struct cor_resource *first = action->place->resource - which;

	return (const struct cor_docs *)first;
}
_Static_assert(
	offsetof(struct cor_docs, resources) == 0, "docs_of() goes from the one to the other");

/* The path of a service that is mounted begins with its prefix. */
static bool ends_with(const char *text, const char *end)
{
	size_t text_len = strlen(text), len = strlen(end);

	return text_len >= len && strcmp(text + text_len - len, end) == 0;
}

/* The resources of documents stand before all others, in the order of the documents. */
static int get_document(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	struct cor_exchange *x = cor_exchange_of(ctx);
	int which = 0;

	(void)in;
	(void)out;
	while (!ends_with(cor_action_of(x)->place->resource->path, cor_docs_paths[which]))
		which++;
	return cor_file_send(x, &docs_of(x, which)->documents[which]);
}
COR_OPERATION(get_document_operation, get_document, COR_NONE, COR_BYTES,
	.content_type = "application/json");

static int get_page(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	struct cor_exchange *x = cor_exchange_of(ctx);

	(void)in;
	(void)out;
	if (cor_reply_header(ctx, "Content-Security-Policy", cor_page_policy) < 0 ||
		cor_reply_header(ctx, "Referrer-Policy", "no-referrer") < 0)
		return -ENOMEM;
	return cor_file_send(x, &docs_of(x, PAGE)->page);
}
COR_OPERATION(get_page_operation, get_page, COR_NONE, COR_BYTES,
	.content_type = "text/html; charset=utf-8");

/* With a slash at the end, the page's relative URLs would lead elsewhere. */
static int go_to_page(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in;
	(void)out;
	return cor_reply_header(ctx, "Location", "../docs");
}
COR_OPERATION(go_to_page_operation, go_to_page, COR_NONE, COR_NONE, .status = 308);

static int get_asset(struct cor_ctx *ctx, const struct asset_ref *ref, struct cor_str *out)
{
	struct cor_exchange *x = cor_exchange_of(ctx);

	(void)out;
	if (strcmp(ref->name, COR_PAGE_SCRIPT) == 0)
		return cor_file_send(x, &docs_of(x, ASSET)->script);
	for (size_t i = 0; i < cor_docs_assets_len; i++)
		if (strcmp(cor_docs_assets[i].name, ref->name) == 0)
			return cor_file_send(x, &cor_docs_assets[i]);
	return cor_ctx_problem(ctx, 404, 0, "the documentation page has no such file");
}
COR_OPERATION(
	get_asset_operation, get_asset, cor_asset_ref_schema, COR_BYTES, .content_type = "*/*");

/* FNV-1a: tells a text from its next version, which is all an ETag has to do. */
static void make_etag(char etag[24], struct cor_str text)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.data[i]) * 0x100000001b3u;
	snprintf(etag, 24, "\"%016llx\"", (unsigned long long)hash);
}

static void make_file(
	struct cor_asset *file, const char *content_type, struct cor_str text, char etag[24])
{
	file->plain = text;
	make_etag(etag, file->plain);
	file->etag = etag;
	file->content_type = content_type;
}

static struct cor_str text_of(const struct cor_buffer *buffer)
{
	return (struct cor_str){ buffer->data, buffer->len };
}

static const enum cor_dialect dialects[] = {
	[COR_DOCS_OPENAPI_3_0] = COR_DIALECT_OPENAPI_3_0,
	[COR_DOCS_SWAGGER_2_0] = COR_DIALECT_SWAGGER_2_0,
	[COR_DOCS_POSTMAN_2_1] = COR_DIALECT_POSTMAN_2_1,
};

static int write_dialect(struct cor_docs *docs, size_t which)
{
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = cor_dialect_write(dialects[which], text_of(&docs->texts[COR_DOCS_OPENAPI_3_1]),
		&arena, &docs->texts[which]);
	cor_arena_finish(&arena);
	return rc;
}

static int write_documents(struct cor_docs *docs, const struct cor_service *service,
	const struct cor_document_access *access)
{
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = cor_openapi_write(service, access, &arena, &docs->texts[COR_DOCS_OPENAPI_3_1]);
	cor_arena_finish(&arena);
	for (size_t i = COR_DOCS_OPENAPI_3_0; rc == 0 && i < COR_DOCS_DOCUMENTS; i++)
		rc = write_dialect(docs, i);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < COR_DOCS_DOCUMENTS; i++)
		make_file(&docs->documents[i], "application/json", text_of(&docs->texts[i]),
			docs->document_etags[i]);
	return 0;
}

static int write_texts(struct cor_docs *docs, const struct cor_service *service,
	const struct cor_document_access *access)
{
	int rc = write_documents(docs, service, access);

	if (rc < 0)
		return rc;
	rc = cor_buffer_error(&docs->page_text);
	if (rc < 0)
		return rc;
	make_file(&docs->page, "text/html; charset=utf-8", text_of(&docs->page_text),
		docs->page_etag);
	make_file(&docs->script, "text/javascript; charset=utf-8", cor_str(cor_page_script),
		docs->script_etag);
	return 0;
}

const char *const cor_docs_paths[] = {
	[COR_DOCS_OPENAPI_3_1] = "/openapi.json",
	[COR_DOCS_OPENAPI_3_0] = "/openapi-3.0.json",
	[COR_DOCS_SWAGGER_2_0] = "/swagger.json",
	[COR_DOCS_POSTMAN_2_1] = "/postman.json",
	[PAGE] = "/docs",
	[PAGE_SLASH] = "/docs/",
	[ASSET] = "/docs/{name}",
	[RESOURCES] = NULL,
};

static int make_paths(struct cor_docs *docs, const char *prefix)
{
	for (size_t i = 0; i < RESOURCES; i++)
		if (asprintf(&docs->paths[i], "%s%s", prefix, cor_docs_paths[i]) < 0) {
			docs->paths[i] = NULL;
			return -ENOMEM;
		}
	return 0;
}

static void make_resources(struct cor_docs *docs, const struct cor_service *service)
{
	static const struct cor_security everybody[] = { { .scheme = NULL } };
	struct cor_resource *r = docs->resources;

	for (size_t i = 0; i < COR_DOCS_DOCUMENTS; i++)
		r[i].get = &get_document_operation;
	r[PAGE].get = &get_page_operation;
	r[PAGE_SLASH].get = &go_to_page_operation;
	r[ASSET].get = &get_asset_operation;
	for (size_t i = 0; i < RESOURCES; i++) {
		r[i].path = docs->paths[i];
		r[i].security = service->docs_security ? service->docs_security : everybody;
		docs->list[i] = &r[i];
	}
}

static int make(struct cor_docs *docs, const struct cor_service *service,
	const struct cor_document_access *access)
{
	struct cor_composition composition;
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = cor_compose(service, &arena, NULL, &composition);
	if (rc == 0) {
		const struct cor_unit *unit = &composition.units[access->unit];
		rc = make_paths(docs, unit->prefix);
		make_resources(docs, unit->service);
		cor_page_write(unit->written, &docs->page_text);
	}
	cor_arena_finish(&arena);
	return rc < 0 ? rc : write_texts(docs, service, access);
}

int cor_docs_create(const struct cor_service *service, const struct cor_document_access *access,
	struct cor_docs **ret)
{
	struct cor_docs *docs = calloc(1, sizeof *docs);

	if (!docs)
		return -ENOMEM;
	int rc = make(docs, service, access);
	if (rc < 0) {
		cor_docs_destroy(docs);
		return rc;
	}
	*ret = docs;
	return 0;
}

void cor_docs_destroy(struct cor_docs *docs)
{
	if (!docs)
		return;
	for (size_t i = 0; i < COR_DOCS_DOCUMENTS; i++)
		cor_buffer_finish(&docs->texts[i]);
	cor_buffer_finish(&docs->page_text);
	for (size_t i = 0; i < RESOURCES; i++)
		free(docs->paths[i]);
	free(docs);
}

const struct cor_resource *const *cor_docs_resources(const struct cor_docs *docs)
{
	return docs->list;
}

struct cor_str cor_docs_document(const struct cor_docs *docs, enum cor_docs_document which)
{
	return docs->documents[which].plain;
}
