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

#define PLAIN_MIN -5 /* doubles from 1e-5 */
#define PLAIN_MAX 17 /* to below 1e17 are printed without an exponent */

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

static unsigned count_digits(uint64_t value)
{
	static const uint64_t tens[] = { 0, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
		100000000, 1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000,
		100000000000000, 1000000000000000, 10000000000000000, 100000000000000000,
		1000000000000000000, UINT64_C(10000000000000000000) };
	/* log10(2) is about 1233/4096; the guess is right or one too few. */
	unsigned guess = (unsigned)(64 - __builtin_clzll(value | 1)) * 1233 >> 12;

	return guess + (value >= tens[guess]);
}

static void put_pair(char *out, uint32_t value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";

	memcpy(out, pairs + value * 2, 2);
}

/* Divisions that do not wait for one another. */
static void put_eight(char *out, uint32_t value)
{
	uint32_t high = value / 10000;
	uint32_t low = value % 10000;

	put_pair(out, high / 100);
	put_pair(out + 2, high % 100);
	put_pair(out + 4, low / 100);
	put_pair(out + 6, low % 100);
}

/* Write the lowest `count` digits; what stands left of them. */
static uint64_t put_digits(char *out, uint64_t value, unsigned count)
{
	while (count >= 8) {
		count -= 8;
		put_eight(out + count, (uint32_t)(value % 100000000));
		value /= 100000000;
	}
	while (count >= 2) {
		count -= 2;
		put_pair(out + count, (uint32_t)(value % 100));
		value /= 100;
	}
	if (count == 1) {
		out[0] = (char)('0' + value % 10);
		value /= 10;
	}
	return value;
}

static size_t put_unsigned(char *out, uint64_t value)
{
	unsigned count = count_digits(value);

	put_digits(out, value, count);
	return count;
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

/* Digits with the point before, within or behind them; `point` digits stand left of it. */
static size_t put_plain(char *out, uint64_t digits, int count, int point)
{
	if (point <= 0) {
		memcpy(out, "0.00000", 7);
		put_digits(out + 2 - point, digits, (unsigned)count);
		return (size_t)(2 - point + count);
	}
	if (point < count) {
		uint64_t whole = put_digits(out + point + 1, digits, (unsigned)(count - point));
		out[point] = '.';
		put_digits(out, whole, (unsigned)point);
		return (size_t)count + 1;
	}
	put_digits(out, digits, (unsigned)count);
	memset(out + count, '0', (size_t)(point - count));
	memcpy(out + point, ".0", 2);
	return (size_t)point + 2;
}

/* d.ddde-dd */
static size_t put_scientific(char *out, uint64_t digits, int count, int exponent)
{
	size_t len = 1;

	if (count > 1) {
		digits = put_digits(out + 2, digits, (unsigned)count - 1);
		out[1] = '.';
		len = (size_t)count + 1;
	}
	out[0] = (char)('0' + digits);
	out[len++] = 'e';
	return len + put_signed(out + len, exponent);
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

#define SHORT_PLACES 8
#define SHORT_SCALE  100000000 /* ten to that */
#define SHORT_MIN    1e-5
#define SHORT_MAX    1e7

/* The eight digits of a number below 10^8, the first in the lowest byte: all divided at once. */
static inline uint64_t eight_digits(uint32_t value)
{
	uint64_t fours = value / 10000 | (uint64_t)(value % 10000) << 32;
	uint64_t hundreds = (fours * 10486 >> 20) & 0x0000007f0000007f;
	uint64_t pairs = hundreds | (fours - hundreds * 100) << 16;
	uint64_t tens = (pairs * 103 >> 10) & 0x000f000f000f000f;

	return tens | (pairs - tens * 10) << 8;
}

/*
 * What most doubles in JSON are: no more than eight places behind the point and seven before it. If
 * the value is a whole number of 10^-8, and dividing that by 10^8 (which are both doubles without
 * error, so that it rounds once) gives the value back, then its digits are the shortest: they are
 * no more than 15, and no two numbers of so many digits are the same double. 0: it is not one.
 */
static inline size_t put_short(char *out, double value)
{
	if (!(value >= SHORT_MIN && value < SHORT_MAX))
		return 0;
	uint64_t scaled = (uint64_t)(int64_t)(value * SHORT_SCALE + 0.5);
	if ((double)(int64_t)scaled / SHORT_SCALE != value)
		return 0;
	uint64_t digits = eight_digits((uint32_t)(scaled % SHORT_SCALE));
	uint64_t text = digits | UINT64_C(0x3030303030303030);
	unsigned zeros = digits != 0 ? (unsigned)__builtin_clzll(digits) / 8 : SHORT_PLACES - 1;
	size_t len = put_unsigned(out, scaled / SHORT_SCALE);
	out[len] = '.';
	memcpy(out + len + 1, &text, SHORT_PLACES);
	return len + 1 + SHORT_PLACES - zeros;
}

#else

static inline size_t put_short(char *out, double value)
{
	(void)out;
	(void)value;
	return 0;
}

#endif

static COR_OUT_OF_LINE size_t put_any(char *out, double value)
{
	struct cor_shortest shortest = cor_shortest(value);
	int count = (int)count_digits(shortest.digits);
	int point = count + shortest.exponent;

	if (point > PLAIN_MIN && point <= PLAIN_MAX)
		return put_plain(out, shortest.digits, count, point);
	return put_scientific(out, shortest.digits, count, point - 1);
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
