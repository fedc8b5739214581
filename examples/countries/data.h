/* SPDX-License-Identifier: MIT */
/** All records, read once at start and never changed: any thread may read them. */
#ifndef COUNTRIES_DATA_H
#define COUNTRIES_DATA_H

#include "index.h"
#include "records.h"

enum country_sort {
	COUNTRY_NAME,
	COUNTRY_ALPHA_2,
	COUNTRY_ALPHA_3,
	COUNTRY_NUMERIC,
	COUNTRY_SORTS
};
enum subdivision_sort { SUBDIVISION_CODE, SUBDIVISION_NAME, SUBDIVISION_TYPE, SUBDIVISION_SORTS };
enum currency_sort { CURRENCY_ALPHA_3, CURRENCY_NUMERIC, CURRENCY_NAME, CURRENCY_SORTS };
enum language_sort { LANGUAGE_ALPHA_3, LANGUAGE_ALPHA_2, LANGUAGE_NAME, LANGUAGE_SORTS };

/** An index for each member that lists can be sorted by; lookups use it too. */
struct data {
	struct index countries[COUNTRY_SORTS];
	struct index subdivisions[SUBDIVISION_SORTS];
	struct index currencies[CURRENCY_SORTS];
	struct index languages[LANGUAGE_SORTS];
};

/** The schemas of the files, for the service's codec; NULL ends the list. */
extern const struct cor_schema *const data_schemas[];

/**
 * Read the four files in `folder` and index them, in the memory of ctx.
 * Returns 0, or a negative code with a problem that names the file and the place.
 */
int data_load(struct cor_ctx *ctx, const char *folder, struct data *data) COR_CHECKED;

/** What data_country() takes, as a pattern for a row. */
#define COUNTRY_CODE_PATTERN "^([A-Za-z]{2,3}|[0-9]{3})$"

/* Each of these ignores case and returns NULL if there is no such record. */

/** By alpha-2, alpha-3 or numeric code. */
const struct country *data_country(const struct data *data, const char *code);

/** By code. */
const struct subdivision *data_subdivision(const struct data *data, const char *code);

/** By alpha-3 or numeric code. */
const struct currency *data_currency(const struct data *data, const char *code);

/** By alpha-3 or alpha-2 code. */
const struct language *data_language(const struct data *data, const char *code);

#endif
