/* SPDX-License-Identifier: MIT */
/** The blanks around a text, which are spaces and tabs: OWS of RFC 9110 section 5.6.3. */
#ifndef CORACLE_BASE_TRIM_H
#define CORACLE_BASE_TRIM_H

#include <coracle/str.h>

/** `text` without the blanks around it; of nothing but blanks, its empty end. */
struct cor_str cor_trim(struct cor_str text);

#endif
