/* SPDX-License-Identifier: MIT */
/* Finding one record by any of its codes. */
#include "data.h"

const struct country *data_country(const struct data *data, const char *code)
{
	const struct country *country = index_find(&data->countries[COUNTRY_ALPHA_2], code);

	if (!country)
		country = index_find(&data->countries[COUNTRY_ALPHA_3], code);
	return country ? country : index_find(&data->countries[COUNTRY_NUMERIC], code);
}

const struct subdivision *data_subdivision(const struct data *data, const char *code)
{
	return index_find(&data->subdivisions[SUBDIVISION_CODE], code);
}

const struct currency *data_currency(const struct data *data, const char *code)
{
	const struct currency *currency = index_find(&data->currencies[CURRENCY_ALPHA_3], code);

	return currency ? currency : index_find(&data->currencies[CURRENCY_NUMERIC], code);
}

const struct language *data_language(const struct data *data, const char *code)
{
	const struct language *language = index_find(&data->languages[LANGUAGE_ALPHA_3], code);

	return language ? language : index_find(&data->languages[LANGUAGE_ALPHA_2], code);
}
