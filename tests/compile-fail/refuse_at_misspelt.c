/* SPDX-License-Identifier: MIT */
/* expect: unitz */
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

int use(struct cor_conversion *conversion);
int use(struct cor_conversion *conversion)
{
#ifdef MISTAKE
	return cor_refuse_at(conversion, money_json_schema, unitz, "must be more");
#else
	return cor_refuse_at(conversion, money_json_schema, units, "must be more");
#endif
}
