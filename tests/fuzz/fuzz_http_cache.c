/* SPDX-License-Identifier: MIT */
/*
 * What a server says of how long its answer holds, and what somebody has left in a store: an input
 * that begins with 'K' is an entry, any other are fields, each in a line: "Name: value".
 */
#include <stdlib.h>
#include <string.h>

#include "client/kept.h"
#include "target.h"

#define FIELDS_MAX 16
#define NOW_MS     INT64_C(1795000000000)

static void check_freshness(const struct cor_carrier_answer *head)
{
	const struct cor_answer_times times = { NOW_MS - 1000, NOW_MS };
	struct cor_freshness freshness;

	cor_freshness_of(head, &times, NULL, &freshness);
	if (freshness.fresh_ms < 0 || freshness.age_ms < 1000 || freshness.stale_if_error_s < 0)
		abort();
	if (freshness.may_be_kept && freshness.said.no_store && !freshness.said.must_understand)
		abort();
	if (freshness.said.is_broken && (freshness.fresh_ms > 0 || !freshness.is_never_stale))
		abort();
	if (cor_freshness_age_ms(&freshness, NOW_MS + 1) <= freshness.age_ms ||
		cor_freshness_age_ms(&freshness, NOW_MS - 1) != -1)
		abort();
}

/* Whatever else is said, no-store in a field of its own is heard. */
static void check_no_store(struct cor_http_field *fields, size_t len)
{
	struct cor_carrier_answer head = { 200, fields, len + 1, 0 };
	const struct cor_answer_times times = { NOW_MS, NOW_MS };
	struct cor_freshness freshness;

	fields[len] = (struct cor_http_field){ "Cache-Control", "No-Store" };
	cor_freshness_of(&head, &times, NULL, &freshness);
	if (freshness.may_be_kept && !freshness.said.must_understand)
		abort();
}

static void try_fields(char *text)
{
	struct cor_http_field fields[FIELDS_MAX + 2] = { 0 };
	struct cor_carrier_answer head = { 200, fields, 0, 0 }, kept;
	struct cor_cache_control said;
	struct cor_arena arena;
	char *line;

	while (head.fields_len < FIELDS_MAX && (line = strsep(&text, "\n"))) {
		char *value = strstr(line, ": ");
		if (!value)
			continue;
		*value = '\0';
		fields[head.fields_len++] = (struct cor_http_field){ line, value + 2 };
	}
	check_freshness(&head);
	cor_arena_init(&arena, NULL, 0, 0);
	cor_cache_control_of(fields, head.fields_len, &said);
	if (cor_kept_fields(&arena, &head, &said, &kept) < 0 || kept.fields_len > head.fields_len ||
		cor_fields_find(kept.fields, kept.fields_len, "Connection"))
		abort();
	cor_arena_finish(&arena);
	check_no_store(fields, head.fields_len);
}

static void try_entry(const char *bytes, size_t len)
{
	struct cor_kept kept;
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	if (cor_kept_read(&arena, (struct cor_str){ bytes, len }, &kept) == 0) {
		if (kept.body.len > len || kept.vary.len > len)
			abort();
		for (size_t i = 0; i < kept.head.fields_len; i++)
			if (strchr(kept.head.fields[i].value, '\n'))
				abort();
	}
	cor_arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	copy[size] = '\0';
	if (size && copy[0] == 'K')
		try_entry(copy + 1, size - 1);
	else
		try_fields(copy);
	free(copy);
	return 0;
}
