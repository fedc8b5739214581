/* SPDX-License-Identifier: MIT */
#include "data.h"

#include <stdlib.h>

#include "file.h"

/* Each file is an object with one member, named after its standard. */

struct country_file {
	cor_array(struct country) countries;
};
static const struct cor_field country_file_fields[] = {
	COR_OBJECT_ARRAY(struct country_file, countries, country_schema, .key = "3166-1"),
};
COR_LOCAL_SCHEMA(country_file_schema, struct country_file, country_file_fields);

struct subdivision_file {
	cor_array(struct subdivision) subdivisions;
};
static const struct cor_field subdivision_file_fields[] = {
	COR_OBJECT_ARRAY(
		struct subdivision_file, subdivisions, subdivision_schema, .key = "3166-2"),
};
COR_LOCAL_SCHEMA(subdivision_file_schema, struct subdivision_file, subdivision_file_fields);

struct currency_file {
	cor_array(struct currency) currencies;
};
static const struct cor_field currency_file_fields[] = {
	COR_OBJECT_ARRAY(struct currency_file, currencies, currency_schema, .key = "4217"),
};
COR_LOCAL_SCHEMA(currency_file_schema, struct currency_file, currency_file_fields);

struct language_file {
	cor_array(struct language) languages;
};
static const struct cor_field language_file_fields[] = {
	COR_OBJECT_ARRAY(struct language_file, languages, language_schema, .key = "639-3"),
};
COR_LOCAL_SCHEMA(language_file_schema, struct language_file, language_file_fields);

const struct cor_schema *const data_schemas[] = {
	&country_file_schema.schema,
	&subdivision_file_schema.schema,
	&currency_file_schema.schema,
	&language_file_schema.schema,
	NULL,
};

struct files {
	struct country_file country;
	struct subdivision_file subdivision;
	struct currency_file currency;
	struct language_file language;
};

static int bad_file(
	struct cor_ctx *ctx, int rc, const char *path, const struct cor_violations *violations)
{
	const struct cor_violation *first = violations->first;

	if (!first)
		return cor_problem(ctx, 500, rc, "cannot read %s: %s", path, cor_strerror(rc));
	return cor_problem(ctx, 500, rc, "%s: at \"%s\": %s", path, first->where, first->detail);
}

static int read_file(
	struct cor_ctx *ctx, const char *path, const struct cor_schema *schema, void *ret)
{
	struct cor_violations violations = { 0 };
	struct cor_str text;
	int rc = file_read(path, &text);

	if (rc < 0)
		return bad_file(ctx, rc, path, &violations);
	rc = cor_decode_json(
		cor_ctx_codec(ctx), cor_ctx_arena(ctx), schema, ret, text, &violations);
	free((void *)(uintptr_t)text.data);
	return rc < 0 ? bad_file(ctx, rc, path, &violations) : 0;
}

static int read_files(struct cor_ctx *ctx, const char *folder, struct files *files)
{
	const struct {
		const char *name;
		const struct cor_schema *schema;
		void *ret;
	} all[] = {
		{ "iso_3166-1.json", &country_file_schema.schema, &files->country },
		{ "iso_3166-2.json", &subdivision_file_schema.schema, &files->subdivision },
		{ "iso_4217.json", &currency_file_schema.schema, &files->currency },
		{ "iso_639-3.json", &language_file_schema.schema, &files->language },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		const char *path = cor_printf(ctx, "%s/%s", folder, all[i].name);
		int rc = path ? read_file(ctx, path, all[i].schema, all[i].ret) : -ENOMEM;

		if (rc < 0)
			return rc;
	}
	return 0;
}

static const struct data unbuilt = {
	.countries = {
		[COUNTRY_NAME] = INDEX_BY(struct country, name),
		[COUNTRY_ALPHA_2] = INDEX_BY(struct country, alpha_2),
		[COUNTRY_ALPHA_3] = INDEX_BY(struct country, alpha_3),
		[COUNTRY_NUMERIC] = INDEX_BY(struct country, numeric),
	},
	.subdivisions = {
		[SUBDIVISION_CODE] = INDEX_BY(struct subdivision, code),
		[SUBDIVISION_NAME] = INDEX_BY(struct subdivision, name),
		[SUBDIVISION_TYPE] = INDEX_BY(struct subdivision, type),
	},
	.currencies = {
		[CURRENCY_ALPHA_3] = INDEX_BY(struct currency, alpha_3),
		[CURRENCY_NUMERIC] = INDEX_BY(struct currency, numeric),
		[CURRENCY_NAME] = INDEX_BY(struct currency, name),
	},
	.languages = {
		[LANGUAGE_ALPHA_3] = INDEX_BY(struct language, alpha_3),
		[LANGUAGE_ALPHA_2] = INDEX_BY(struct language, alpha_2),
		[LANGUAGE_NAME] = INDEX_BY(struct language, name),
	},
};

static int build(struct cor_arena *arena, struct index *indexes, size_t len, const void *records,
	size_t records_len)
{
	for (size_t i = 0; i < len; i++) {
		int rc = index_build(&indexes[i], arena, records, records_len);

		if (rc < 0)
			return rc;
	}
	return 0;
}

static int build_all(struct cor_arena *arena, const struct files *files, struct data *data)
{
	int rc;

	*data = unbuilt;
	rc = build(arena, data->countries, COUNTRY_SORTS, files->country.countries.items,
		files->country.countries.len);
	if (rc == 0)
		rc = build(arena, data->subdivisions, SUBDIVISION_SORTS,
			files->subdivision.subdivisions.items, files->subdivision.subdivisions.len);
	if (rc == 0)
		rc = build(arena, data->currencies, CURRENCY_SORTS,
			files->currency.currencies.items, files->currency.currencies.len);
	if (rc == 0)
		rc = build(arena, data->languages, LANGUAGE_SORTS, files->language.languages.items,
			files->language.languages.len);
	return rc;
}

int data_load(struct cor_ctx *ctx, const char *folder, struct data *data)
{
	struct files files;
	int rc = read_files(ctx, folder, &files);

	return rc < 0 ? rc : build_all(cor_ctx_arena(ctx), &files, data);
}
