/* SPDX-License-Identifier: MIT */
#include "base/number.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/decimal.h"
#include "base/shortest.h"
#include "base/words.h"

#define PLAIN_MIN 1e-5 /* doubles from this */
#define PLAIN_MAX 1e17 /* to below this are printed without an exponent */
#define SHORT_MAX 1e7

static int scan_all(struct cor_str text, struct cor_decimal *ret)
{
	int rc = cor_decimal_scan(text.data, text.data + text.len, ret);

	if (rc == 0 && ret->text.len != text.len)
		return -COR_ESYNTAX;
	return rc;
}

int cor_number_parse_int64(struct cor_str text, int64_t *ret)
{
	struct cor_decimal decimal;
	int rc = scan_all(text, &decimal);

	return rc < 0 ? rc : cor_decimal_int64(&decimal, ret);
}

int cor_number_parse_uint64(struct cor_str text, uint64_t *ret)
{
	struct cor_decimal decimal;
	int rc = scan_all(text, &decimal);

	return rc < 0 ? rc : cor_decimal_uint64(&decimal, ret);
}

int cor_number_parse_double(struct cor_str text, double *ret)
{
	struct cor_decimal decimal;
	int rc = scan_all(text, &decimal);

	if (rc < 0)
		return rc;
	double value = cor_decimal_double(&decimal);
	if (isinf(value))
		return -ERANGE;
	*ret = value;
	return 0;
}

#define EIGHT 100000000 /* eight digits are below that */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

/* The eight digits of a number below 10^8, the first in the lowest byte: all divided at once. */
static inline uint64_t eight_digits(uint32_t value)
{
	uint64_t fours = value / 10000 | (uint64_t)(value % 10000) << 32;
	uint64_t hundreds = (fours * 10486 >> 20) & 0x0000007f0000007f;
	uint64_t pairs = hundreds | (fours - hundreds * 100) << 16;
	uint64_t tens = (pairs * 103 >> 10) & 0x000f000f000f000f;

	return tens | (pairs - tens * 10) << 8;
}

static inline void put_eight(char *out, uint32_t value)
{
	uint64_t text = eight_digits(value) | COR_WORD_EACH('0');

	memcpy(out, &text, sizeof text);
}

/* Without the zeros in front of them; how many. Eight bytes are written. */
static inline size_t put_few(char *out, uint32_t value)
{
	uint64_t digits = eight_digits(value);
	unsigned zeros = (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 56) / 8;
	uint64_t text = (digits | COR_WORD_EACH('0')) >> 8 * zeros;

	memcpy(out, &text, sizeof text);
	return 8 - zeros;
}

/* Without the zeros behind them, but one digit at least; how many. Eight bytes are written. */
static inline size_t put_places(char *out, uint32_t value)
{
	uint64_t digits = eight_digits(value);
	uint64_t text = digits | COR_WORD_EACH('0');

	memcpy(out, &text, sizeof text);
	return 8 - (unsigned)__builtin_clzll(digits | 1) / 8;
}

#else

static void put_eight(char *out, uint32_t value)
{
	for (int i = 7; i >= 0; i--, value /= 10)
		out[i] = (char)('0' + value % 10);
}

static size_t put_few(char *out, uint32_t value)
{
	char text[8];
	size_t zeros = 0;

	put_eight(text, value);
	while (zeros < 7 && text[zeros] == '0')
		zeros++;
	memcpy(out, text + zeros, 8 - zeros);
	return 8 - zeros;
}

static size_t put_places(char *out, uint32_t value)
{
	size_t len = 8;

	put_eight(out, value);
	while (len > 1 && out[len - 1] == '0')
		len--;
	return len;
}

#endif

/* How many digits it has, of which up to seven bytes more are written. */
static inline size_t put_unsigned(char *out, uint64_t value)
{
	size_t len = 0;

	if (COR_LIKELY(value < EIGHT))
		return put_few(out, (uint32_t)value);
	uint64_t high = value / EIGHT;
	if (high < EIGHT) {
		len = put_few(out, (uint32_t)high);
	} else {
		len = put_few(out, (uint32_t)(high / EIGHT));
		put_eight(out + len, (uint32_t)(high % EIGHT));
		len += 8;
	}
	put_eight(out + len, (uint32_t)(value % EIGHT));
	return len + 8;
}

