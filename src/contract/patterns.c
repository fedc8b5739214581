/* SPDX-License-Identifier: MIT */
#include "contract/patterns.h"

#include <string.h>

#include "app/inside.h"

struct cor_contract_pattern {
	struct cor_contract_pattern *next;
	const char *text;
	struct cor_pattern *pattern; /* NULL: it cannot be compiled */
};

static struct cor_contract_pattern *compile(struct cor_contract_run *run, struct cor_str text)
{
	struct cor_contract_pattern *made = cor_contract_alloc(run, sizeof *made);
	char why[256];

	*made = (struct cor_contract_pattern){
		.next = run->patterns,
		.text = cor_contract_printf(run, "%.*s", (int)text.len, text.data),
	};
	if ((!run->room && cor_inside_calls.patterns_create(&run->room) < 0) ||
		cor_inside_calls.pattern_compile(
			run->room, made->text, &made->pattern, why, sizeof why) < 0)
		made->pattern = NULL;
	run->patterns = made;
	return made;
}

bool cor_contract_matches(struct cor_contract_run *run, struct cor_str pattern, struct cor_str text)
{
	struct cor_contract_pattern *at = run->patterns;
	unsigned work = 0;

	while (at && (strlen(at->text) != pattern.len ||
			     memcmp(at->text, pattern.data, pattern.len) != 0))
		at = at->next;
	if (!at)
		at = compile(run, pattern);
	return !at->pattern || cor_inside_calls.pattern_match(at->pattern, text, &work) != 0;
}

void cor_contract_patterns_finish(struct cor_contract_run *run)
{
	if (run->room)
		cor_inside_calls.patterns_destroy(run->room);
	run->room = NULL;
}
