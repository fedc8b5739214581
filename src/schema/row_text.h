/* SPDX-License-Identifier: MIT */
/** How strings are written as plain text, for the table of kinds. Private to the schema folder. */
#ifndef CORACLE_SCHEMA_ROW_TEXT_H
#define CORACLE_SCHEMA_ROW_TEXT_H

#include "schema/kind.h"

cor_print_value cor_print_text, cor_print_str, cor_print_chars, cor_print_time, cor_print_uuid,
	cor_print_enum, cor_print_word, cor_print_base64, cor_print_whole;

#endif
