/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "openapi/assets.h"

static const struct cor_asset *find(const char *name)
{
	for (size_t i = 0; i < cor_docs_assets_len; i++) {
		if (strcmp(cor_docs_assets[i].name, name) == 0)
			return &cor_docs_assets[i];
	}
	return NULL;
}

static void page_has_its_files(void **state)
{
	(void)state;
	assert_non_null(find("swagger-ui.css"));
	assert_non_null(find("swagger-ui-bundle.js"));
	assert_non_null(find("favicon-32x32.png"));
	assert_memory_equal(find("favicon-32x32.png")->plain.data, "\x89PNG", 4);
	assert_string_equal(find("swagger-ui.css")->content_type, "text/css; charset=utf-8");
}

static void every_row_is_complete(void **state)
{
	(void)state;
	assert_true(cor_docs_assets_len > 0);
	for (size_t i = 0; i < cor_docs_assets_len; i++) {
		const struct cor_asset *asset = &cor_docs_assets[i];

		assert_true(asset->plain.len > 0);
		assert_non_null(asset->content_type);
		assert_true(strlen(asset->etag) > 2);
		assert_int_equal(asset->etag[0], '"');
		assert_int_equal(asset->etag[strlen(asset->etag) - 1], '"');
	}
}

/* RFC 1952: magic, method and a time of zero first, the length of the plain form last. */
static void gzip_form_belongs_to_the_plain_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < cor_docs_assets_len; i++) {
		const struct cor_asset *asset = &cor_docs_assets[i];
		const unsigned char *end = (const unsigned char *)asset->gzip.data +
					   asset->gzip.len;

		if (asset->gzip.len == 0)
			continue;
		assert_memory_equal(asset->gzip.data, "\x1f\x8b\x08\0\0\0\0\0", 8);
		assert_true(asset->gzip.len < asset->plain.len);
		assert_int_equal(
			end[-4] | end[-3] << 8 | end[-2] << 16 | end[-1] << 24, asset->plain.len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_has_its_files),
		cmocka_unit_test(every_row_is_complete),
		cmocka_unit_test(gzip_form_belongs_to_the_plain_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
