/* SPDX-License-Identifier: MIT */
/* expect gcc: .shelf_fnd_mock_. undeclared
   expect clang: undeclared identifier .shelf_fnd */
#include <coracle/test_mock.h>

int shelf_find(int64_t id, const char *title);
COR_MOCK(int, shelf_find, (int64_t, id), (const char *, title));

void use(struct cor_test *t);
void use(struct cor_test *t)
{
#ifdef MISTAKE
	cor_mock_always(t, shelf_fnd, 1);
#else
	cor_mock_always(t, shelf_find, 1);
#endif
}
