/* SPDX-License-Identifier: MIT */
/* cJSON: a tree, read into structs; and one built from them, to be written. */
#include <cjson/cJSON.h>

#include "order.h"

static cJSON *tree;  /* what was read last */
static char *output; /* what was written last */

static bool take_text(const cJSON *value, struct trial_text *ret)
{
	if (!cJSON_IsString(value))
		return false;
	*ret = (struct trial_text){ value->valuestring, strlen(value->valuestring) };
	return true;
}

static bool keep_text(const cJSON *value, struct trial_text *ret)
{
	if (!take_text(value, ret))
		return false;
	*ret = order_keep(ret->data, ret->len);
	return true;
}

static bool take_number(const cJSON *value, double *ret)
{
	*ret = value->valuedouble;
	return cJSON_IsNumber(value);
}

static bool read_address(const cJSON *object, struct order *order)
{
	unsigned has = 0;
	const cJSON *member;

	cJSON_ArrayForEach(member, object)
	{
		unsigned bit = 0;
		if (strcmp(member->string, "street") == 0 && keep_text(member, &order->street))
			bit = HAS_STREET;
		else if (strcmp(member->string, "city") == 0 && keep_text(member, &order->city))
			bit = HAS_CITY;
		else if (strcmp(member->string, "zip") == 0 && keep_text(member, &order->zip))
			bit = HAS_ZIP;
		if (bit == 0 || (has & bit))
			return false;
		has |= bit;
	}
	return cJSON_IsObject(object) && has == HAS_WHOLE_PART;
}

static bool read_item(const cJSON *object, struct order_item *item)
{
	unsigned has = 0;
	double qty;
	const cJSON *member;

	cJSON_ArrayForEach(member, object)
	{
		unsigned bit = 0;
		if (strcmp(member->string, "sku") == 0 && keep_text(member, &item->sku))
			bit = HAS_SKU;
		else if (strcmp(member->string, "qty") == 0 && take_number(member, &qty))
			bit = HAS_QTY, item->qty = member->valueint;
		else if (strcmp(member->string, "price") == 0 && take_number(member, &item->price))
			bit = HAS_PRICE;
		if (bit == 0 || (has & bit))
			return false;
		has |= bit;
	}
	return cJSON_IsObject(object) && order_item_is_right(item, has);
}

static bool read_items(const cJSON *array, struct order *order)
{
	const cJSON *value;

	order->items_len = 0;
	cJSON_ArrayForEach(value, array)
	{
		if (order->items_len == ORDER_ITEMS_MAX ||
			!read_item(value, &order->items[order->items_len++]))
			return false;
	}
	return cJSON_IsArray(array);
}

static unsigned read_member(const cJSON *value, struct order *order)
{
	const char *key = value->string;
	struct trial_text text;
	double number;

	if (strcmp(key, "id") == 0 && take_number(value, &number)) {
		order->id = (int64_t)number;
		return HAS_ID;
	}
	if (strcmp(key, "customer") == 0)
		return keep_text(value, &order->customer) ? HAS_CUSTOMER : 0;
	if (strcmp(key, "status") == 0 && take_text(value, &text)) {
		order->status = order_status_of(text);
		return HAS_STATUS;
	}
	if (strcmp(key, "created") == 0 && take_text(value, &text))
		return order_time(text, &order->created) ? HAS_CREATED : 0;
	if (strcmp(key, "paid") == 0 && cJSON_IsBool(value)) {
		order->paid = cJSON_IsTrue(value);
		return HAS_PAID;
	}
	if (strcmp(key, "discount") == 0)
		return take_number(value, &order->discount) ? HAS_DISCOUNT : 0;
	if (strcmp(key, "address") == 0)
		return read_address(value, order) ? HAS_ADDRESS : 0;
	return strcmp(key, "items") == 0 && read_items(value, order) ? HAS_ITEMS : 0;
}

static bool read_order(const cJSON *object, struct order *order)
{
	unsigned has = 0;
	const cJSON *member;

	cJSON_ArrayForEach(member, object)
	{
		unsigned bit = read_member(member, order);
		if (bit == 0 || (has & bit))
			return false;
		has |= bit;
	}
	return cJSON_IsObject(object) && order_is_right(order, has);
}

static void parse(struct trial_text text)
{
	cJSON_Delete(tree);
	tree = cJSON_ParseWithLength(text.data, text.len);
}

static int decode_order(struct trial_text text)
{
	parse(text);
	order_begin();
	return read_order(tree, &orders[0]) ? 0 : -1;
}

static int decode_list(struct trial_text text)
{
	const cJSON *value;

	parse(text);
	order_begin();
	cJSON_ArrayForEach(value, tree)
	{
		if (orders_len == ORDERS_MAX || !read_order(value, &orders[orders_len++]))
			return -1;
	}
	return cJSON_IsArray(tree) ? 0 : -1;
}

static void add_text(cJSON *object, const char *key, struct trial_text text)
{
	cJSON_AddStringToObject(object, key, text.data);
}

static cJSON *make_order(const struct order *order)
{
	cJSON *object = cJSON_CreateObject();
	char created[ORDER_TIME_BYTES + 1] = "";

	order_print_time(order->created, created);
	cJSON_AddNumberToObject(object, "id", (double)order->id);
	add_text(object, "customer", order->customer);
	cJSON_AddStringToObject(object, "status", order_statuses[order->status]);
	cJSON_AddStringToObject(object, "created", created);
	cJSON_AddBoolToObject(object, "paid", order->paid);
	cJSON_AddNumberToObject(object, "discount", order->discount);
	cJSON *address = cJSON_AddObjectToObject(object, "address");
	add_text(address, "street", order->street);
	add_text(address, "city", order->city);
	add_text(address, "zip", order->zip);
	cJSON *items = cJSON_AddArrayToObject(object, "items");
	for (size_t i = 0; i < order->items_len; i++) {
		cJSON *item = cJSON_CreateObject();
		add_text(item, "sku", order->items[i].sku);
		cJSON_AddNumberToObject(item, "qty", order->items[i].qty);
		cJSON_AddNumberToObject(item, "price", order->items[i].price);
		cJSON_AddItemToArray(items, item);
	}
	return object;
}

static int write_tree(cJSON *made, struct trial_text *ret)
{
	free(output);
	output = cJSON_PrintUnformatted(made);
	cJSON_Delete(made);
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
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < orders_len; i++)
		cJSON_AddItemToArray(array, make_order(&orders[i]));
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
