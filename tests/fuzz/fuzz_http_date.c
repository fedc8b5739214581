/* SPDX-License-Identifier: MIT */
/* A date: what can be read is written, and reads back as the same. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1), text[COR_IMF_DATE_BYTES];
	int64_t first, again, any = 0;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	if (cor_imf_date_parse((struct cor_str){ copy, size }, 1790000000, &first) == 0) {
		cor_imf_date_format(text, first);
		/* only the leap second at the end of the year 9999 cannot be written */
		if (first <= INT64_C(253402300799) &&
			(cor_imf_date_parse((struct cor_str){ text, sizeof text }, 0, &again) < 0 ||
				again != first))
			abort();
	}
	memcpy(&any, data, size < sizeof any ? size : sizeof any);
	cor_imf_date_format(text, any);
	if (cor_imf_date_parse((struct cor_str){ text, sizeof text }, any, &again) < 0)
		abort();
	free(copy);
	return 0;
}
