/* SPDX-License-Identifier: MIT */
/** Whether --trusted-proxies, --trusted-headers and --proxy-protocol make sense. */
#ifndef CORACLE_APP_TRUST_H
#define CORACLE_APP_TRUST_H

#include "app/setup.h"

/** Say what is wrong with them. Returns the exit status. */
enum cor_exit cor_trust_check(const struct cor_setup *setup);

#endif
