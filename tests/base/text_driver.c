/* SPDX-License-Identifier: MIT */
/* Lines of a kind and a text in; what it is read as, printed again, or "-" out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/base64.h>
#include <coracle/calendar.h>
#include <coracle/decimal_number.h>
#include <coracle/ip.h>

#define LINE_BYTES 1024

static size_t date(struct cor_str text, char *out)
{
	struct cor_date value;

	if (cor_date_parse(text, &value) < 0)
		return 0;
	cor_date_print(&value, out);
	return (size_t)snprintf(
		out + COR_DATE_BYTES - 1, LINE_BYTES, " %lld", (long long)cor_date_days(&value));
}

static size_t day(struct cor_str text, char *out)
{
	struct cor_date value;

	if (cor_date_from_days(strtoll(text.data, NULL, 10), &value) < 0)
		return 0;
	return cor_date_print(&value, out);
}

static size_t time_of_day(struct cor_str text, char *out)
{
	struct cor_time value;

	return cor_time_parse(text, &value) < 0 ? 0 : cor_time_print(&value, out);
}

/* What is read of what was printed, in nanoseconds. */
static size_t duration(struct cor_str text, char *out)
{
	struct cor_duration value, again;

	if (cor_duration_parse(text, &value) < 0)
		return 0;
	cor_duration_print(&value, out);
	if (cor_duration_parse(cor_str(out), &again) < 0 || again.nanoseconds != value.nanoseconds)
		return (size_t)snprintf(out, LINE_BYTES, "?");
	return (size_t)snprintf(out, LINE_BYTES, "%lld", (long long)value.nanoseconds);
}

static size_t ip(struct cor_str text, char *out)
{
	struct cor_ip value;

	return cor_ip_parse(text, &value) < 0 ? 0 : cor_ip_print(&value, out);
}

static size_t network(struct cor_str text, char *out)
{
	struct cor_network value;

	return cor_network_parse(text, &value) < 0 ? 0 : cor_network_print(&value, out);
}

/* "NETWORK ADDRESS" */
static size_t within(struct cor_str text, char *out)
{
	const char *blank = strchr(text.data, ' ');
	struct cor_network value;
	struct cor_ip address;

	if (!blank ||
		cor_network_parse(
			(struct cor_str){ text.data, (size_t)(blank - text.data) }, &value) < 0 ||
		cor_ip_parse(cor_str(blank + 1), &address) < 0)
		return 0;
	return (size_t)snprintf(out, LINE_BYTES, "%d", cor_network_has(&value, &address));
}

static size_t decimal(struct cor_str text, char *out)
{
	struct cor_decimal_number value;

	return cor_decimal_number_parse(text, &value) < 0 ? 0
							  : cor_decimal_number_print(&value, out);
}

/* "A B" */
static bool read_two(
	struct cor_str text, struct cor_decimal_number *a, struct cor_decimal_number *b)
{
	const char *blank = strchr(text.data, ' ');

	return blank &&
	       cor_decimal_number_parse(
		       (struct cor_str){ text.data, (size_t)(blank - text.data) }, a) >= 0 &&
	       cor_decimal_number_parse(cor_str(blank + 1), b) >= 0;
}

static size_t order(struct cor_str text, char *out)
{
	struct cor_decimal_number a, b;

	if (!read_two(text, &a, &b))
		return 0;
	return (size_t)snprintf(out, LINE_BYTES, "%d", cor_decimal_number_compare(&a, &b));
}

/* "NUMBER SCALE" */
static size_t rescaled(struct cor_str text, char *out)
{
	const char *blank = strchr(text.data, ' ');
	struct cor_decimal_number value;

	if (!blank ||
		cor_decimal_number_parse(
			(struct cor_str){ text.data, (size_t)(blank - text.data) }, &value) < 0 ||
		cor_decimal_number_rescale(&value, (uint8_t)strtol(blank + 1, NULL, 10)) < 0)
		return 0;
	return cor_decimal_number_print(&value, out);
}

static size_t product(struct cor_str text, char *out)
{
	struct cor_decimal_number a, b;

	if (!read_two(text, &a, &b) || cor_decimal_number_multiply(&a, &b, &a) < 0)
		return 0;
	return cor_decimal_number_print(&a, out);
}

static size_t base64(struct cor_str text, char *out)
{
	char bytes[LINE_BYTES];
	size_t len;

	if (cor_base64_parse(text, bytes, &len) < 0)
		return 0;
	cor_base64_print((struct cor_str){ bytes, len }, out);
	out += cor_base64_text_bytes(len);
	for (size_t i = 0; i < len; i++)
		out += snprintf(out, 4, "%s%02x", i == 0 ? " " : "", (unsigned char)bytes[i]);
	*out = '\0';
	return 1;
}

static size_t base64url(struct cor_str text, char *out)
{
	char bytes[LINE_BYTES];
	size_t len;

	if (cor_base64url_parse(text, bytes, &len) < 0 || len != cor_base64url_bytes(text))
		return 0;
	cor_base64url_print((struct cor_str){ bytes, len }, out);
	out += cor_base64url_text_bytes(len);
	for (size_t i = 0; i < len; i++)
		out += snprintf(out, 4, "%s%02x", i == 0 ? " " : "", (unsigned char)bytes[i]);
	*out = '\0';
	return 1;
}

static const struct kind {
	const char *name;
	size_t (*run)(struct cor_str text, char *out);
} kinds[] = {
	{ "date", date },
	{ "day", day },
	{ "time", time_of_day },
	{ "duration", duration },
	{ "ip", ip },
	{ "network", network },
	{ "within", within },
	{ "base64", base64 },
	{ "base64url", base64url },
	{ "decimal", decimal },
	{ "order", order },
	{ "rescaled", rescaled },
	{ "product", product },
};

static void answer(const char *name, const char *text)
{
	char out[4 * LINE_BYTES];

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].name, name) == 0)
			puts(kinds[i].run(cor_str(text), out) ? out : "-");
}

int main(void)
{
	char line[LINE_BYTES];

	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		char *blank = strchr(line, ' ');
		if (!blank)
			return 1;
		*blank = '\0';
		answer(line, blank + 1);
	}
	return 0;
}
