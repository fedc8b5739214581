/* SPDX-License-Identifier: MIT */
/* simdjson, on demand: it reads, and in this version does not write. */
#include <vector>

#include <simdjson.h>

#include "order.h"

using namespace simdjson;

static ondemand::parser parser;

static struct trial_text text_of(std::string_view view)
{
	return { view.data(), view.size() };
}

static struct trial_text keep(std::string_view view)
{
	return order_keep(view.data(), view.size());
}

static unsigned read_part(ondemand::object object, const char *first, struct trial_text *one,
	const char *second, struct trial_text *two, const char *third, struct trial_text *three)
{
	unsigned has = 0;

	for (auto field : object) {
		std::string_view key = field.unescaped_key();
		unsigned bit = key == first ? 1 : key == second ? 2 : key == third ? 4 : 0;
		if (bit == 0 || (has & bit))
			return 0;
		*(bit == 1 ? one : bit == 2 ? two : three) = keep(field.value().get_string());
		has |= bit;
	}
	return has;
}

static bool read_item(ondemand::object object, struct order_item *item)
{
	unsigned has = 0;

	for (auto field : object) {
		std::string_view key = field.unescaped_key();
		unsigned bit = 0;
		if (key == "sku") {
			bit = HAS_SKU;
			item->sku = keep(field.value().get_string());
		} else if (key == "qty") {
			bit = HAS_QTY;
			int64_t qty = field.value().get_int64();
			item->qty = qty >= 1 && qty <= 999 ? (int32_t)qty : 0;
		} else if (key == "price") {
			bit = HAS_PRICE;
			item->price = field.value().get_double();
		}
		if (bit == 0 || (has & bit))
			return false;
		has |= bit;
	}
	return order_item_is_right(item, has);
}

static bool read_items(ondemand::array array, struct order *order)
{
	order->items_len = 0;
	for (auto value : array) {
		if (order->items_len == ORDER_ITEMS_MAX ||
			!read_item(value.get_object(), &order->items[order->items_len++]))
			return false;
	}
	return true;
}

static unsigned read_member(std::string_view key, ondemand::value value, struct order *order)
{
	if (key == "id") {
		order->id = value.get_int64();
		return HAS_ID;
	}
	if (key == "customer") {
		order->customer = keep(value.get_string());
		return HAS_CUSTOMER;
	}
	if (key == "status") {
		order->status = order_status_of(text_of(value.get_string()));
		return HAS_STATUS;
	}
	if (key == "created")
		return order_time(text_of(value.get_string()), &order->created) ? HAS_CREATED : 0;
	if (key == "paid") {
		order->paid = value.get_bool();
		return HAS_PAID;
	}
	if (key == "discount") {
		order->discount = value.get_double();
		return HAS_DISCOUNT;
	}
	if (key == "address")
		return read_part(value.get_object(), "street", &order->street, "city", &order->city,
			       "zip", &order->zip) == HAS_WHOLE_PART
			       ? HAS_ADDRESS
			       : 0;
	return key == "items" && read_items(value.get_array(), order) ? HAS_ITEMS : 0;
}

static bool read_order(ondemand::object object, struct order *order)
{
	unsigned has = 0;

	for (auto field : object) {
		std::string_view key = field.unescaped_key();
		unsigned bit = read_member(key, field.value(), order);
		if (bit == 0 || (has & bit))
			return false;
		has |= bit;
	}
	return order_is_right(order, has);
}

static padded_string_view padded(struct trial_text text)
{
	return padded_string_view(text.data, text.len, text.len + TRIAL_SPARE);
}

static int decode_order(struct trial_text text)
{
	ondemand::document document = parser.iterate(padded(text));

	order_begin();
	return read_order(document.get_object(), &orders[0]) ? 0 : -1;
}

static int decode_list(struct trial_text text)
{
	ondemand::document document = parser.iterate(padded(text));

	order_begin();
	for (auto value : document.get_array()) {
		if (orders_len == ORDERS_MAX || !read_order(value.get_object(), &orders[orders_len++]))
			return -1;
	}
	return 0;
}

struct position {
	double x, y;
};
static std::vector<std::vector<position>> rings;

static bool read_ring(ondemand::array array, std::vector<position> &ring)
{
	for (auto value : array) {
		double place[2];
		size_t len = 0;
		for (auto number : value.get_array()) {
			if (len == 2)
				return false;
			place[len++] = number.get_double();
		}
		if (len != 2)
			return false;
		ring.push_back({ place[0], place[1] });
	}
	return true;
}

static int decode_canada(struct trial_text text)
{
	ondemand::document document = parser.iterate(padded(text));
	size_t len = 0;

	for (auto feature : document["features"].get_array()) {
		for (auto value : feature["geometry"]["coordinates"].get_array()) {
			if (len == rings.size())
				rings.emplace_back();
			rings[len].clear();
			if (!read_ring(value.get_array(), rings[len++]))
				return -1;
		}
	}
	return len > 0 ? 0 : -1;
}

static const struct trial_shape shapes[] = {
	{ "order", decode_order, NULL },
	{ "list", decode_list, NULL },
	{ "canada", decode_canada, NULL },
	{ NULL, NULL, NULL },
};

int main(int argc, char **argv)
{
	return trial_main(argc, argv, shapes);
}
