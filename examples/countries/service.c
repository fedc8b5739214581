/* SPDX-License-Identifier: MIT */
/* Countries, their subdivisions, currencies and languages, from Debian's package iso-codes. */
#include <coracle/compression.h>

#include "figures.h"
#include "headers.h"
#include "resources.h"
#include "service.h"
#include "state.h"

struct settings {
	const char *data_dir;
};
static const struct cor_field settings_fields[] = {
	COR_FIELD(struct settings, data_dir, .fallback = "\"/usr/share/iso-codes/json\"",
		.doc = "Folder with the files of iso-codes"),
};
COR_LOCAL_SCHEMA(settings_schema, struct settings, settings_fields);

static const struct cor_compression compression = {
	.codings = COR_CODINGS(&cor_gzip),
};

static int start(struct cor_ctx *ctx, void **ret_state)
{
	const struct settings *settings = cor_settings(ctx, settings_schema);
	struct state *state = cor_alloc(ctx, sizeof *state);
	int rc = state ? data_load(ctx, settings->data_dir, &state->data) : -ENOMEM;

	if (rc < 0)
		return rc;
	*ret_state = state;
	return 0;
}

const struct cor_service countries_service = {
	.name = "countries",
	.version = "1.0.0",
	.title = "Countries of the world",
	.doc = "Countries, their subdivisions, currencies and languages, as Debian's package `iso-codes`\n"
	       "lists them. Lists can be searched, filtered, sorted and read a page at a time.\n"
	       "Bookmarks can be changed, and are gone when the service stops.",
	.resources = COR_RESOURCES(&countries_resource, &country_resource, &country_lookup_resource,
		&country_subdivisions_resource, &subdivisions_resource, &subdivision_resource,
		&export_subdivisions_resource, &currencies_resource, &currency_resource,
		&languages_resource, &language_resource, &bookmarks_resource, &bookmark_resource,
		&bookmark_batch_resource),
	.caches = COR_CACHES(&searches),
	.middleware = COR_MIDDLEWARE(&timed),
	.compression = &compression,
	.schemas = data_schemas,
	.metrics = COR_METRICS(&bookmark_changes.metric, &bookmarks_kept.metric),
	.settings = COR_SETTINGS(settings_schema),
	.readiness = COR_READINESS(&bookmarks_readiness),
	.start = start,
};
