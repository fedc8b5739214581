/* SPDX-License-Identifier: MIT */
#include "schema/kind.h"

#include <assert.h>

#include "schema/copier.h"
#include "schema/custom.h"
#include "schema/decoder.h"
#include "schema/encoder.h"
#include "schema/flags.h"
#include "schema/put.h"
#include "schema/quick.h"
#include "schema/row_text.h"
#include "schema/union.h"
#include "schema/upload.h"
#include "schema/value.h"
#include "schema/walk.h"
#include "schema/words.h"

/* clang-format off */
static const struct cor_kind_facts facts[] = {
	[COR_KIND_BOOL] = {
		.noun = "a boolean", .type = "boolean", .word = "on|off",
		.family = COR_FAMILY_BOOL,
		.decode = cor_decode_bool, .quick = cor_quick_bool,
		.encode = cor_encode_bool, .put = cor_put_bool,
		.copy = cor_copy_bool,
	},
	[COR_KIND_INT32] = {
		.noun = "an integer", .type = "integer", .format = "int32", .word = "N",
		.family = COR_FAMILY_NUMBER, .number = COR_NUMBER_INTEGER,
		.min = INT32_MIN, .max = INT32_MAX,
		.decode = cor_decode_number, .quick = cor_quick_integer,
		.encode = cor_encode_int32, .put = cor_put_int32,
	},
	[COR_KIND_INT64] = {
		.noun = "an integer", .type = "integer", .format = "int64", .word = "N",
		.family = COR_FAMILY_NUMBER, .number = COR_NUMBER_INTEGER,
		.min = INT64_MIN, .max = INT64_MAX,
		.decode = cor_decode_number, .quick = cor_quick_integer,
		.encode = cor_encode_int64, .put = cor_put_int64,
	},
	[COR_KIND_UINT32] = {
		.noun = "an integer", .type = "integer", .format = "int64", .word = "N",
		.family = COR_FAMILY_NUMBER, .number = COR_NUMBER_NATURAL,
		.max = UINT32_MAX,
		.decode = cor_decode_number, .quick = cor_quick_natural,
		.encode = cor_encode_uint32, .put = cor_put_uint32,
	},
	[COR_KIND_UINT64] = {
		.noun = "an integer", .type = "integer", .format = "uint64", .word = "N",
		.family = COR_FAMILY_NUMBER, .number = COR_NUMBER_NATURAL,
		.max = UINT64_MAX,
		.decode = cor_decode_number, .quick = cor_quick_natural,
		.encode = cor_encode_uint64, .put = cor_put_uint64,
	},
	[COR_KIND_DOUBLE] = {
		.noun = "a number", .type = "number", .format = "double", .word = "NUMBER",
		.family = COR_FAMILY_NUMBER, .number = COR_NUMBER_REAL,
		.decode = cor_decode_number, .quick = cor_quick_real,
		.encode = cor_encode_double, .put = cor_put_double,
	},
	[COR_KIND_TEXT] = {
		.noun = "a string", .type = "string", .word = "TEXT",
		.family = COR_FAMILY_TEXT, .has_null = true,
		.decode = cor_decode_string, .quick = cor_quick_string,
		.encode = cor_encode_text, .put = cor_put_text,
		.store = cor_value_text,
		.print = cor_print_text, .is_empty = cor_value_is_null,
		.copy = cor_copy_text,
	},
	[COR_KIND_STR] = {
		.noun = "a string", .type = "string", .word = "TEXT",
		.family = COR_FAMILY_TEXT, .empty_has_json = true,
		.decode = cor_decode_string, .quick = cor_quick_string,
		.encode = cor_encode_str, .put = cor_put_str,
		.store = cor_value_text,
		.print = cor_print_str, .is_empty = cor_value_is_no_text,
		.copy = cor_copy_str,
	},
	[COR_KIND_CHARS] = {
		.noun = "a string", .type = "string", .word = "TEXT",
		.family = COR_FAMILY_TEXT, .empty_has_json = true,
		.decode = cor_decode_string, .quick = cor_quick_chars,
		.encode = cor_encode_chars, .put = cor_put_chars,
		.store = cor_value_text, .print = cor_print_chars,
		.is_empty = cor_value_is_no_chars,
	},
	[COR_KIND_TIMESTAMP] = {
		.noun = "a date-time string", .type = "string", .format = "date-time", .word = "TIME",
		.family = COR_FAMILY_WORD, .compare = cor_compare_timestamps,
		.decode = cor_decode_word, .quick = cor_quick_time,
		.encode = cor_encode_time, .put = cor_put_time,
		.store = cor_value_time,
		.print = cor_print_time,
	},
	[COR_KIND_UUID] = {
		.noun = "a UUID string", .type = "string", .format = "uuid", .word = "UUID",
		.family = COR_FAMILY_WORD,
		.decode = cor_decode_word, .quick = cor_quick_uuid,
		.encode = cor_encode_uuid, .put = cor_put_uuid,
		.store = cor_value_uuid,
		.print = cor_print_uuid,
	},
	[COR_KIND_DATE] = {
		.noun = "a date string", .type = "string", .format = "date", .word = "DATE",
		.family = COR_FAMILY_WORD, .compare = cor_compare_dates,
		.decode = cor_decode_word, .encode = cor_encode_word, .store = cor_value_date,
		.write = cor_write_date, .print = cor_print_word,
		.is_empty = cor_value_is_no_date,
	},
	[COR_KIND_TIME] = {
		.noun = "a string that is a time of day", .type = "string",
		.format = "time-local", .word = "HH:MM:SS",
		.family = COR_FAMILY_WORD, .compare = cor_compare_times,
		.decode = cor_decode_word, .encode = cor_encode_word,
		.store = cor_value_time_of_day, .write = cor_write_time_of_day,
		.print = cor_print_word,
	},
	[COR_KIND_DURATION] = {
		.noun = "a duration string", .type = "string", .word = "DURATION",
		.pattern = "^P(?=.)([0-9]+W)?([0-9]+D)?"
			   "(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\\.[0-9]{1,9})?S)?)?$",
		.family = COR_FAMILY_WORD, .compare = cor_compare_durations,
		.decode = cor_decode_word, .encode = cor_encode_word, .store = cor_value_duration,
		.write = cor_write_duration, .print = cor_print_word,
	},
	[COR_KIND_IP] = {
		.noun = "an IP address string", .type = "string", .word = "ADDRESS",
		.pattern = "^[0-9A-Fa-f:.]{2,45}$",
		.family = COR_FAMILY_WORD,
		.decode = cor_decode_word, .encode = cor_encode_word, .store = cor_value_ip,
		.write = cor_write_ip, .print = cor_print_word,
		.is_empty = cor_value_is_no_ip,
	},
	[COR_KIND_NETWORK] = {
		.noun = "a string that is an IP network", .type = "string", .word = "NETWORK",
		.pattern = "^[0-9A-Fa-f:.]{2,45}(/[0-9]{1,3})?$",
		.family = COR_FAMILY_WORD,
		.decode = cor_decode_word, .encode = cor_encode_word, .store = cor_value_network,
		.write = cor_write_network, .print = cor_print_word,
		.is_empty = cor_value_is_no_ip,
	},
	[COR_KIND_BASE64] = {
		.noun = "a base64 string", .type = "string", .encoding = "base64", .word = "BASE64",
		.family = COR_FAMILY_WORD, .empty_has_json = true,
		.decode = cor_decode_word, .encode = cor_encode_base64, .store = cor_value_base64,
		.print = cor_print_base64, .is_empty = cor_value_is_no_text,
		.copy = cor_copy_str,
	},
	[COR_KIND_DECIMAL] = {
		.noun = "a decimal string", .type = "string", .format = "decimal",
		.pattern = "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([Ee][+-]?[0-9]+)?$",
		.word = "NUMBER", .family = COR_FAMILY_WORD, .compare = cor_compare_decimals,
		.decode = cor_decode_word, .encode = cor_encode_word, .store = cor_value_decimal,
		.write = cor_write_decimal, .print = cor_print_word,
	},
	[COR_KIND_DECIMAL_AS_NUMBER] = {
		.noun = "a number", .type = "number", .format = "decimal", .word = "NUMBER",
		.family = COR_FAMILY_WORD, .compare = cor_compare_decimals,
		.decode = cor_decode_decimal, .encode = cor_encode_decimal,
		.store = cor_value_decimal, .write = cor_write_decimal, .print = cor_print_word,
	},
	[COR_KIND_INT64_AS_TEXT] = {
		.noun = "an integer in a string", .type = "string", .format = "int64", .word = "N",
		.pattern = "^-?(0|[1-9][0-9]*)$",
		.family = COR_FAMILY_NUMBER, .number = COR_NUMBER_INTEGER,
		.min = INT64_MIN, .max = INT64_MAX,
		.decode = cor_decode_quoted_number, .encode = cor_encode_quoted_number,
		.print = cor_print_whole,
	},
	[COR_KIND_UINT64_AS_TEXT] = {
		.noun = "an integer in a string", .type = "string", .format = "uint64", .word = "N",
		.pattern = "^(0|[1-9][0-9]*)$",
		.family = COR_FAMILY_NUMBER, .number = COR_NUMBER_NATURAL,
		.max = UINT64_MAX,
		.decode = cor_decode_quoted_number, .encode = cor_encode_quoted_number,
		.print = cor_print_whole,
	},
	[COR_KIND_RAW] = {
		.noun = "JSON", .word = "JSON",
		.family = COR_FAMILY_RAW,
		.decode = cor_decode_raw, .encode = cor_encode_raw,
		.is_empty = cor_value_is_no_text,
		.copy = cor_copy_str,
	},
	[COR_KIND_ENUM] = {
		.noun = "a string", .type = "string", .word = "NAME",
		.family = COR_FAMILY_WORD,
		.decode = cor_decode_word, .quick = cor_quick_enum,
		.encode = cor_encode_enum, .put = cor_put_enum,
		.store = cor_value_enum,
		.print = cor_print_enum, .is_empty = cor_value_is_no_name,
	},
	[COR_KIND_FLAGS] = {
		.noun = "an array of names", .type = "array", .word = "NAME",
		.family = COR_FAMILY_SET,
		.decode = cor_decode_flags, .encode = cor_encode_flags,
	},
	[COR_KIND_UPLOAD] = {
		.noun = "a file", .word = "FILE",
		.family = COR_FAMILY_FILE,
		.decode = cor_decode_upload, .encode = cor_encode_upload,
		.is_empty = cor_value_is_no_upload,
		.copy = cor_copy_upload,
	},
	[COR_KIND_OBJECT] = {
		.noun = "an object", .type = "object", .word = "JSON",
		.family = COR_FAMILY_NESTED,
		.decode = cor_decode_object, .quick = cor_quick_object,
		.encode = cor_encode_object,
		.is_empty = cor_value_is_no_object,
		.copy = cor_copy_object,
	},
	[COR_KIND_POINTER] = {
		.noun = "an object", .type = "object", .word = "JSON",
		.family = COR_FAMILY_NESTED, .has_null = true,
		.decode = cor_decode_pointer, .encode = cor_encode_pointer,
		.is_empty = cor_value_is_null,
		.copy = cor_copy_pointer,
	},
	[COR_KIND_EMBED] = {
		.noun = "an embedded struct", .type = "object", .word = "JSON",
		.family = COR_FAMILY_EMBED,
		.copy = cor_copy_embed,
	},
	[COR_KIND_UNION] = {
		.noun = "an object", .type = "object", .word = "JSON",
		.family = COR_FAMILY_NESTED,
		.decode = cor_decode_union, .encode = cor_encode_union,
		.is_empty = cor_value_is_no_union,
		.copy = cor_copy_union,
	},
	[COR_KIND_CUSTOM] = {
		.noun = "a string", .type = "string", .word = "TEXT",
		.family = COR_FAMILY_WORD,
		.decode = cor_decode_word, .encode = cor_encode_custom, .store = cor_value_custom,
		.print = cor_print_custom,
		.copy = cor_copy_custom,
	},
	[COR_KIND_MAPPED] = {
		.noun = "a value", .word = "JSON",
		.family = COR_FAMILY_NESTED,
		.decode = cor_decode_mapped, .encode = cor_encode_mapped,
		.copy = cor_copy_mapped,
	},
};

