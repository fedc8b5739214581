/* SPDX-License-Identifier: MIT */
/* jansson: a tree, read into structs; and one built from them, to be written. */
#include <jansson.h>

#include "order.h"

static json_t *tree; /* what was read last */
static char *output; /* what was written last */

static bool take_text(const json_t *value, struct trial_text *ret)
{
	if (!json_is_string(value))
		return false;
	*ret = (struct trial_text){ json_string_value(value), json_string_length(value) };
	return true;
}

static bool keep_text(const json_t *value, struct trial_text *ret)
{
	if (!take_text(value, ret))
		return false;
	*ret = order_keep(ret->data, ret->len);
	return true;
}

static bool take_number(const json_t *value, double *ret)
{
	*ret = json_number_value(value);
	return json_is_number(value);
}

static bool read_address(json_t *object, struct order *order)
{
	return json_object_size(object) == 3 &&
	       keep_text(json_object_get(object, "street"), &order->street) &&
	       keep_text(json_object_get(object, "city"), &order->city) &&
	       keep_text(json_object_get(object, "zip"), &order->zip);
}

static bool read_item(json_t *object, struct order_item *item)
{
	json_t *qty = json_object_get(object, "qty");

	if (json_object_size(object) != 3 || !json_is_integer(qty) ||
		!keep_text(json_object_get(object, "sku"), &item->sku) ||
		!take_number(json_object_get(object, "price"), &item->price))
		return false;
	item->qty = (int32_t)json_integer_value(qty);
	return order_item_is_right(item, HAS_WHOLE_PART);
}

static bool read_items(json_t *array, struct order *order)
{
	order->items_len = json_array_size(array);
	if (!json_is_array(array) || order->items_len > ORDER_ITEMS_MAX)
		return false;
	for (size_t i = 0; i < order->items_len; i++)
		if (!read_item(json_array_get(array, i), &order->items[i]))
			return false;
	return true;
}

static bool read_order(json_t *object, struct order *order)
{
	json_t *id = json_object_get(object, "id"), *paid = json_object_get(object, "paid");
	struct trial_text status, created;

	if (json_object_size(object) != 8 || !json_is_integer(id) || !json_is_boolean(paid) ||
		!keep_text(json_object_get(object, "customer"), &order->customer) ||
		!take_text(json_object_get(object, "status"), &status) ||
		!take_text(json_object_get(object, "created"), &created) ||
		!order_time(created, &order->created) ||
		!take_number(json_object_get(object, "discount"), &order->discount) ||
		!read_address(json_object_get(object, "address"), order) ||
		!read_items(json_object_get(object, "items"), order))
		return false;
	order->id = json_integer_value(id);
	order->paid = json_boolean_value(paid);
	order->status = order_status_of(status);
	return order_is_right(order, HAS_WHOLE_ORDER);
}

static void parse(struct trial_text text)
{
	json_decref(tree);
	tree = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
}

static int decode_order(struct trial_text text)
{
	parse(text);
	order_begin();
	return read_order(tree, &orders[0]) ? 0 : -1;
}

static int decode_list(struct trial_text text)
{
	parse(text);
	order_begin();
	orders_len = json_array_size(tree);
	if (!json_is_array(tree) || orders_len > ORDERS_MAX)
		return -1;
	for (size_t i = 0; i < orders_len; i++)
		if (!read_order(json_array_get(tree, i), &orders[i]))
			return -1;
	return 0;
}

static void add(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static void add_text(json_t *object, const char *key, struct trial_text text)
{
	add(object, key, json_stringn(text.data, text.len));
}

static json_t *make_item(const struct order_item *from)
{
	json_t *item = json_object();

	add_text(item, "sku", from->sku);
	add(item, "qty", json_integer(from->qty));
	add(item, "price", json_real(from->price));
	return item;
}

static json_t *make_order(const struct order *order)
{
	json_t *object = json_object(), *address = json_object(), *items = json_array();
	char created[ORDER_TIME_BYTES];

	order_print_time(order->created, created);
	add(object, "id", json_integer(order->id));
	add_text(object, "customer", order->customer);
	add(object, "status", json_string(order_statuses[order->status]));
	add(object, "created", json_stringn(created, sizeof created));
	add(object, "paid", json_boolean(order->paid));
	add(object, "discount", json_real(order->discount));
	add_text(address, "street", order->street);
	add_text(address, "city", order->city);
	add_text(address, "zip", order->zip);
	add(object, "address", address);
	for (size_t i = 0; i < order->items_len; i++)
		json_array_append_new(items, make_item(&order->items[i]));
	add(object, "items", items);
	return object;
}

static int write_tree(json_t *made, struct trial_text *ret)
{
	free(output);
	output = json_dumps(made, JSON_COMPACT);
	json_decref(made);
	if (!output)
		return -1;
	*ret = (struct trial_text){ output, strlen(output) };
	return 0;
}

static int encode_order(struct trial_text *ret)
{
	return write_tree(make_order(&orders[0]), ret);
}

static int encode_list(struct trial_text *ret)
{
	json_t *array = json_array();

	for (size_t i = 0; i < orders_len; i++)
		json_array_append_new(array, make_order(&orders[i]));
	return write_tree(array, ret);
}

static const struct trial_shape shapes[] = {
	{ "order", decode_order, encode_order },
	{ "list", decode_list, encode_list },
	{ 0 },
};

int main(int argc, char **argv)
{
	return trial_main(argc, argv, shapes);
}
