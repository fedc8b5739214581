/* SPDX-License-Identifier: MIT */
/**
 * What the library says to clients that break a rule: each text once, with its code and the names
 * of what stands in it. Services translate them by these (coracle/language.h).
 *
 * A text is a format of printf with marks in it, which nobody sees: the code in front, and around
 * each conversion that has a name. So the compiler checks the arguments of each place that says it.
 * A code is never given another meaning; docs/errors.md lists all. Nothing here yields.
 */
#ifndef CORACLE_BASE_VIOLATION_TEXTS_H
#define CORACLE_BASE_VIOLATION_TEXTS_H

#include <coracle/str.h>
#include <coracle/violation.h>

#define COR_MARK_CODE  '\4'
#define COR_MARK_TEXT  '\5'
#define COR_MARK_NAME  '\1'
#define COR_MARK_VALUE '\2'
#define COR_MARK_END   '\3'

#define COR_SAYS_(code, text)         "\4" code "\5" text
#define COR_PARAM_(name, conversion_) "\1" name "\2" conversion_ "\3"
#define COR_PLURAL_                   "%s" /* "s", or nothing */

/* clang-format off */

/* What it is. */
#define COR_SAYS_TYPE COR_SAYS_("type", \
	"must be " COR_PARAM_("wanted", "%s") ", not " COR_PARAM_("found", "%s"))
#define COR_SAYS_TYPE_OR_NULL COR_SAYS_("type_or_null", \
	"must be " COR_PARAM_("wanted", "%s") " or null, not " COR_PARAM_("found", "%s"))
#define COR_SAYS_FORM COR_SAYS_("form", "must be " COR_PARAM_("wanted", "%s"))
#define COR_SAYS_INTEGER COR_SAYS_("integer", "must be an integer, without a fraction")
#define COR_SAYS_BOOLEAN COR_SAYS_("boolean", "must be true or false")
#define COR_SAYS_NAMES COR_SAYS_("names", "must be one of: " COR_PARAM_("names", "%s"))
#define COR_SAYS_NAMES_NEAR COR_SAYS_("names_near", \
	"must be one of: " COR_PARAM_("names", "%s") "; did you mean " \
	COR_PARAM_("nearest", "%s") "?")
#define COR_SAYS_CONSTANT COR_SAYS_("constant", "must be " COR_PARAM_("value", "%.*s"))
#define COR_SAYS_NO_TEXT COR_SAYS_("no_text", "cannot be given as text")
#define COR_SAYS_FILE COR_SAYS_("file", \
	"must be a file, in a part of multipart/form-data")
#define COR_SAYS_MEDIA_TYPE COR_SAYS_("media_type", \
	"must be of a type among " COR_PARAM_("wanted", "%s") ", not " COR_PARAM_("found", "%s"))
#define COR_SAYS_UTF8 COR_SAYS_("utf8", "must be UTF-8")
#define COR_SAYS_NUL COR_SAYS_("nul", "must not contain U+0000")
#define COR_SAYS_INVALID COR_SAYS_("invalid", "is not valid")

/* How much of it. */
#define COR_SAYS_MIN COR_SAYS_("min", "must be at least " COR_PARAM_("limit", "%s"))
#define COR_SAYS_MAX COR_SAYS_("max", "must be at most " COR_PARAM_("limit", "%s"))
#define COR_SAYS_ABOVE COR_SAYS_("above", "must be greater than " COR_PARAM_("limit", "%s"))
#define COR_SAYS_BELOW COR_SAYS_("below", "must be less than " COR_PARAM_("limit", "%s"))
#define COR_SAYS_MULTIPLE COR_SAYS_("multiple", \
	"must be a multiple of " COR_PARAM_("step", "%s"))
#define COR_SAYS_MIN_LENGTH COR_SAYS_("min_length", \
	"must have at least " COR_PARAM_("limit", "%u") " character" COR_PLURAL_)
#define COR_SAYS_MAX_LENGTH COR_SAYS_("max_length", \
	"must have at most " COR_PARAM_("limit", "%u") " character" COR_PLURAL_)
#define COR_SAYS_MAX_UTF8 COR_SAYS_("max_utf8", \
	"must have at most " COR_PARAM_("limit", "%u") " bytes (in UTF-8)")
#define COR_SAYS_MIN_BYTES COR_SAYS_("min_bytes", \
	"must be at least " COR_PARAM_("limit", "%u") " byte" COR_PLURAL_)
