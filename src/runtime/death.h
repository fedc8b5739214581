/* SPDX-License-Identifier: MIT */
/** How a child has ended, for people. */
#ifndef CORACLE_RUNTIME_DEATH_H
#define CORACLE_RUNTIME_DEATH_H

#include <stddef.h>

#define COR_DEATH_BYTES 40

/** "died of SIGSEGV", "ended with status 70": what waitpid() said, in words. */
void cor_death_print(int status, char ret[COR_DEATH_BYTES]);

#endif
