/* SPDX-License-Identifier: MIT */
/**
 * Where a process crashed, in a file, for a program that watches it and can read its symbols:
 *
 *     0x55d0c3a01234
 *     0x7f1200004321
 *     (an empty line)
 *     /proc/self/maps, as it was
 *
 * Instructions are innermost first; all but the first are return addresses. The file is whole when
 * it is there.
 */
#ifndef CORACLE_RUNTIME_CRASH_NOTE_H
#define CORACLE_RUNTIME_CRASH_NOTE_H

#include <coracle/api.h>

/**
 * Have crashes of this process noted in the file "crash.PID.PARENT" of a folder. Before there are
 * other threads. Returns 0 or -ENAMETOOLONG.
 */
int cor_crash_note_prepare(const char *folder) COR_CHECKED;

/** In a signal handler, with its ucontext_t: write it, if that was prepared. */
void cor_crash_note_write(const void *context);

#endif
