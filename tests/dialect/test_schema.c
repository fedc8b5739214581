/* SPDX-License-Identifier: MIT */
/* Each keyword of JSON Schema 2020-12 in the two older dialects. */
#include "dialects.h"

#include <stdio.h>

struct row {
	const char *schema;
	const char *openapi30;
	const char *swagger20;
};

#define NULL_ALONE "{\"type\":\"object\",\"nullable\":true,\"enum\":[null]}"

static const struct row rows[] = {
	/* what all have */
	{ "{\"type\":\"string\",\"minLength\":1,\"pattern\":\"^a\"}", NULL, NULL },
	{ "{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"uniqueItems\":true}", NULL,
		NULL },
	{ "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"a\"]}", NULL, NULL },
	{ "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}", NULL, NULL },
	/* null */
	{ "{\"type\":[\"string\",\"null\"],\"maxLength\":3}",
		"{\"type\":\"string\",\"nullable\":true,\"maxLength\":3}",
		"{\"x-type\":[\"string\",\"null\"],\"maxLength\":3}" },
	{ "{\"type\":\"null\"}", NULL_ALONE, "{\"enum\":[null]}" },
	{ "{\"type\":[\"string\",\"integer\"]}", "{\"x-type\":[\"string\",\"integer\"]}",
		"{\"x-type\":[\"string\",\"integer\"]}" },
	{ "{\"anyOf\":[{\"$ref\":\"#/components/schemas/a\"},{\"type\":\"null\"}]}",
		"{\"anyOf\":[{\"$ref\":\"#/components/schemas/a\"}," NULL_ALONE "]}",
		"{\"x-anyOf\":[{\"$ref\":\"#/definitions/a\"},{\"enum\":[null]}]}" },
	/* the only value */
	{ "{\"type\":\"string\",\"const\":\"a\"}", "{\"type\":\"string\",\"enum\":[\"a\"]}",
		"{\"type\":\"string\",\"enum\":[\"a\"]}" },
	{ "{\"type\":\"string\",\"enum\":[\"a\",\"b\"],\"const\":\"a\"}",
		"{\"type\":\"string\",\"enum\":[\"a\"]}",
		"{\"type\":\"string\",\"enum\":[\"a\"]}" },
	/* bounds */
	{ "{\"type\":\"number\",\"exclusiveMinimum\":0,\"exclusiveMaximum\":10}",
		"{\"type\":\"number\",\"minimum\":0,\"exclusiveMinimum\":true,\"maximum\":10,\"exclusiveMaximum\":true}",
		"{\"type\":\"number\",\"minimum\":0,\"exclusiveMinimum\":true,\"maximum\":10,\"exclusiveMaximum\":true}" },
	{ "{\"type\":\"integer\",\"minimum\":-9223372036854775808}", NULL, NULL },
	{ "{\"type\":\"string\",\"format\":\"date\",\"formatMinimum\":\"2026-01-01\"}",
		"{\"type\":\"string\",\"format\":\"date\",\"x-formatMinimum\":\"2026-01-01\"}",
		"{\"type\":\"string\",\"format\":\"date\",\"x-formatMinimum\":\"2026-01-01\"}" },
	/* words for people */
	{ "{\"type\":\"integer\",\"examples\":[7,8]}", "{\"type\":\"integer\",\"example\":7}",
		"{\"type\":\"integer\",\"example\":7}" },
	{ "{\"type\":\"string\",\"writeOnly\":true,\"deprecated\":true}", NULL,
		"{\"type\":\"string\",\"x-writeOnly\":true,\"x-deprecated\":true}" },
	{ "{\"type\":\"string\",\"contentEncoding\":\"base64\"}",
		"{\"type\":\"string\",\"format\":\"byte\"}",
		"{\"type\":\"string\",\"format\":\"byte\"}" },
	/* beside a reference */
	{ "{\"$ref\":\"#/components/schemas/a\"}", NULL, "{\"$ref\":\"#/definitions/a\"}" },
	{ "{\"$ref\":\"#/components/schemas/a\",\"description\":\"b\"}",
		"{\"allOf\":[{\"$ref\":\"#/components/schemas/a\"}],\"description\":\"b\"}",
		"{\"allOf\":[{\"$ref\":\"#/definitions/a\"}],\"description\":\"b\"}" },
	{ "{\"allOf\":[{\"$ref\":\"#/components/schemas/a\"}],\"type\":\"object\"}", NULL,
		"{\"allOf\":[{\"$ref\":\"#/definitions/a\"}],\"type\":\"object\"}" },
	/* maps and unions */
	{ "{\"type\":\"object\",\"propertyNames\":{\"pattern\":\"^a\"}}",
		"{\"type\":\"object\",\"x-propertyNames\":{\"pattern\":\"^a\"}}",
		"{\"type\":\"object\",\"x-propertyNames\":{\"pattern\":\"^a\"}}" },
	{ "{\"type\":\"object\",\"oneOf\":[{\"$ref\":\"#/components/schemas/a\"}],\"discriminator\":"
	  "{\"propertyName\":\"type\",\"mapping\":{\"a\":\"#/components/schemas/a\"}}}",
		NULL,
		"{\"type\":\"object\",\"x-oneOf\":[{\"$ref\":\"#/definitions/a\"}],\"x-discriminator\":"
		"{\"propertyName\":\"type\",\"mapping\":{\"a\":\"#/definitions/a\"}}}" },
	/* anything, nothing, and what nobody knows yet */
	{ "{}", NULL, NULL },
	{ "true", "{}", "{}" },
	{ "false", "{\"not\":{}}", "{\"x-not\":{}}" },
	{ "{\"type\":\"array\"}", "{\"type\":\"array\",\"items\":{}}",
		"{\"type\":\"array\",\"items\":{}}" },
	{ "{\"type\":\"array\",\"items\":{},\"contains\":{\"const\":1},\"minContains\":2}",
		"{\"type\":\"array\",\"items\":{},\"x-contains\":{\"enum\":[1]},\"x-minContains\":2}",
		"{\"type\":\"array\",\"items\":{},\"x-contains\":{\"enum\":[1]},\"x-minContains\":2}" },
	{ "{\"x-own\":{\"const\":1}}", NULL, NULL },
};

static void check(enum cor_dialect dialect, const char *schema, const char *wanted)
{
	struct cor_buffer text = { 0 };
	char document[1024], part[1024];

	snprintf(document, sizeof document, "{\"components\":{\"schemas\":{\"it\":%s}}}", schema);
	snprintf(part, sizeof part, "{\"it\":%s}", wanted);
	in_dialect(dialect, document, &text);
	assert_part(&text, part);
	cor_buffer_finish(&text);
}

static void test_keywords(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		const char *newer = row->openapi30 ? row->openapi30 : row->schema;
		const char *older = row->swagger20 ? row->swagger20 : row->schema;
		check(COR_DIALECT_OPENAPI_3_0, row->schema, newer);
		check(COR_DIALECT_SWAGGER_2_0, row->schema, older);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keywords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
