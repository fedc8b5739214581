/* SPDX-License-Identifier: MIT */
/** What a cookie may not say. */
#ifndef CORACLE_COOKIES_FAULT_H
#define CORACLE_COOKIES_FAULT_H

#include <coracle/cookie.h>

/**
 * What is wrong with a cookie of that name, and what to do: English, static, to stand behind its
 * name. NULL: nothing. `cookie` may be NULL: all defaults.
 */
const char *cor_cookie_fault(const struct cor_cookie *cookie, const char *name);

/** Whether browsers take a cookie of that name by https alone ("6265bis" section 4.1.3). */
bool cor_cookie_name_is_secure(const char *name);

#endif
