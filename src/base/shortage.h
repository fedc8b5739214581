/* SPDX-License-Identifier: MIT */
/** What the system has refused while a process or a thread was to be started, and what to do. */
#ifndef CORACLE_BASE_SHORTAGE_H
#define CORACLE_BASE_SHORTAGE_H

/**
 * A line of English for a code of fork, exec, of a thread, or of the descriptors and memory that
 * they need: what is missing, and how there is more of it. For any other code it is cor_strerror().
 * Never yields; any thread.
 */
const char *cor_shortage_text(int code);

#endif
