/* SPDX-License-Identifier: MIT */
/* expect: const char \*\* */
/* told: ^16: .*const char \* is neither an enum nor */
#include <coracle/schema.h>

enum status { NEW, PAID };
static const struct cor_enum_name status_names[] = { { "new", NEW }, { "paid", PAID } };

struct order {
	const char *status;
	enum status other;
};
extern const struct cor_field order_fields[];
const struct cor_field order_fields[] = {
#ifdef MISTAKE
	COR_ENUM(struct order, status, status_names),
	COR_ENUM(struct order, other, status_names),
#else
	COR_FIELD(struct order, status),
	COR_ENUM(struct order, other, status_names),
#endif
};
