/* SPDX-License-Identifier: MIT */
/* JSON Canonicalization Scheme: RFC 8785. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/shortest.h"
#include "document/node.h"
#include "document/order.h"

#define PLAIN_MAX    21 /* up to so many digits before the point there is no exponent */
#define NUMBER_BYTES 40

struct canonical {
	struct cor_arena *arena;
	struct cor_json_writer *writer;
	int error;
};

static size_t put_zeros(char *out, int count)
{
	memset(out, '0', (size_t)count);
	return (size_t)count;
}

/* ECMA-262, Number::toString: the digits stand for 0.ddd * 10^point. */
static size_t place_point(char *out, const char *digits, int count, int point)
{
	size_t len = 0;

	if (point > PLAIN_MAX || point <= -6) {
		out[len++] = digits[0];
		if (count > 1) {
			out[len++] = '.';
			memcpy(out + len, digits + 1, (size_t)count - 1);
			len += (size_t)count - 1;
		}
		return len + (size_t)snprintf(out + len, NUMBER_BYTES - len, "e%+d", point - 1);
	}
	if (point <= 0) {
		out[len++] = '0';
		out[len++] = '.';
		len += put_zeros(out + len, -point);
		point = count;
	}
	int whole = point < count ? point : count;
	memcpy(out + len, digits, (size_t)whole);
	len += (size_t)whole;
	if (point > count)
		return len + put_zeros(out + len, point - count);
	if (point < count) {
		out[len++] = '.';
		memcpy(out + len, digits + point, (size_t)(count - point));
		len += (size_t)(count - point);
	}
	return len;
}

static size_t print_number(double value, char out[NUMBER_BYTES])
{
	char digits[24];
	size_t len = 0;

	if (value == 0) {
		out[0] = '0';
		return 1;
	}
	if (value < 0)
		out[len++] = '-';
	struct cor_shortest shortest = cor_shortest(fabs(value));
	int count = snprintf(
		digits, sizeof digits, "%llu%u", (unsigned long long)shortest.tens, shortest.last);
	int point = count + shortest.exponent;
	while (digits[count - 1] == '0')
		count--;
	return len + place_point(out + len, digits, count, point);
}

static void write_number(struct canonical *canonical, const struct cor_node *node)
{
	char out[NUMBER_BYTES];
	double value = 0;
	int rc = cor_node_to_double(node, &value);

	if (rc < 0) {
		canonical->error = rc;
		return;
	}
	cor_write_json(canonical->writer, (struct cor_json){ { out, print_number(value, out) } });
}

static void write_value(struct canonical *canonical, const struct cor_node *node);

static void write_sorted(struct canonical *canonical, const struct cor_node *object)
{
	uint32_t *index = cor_arena_alloc(canonical->arena, object->len * sizeof *index);

	if (!index) {
		canonical->error = -ENOMEM;
		return;
	}
	cor_order_members(index, object->members, object->len, cor_order_by_utf16);
	for (size_t i = 0; i < object->len && canonical->error == 0; i++) {
		cor_write_key_text(canonical->writer, object->members[index[i]].key);
		write_value(canonical, object->members[index[i]].value);
	}
}

static void write_value(struct canonical *canonical, const struct cor_node *node)
{
	if (node->type == COR_JSON_NUMBER) {
		write_number(canonical, node);
	} else if (node->type == COR_JSON_OBJECT) {
		cor_write_object(canonical->writer);
		write_sorted(canonical, node);
		cor_write_end(canonical->writer);
	} else if (node->type == COR_JSON_ARRAY) {
		cor_write_array(canonical->writer);
		for (size_t i = 0; i < node->len && canonical->error == 0; i++)
			write_value(canonical, node->items[i]);
		cor_write_end(canonical->writer);
	} else {
		cor_write_node(canonical->writer, node);
	}
}

int cor_node_canonical(struct cor_arena *arena, const struct cor_node *node, struct cor_str *ret)
{
	struct canonical canonical = { .arena = arena };

	if (!node)
		return -EINVAL;
	canonical.writer = cor_write_begin(arena, NULL);
	write_value(&canonical, node);
	return canonical.error < 0 ? canonical.error : cor_write_finish(canonical.writer, ret);
}
