/* SPDX-License-Identifier: MIT */
/**
 * Types that functions of the service read and write: schema_custom.h. Private to the schema
 * folder.
 */
#ifndef CORACLE_SCHEMA_CUSTOM_KIND_H
#define CORACLE_SCHEMA_CUSTOM_KIND_H

#include <coracle/schema_custom.h>

#include "schema/kind.h"
#include "schema/path.h"

/** custom.c: a string in JSON. */
cor_store_string cor_value_custom;
cor_encode_value cor_encode_custom;
cor_print_value cor_print_custom;
cor_copy_value cor_copy_custom;

/** mapped.c: another struct in JSON. */
cor_decode_value cor_decode_mapped;
cor_encode_value cor_encode_mapped;
cor_copy_value cor_copy_mapped;

/** Why the last call refused; `otherwise` where it did not say. */
const char *cor_conversion_reason(const struct cor_conversion *conversion, const char *otherwise);

/** Whether all bytes are zero: it holds no pointer. */
bool cor_bytes_are_zero(const void *at, size_t len);

#endif
