/* SPDX-License-Identifier: MIT */
/**
 * Private to the runtime: the scope that the caller's waits obey. The rest stands in <coracle/fiber.h>.
 */
#ifndef CORACLE_RUNTIME_SCOPE_H
#define CORACLE_RUNTIME_SCOPE_H

#include <coracle/fiber.h>

/** The innermost scope of the running fiber, or of the thread outside one; NULL: none. Never yields. */
struct cor_scope *cor_scope_innermost(void);

#endif
