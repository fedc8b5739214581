/* SPDX-License-Identifier: MIT */
#include "base/number.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/decimal.h"
#include "base/digits.h"
#include "base/shortest.h"
#include "base/words.h"

#define PLAIN_MIN -4 /* with as many zeros behind the point before the first digit, */
#define FIFTEEN   UINT64_C(1000000000000000) /* fifteen digits are below that */
#define PLAIN_MAX 17 /* or as many digits before it, a double has no exponent */

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

/* How many of eight digits are zeros in front of the others; but the `most`+1st always counts. */
static inline unsigned zeros_before(uint64_t digits, unsigned most)
{
	return (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 8 * most) / 8;
}

/* How many of them are zeros behind the others; but the `first` one always counts. */
static inline unsigned zeros_behind(uint64_t digits, unsigned first)
{
	return (unsigned)__builtin_clzll(digits | UINT64_C(1) << 8 * first) / 8;
}

static inline void put_eight(char *out, uint32_t value)
{
	cor_digits_put_word(out, cor_digits_eight(value) | COR_WORD_EACH('0'));
}

/* Without the zeros in front of them; how many. Eight bytes are written. */
static inline size_t put_few(char *out, uint32_t value)
{
	uint64_t digits = cor_digits_eight(value);
	unsigned zeros = zeros_before(digits, 7);

	cor_digits_put_word(out, (digits | COR_WORD_EACH('0')) >> 8 * zeros);
	return 8 - zeros;
}

/* The same of a number of up to four digits, as most are. */
static inline size_t put_four(char *out, uint32_t value)
{
	uint32_t pairs = value / 100 | value % 100 << 16;
	uint32_t tens = (pairs * 103 >> 10) & 0x000f000f, digits = tens | (pairs - tens * 10) << 8;
	unsigned zeros = zeros_before(digits, 3);

	cor_digits_put_word(out, (digits | COR_WORD_EACH('0')) >> 8 * zeros);
	return 4 - zeros;
}

/* How many digits it has, of which up to seven bytes more are written. */
static inline size_t put_unsigned(char *out, uint64_t value)
{
	size_t len = 0;

	if (COR_LIKELY(value < COR_DIGITS_EIGHT))
		return value < COR_DIGITS_FOUR ? put_four(out, (uint32_t)value)
					       : put_few(out, (uint32_t)value);
	uint64_t high = value / COR_DIGITS_EIGHT;
	if (high < COR_DIGITS_EIGHT) {
		len = put_few(out, (uint32_t)high);
	} else {
		len = put_few(out, (uint32_t)(high / COR_DIGITS_EIGHT));
		put_eight(out + len, (uint32_t)(high % COR_DIGITS_EIGHT));
		len += 8;
	}
	put_eight(out + len, (uint32_t)(value % COR_DIGITS_EIGHT));
	return len + 8;
}

/* The sign is always written, and always written over. */
static inline size_t put_signed(char *out, int64_t value)
{
	size_t sign = value < 0;

	out[0] = '-';
	return sign + put_unsigned(out + sign, sign ? -(uint64_t)value : (uint64_t)value);
}

size_t cor_number_print_uint64(uint64_t value, char out[COR_NUMBER_BYTES])
{
	return put_unsigned(out, value);
}

size_t cor_number_print_int64(int64_t value, char out[COR_NUMBER_BYTES])
{
	return put_signed(out, value);
}

/*
 * What most doubles in JSON are: below 10^4, with no more than four places behind the point. If the
 * value is a whole number of 10^-4, and dividing that by 10^4 (which are both doubles without
 * error, so that it rounds once) gives the value back, then its digits are the shortest: they are
 * no more than 8, and no two numbers of up to 15 digits are the same double. 0: it is not one.
 */
