/* SPDX-License-Identifier: MIT */
#include "contract/number.h"

#include <stdio.h>
#include <stdlib.h>

#define WHOLE_MAX 1.8e19L /* beyond, nothing is rounded */

static long double absolute(long double number)
{
	return number < 0 ? -number : number;
}

static long double rounded(long double number)
{
	long double size = absolute(number);

	if (size >= WHOLE_MAX)
		return number;
	size = (long double)(unsigned long long)(size + 0.5L);
	return number < 0 ? -size : size;
}

bool cor_contract_number_of(const struct cor_node *node, long double *ret)
{
	struct cor_str text;
	char copy[128], *end;

	if (!node || (cor_node_to_number(node, &text) < 0 && cor_node_to_text(node, &text) < 0) ||
		text.len == 0 || text.len >= sizeof copy)
		return false;
	snprintf(copy, sizeof copy, "%.*s", (int)text.len, text.data);
	long double number = strtold(copy, &end);
	if (*end)
		return false;
	*ret = number;
	return true;
}

bool cor_contract_number(const struct cor_node *object, const char *name, long double *ret)
{
	return cor_contract_number_of(cor_node_get(object, name), ret);
}

bool cor_contract_is_whole(long double number)
{
	return number == rounded(number);
}

bool cor_contract_is_multiple(long double number, long double step)
{
	long double quotient = number / step;

	return step == 0 || absolute(quotient - rounded(quotient)) < 1e-9L;
}

long double cor_contract_multiple(long double number, long double step, int sign)
{
	long double quotient = rounded(number / step);

	if ((quotient * step - number) * sign < 0 && !cor_contract_is_multiple(number, step))
		quotient += sign;
	return quotient * step;
}

struct cor_node *cor_contract_number_node(struct cor_contract_run *run, long double number)
{
	char text[64];
	bool is_plain = cor_contract_is_whole(number) && absolute(number) < 1e25L;

	snprintf(text, sizeof text, is_plain ? "%.0Lf" : "%.15Lg", number);
	return cor_node_number(&run->arena, cor_str(text));
}
