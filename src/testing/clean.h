/* SPDX-License-Identifier: MIT */
/** What tests print, made fit for reports: they may print anything. */
#ifndef CORACLE_TESTING_CLEAN_H
#define CORACLE_TESTING_CLEAN_H

#include <stddef.h>
#include <stdio.h>

/**
 * A copy with '?' for each byte that is not UTF-8, NUL, or a control that XML has no form for. NULL
 * without memory. Free it.
 */
char *cor_clean(const char *text, size_t len);

/** Write it as the text of an element or an attribute of XML. */
void cor_clean_xml(FILE *out, const char *text, size_t len);

#endif
