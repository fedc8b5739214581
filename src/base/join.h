/* SPDX-License-Identifier: MIT */
/** Texts put together, where that happens too often for a format. */
#ifndef CORACLE_BASE_JOIN_H
#define CORACLE_BASE_JOIN_H

#include <coracle/arena.h>
#include <coracle/str.h>

/** One behind the other, and a NUL, in the arena. data NULL: no memory. Never yields. */
struct cor_str cor_join(struct cor_arena *arena, const struct cor_str *parts, size_t len);

#endif
