/* SPDX-License-Identifier: MIT */
/* expect: is_flatt */
#include <coracle/schema_custom.h>

struct money {
	int64_t cents;
};
struct other {
	int64_t id;
};

struct money_json {
	int64_t units, cents;
};
static const struct cor_field money_json_fields[] = {
	COR_FIELD(struct money_json, units),
	COR_FIELD(struct money_json, cents),
};
COR_LOCAL_SCHEMA(money_json_schema, struct money_json, money_json_fields);

static int money_load(
	struct cor_conversion *conversion, const struct money_json *json, struct money *ret)
{
	ret->cents = json->units * 100 + json->cents;
	return conversion ? 0 : -1;
}
static int money_dump(
	struct cor_conversion *conversion, const struct money *money, struct money_json *ret)
{
	ret->cents = money->cents;
	return conversion ? 0 : -1;
}
COR_DECLARE_SCHEMA(money_schema, struct money);
#ifdef MISTAKE
COR_MAPPED_SCHEMA(
	money_schema, struct money, money_json_schema, money_load, money_dump, .is_flatt = true);
#else
COR_MAPPED_SCHEMA(
	money_schema, struct money, money_json_schema, money_load, money_dump, .is_flat = true);
#endif
