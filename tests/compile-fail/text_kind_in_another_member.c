/* SPDX-License-Identifier: MIT */
/* expect: struct other */
#include <coracle/schema_custom.h>

struct money {
	int64_t cents;
};
struct other {
	int64_t id;
};

static int money_read(struct cor_conversion *conversion, struct cor_str text, struct money *ret)
{
	ret->cents = (int64_t)text.len;
	return conversion ? 0 : -1;
}
static int money_write(
	struct cor_conversion *conversion, const struct money *money, struct cor_str *ret)
{
	ret->len = (size_t)money->cents;
	return conversion ? 0 : -1;
}
COR_LOCAL_TEXT_KIND(money_kind, struct money, money_read, money_write);

struct order {
	struct money price;
	struct other other;
};
static const struct cor_field order_fields[] = {
#ifdef MISTAKE
	COR_OBJECT(struct order, other, money_kind),
#else
	COR_OBJECT(struct order, price, money_kind),
#endif
};
COR_DECLARE_SCHEMA(order_schema, struct order);
COR_SCHEMA(order_schema, order_fields);
