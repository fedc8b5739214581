/* SPDX-License-Identifier: MIT */
/* expect: (items|not a structure) */
/* told: ^15: .*COR_ARRAY.. is for a member that is a cor_array.. */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	int64_t member;
#else
	cor_array(int64_t) member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_ARRAY(struct thing, member),
};
