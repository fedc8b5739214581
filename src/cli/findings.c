/* SPDX-License-Identifier: MIT */
#include "cli/findings.h"

void cor_find(struct cor_findings *findings, enum cor_finding_state state, const char *what,
	const char *text, const char *advice)
{
	findings->bad += state == COR_FINDING_BAD;
	if (findings->len < COR_FINDINGS_MAX)
		findings->items[findings->len++] = (struct cor_finding){ state, what, text,
			advice };
}
