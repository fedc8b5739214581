/* SPDX-License-Identifier: MIT */
/* expect: int64_t ?\* */
#include <coracle/schema.h>

static const struct cor_enum_name right_names[] = { { "read", 1 }, { "write", 2 } };

struct grant {
	int64_t wide;
	uint32_t rights;
};
extern const struct cor_field grant_fields[];
const struct cor_field grant_fields[] = {
#ifdef MISTAKE
	COR_FLAGS(struct grant, wide, right_names),
#endif
	COR_FLAGS(struct grant, rights, right_names),
};
