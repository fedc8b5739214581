/* SPDX-License-Identifier: MIT */
/* expect: must be int money_write.struct cor_conversion ., const struct money ., struct cor_str */
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
#ifdef MISTAKE
static int money_write(struct cor_conversion *conversion, struct money *money, struct cor_str *ret)
#else
static int money_write(
	struct cor_conversion *conversion, const struct money *money, struct cor_str *ret)
#endif
{
	return conversion && money && ret ? 0 : -1;
}
COR_LOCAL_TEXT_KIND(money_kind, struct money, money_read, money_write);

const struct cor_schema *use(void);
const struct cor_schema *use(void)
{
	return &money_kind.schema;
}
