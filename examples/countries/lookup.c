/* SPDX-License-Identifier: MIT */
/* POST /countries/lookup: many countries in one request. */
#include "resources.h"
#include "state.h"

struct country_lookup {
	cor_array(const char *) codes;
};
static const struct cor_field country_lookup_fields[] = {
	COR_ARRAY(struct country_lookup, codes, .min_items = 1, .max_items = 100,
		.pattern = COUNTRY_CODE_PATTERN, .example = "[\"DE\", \"fra\", \"380\", \"XX\"]",
		.doc = "Alpha-2, alpha-3 or numeric codes, mixed as you like"),
};
COR_LOCAL_SCHEMA(country_lookup_schema, struct country_lookup, country_lookup_fields,
	.doc = "Codes to look up");

struct country_lookup_result {
	cor_array(struct country) found;
	cor_array(const char *) missing;
};
static const struct cor_field country_lookup_result_fields[] = {
	COR_OBJECT_ARRAY(struct country_lookup_result, found, country_schema,
		.doc = "In the order of the codes"),
	COR_ARRAY(struct country_lookup_result, missing, .example = "[\"XX\"]",
		.doc = "Codes that no country has"),
};
COR_LOCAL_SCHEMA(country_lookup_result_schema, struct country_lookup_result,
	country_lookup_result_fields, .doc = "What was found");

static int look_up_countries(struct cor_ctx *ctx, const struct country_lookup *lookup,
	struct country_lookup_result *result)
{
	result->found.items = cor_alloc(ctx, lookup->codes.len * sizeof *result->found.items);
	result->missing.items = cor_alloc(ctx, lookup->codes.len * sizeof *result->missing.items);
	if (!result->found.items || !result->missing.items)
		return -ENOMEM;
	for (size_t i = 0; i < lookup->codes.len; i++) {
		const char *code = lookup->codes.items[i];
		const struct country *country = data_country(data_of(ctx), code);

		if (country)
			result->found.items[result->found.len++] = *country;
		else
			result->missing.items[result->missing.len++] = code;
	}
	return 0;
}
COR_OPERATION(look_up_countries_operation, look_up_countries, country_lookup_schema,
	country_lookup_result_schema, .summary = "Fetch many countries",
	.doc = "A code that no country has is not an error: it comes back in `missing`.");

const struct cor_resource country_lookup_resource = {
	.path = "/countries/lookup",
	.post = &look_up_countries_operation,
	.tag = "countries",
};