#define COR_SAYS_MAX_BYTES COR_SAYS_("max_bytes", \
	"must be at most " COR_PARAM_("limit", "%u") " byte" COR_PLURAL_)
#define COR_SAYS_MIN_ITEMS COR_SAYS_("min_items", \
	"must have at least " COR_PARAM_("limit", "%u") " item" COR_PLURAL_)
#define COR_SAYS_MAX_ITEMS COR_SAYS_("max_items", \
	"must have at most " COR_PARAM_("limit", "%u") " item" COR_PLURAL_)
#define COR_SAYS_MIN_MEMBERS COR_SAYS_("min_members", \
	"must have at least " COR_PARAM_("limit", "%u") " member" COR_PLURAL_)
#define COR_SAYS_MAX_MEMBERS COR_SAYS_("max_members", \
	"must have at most " COR_PARAM_("limit", "%u") " member" COR_PLURAL_)
#define COR_SAYS_DIGITS COR_SAYS_("digits", \
	"must have at most " COR_PARAM_("digits", "%d") " digits, and " \
	COR_PARAM_("places", "%d") " behind the point")
#define COR_SAYS_UNIQUE COR_SAYS_("unique", \
	"must not repeat an item: " COR_PARAM_("first", "%zu") " and " \
	COR_PARAM_("second", "%zu") " are equal")
#define COR_SAYS_MIN_CONTAINS COR_SAYS_("min_contains", \
	"must have at least " COR_PARAM_("limit", "%u") " item" COR_PLURAL_ " of this kind: " \
	COR_PARAM_("wanted", "%s"))
#define COR_SAYS_MAX_CONTAINS COR_SAYS_("max_contains", \
	"must have at most " COR_PARAM_("limit", "%u") " item" COR_PLURAL_ " of this kind: " \
	COR_PARAM_("wanted", "%s"))
#define COR_SAYS_REPEATS COR_SAYS_("repeats", "repeats " COR_PARAM_("name", "%s"))

/* What it looks like. */
#define COR_SAYS_PATTERN COR_SAYS_("pattern", \
	"must match the pattern " COR_PARAM_("pattern", "%s"))
#define COR_SAYS_PATTERN_WORK COR_SAYS_("pattern_work", \
	"takes too much work to match against the pattern " COR_PARAM_("pattern", "%s"))
#define COR_SAYS_KEY_NUL COR_SAYS_("key_nul", "must not contain U+0000 in its name")
#define COR_SAYS_KEY_LENGTH COR_SAYS_("key_length", \
	"must have a name of at most " COR_PARAM_("limit", "%u") " character" COR_PLURAL_)
#define COR_SAYS_KEY_PATTERN COR_SAYS_("key_pattern", \
	"must have a name that matches the pattern " COR_PARAM_("pattern", "%s"))
#define COR_SAYS_KEY_WORK COR_SAYS_("key_work", \
	"takes too much work to match its name against the pattern " COR_PARAM_("pattern", "%s"))
#define COR_SAYS_UUID COR_SAYS_("uuid", "must be a UUID of 36 characters")
#define COR_SAYS_DATE COR_SAYS_("date", "must be a date such as 2026-01-31 (RFC 3339)")
#define COR_SAYS_NO_DAY COR_SAYS_("no_day", \
	"there is no such day as " COR_PARAM_("day", "%.*s"))
#define COR_SAYS_TIME COR_SAYS_("time", \
	"must be a time of day such as 09:30:00, without an offset (RFC 3339)")
#define COR_SAYS_NO_TIME COR_SAYS_("no_time", "there is no such time of day")
#define COR_SAYS_DATE_TIME COR_SAYS_("date_time", \
	"must be a date-time such as 2026-01-31T09:30:00Z (RFC 3339)")
#define COR_SAYS_NO_DATE_TIME COR_SAYS_("no_date_time", \
	"there is no such time of day or offset, or it is not within the years 0000 to 9999")
#define COR_SAYS_BLANK_OFFSET COR_SAYS_("blank_offset", \
	"has a blank where the + of its offset was: + is sent as %%2B here")
#define COR_SAYS_HTTP_DATE COR_SAYS_("http_date", \
	"must be a date such as Sun, 06 Nov 1994 08:49:37 GMT (RFC 9110 section 5.6.7)")
#define COR_SAYS_DURATION COR_SAYS_("duration", \
	"must be a duration such as P1DT2H30M or PT0.5S (ISO 8601, without years and months)")
