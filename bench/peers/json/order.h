/* SPDX-License-Identifier: MIT */
/**
 * The order as the peers see it, and the rules that they check by hand: those of the tables in
 * ../../schema.c. The struct stands by itself, as ours does: texts are copied, in the cheapest way.
 */
#ifndef CORACLE_BENCH_JSON_ORDER_H
#define CORACLE_BENCH_JSON_ORDER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "trial.h"

#define ORDER_ITEMS_MAX  50
#define ORDERS_MAX       1000
#define ORDER_TIME_BYTES (sizeof "2026-01-31T09:30:00Z" - 1)

struct order_item {
	struct trial_text sku;
	int32_t qty;
	double price;
};

struct order {
	int64_t id;
	struct trial_text customer;
	int status;
	int64_t created; /* seconds since 1970 */
	bool paid;
	double discount;
	struct trial_text street, city, zip;
	struct order_item items[ORDER_ITEMS_MAX];
	size_t items_len;
};

/* Which members of an object were there. */
enum {
	HAS_ID = 1,
	HAS_CUSTOMER = 2,
	HAS_STATUS = 4,
	HAS_CREATED = 8,
	HAS_PAID = 16,
	HAS_DISCOUNT = 32,
	HAS_ADDRESS = 64,
	HAS_ITEMS = 128,
	HAS_WHOLE_ORDER = 255,
	HAS_SKU = 1,
	HAS_QTY = 2,
	HAS_PRICE = 4,
	HAS_STREET = 1,
	HAS_CITY = 2,
	HAS_ZIP = 4,
	HAS_WHOLE_PART = 7
};

/* The order that was decoded last, or the list, and their texts. */
static struct order orders[ORDERS_MAX];
static size_t orders_len;
static char order_texts[ORDERS_MAX * 4096];
static size_t order_texts_len;

/* Forget what was decoded before. */
static inline void order_begin(void)
{
	orders_len = 0;
	order_texts_len = 0;
}

/* A copy with a NUL behind it. */
static inline struct trial_text order_keep(const char *data, size_t len)
{
	struct trial_text copy = { "", 0 };

	if (len >= sizeof order_texts - order_texts_len)
		abort();
	char *room = order_texts + order_texts_len;
	memcpy(room, data, len);
	room[len] = 0;
	order_texts_len += len + 1;
	copy.data = room;
	copy.len = len;
	return copy;
}

static const char *const order_statuses[] = { "new", "paid", "shipped", "cancelled" };

static inline bool order_text_is(struct trial_text text, const char *other)
{
	return text.len == strlen(other) && memcmp(text.data, other, text.len) == 0;
}

/* -1: it is none. */
static inline int order_status_of(struct trial_text text)
{
	for (int i = 0; i < 4; i++)
		if (order_text_is(text, order_statuses[i]))
			return i;
	return -1;
}

static inline bool order_digits(const char *at, int count, int *ret)
{
	*ret = 0;
	for (int i = 0; i < count; i++) {
		if (at[i] < '0' || at[i] > '9')
			return false;
		*ret = *ret * 10 + (at[i] - '0');
	}
	return true;
}

static inline int64_t order_days(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = year / 400, of_era = year - era * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* UTC in whole seconds, as the orders have it. */
static inline bool order_time(struct trial_text text, int64_t *ret)
{
	int year, month, day, hour, minute, second;
	const char *at = text.data;

	if (text.len != ORDER_TIME_BYTES || at[4] != '-' || at[7] != '-' || at[10] != 'T' ||
		at[13] != ':' || at[16] != ':' || at[19] != 'Z')
		return false;
	if (!order_digits(at, 4, &year) || !order_digits(at + 5, 2, &month) ||
		!order_digits(at + 8, 2, &day) || !order_digits(at + 11, 2, &hour) ||
		!order_digits(at + 14, 2, &minute) || !order_digits(at + 17, 2, &second))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
		second > 59)
		return false;
	*ret = (order_days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
	return true;
}

static inline void order_print_pair(char *out, int64_t value)
{
	out[0] = (char)('0' + value / 10);
	out[1] = (char)('0' + value % 10);
}

static inline void order_print_time(int64_t time, char out[ORDER_TIME_BYTES])
{
	int64_t days = time / 86400 + 719468, second = time % 86400;
	int64_t era = days / 146097, of_era = days % 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153, day = of_year - (153 * month + 2) / 5 + 1;

	month += month < 10 ? 3 : -9;
	year += era * 400 + (month <= 2);
	memcpy(out, "0000-00-00T00:00:00Z", ORDER_TIME_BYTES);
	order_print_pair(out, year / 100);
	order_print_pair(out + 2, year % 100);
	order_print_pair(out + 5, month);
	order_print_pair(out + 8, day);
	order_print_pair(out + 11, second / 3600);
	order_print_pair(out + 14, second / 60 % 60);
	order_print_pair(out + 17, second % 60);
}

/* ^SKU-[0-9]{4}$ */
static inline bool order_sku_is_right(struct trial_text sku)
{
	int number;

	return sku.len == 8 && memcmp(sku.data, "SKU-", 4) == 0 &&
	       order_digits(sku.data + 4, 4, &number);
}

static inline bool order_item_is_right(const struct order_item *item, unsigned has)
{
	return has == HAS_WHOLE_PART && order_sku_is_right(item->sku) && item->qty >= 1 &&
	       item->qty <= 999 && item->price >= 0;
}

static inline bool order_is_right(const struct order *order, unsigned has)
{
	return has == HAS_WHOLE_ORDER && order->status >= 0 && order->discount >= 0 &&
	       order->discount <= 1 && order->items_len >= 1;
}

#endif
