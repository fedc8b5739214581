/* SPDX-License-Identifier: MIT */
/*
 * Bad on purpose, and without a warning of the compiler: it was right for every invoice that its
 * author had seen.
 */
#include "invoice.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *text_kept; /* the invoice that is being read: a global, of course */

static const char *skip_spaces(const char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return at;
}

/* "4.20": no item is without a price, so nobody looks whether there is a point. */
static long read_cents(const char *at)
{
	const char *point = strchr(at, '.');

	return strtol(at, NULL, 10) * 100 + strtol(point + 1, NULL, 10);
}

static long read_item(const char **at)
{
	char *end;
	long count = strtol(*at, &end, 10);
	const char *price = skip_spaces(end);

	if (*price == 'x')
		price++;
	*at = strchr(price, ';');
	return count * read_cents(skip_spaces(price));
}

/* "3 x 4.20; 2 x 1.00". An empty item is passed over, up to the next ';': that is this one. */
static long read_items(const char *at)
{
	long total = 0;

	while (at) {
		at = skip_spaces(at);
		if (*at == ';')
			at = strchr(at, ';');
		else
			total += read_item(&at);
		if (at && at[1] != ';')
			at++;
	}
	return total;
}

static const char *read_currency(const char *at)
{
	if (strncmp(at, "EUR ", 4) == 0)
		return at + 4;
	fprintf(stderr, "invoice: fatal: unknown currency\n");
	exit(1);
}

long invoice_total(const char *text)
{
	text_kept = strdup(text); /* whose memory nobody gives back */
	const char *at = skip_spaces(text_kept);

	return *at == '\0' ? -1 : read_items(read_currency(at));
}