#define COR_SAYS_LONG_DURATION COR_SAYS_("long_duration", "must not be longer than 292 years")
#define COR_SAYS_IP COR_SAYS_("ip", "must be an IP address such as 192.0.2.1 or 2001:db8::1")
#define COR_SAYS_NETWORK COR_SAYS_("network", \
	"must be an IP network such as 192.0.2.0/24 or 2001:db8::/32")
#define COR_SAYS_NETWORK_BITS COR_SAYS_("network_bits", \
	"has bits behind its prefix: must be the first address of its network")
#define COR_SAYS_DECIMAL COR_SAYS_("decimal", "must be a decimal such as 19.90")
#define COR_SAYS_BASE64 COR_SAYS_("base64", \
	"must be base64 with its padding and without line ends (RFC 4648 section 4)")

/* Whether it may be there. */
#define COR_SAYS_REQUIRED COR_SAYS_("required", "is required")
#define COR_SAYS_REQUIRED_NAME COR_SAYS_("required_name", \
	"is required: one of " COR_PARAM_("names", "%s"))
#define COR_SAYS_BODY COR_SAYS_("body", "a body is required")
#define COR_SAYS_TWICE COR_SAYS_("twice", "is given more than once")
#define COR_SAYS_UNKNOWN COR_SAYS_("unknown", "is not a known " COR_PARAM_("what", "%s"))
#define COR_SAYS_UNKNOWN_NEAR COR_SAYS_("unknown_near", \
	"is not a known " COR_PARAM_("what", "%s") "; did you mean " \
	COR_PARAM_("nearest", "%s") "?")
#define COR_SAYS_READ_ONLY COR_SAYS_("read_only", "is read-only: leave it out")
#define COR_SAYS_WRITE_ONLY COR_SAYS_("write_only", "is not part of an answer")
#define COR_SAYS_PLACE COR_SAYS_("place", "belongs in the " COR_PARAM_("place", "%s"))

/* The whole text. */
#define COR_SAYS_JSON COR_SAYS_("json", \
	"is not JSON: " COR_PARAM_("fault", "%s") " at line " COR_PARAM_("line", "%zu") \
	", column " COR_PARAM_("column", "%zu") " (byte " COR_PARAM_("byte", "%zu") ")")
#define COR_SAYS_DEPTH COR_SAYS_("depth", \
	"is nested deeper than " COR_PARAM_("limit", "%u") " levels (line " \
	COR_PARAM_("line", "%zu") ", column " COR_PARAM_("column", "%zu") ")")
#define COR_SAYS_TOO_DEEP COR_SAYS_("too_deep", "is nested too deep")
#define COR_SAYS_BINARY COR_SAYS_("binary", \
	"must be a text message with JSON, not a binary one")

/* The answer that lists them. */
#define COR_MALFORMED_PLAIN "the body is not well-formed: see errors"
#define COR_SAYS_MALFORMED  COR_SAYS_("malformed", COR_MALFORMED_PLAIN)
#define COR_SAYS_BREAKS_RULE COR_SAYS_("breaks_rule", \
	"the request breaks a rule: see errors")
#define COR_SAYS_BREAKS_RULES COR_SAYS_("breaks_rules", \
	"the request breaks " COR_PARAM_("count", "%zu") " rules: see errors")

/* clang-format on */

/** All of the above. */
extern const char *const cor_violation_texts[];
extern const size_t cor_violation_texts_len;

/** The code of a text, and what follows it. No code: an empty one, and the text itself. */
struct cor_str cor_said_code(const char *said, const char **ret_text);

/**
 * The value of a parameter in a text behind its code (of a format: its conversion). data NULL: it
 * has none of that name.
 */
struct cor_str cor_said_param(const char *text, struct cor_str name);

/** Take the marks out of a text with its code; `plain` has as much room. Returns its length. */
size_t cor_said_plainly(const char *said, char *plain);

/**
 * Add a violation whose text has marks, all of which are copied. Beyond COR_VIOLATIONS_MAX, and out
 * of memory, it is counted only.
 */
void cor_violate_saying(struct cor_violations *violations, struct cor_arena *arena, const char *in,
	struct cor_str where, const char *said);

/** The same of a text that has no conversions. */
#define cor_violate_by_text(violations, arena, in, said)                                           \
	cor_violate_saying((violations), (arena), (in), (struct cor_str){ "", 0 }, "" said)

#endif
