/* SPDX-License-Identifier: MIT */
/* expect: (key|value|not a structure) */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	cor_array(int64_t) member;
#else
	cor_dict(int64_t) member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_DICT(struct thing, member),
};
