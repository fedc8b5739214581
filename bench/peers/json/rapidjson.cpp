/* SPDX-License-Identifier: MIT */
/* RapidJSON: a tree that is then read into structs; back straight from them. */
#include <vector>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "order.h"

using rapidjson::Value;

static rapidjson::StringBuffer buffer;
static rapidjson::Document document;

static struct trial_text text_of(const Value &value)
{
	return { value.GetString(), value.GetStringLength() };
}

static struct trial_text keep(const Value &value)
{
	return order_keep(value.GetString(), value.GetStringLength());
}

static bool read_address(const Value &value, struct order *order)
{
	unsigned has = 0;

	for (auto &member : value.GetObject()) {
		struct trial_text key = text_of(member.name), *text = NULL;
		unsigned bit = 0;
		if (order_text_is(key, "street"))
			bit = HAS_STREET, text = &order->street;
		else if (order_text_is(key, "city"))
			bit = HAS_CITY, text = &order->city;
		else if (order_text_is(key, "zip"))
			bit = HAS_ZIP, text = &order->zip;
		if (bit == 0 || (has & bit) || !member.value.IsString())
			return false;
		*text = keep(member.value);
		has |= bit;
	}
	return has == HAS_WHOLE_PART;
}

static bool read_item(const Value &value, struct order_item *item)
{
	unsigned has = 0;

	if (!value.IsObject())
		return false;
	for (auto &member : value.GetObject()) {
		struct trial_text key = text_of(member.name);
		unsigned bit = 0;
		if (order_text_is(key, "sku") && member.value.IsString()) {
			bit = HAS_SKU;
			item->sku = keep(member.value);
		} else if (order_text_is(key, "qty") && member.value.IsInt()) {
			bit = HAS_QTY;
			item->qty = member.value.GetInt();
		} else if (order_text_is(key, "price") && member.value.IsNumber()) {
			bit = HAS_PRICE;
			item->price = member.value.GetDouble();
		}
		if (bit == 0 || (has & bit))
			return false;
		has |= bit;
	}
	return order_item_is_right(item, has);
}

static bool read_items(const Value &value, struct order *order)
{
	if (!value.IsArray() || value.Size() > ORDER_ITEMS_MAX)
		return false;
	order->items_len = 0;
	for (auto &item : value.GetArray())
		if (!read_item(item, &order->items[order->items_len++]))
			return false;
	return true;
}

static unsigned read_member(struct trial_text key, const Value &value, struct order *order)
{
	if (order_text_is(key, "id") && value.IsInt64()) {
		order->id = value.GetInt64();
		return HAS_ID;
	}
	if (order_text_is(key, "customer") && value.IsString()) {
		order->customer = keep(value);
		return HAS_CUSTOMER;
	}
	if (order_text_is(key, "status") && value.IsString()) {
		order->status = order_status_of(text_of(value));
		return HAS_STATUS;
	}
	if (order_text_is(key, "created") && value.IsString())
		return order_time(text_of(value), &order->created) ? HAS_CREATED : 0;
	if (order_text_is(key, "paid") && value.IsBool()) {
		order->paid = value.GetBool();
		return HAS_PAID;
	}
	if (order_text_is(key, "discount") && value.IsNumber()) {
		order->discount = value.GetDouble();
		return HAS_DISCOUNT;
	}
	if (order_text_is(key, "address") && value.IsObject())
		return read_address(value, order) ? HAS_ADDRESS : 0;
	return order_text_is(key, "items") && read_items(value, order) ? HAS_ITEMS : 0;
}

static bool read_order(const Value &value, struct order *order)
{
	unsigned has = 0;

	if (!value.IsObject())
		return false;
	for (auto &member : value.GetObject()) {
		unsigned bit = read_member(text_of(member.name), member.value, order);
		if (bit == 0 || (has & bit))
			return false;
		has |= bit;
	}
	return order_is_right(order, has);
}

/* As exact as the others, and as strict about UTF-8. */
static bool parse(struct trial_text text)
{
	rapidjson::Document fresh;

	fresh.Parse<rapidjson::kParseFullPrecisionFlag | rapidjson::kParseValidateEncodingFlag>(
		text.data, text.len);
	document.Swap(fresh);
	return !document.HasParseError();
}

