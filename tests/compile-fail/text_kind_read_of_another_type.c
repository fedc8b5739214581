/* SPDX-License-Identifier: MIT */
/* expect: must be int money_read.struct cor_conversion ., struct cor_str, struct money */
#include <coracle/schema_custom.h>

struct money {
	int64_t cents;
};
struct other {
	int64_t id;
};

#ifdef MISTAKE
static int money_read(struct cor_conversion *conversion, struct cor_str text, struct other *ret)
#else
static int money_read(struct cor_conversion *conversion, struct cor_str text, struct money *ret)
#endif
{
	return conversion && text.data && ret ? 0 : -1;
}
static int money_write(
	struct cor_conversion *conversion, const struct money *money, struct cor_str *ret)
{
	ret->len = (size_t)money->cents;
	return conversion ? 0 : -1;
}
COR_LOCAL_TEXT_KIND(money_kind, struct money, money_read, money_write);

const struct cor_schema *use(void);
const struct cor_schema *use(void)
{
	return &money_kind.schema;
}
