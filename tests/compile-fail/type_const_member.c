/* SPDX-License-Identifier: MIT */
/* expect: cor_no_kind_leave_out_const */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	const int64_t member;
#else
	int64_t member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_FIELD(struct thing, member),
};
