/* SPDX-License-Identifier: MIT */
#include "testing/print_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void print_byte(struct cor_outcome *outcome, unsigned char byte)
{
	switch (byte) {
	case '\n':
		cor_outcome_say(outcome, "\\n");
		break;
	case '\t':
		cor_outcome_say(outcome, "\\t");
		break;
	case '\r':
		cor_outcome_say(outcome, "\\r");
		break;
	case '"':
	case '\\':
		cor_outcome_say(outcome, "\\%c", byte);
		break;
	default:
		cor_outcome_say(outcome, byte < 0x20 || byte == 0x7f ? "\\x%02x" : "%c", byte);
		break;
	}
}

void cor_outcome_print_text(struct cor_outcome *outcome, struct cor_str text)
{
	size_t len = text.len < COR_PRINTED_BYTES ? text.len : COR_PRINTED_BYTES;

	cor_outcome_say(outcome, "\"");
	for (size_t i = 0; i < len; i++)
		print_byte(outcome, (unsigned char)text.data[i]);
	cor_outcome_say(outcome, "\"");
	if (len < text.len)
		cor_outcome_say(outcome, " and %zu byte%s more", text.len - len,
			text.len - len == 1 ? "" : "s");
}

/* As few digits as it takes to tell it from its neighbours. */
static void print_double(struct cor_outcome *outcome, double real)
{
	char text[40];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, real);
		if (strtod(text, NULL) == real)
			break;
	}
	cor_outcome_say(outcome, "%s", text);
}

void cor_outcome_print_value(
	struct cor_outcome *outcome, const struct cor_test_value *value, bool as_bool)
{
	switch (value->kind) {
	case COR_TEST_BOOL:
		cor_outcome_say(outcome, value->number ? "true" : "false");
		break;
	case COR_TEST_CHAR:
		cor_outcome_say(outcome, "'");
		print_byte(outcome, (unsigned char)value->number);
		cor_outcome_say(outcome, "' (%" PRId64 ")", value->number);
		break;
	case COR_TEST_SIGNED:
		if (as_bool && (value->number == 0 || value->number == 1))
			cor_outcome_say(outcome, value->number ? "true" : "false");
		else
			cor_outcome_say(outcome, "%" PRId64, value->number);
		break;
	case COR_TEST_UNSIGNED:
		cor_outcome_say(outcome, "%" PRIu64, value->large);
		break;
	case COR_TEST_DOUBLE:
		print_double(outcome, value->real);
		break;
	case COR_TEST_TEXT:
		if (value->pointer)
			cor_outcome_print_text(outcome, value->text);
		else
			cor_outcome_say(outcome, "NULL");
		break;
	case COR_TEST_POINTER:
		if (value->pointer)
			cor_outcome_say(outcome, "%p", value->pointer);
		else
			cor_outcome_say(outcome, "NULL");
		break;
	}
}