static inline size_t put_short(char *out, double value)
{
	double product = value * COR_DIGITS_FOUR;

	if (!(product < COR_DIGITS_EIGHT - 1))
		return 0;
	int32_t scaled = (int32_t)(product + 0.5);
	/* The product is off by no more than its last bit: most are sorted out before dividing. */
	if (fabs(product - scaled) > product * 0x1p-52 || (double)scaled / COR_DIGITS_FOUR != value)
		return 0;
	uint64_t digits = cor_digits_eight((uint32_t)scaled), text = digits | COR_WORD_EACH('0');
	unsigned zeros = zeros_before(digits, 3);
	cor_digits_put_word(out, text >> 8 * zeros);
	out += 4 - zeros;
	*out = '.';
	cor_digits_put_word(out + 1, text >> 32);
	return 4 - zeros + 1 + 4 - zeros_behind(digits, 4);
}

/* How many digits there are without the zeros around them. */
static inline unsigned count_digits(unsigned used, unsigned last, unsigned zeros)
{
	used |= (unsigned)(last != 0) << 16;
	return 32 - (unsigned)__builtin_clz(used) - zeros;
}

/*
 * ddd.ddd: the digits before the point stand one place further to the left. The first seven are
 * moved as a word, which is not read back: it is still being written.
 */
static inline size_t put_plain(
	char *out, struct cor_shortest shortest, unsigned zeros, unsigned point)
{
	struct cor_sixteen sixteen = cor_digits_put_sixteen(out + 1 - zeros, shortest.tens);
	unsigned count = count_digits(sixteen.used, shortest.last, zeros);

	out[17 - zeros] = (char)('0' + shortest.last);
	if (COR_LIKELY(point < 8)) {
		uint64_t head = sixteen.head >> 8 * zeros;
		uint64_t before = (UINT64_C(1) << 8 * point) - 1;
		cor_digits_put_word(
			out, (head & before) | (uint64_t)'.' << 8 * point | (head & ~before) << 8);
	} else {
		out[18 - zeros] = '0'; /* the point may be behind one digit more */
		memmove(out, out + 1, point);
		out[point] = '.';
	}
	if (COR_LIKELY(count > point))
		return 1 + count;
	out[point + 1] = '0';
	return point + 2;
}

/* 0.000ddd: no more than four zeros stand between the point and the digits. */
static inline size_t put_fraction(
	char *out, struct cor_shortest shortest, unsigned zeros, int point)
{
	char *digits = out + 2 - point;

	memcpy(out, "0.000000", 8);
	unsigned used = cor_digits_put_sixteen(digits - zeros, shortest.tens).used;
	digits[16 - zeros] = (char)('0' + shortest.last);
	out[1] = '.';
	return (size_t)(2 - point) + count_digits(used, shortest.last, zeros);
}

/* d.ddde-dd */
static COR_OUT_OF_LINE size_t put_scientific(
	char *out, struct cor_shortest shortest, unsigned zeros, int point)
{
	unsigned used = cor_digits_put_sixteen(out + 1 - zeros, shortest.tens).used;
	unsigned count = count_digits(used, shortest.last, zeros);
	size_t len = count == 1 ? 1 : count + 1;

	out[17 - zeros] = (char)('0' + shortest.last);
	out[0] = out[1];
	out[1] = '.';
	out[len++] = 'e';
	return len + put_signed(out + len, point - 1);
}

static COR_OUT_OF_LINE size_t put_any(char *out, double value)
{
	struct cor_shortest shortest = cor_shortest(value);
	unsigned zeros = shortest.tens < FIFTEEN;        /* before its sixteen digits */
	int point = shortest.exponent + 17 - (int)zeros; /* 0.ddd * 10^point */

	if (point > 0 && point <= PLAIN_MAX)
		return put_plain(out, shortest, zeros, (unsigned)point);
	if (point <= 0 && point >= PLAIN_MIN)
		return put_fraction(out, shortest, zeros, point);
	return put_scientific(out, shortest, zeros, point);
}

size_t cor_number_print_double(double value, char out[COR_NUMBER_BYTES])
{
	size_t sign = signbit(value) ? 1 : 0;

	out[0] = '-';
	out += sign;
	value = fabs(value);
	size_t len = put_short(out, value);
	if (len == 0) {
		if (!isfinite(value))
			return 0;
		len = put_any(out, value);
	}
	return sign + len;
}
