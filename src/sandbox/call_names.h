/* SPDX-License-Identifier: MIT */
/** Names of system calls, for people. */
#ifndef CORACLE_SANDBOX_CALL_NAMES_H
#define CORACLE_SANDBOX_CALL_NAMES_H

/** "openat"; NULL: it is none of those that a sandbox is known to have refused. */
const char *cor_call_name(int number);

#endif
