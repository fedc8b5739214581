/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "testing/expect.h"

#define ROW      16
#define ROWS_MAX 16

/* "0010  is      00 01 .. |..|", with the bytes that differ in brackets. */
static void print_row(struct cor_outcome *outcome, const char *what, const unsigned char *bytes,
	const unsigned char *other, size_t len)
{
	char shown[ROW + 1];

	cor_outcome_say(outcome, " %-6s ", what);
	for (size_t i = 0; i < len; i++) {
		bool differs = bytes[i] != other[i];
		cor_outcome_say(
			outcome, "%c%02x%c", differs ? '[' : ' ', bytes[i], differs ? ']' : ' ');
		shown[i] = isprint(bytes[i]) ? (char)bytes[i] : '.';
	}
	shown[len] = '\0';
	cor_outcome_say(outcome, "%*s |%s|", (int)(ROW - len) * 4, "", shown);
}

static void print_rows(struct cor_outcome *outcome, const unsigned char *got,
	const unsigned char *wanted, size_t bytes)
{
	size_t rows = 0;

	for (size_t at = 0; at < bytes; at += ROW) {
		size_t len = bytes - at < ROW ? bytes - at : ROW;
		if (memcmp(got + at, wanted + at, len) == 0)
			continue;
		if (++rows > ROWS_MAX) {
			cor_outcome_say(outcome, "\n    and more");
			return;
		}
		cor_outcome_say(outcome, "\n    %06zx", at);
		print_row(outcome, "is", got + at, wanted + at, len);
		cor_outcome_say(outcome, "\n          ");
		print_row(outcome, "wanted", wanted + at, got + at, len);
	}
}

bool cor_test_memory(struct cor_test *t, const struct cor_test_place *place, const void *got,
	const void *wanted, size_t bytes)
{
	bool is_same = bytes == 0 || (got && wanted && memcmp(got, wanted, bytes) == 0);

	if (is_same)
		return true;
	cor_run_note(t->run, place->file, place->line);
	cor_outcome_say(t->run->outcome, "%s is not %s", place->got, place->wanted);
	if (got && wanted)
		print_rows(t->run->outcome, got, wanted, bytes);
	else
		cor_outcome_say(
			t->run->outcome, "\n    %s is NULL", got ? place->wanted : place->got);
	cor_run_noted(t->run);
	return cor_expect_result(t, place, false);
}
