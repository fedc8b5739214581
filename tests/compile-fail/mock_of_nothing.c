/* SPDX-License-Identifier: MIT */
/* expect gcc: .shelf_fnd. undeclared
   expect clang: undeclared identifier .shelf_fnd */
#include <coracle/test_mock.h>

int shelf_find(int64_t id, const char *title);
#ifdef MISTAKE
COR_MOCK(int, shelf_fnd, (int64_t, id), (const char *, title));
#else
COR_MOCK(int, shelf_find, (int64_t, id), (const char *, title));
#endif
