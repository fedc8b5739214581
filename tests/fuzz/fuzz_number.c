/* SPDX-License-Identifier: MIT */
/*
 * Numbers against the C library, timestamps against themselves, text against a slow reading of RFC
 * 3629.
 */
#include "target.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/number.h"
#include "base/timestamp.h"
#include "base/utf8.h"

static void need(int holds)
{
	if (!holds)
		abort();
}

static void try_double(struct cor_str text, const char *terminated)
{
	char printed[COR_NUMBER_BYTES];
	double value, again;
	int rc = cor_number_parse_double(text, &value);

	if (rc == -ERANGE) {
		need(isinf(strtod(terminated, NULL)));
		return;
	}
	if (rc < 0)
		return;
	double expected = strtod(terminated, NULL);
	need(memcmp(&expected, &value, sizeof value) == 0);
	size_t len = cor_number_print_double(value, printed);
	need(len > 0 && len <= sizeof printed);
	need(cor_number_parse_double((struct cor_str){ printed, len }, &again) == 0);
	need(memcmp(&again, &value, sizeof value) == 0);
}

static void try_integers(struct cor_str text, const char *terminated)
{
	char printed[COR_NUMBER_BYTES];
	int64_t value;
	uint64_t large;

	errno = 0;
	long long expected = strtoll(terminated, NULL, 10);
	int rc = cor_number_parse_int64(text, &value);
	if (rc == 0) {
		need(errno == 0 && value == expected);
		size_t len = cor_number_print_int64(value, printed);
		need((value == 0 && text.data[0] == '-') ||
			(len == text.len && memcmp(printed, text.data, len) == 0));
	}
	need(rc != -ERANGE || errno == ERANGE);
	errno = 0;
	unsigned long long unsigned_expected = strtoull(terminated, NULL, 10);
	if (cor_number_parse_uint64(text, &large) == 0)
		need(errno == 0 && large == unsigned_expected);
}

/* Where a shortcut applies, the general scan must end at the same place with the same result. */
static void try_shortcuts(struct cor_str text)
{
	const char *end = text.data + text.len;
	struct cor_decimal decimal;
	int rc = cor_decimal_scan(text.data, end, &decimal);
	uint64_t natural;
	double real;

	const char *stop = cor_decimal_scan_natural(text.data, end, &natural);
	if (stop)
		need(rc == 0 && stop == text.data + decimal.text.len && decimal.integral &&
			!decimal.negative && decimal.digits == natural);
	stop = cor_decimal_scan_seven(text.data, end, &real);
	if (stop) {
		double expected = cor_decimal_double(&decimal);
		need(rc == 0 && stop == text.data + decimal.text.len &&
			memcmp(&expected, &real, sizeof real) == 0);
	}
}

static void try_timestamp(struct cor_str text)
{
	char printed[COR_TIMESTAMP_BYTES];
	struct timespec time, again;

	if (cor_timestamp_parse(text, &time) != 0)
		return;
	size_t len = cor_timestamp_print(&time, printed);
	need(len > 0 && len <= sizeof printed);
	need(cor_timestamp_parse((struct cor_str){ printed, len }, &again) == 0);
	need(again.tv_sec == time.tv_sec && again.tv_nsec == time.tv_nsec);
}

/* Decodes each code point and encodes it again. */
static void try_utf8(struct cor_str text)
{
	const char *at = text.data;
	const char *end = at + text.len;
	bool valid = true;
	size_t count = 0;

	while (valid && at < end) {
		unsigned char lead = (unsigned char)*at;
		unsigned len = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
		uint32_t code = len == 1 ? lead : lead & (0x7fU >> len);
		char again[4];
		valid = (lead < 0x80 || (lead >= 0xc0 && lead < 0xf8)) && (size_t)(end - at) >= len;
		for (unsigned i = 1; valid && i < len; i++) {
			valid = cor_utf8_is_continuation(at[i]);
			code = code << 6 | (at[i] & 0x3f);
		}
		valid = valid && code < 0x110000 && (code < 0xd800 || code > 0xdfff) &&
			cor_utf8_encode(code, again) == len && memcmp(again, at, len) == 0;
		at += len;
		count++;
	}
	need(cor_utf8_valid(text) == valid);
	need(!valid || cor_utf8_count(text) == count);
}

/* Any bits are a double: it must read back, and %.16e (17 digits) must agree with it. */
static void try_bits(const uint8_t *data, size_t size)
{
	char printed[COR_NUMBER_BYTES + 1];
	double value;

	if (size != sizeof value)
		return;
	memcpy(&value, data, sizeof value);
	size_t len = cor_number_print_double(value, printed);
	need((len == 0) == !isfinite(value));
	if (len == 0)
		return;
	printed[len] = '\0';
	need(strtod(printed, NULL) == value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *terminated = malloc(size + 1);

	if (!terminated)
		return 0;
	memcpy(terminated, data, size);
	terminated[size] = '\0';
	struct cor_str text = { (const char *)data, size };
	try_double(text, terminated);
	try_integers(text, terminated);
	try_shortcuts(text);
	try_timestamp(text);
	try_utf8(text);
	try_bits(data, size);
	free(terminated);
	return 0;
}
