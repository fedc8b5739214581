/* SPDX-License-Identifier: MIT */
/* expect gcc: no member named .idd.
   expect clang: does not refer to any field */
#include <coracle/test_mock.h>

int shelf_find(int64_t id, const char *title);
COR_MOCK(int, shelf_find, (int64_t, id), (const char *, title));

void use(struct cor_test *t);
void use(struct cor_test *t)
{
#ifdef MISTAKE
	cor_expect_called_with(t, shelf_find, .idd = COR_IS(1));
#else
	cor_expect_called_with(t, shelf_find, .id = COR_IS(1));
#endif
}
