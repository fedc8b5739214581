/* SPDX-License-Identifier: MIT */
/* expect: money_kind is declared for another type than struct money */
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

#ifdef MISTAKE
COR_DECLARE_SCHEMA(money_kind, struct other);
#else
COR_DECLARE_SCHEMA(money_kind, struct money);
#endif
COR_TEXT_KIND(money_kind, struct money, money_read, money_write);
