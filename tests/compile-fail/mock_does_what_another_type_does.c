/* SPDX-License-Identifier: MIT */
/* expect: not compatible with any (generic )?association */
#include <coracle/test_mock.h>

int shelf_find(int64_t id, const char *title);
COR_MOCK(int, shelf_find, (int64_t, id), (const char *, title));

int same(int64_t id, const char *title);
int other(int id, const char *title);

void use(struct cor_test *t);
void use(struct cor_test *t)
{
#ifdef MISTAKE
	cor_mock_does(t, shelf_find, other);
#else
	cor_mock_does(t, shelf_find, same);
#endif
}
