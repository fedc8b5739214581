/* SPDX-License-Identifier: MIT */
#include "document/order.h"

#include <string.h>

struct order {
	uint32_t *index;
	const struct cor_node_member *members;
	cor_order_compare *compare;
};

int cor_order_by_length(struct cor_str a, struct cor_str b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len > 0 ? memcmp(a.data, b.data, a.len) : 0;
}

/*
 * The bytes of UTF-8 are in the order of the code points. That of UTF-16 differs in one thing:
 * U+E000 to U+FFFF, which begin with 0xee and 0xef, come behind what is above them.
 */
static int rank(char byte)
{
	int value = (unsigned char)byte;

	return value == 0xee || value == 0xef ? value + 0x10 : value;
}

int cor_order_by_utf16(struct cor_str a, struct cor_str b)
{
	size_t len = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < len; i++) {
		if (a.data[i] != b.data[i])
			return rank(a.data[i]) - rank(b.data[i]);
	}
	return a.len < b.len ? -1 : a.len > b.len;
}

static bool is_before(const struct order *order, uint32_t a, uint32_t b)
{
	int way = order->compare(order->members[a].key, order->members[b].key);

	return way != 0 ? way < 0 : a < b;
}

static void sift(const struct order *order, size_t at, size_t len)
{
	uint32_t moved = order->index[at];

	for (size_t child; (child = 2 * at + 1) < len; at = child) {
		if (child + 1 < len &&
			is_before(order, order->index[child], order->index[child + 1]))
			child++;
		if (!is_before(order, moved, order->index[child]))
			break;
		order->index[at] = order->index[child];
	}
	order->index[at] = moved;
}

void cor_order_members(uint32_t *index, const struct cor_node_member *members, size_t len,
	cor_order_compare *compare)
{
	struct order order = { index, members, compare };

	for (size_t i = 0; i < len; i++)
		index[i] = (uint32_t)i;
	for (size_t i = len / 2; i-- > 0;)
		sift(&order, i, len);
	for (size_t i = len; i-- > 1;) {
		uint32_t last = index[i];
		index[i] = index[0];
		index[0] = last;
		sift(&order, 0, i);
	}
}