static size_t put_signed(char *out, int64_t value)
{
	if (value >= 0)
		return put_unsigned(out, (uint64_t)value);
	out[0] = '-';
	return 1 + put_unsigned(out + 1, -(uint64_t)value);
}

size_t cor_number_print_uint64(uint64_t value, char out[COR_NUMBER_BYTES])
{
	return put_unsigned(out, value);
}

size_t cor_number_print_int64(int64_t value, char out[COR_NUMBER_BYTES])
{
	return put_signed(out, value);
}

static const uint64_t tens[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
	1000000000000000, 10000000000000000, 100000000000000000 };

/* So many digits, with the zeros in front of them. Sixteen bytes and more are written. */
static inline void put_fraction(char *out, uint64_t value, unsigned places)
{
	if (places > 16) {
		memcpy(out, "00000", 5);
		out[places - 17] = (char)('0' + value / tens[16]);
		out += places - 16;
		value %= tens[16];
	} else {
		value *= tens[16 - places];
	}
	put_eight(out, (uint32_t)(value / EIGHT));
	put_eight(out + 8, (uint32_t)(value % EIGHT));
}

/*
 * digits * 10^exponent, which is `value`, without an exponent. What stands before the point is that
 * of the double: no whole number lies between it and its shortest form, since it would be nearer.
 */
static inline size_t put_plain(char *out, double value, uint64_t digits, int exponent)
{
	uint64_t whole = (uint64_t)(int64_t)value;

	if (exponent >= 0) {
		size_t len = put_unsigned(out, digits * tens[exponent]);
		memcpy(out + len, ".0", 2);
		return len + 2;
	}
	unsigned places = (unsigned)-exponent;
	size_t len = put_unsigned(out, whole);
	out[len++] = '.';
	if (whole != 0)
		digits -= whole * tens[places];
	put_fraction(out + len, digits, places);
	return len + places;
}

/* d.ddde-dd */
static size_t put_scientific(char *out, uint64_t digits, int exponent)
{
	char text[COR_NUMBER_BYTES];
	size_t count = put_unsigned(text, digits), len = 1;

	out[0] = text[0];
	if (count > 1) {
		out[1] = '.';
		memcpy(out + 2, text + 1, count - 1);
		len = count + 1;
	}
	out[len++] = 'e';
	return len + put_signed(out + len, exponent + (int)count - 1);
}

/*
 * What most doubles in JSON are: no more than eight places behind the point and seven before it. If
 * the value is a whole number of 10^-8, and dividing that by 10^8 (which are both doubles without
 * error, so that it rounds once) gives the value back, then its digits are the shortest: they are
 * no more than 15, and no two numbers of so many digits are the same double. 0: it is not one.
 */
static inline size_t put_short(char *out, double value)
{
	if (!(value >= PLAIN_MIN && value < SHORT_MAX))
		return 0;
	double product = value * EIGHT;
	int64_t scaled = (int64_t)(product + 0.5);
	/* The product is off by no more than its last bit: most are sorted out before dividing. */
	if (fabs(product - (double)scaled) > product * 0x1p-52 || (double)scaled / EIGHT != value)
		return 0;
	size_t len = put_unsigned(out, (uint64_t)scaled / EIGHT);
	out[len++] = '.';
	return len + put_places(out + len, (uint32_t)((uint64_t)scaled % EIGHT));
}

static COR_OUT_OF_LINE size_t put_any(char *out, double value)
{
	struct cor_shortest shortest = cor_shortest(value);

	if (value >= PLAIN_MIN && value < PLAIN_MAX)
		return put_plain(out, value, shortest.digits, shortest.exponent);
	return put_scientific(out, shortest.digits, shortest.exponent);
}

size_t cor_number_print_double(double value, char out[COR_NUMBER_BYTES])
{
	size_t sign = signbit(value) ? 1 : 0;

	if (!isfinite(value))
		return 0;
	out[0] = '-';
	out += sign;
	if (value == 0) {
		memcpy(out, "0.0", 3);
		return sign + 3;
	}
	value = fabs(value);
	size_t len = put_short(out, value);
	return sign + (len != 0 ? len : put_any(out, value));
}
