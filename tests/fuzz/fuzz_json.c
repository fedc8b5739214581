/* SPDX-License-Identifier: MIT */
/*
 * Whatever the text, checking it and reading it token by token agree; its printed form is accepted
 * and prints the same again.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include <coracle/json.h>

#include "../json/document.h"

static void need(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cor_str text = { (const char *)data, size };
	struct cor_buffer once = { 0 };
	struct cor_buffer twice = { 0 };
	size_t at = SIZE_MAX;
	int checked = cor_json_check(text, 0, &at);
	int rc = document_rewrite(text, &once);

	need(rc == checked);
	need(checked == 0 || at <= size);
	if (rc == 0) {
		need(document_rewrite((struct cor_str){ once.data, once.len }, &twice) == 0);
		need(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
		need(cor_json_check((struct cor_str){ once.data, once.len }, 0, NULL) == 0);
	}
	cor_buffer_finish(&once);
	cor_buffer_finish(&twice);
	return 0;
}
