/* SPDX-License-Identifier: MIT */
/**
 * Names of Unicode properties: \p{...} as ECMA-262 and PCRE2 write it. Private to the schema
 * folder.
 */
#ifndef CORACLE_SCHEMA_ECMA_PROPERTY_H
#define CORACLE_SCHEMA_ECMA_PROPERTY_H

#include <coracle/str.h>

#include "base/buffer.h"

/**
 * Append what PCRE2 calls the property that ECMA-262 calls `name`; false: not one that both know.
 */
bool cor_ecma_property(struct cor_str name, struct cor_buffer *buffer);

#endif
