/* SPDX-License-Identifier: MIT */
/* expect: a mock must have the type of shelf_find */
#include <coracle/test_mock.h>

int shelf_find(int64_t id, const char *title);
#ifdef MISTAKE
COR_MOCK(int, shelf_find, (int32_t, id), (const char *, title));
#else
COR_MOCK(int, shelf_find, (int64_t, id), (const char *, title));
#endif
