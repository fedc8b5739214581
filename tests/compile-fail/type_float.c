/* SPDX-License-Identifier: MIT */
/* expect: cor_no_kind_use_double */
/* told: ^15: .*no row can have this type: use double */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	float member;
#else
	double member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_FIELD(struct thing, member),
};
