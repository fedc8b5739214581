/* SPDX-License-Identifier: MIT */
#include "contract/format.h"

#include <stddef.h>
#include <string.h>

#include <coracle/base64.h>
#include <coracle/calendar.h>
#include <coracle/timestamp.h>
#include <coracle/uuid.h>

#include "schema/format.h"

struct row {
	const char *name;
	const char *sample;
	bool (*holds)(struct cor_str text); /* NULL: schema/format.h knows */
};

static bool is_moment(struct cor_str text)
{
	struct timespec moment;

	return cor_timestamp_parse(text, &moment) == 0;
}

static bool is_uuid(struct cor_str text)
{
	struct cor_uuid uuid;

	return cor_uuid_parse(text, &uuid) == 0;
}

static bool is_time(struct cor_str text)
{
	struct cor_time time;

	return cor_time_parse(text, &time) == 0;
}

static const struct row rows[] = {
	{ "date-time", "2026-01-31T12:00:00Z", is_moment },
	{ "uuid", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", is_uuid },
	{ "time-local", "12:00:00", is_time },
	{ "date", "2026-01-31", NULL },
	{ "email", "ada@example.com", NULL },
	{ "hostname", "example.com", NULL },
	{ "ipv4", "192.0.2.1", NULL },
	{ "ipv6", "2001:db8::1", NULL },
	{ "uri", "https://example.com/", NULL },
	{ "decimal", "1.5", NULL },
	{ "int64", "1", NULL },
	{ "uint64", "1", NULL },
};

/* Those of kinds whose pattern does not say all. */
static const struct row patterns[] = {
	{ "^P(?=.)([0-9]+W)?([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\\.[0-9]{1,9})?S)?)?$",
		"PT1H", NULL },
	{ "^[0-9A-Fa-f:.]{2,45}$", "192.0.2.1", NULL },
	{ "^[0-9A-Fa-f:.]{2,45}(/[0-9]{1,3})?$", "192.0.2.0/24", NULL },
	{ "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([Ee][+-]?[0-9]+)?$", "1.5", NULL },
};

static const struct row *find(const struct row *table, size_t len, struct cor_str name)
{
	for (size_t i = 0; i < len; i++)
		if (cor_str_equal(cor_str(table[i].name), name))
			return &table[i];
	return NULL;
}

const char *cor_contract_format_sample(struct cor_str format)
{
	const struct row *row = find(rows, sizeof rows / sizeof rows[0], format);

	return row ? row->sample : NULL;
}

/* Formats of any length: what stands around letters and full stops. */
static const struct {
	const char *name, *before, *behind;
} stretched[] = {
	{ "email", "a@", "a.co" },
	{ "hostname", "a", "a" },
	{ "uri", "https://a/", "" },
};

const char *cor_contract_format_text(
	struct cor_contract_run *run, struct cor_str format, size_t least)
{
	for (size_t i = 0; i < sizeof stretched / sizeof stretched[0]; i++) {
		if (!cor_str_equal(cor_str(stretched[i].name), format))
			continue;
		size_t len = strlen(stretched[i].before) + strlen(stretched[i].behind);
		size_t more = least > len ? least - len : 0;
		char *letters = cor_contract_alloc(run, more + 1);
		for (size_t at = 0; at < more; at++)
			letters[at] = at % 50 == 40 ? '.' : 'a'; /* a label has 63 */
		return cor_contract_printf(
			run, "%s%s%s", stretched[i].before, letters, stretched[i].behind);
	}
	return NULL;
}

const char *cor_contract_pattern_sample(struct cor_str pattern)
{
	const struct row *row = find(patterns, sizeof patterns / sizeof patterns[0], pattern);

	return row ? row->sample : NULL;
}

bool cor_contract_format_holds(struct cor_str format, struct cor_str text)
{
	const struct row *row = find(rows, sizeof rows / sizeof rows[0], format);
	char name[32];

	if (row && row->holds)
		return row->holds(text);
	if (format.len >= sizeof name)
		return true;
	for (size_t i = 0; i <= format.len; i++)
		name[i] = i < format.len ? format.data[i] : '\0';
	const struct cor_format *known = cor_format_find(name);
	return !known || known->holds(text);
}

bool cor_contract_is_base64(struct cor_str text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = text.len;

	if (len % 4 != 0)
		return false;
	for (int padding = 0; padding < 2 && len > 0 && text.data[len - 1] == '='; padding++)
		len--;
	for (size_t i = 0; i < len; i++)
		if (!text.data[i] || !strchr(digits, text.data[i]))
			return false;
	return true;
}