/* What has the schema of a bare row that is more than a scalar. */
static const struct cor_kind_facts bare = {
	.noun = "a value", .word = "JSON",
	.family = COR_FAMILY_NESTED,
	.decode = cor_decode_bare, .quick = cor_quick_bare,
	.encode = cor_encode_bare,
	.is_empty = cor_value_is_no_bare,
	.copy = cor_copy_object,
};
static const struct cor_kind_facts bare_pointer = {
	.noun = "a value", .word = "JSON",
	.family = COR_FAMILY_NESTED, .has_null = true,
	.decode = cor_decode_bare_pointer, .encode = cor_encode_pointer,
	.is_empty = cor_value_is_null,
	.copy = cor_copy_pointer,
};
/* clang-format on */

_Static_assert(sizeof facts / sizeof facts[0] == COR_KIND_END_, "every kind has a row");

bool cor_kind_is_known(enum cor_kind kind)
{
	return (unsigned)kind < COR_KIND_END_ && facts[kind].noun;
}

const struct cor_kind_facts *cor_kind_facts(enum cor_kind kind)
{
	assert(cor_kind_is_known(kind));
	return &facts[kind];
}

const struct cor_kind_facts *cor_type_facts(const struct cor_type *type)
{
	if (!cor_kind_is_nested(type->kind) || type->kind == COR_KIND_MAPPED ||
		!cor_schema_bare_row(type->schema))
		return cor_kind_facts(type->kind);
	return type->kind == COR_KIND_POINTER ? &bare_pointer : &bare;
}

enum cor_kind cor_kind_as(enum cor_kind kind, enum cor_form form)
{
	if (form == COR_AS_TEXT && kind == COR_KIND_INT64)
		return COR_KIND_INT64_AS_TEXT;
	if (form == COR_AS_TEXT && kind == COR_KIND_UINT64)
		return COR_KIND_UINT64_AS_TEXT;
	if (form == COR_AS_NUMBER && kind == COR_KIND_DECIMAL)
		return COR_KIND_DECIMAL_AS_NUMBER;
	return kind;
}

bool cor_kind_is_scalar(enum cor_kind kind)
{
	switch (cor_kind_facts(kind)->family) {
	case COR_FAMILY_BOOL:
	case COR_FAMILY_NUMBER:
	case COR_FAMILY_TEXT:
	case COR_FAMILY_WORD:
		return true;
	default:
		return false;
	}
}