static int decode_order(struct trial_text text)
{
	order_begin();
	return parse(text) && read_order(document, &orders[0]) ? 0 : -1;
}

static int decode_list(struct trial_text text)
{
	if (!parse(text) || !document.IsArray() || document.Size() > ORDERS_MAX)
		return -1;
	order_begin();
	for (auto &value : document.GetArray())
		if (!read_order(value, &orders[orders_len++]))
			return -1;
	return 0;
}

typedef rapidjson::Writer<rapidjson::StringBuffer> Writer;

static void write_text(Writer &writer, const char *key, struct trial_text text)
{
	writer.Key(key);
	writer.String(text.data, (rapidjson::SizeType)text.len);
}

static void write_item(Writer &writer, const struct order_item *item)
{
	writer.StartObject();
	write_text(writer, "sku", item->sku);
	writer.Key("qty");
	writer.Int(item->qty);
	writer.Key("price");
	writer.Double(item->price);
	writer.EndObject();
}

static void write_order(Writer &writer, const struct order *order)
{
	char created[ORDER_TIME_BYTES];

	order_print_time(order->created, created);
	writer.StartObject();
	writer.Key("id");
	writer.Int64(order->id);
	write_text(writer, "customer", order->customer);
	writer.Key("status");
	writer.String(order_statuses[order->status]);
	write_text(writer, "created", { created, sizeof created });
	writer.Key("paid");
	writer.Bool(order->paid);
	writer.Key("discount");
	writer.Double(order->discount);
	writer.Key("address");
	writer.StartObject();
	write_text(writer, "street", order->street);
	write_text(writer, "city", order->city);
	write_text(writer, "zip", order->zip);
	writer.EndObject();
	writer.Key("items");
	writer.StartArray();
	for (size_t i = 0; i < order->items_len; i++)
		write_item(writer, &order->items[i]);
	writer.EndArray();
	writer.EndObject();
}

static int written(struct trial_text *ret)
{
	*ret = { buffer.GetString(), buffer.GetSize() };
	return 0;
}

static int encode_order(struct trial_text *ret)
{
	buffer.Clear();
	Writer writer(buffer);
	write_order(writer, &orders[0]);
	return written(ret);
}

static int encode_list(struct trial_text *ret)
{
	buffer.Clear();
	Writer writer(buffer);
	writer.StartArray();
	for (size_t i = 0; i < orders_len; i++)
		write_order(writer, &orders[i]);
	writer.EndArray();
	return written(ret);
}

struct position {
	double x, y;
};
static std::vector<std::vector<position>> rings;

static bool read_ring(const Value &value, std::vector<position> &ring)
{
	for (auto &place : value.GetArray()) {
		if (!place.IsArray() || place.Size() != 2 || !place[0].IsNumber() ||
			!place[1].IsNumber())
			return false;
		ring.push_back({ place[0].GetDouble(), place[1].GetDouble() });
	}
	return true;
}

static int decode_canada(struct trial_text text)
{
	size_t len = 0;

	if (!parse(text))
		return -1;
	for (auto &feature : document["features"].GetArray()) {
		for (auto &value : feature["geometry"]["coordinates"].GetArray()) {
			if (len == rings.size())
				rings.emplace_back();
			rings[len].clear();
			if (!read_ring(value, rings[len++]))
				return -1;
		}
	}
	return len > 0 ? 0 : -1;
}

static int encode_canada(struct trial_text *ret)
{
	buffer.Clear();
	Writer writer(buffer);
	writer.StartArray();
	for (const auto &ring : rings) {
		writer.StartArray();
		for (const auto &place : ring) {
			writer.StartArray();
			writer.Double(place.x);
			writer.Double(place.y);
			writer.EndArray();
		}
		writer.EndArray();
	}
	writer.EndArray();
	return written(ret);
}

static const struct trial_shape shapes[] = {
	{ "order", decode_order, encode_order },
	{ "list", decode_list, encode_list },
	{ "canada", decode_canada, encode_canada },
	{ NULL, NULL, NULL },
};

int main(int argc, char **argv)
{
	return trial_main(argc, argv, shapes);
}
