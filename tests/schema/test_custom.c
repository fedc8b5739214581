/* SPDX-License-Identifier: MIT */
/* Types that functions of the service read and write. */
#include <inttypes.h>

#include <coracle/schema_custom.h>
#include <coracle/schema_union.h>

#include "schema/copy.h"
#include "schema/describe.h"
#include "trial.h"

/* --- a type that is text --- */

struct money {
	int64_t cents;
	const char *currency;
};

static int money_read(struct cor_conversion *conversion, struct cor_str text, struct money *ret)
{
	char *end;

	if (text.data[text.len] != '\0' || ret->currency)
		return cor_refuse(conversion, "is not what was promised");
	long units = strtol(text.data, &end, 10);
	ret->cents = units * 100 + strtol(end + 1, &end, 10);
	ret->currency = cor_arena_strdup(conversion->arena, end + 1);
	if (!ret->currency)
		return -ENOMEM;
	if (strcmp(ret->currency, "QQQ") == 0)
		return cor_refuse(conversion, "has no currency, but %s", ret->currency);
	return strcmp(ret->currency, "YYY") == 0 ? -ERANGE : 0;
}

static int money_write(
	struct cor_conversion *conversion, const struct money *money, struct cor_str *ret)
{
	if (!money->currency)
		return cor_refuse(conversion, "has no currency");
	ret->data = cor_arena_printf(conversion->arena, "%" PRId64 ".%02" PRId64 " %s",
		money->cents / 100, money->cents % 100, money->currency);
	if (!ret->data)
		return -ENOMEM;
	ret->len = strlen(ret->data);
	return 0;
}
COR_LOCAL_TEXT_KIND(money_kind, struct money, money_read, money_write,
	.pattern = "^[0-9]+\\.[0-9]{2} [A-Z]{3}$", .max_length = 20, .noun = "an amount",
	.example = "\"19.90 EUR\"", .doc = "An amount");

/* Of any C type; no pointer, no options. */
static int flag_read(struct cor_conversion *conversion, struct cor_str text, char *ret)
{
	(void)conversion;
	*ret = text.len == 1 ? text.data[0] : 0;
	return text.len == 1 ? 0 : -EINVAL;
}
static int flag_write(struct cor_conversion *conversion, const char *flag, struct cor_str *ret)
{
	(void)conversion;
	*ret = (struct cor_str){ flag, 1 };
	return 0;
}
COR_LOCAL_TEXT_KIND(flag_kind, char, flag_read, flag_write, .is_flat = true);

/* --- a struct in the form of another one --- */

struct box_json {
	const char *name;
	cor_array(int32_t) sides;
	struct money price;
};
static const struct cor_field box_json_fields[] = {
	COR_FIELD(struct box_json, name, .key = "Name", .max_length = 8),
	COR_ARRAY(struct box_json, sides, .range = COR_MIN(1), .max_items = 3),
	COR_OBJECT(struct box_json, price, money_kind),
};
COR_LOCAL_SCHEMA(box_json_schema, struct box_json, box_json_fields);

struct box {
	int32_t width, height, depth;
	int64_t cents;
	const char *name;
};
static int box_load(struct cor_conversion *conversion, const struct box_json *json, struct box *ret)
{
	if (json->sides.len != 3)
		return cor_refuse_at(conversion, box_json_schema, sides, "must be three");
	if (json->sides.items[0] == 13)
		return cor_refuse(conversion, "is unlucky");
	*ret = (struct box){ json->sides.items[0], json->sides.items[1], json->sides.items[2],
		json->price.cents, json->name };
	return 0;
}
static int box_dump(struct cor_conversion *conversion, const struct box *box, struct box_json *ret)
{
	int32_t *sides = cor_arena_alloc(conversion->arena, 3 * sizeof *sides);

	if (!sides)
		return -ENOMEM;
	if (box->width == 0)
		return cor_refuse(conversion, "has no width");
	memcpy(sides, (int32_t[3]){ box->width, box->height, box->depth }, 3 * sizeof *sides);
	ret->name = box->name;
	ret->sides.items = sides;
	ret->sides.len = 3;
	ret->price = (struct money){ box->cents, "EUR" };
	return 0;
}
COR_DECLARE_SCHEMA(box_schema, struct box);
COR_MAPPED_SCHEMA(box_schema, struct box, box_json_schema, box_load, box_dump, .doc = "A box");

/* JSON has a number, in cents. */
struct cents_json {
	int64_t cents;
};
static const struct cor_field cents_json_fields[] = {
	COR_FIELD(struct cents_json, cents, .bare = true, .range = COR_MIN(0)),
};
COR_LOCAL_SCHEMA(cents_json_schema, struct cents_json, cents_json_fields);
struct euro {
	double euros;
};
static int euro_load(
	struct cor_conversion *conversion, const struct cents_json *json, struct euro *ret)
{
	(void)conversion;
	ret->euros = (double)json->cents / 100;
	return json->cents == 99 ? -EDOM : 0;
}
static int euro_dump(
	struct cor_conversion *conversion, const struct euro *euro, struct cents_json *ret)
{
	(void)conversion;
	ret->cents = (int64_t)(euro->euros * 100);
	return 0;
}
COR_LOCAL_MAPPED_SCHEMA(
	euro_schema, struct euro, cents_json_schema, euro_load, euro_dump, .is_flat = true);

/* --- in every row --- */

enum asset_kind { ASSET_BOX = 1, ASSET_SHOP };
struct shop {
	struct money price;
	const struct money *old;
	cor_opt(struct money) sale;
	cor_array(struct money) all;
	cor_dict(struct money) by_name;
	char flag;
	struct box box;
	struct box *other;
	cor_opt(struct box) maybe;
	cor_array(struct box) boxes;
	cor_dict(struct box) named;
	struct euro euro;
	struct money fee;
};
static const struct cor_field shop_fields[] = {
	COR_OBJECT(struct shop, price, money_kind),
	COR_OBJECT(struct shop, old, money_kind, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_OPT_OBJECT(struct shop, sale, money_kind, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_OBJECT_ARRAY(
		struct shop, all, money_kind, .presence = COR_OPTIONAL, .unique_items = true),
	COR_OBJECT_DICT(struct shop, by_name, money_kind, .presence = COR_OPTIONAL),
	COR_OBJECT(struct shop, flag, flag_kind, .fallback = "\"-\""),
	COR_OBJECT(struct shop, box, box_schema),
	COR_OBJECT(struct shop, other, box_schema, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_OPT_OBJECT(struct shop, maybe, box_schema, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_OBJECT_ARRAY(struct shop, boxes, box_schema, .presence = COR_OPTIONAL),
	COR_OBJECT_DICT(struct shop, named, box_schema, .presence = COR_OPTIONAL),
	COR_OBJECT(struct shop, euro, euro_schema, .fallback = "150"),
	COR_OBJECT(struct shop, fee, money_kind, .fallback = "\"0.00 EUR\"", .max_length = 10),
};
COR_LOCAL_SCHEMA(shop_schema, struct shop, shop_fields);

#define BOX(name) "{\"Name\":\"" name "\",\"sides\":[1,2,3],\"price\":\"0.07 EUR\"}"
#define LEAST     "\"price\":\"19.90 EUR\",\"box\":" BOX("a")
#define REST      ",\"euro\":150,\"fee\":\"0.00 EUR\"}"
#define WHOLE                                                                                      \
	"{\"price\":\"19.90 EUR\",\"old\":\"1.00 USD\",\"sale\":\"2.05 CHF\","                     \
	"\"all\":[\"1.00 EUR\",\"2.00 EUR\"],\"by_name\":{\"x\":\"3.00 EUR\"},\"flag\":\"f\","     \
	"\"box\":" BOX("a") ",\"other\":" BOX("b") ",\"maybe\":" BOX("c") ",\"boxes\":[" BOX(      \
		"d") "," BOX("e") "],\"named\":{\"n\":" BOX("f") "},\"euro\":1234,\"fee\":\"0.10 EUR\"}"

static void test_round_trip(void **state)
{
	struct trial trial;
	struct shop shop, copy;

	(void)state;
	assert_int_equal(trial_begin(&trial, &shop_schema.schema), 0);
	assert_int_equal(trial_decode(&trial, &shop_schema.schema, &shop, WHOLE), 0);
	assert_int_equal(shop.price.cents, 1990);
	assert_string_equal(shop.old->currency, "USD");
	assert_int_equal(shop.all.items[1].cents, 200);
	assert_int_equal(shop.boxes.items[1].depth, 3);
	assert_int_equal(shop.flag, 'f');
	assert_string_equal(trial_encode(&trial, &shop_schema.schema, &shop), WHOLE);
	assert_int_equal(cor_copy(&trial.arena, shop_schema, &shop, &copy), 0);
	assert_ptr_not_equal(copy.price.currency, shop.price.currency);
	assert_ptr_not_equal(copy.named.items[0].value.name, shop.named.items[0].value.name);
	assert_string_equal(trial_encode(&trial, &shop_schema.schema, &copy), WHOLE);
	trial_end(&trial);
}

static void test_absent_and_null(void **state)
{
	struct trial trial;
	struct shop shop;

	(void)state;
	assert_int_equal(trial_begin(&trial, &shop_schema.schema), 0);
	assert_int_equal(trial_decode(&trial, &shop_schema.schema, &shop, "{" LEAST "}"), 0);
	assert_string_equal(trial_encode(&trial, &shop_schema.schema, &shop),
		"{\"price\":\"19.90 EUR\",\"flag\":\"-\",\"box\":" BOX("a") REST);
	assert_int_equal(trial_decode(&trial, &shop_schema.schema, &shop,
				 "{" LEAST ",\"sale\":null,\"maybe\":null,\"other\":null}"),
		0);
	assert_string_equal(trial_encode(&trial, &shop_schema.schema, &shop),
		"{\"price\":\"19.90 EUR\",\"sale\":null,\"flag\":\"-\",\"box\":" BOX(
			"a") ",\"maybe\":null" REST);
	trial_end(&trial);
}

static void expect(struct trial *trial, const char *json, const char *report)
{
	struct shop shop;

	assert_int_equal(trial_decode(trial, &shop_schema.schema, &shop, json), -COR_EINVALID);
	assert_string_equal(trial_report(trial, &trial->violations), report);
}

static void test_refusals(void **state)
{
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &shop_schema.schema), 0);
	expect(&trial, "{\"price\":5,\"box\":" BOX("a") "}",
		"body /price: must be a string, not a number\n");
	expect(&trial, "{\"price\":\"5\",\"box\":" BOX("a") "}",
		"body /price: must match the pattern ^[0-9]+\\.[0-9]{2} [A-Z]{3}$\n");
	expect(&trial, "{\"price\":\"5.00 QQQ\",\"box\":" BOX("a") "}",
		"body /price: has no currency, but QQQ\n");
	expect(&trial, "{\"price\":\"5.00 YYY\",\"box\":" BOX("a") "}",
		"body /price: must be an amount\n");
	expect(&trial, "{" LEAST ",\"flag\":\"ab\"}", "body /flag: is not valid\n");
	expect(&trial, "{" LEAST ",\"flag\":\"\\u0000\"}", "body /flag: must not contain U+0000\n");
	expect(&trial, "{" LEAST ",\"fee\":\"1000000.00 EUR\"}",
		"body /fee: must have at most 10 characters\n");
	expect(&trial, "{" LEAST ",\"all\":[\"1.00 EUR\",\"2.00 QQQ\"]}",
		"body /all/1: has no currency, but QQQ\n");
	expect(&trial, "{" LEAST ",\"all\":[\"1.00 EUR\",\"1.00 EUR\"]}",
		"body /all: must not repeat an item: 0 and 1 are equal\n");
	expect(&trial, "{" LEAST ",\"by_name\":{\"a/b\":\"2.00 QQQ\"}}",
		"body /by_name/a~1b: has no currency, but QQQ\n");
	expect(&trial,
		"{" LEAST
		",\"named\":{\"k\":{\"Name\":\"far too long\",\"sides\":[0],\"price\":\"1.00 QQQ\"}}}",
		"body /named/k/Name: must have at most 8 characters\n"
		"body /named/k/sides/0: must be at least 1\n"
		"body /named/k/price: has no currency, but QQQ\n");
	expect(&trial,
		"{" LEAST ",\"boxes\":[{\"Name\":\"\",\"sides\":[1],\"price\":\"1.00 EUR\"}]}",
		"body /boxes/0/sides: must be three\n");
	expect(&trial,
		"{" LEAST ",\"other\":{\"Name\":\"\",\"sides\":[13,1,1],\"price\":\"1.00 EUR\"}}",
		"body /other: is unlucky\n");
	expect(&trial, "{" LEAST ",\"other\":[]}",
		"body /other: must be an object or null, not an array\n");
	expect(&trial, "{" LEAST ",\"euro\":99}", "body /euro: is not valid\n");
	expect(&trial, "{" LEAST ",\"euro\":-1}", "body /euro: must be at least 0\n");
	trial_end(&trial);
}

static void test_a_refusal_is_cut_between_characters(void **state)
{
	struct cor_conversion conversion = { 0 };
	char text[300];

	(void)state;
	memset(text, 'x', sizeof text);
	memcpy(text + COR_REFUSAL_BYTES - 2, "\xc3\xa9", 3);
	assert_int_equal(cor_refuse(&conversion, "%s", text), -COR_EINVALID);
	assert_int_equal(strlen(conversion.refusal), COR_REFUSAL_BYTES - 2);
	assert_int_equal(cor_refuse(&conversion, "\xff%s", text), -COR_EINVALID);
	assert_string_equal(conversion.refusal, "");
}

static void test_what_cannot_be_written(void **state)
{
	struct shop shop = { .flag = 'f', .box = { 1, 2, 3, 4, "n" } };
	struct cor_encode_fault fault = { { 0 } };
	struct cor_buffer buffer = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &shop_schema.schema), 0);
	assert_int_equal(cor_encode_append(trial.codec, &shop_schema.schema, COR_USE_WHOLE, &shop,
				 &buffer, &fault),
		-COR_EINVALID);
	assert_string_equal(fault.text, "shop_schema: /price has no currency");
	shop.price = shop.fee = (struct money){ 1, "EUR" };
	shop.box.width = 0;
	fault.text[0] = '\0';
	assert_int_equal(cor_encode_append(trial.codec, &shop_schema.schema, COR_USE_WHOLE, &shop,
				 &buffer, &fault),
		-COR_EINVALID);
	assert_string_equal(fault.text, "shop_schema: /box has no width");
	shop.box.width = 1;
	shop.price.currency = "\xff";
	fault.text[0] = '\0';
	assert_int_equal(cor_encode_append(trial.codec, &shop_schema.schema, COR_USE_WHOLE, &shop,
				 &buffer, &fault),
		-COR_EINVALID);
	assert_string_equal(fault.text, "shop_schema: /price is not UTF-8");
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

/* --- other places --- */

struct search {
	struct money at_least;
	cor_array(char) flags;
};
static const struct cor_field search_fields[] = {
	COR_OBJECT(struct search, at_least, money_kind),
	COR_OBJECT_ARRAY(struct search, flags, flag_kind, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(search_schema, struct search, search_fields);

static void test_parameters(void **state)
{
	struct cor_buffer buffer = { 0 };
	struct search search;
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &search_schema.schema), 0);
	assert_int_equal(
		trial_bind(&trial, &search_schema.schema, &search, "at_least", "5.01 EUR"), 0);
	assert_int_equal(search.at_least.cents, 501);
	assert_int_equal(cor_row_text(&search_fields[0], &search, &buffer), -COR_EINVALID);
	struct cor_field room;
	assert_int_equal(
		cor_row_text(cor_row_resolve(&search_fields[0], &room), &search, &buffer), 1);
	assert_int_equal(buffer.len, strlen("5.01 EUR"));
	assert_int_equal(trial_bind(&trial, &search_schema.schema, &search, "at_least", "5.01 QQQ"),
		-COR_EINVALID);
	assert_string_equal(trial_report(&trial, &trial.violations),
		"query at_least: has no currency, but QQQ\n");
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

/* A branch, a PATCH, a body. */
struct asset {
	enum asset_kind kind;
	struct held {
		struct box box;
		struct money worth;
	} held;
};
static const struct cor_field held_fields[] = {
	COR_OBJECT(struct held, box, box_schema),
	COR_OBJECT(struct held, worth, money_kind, .fallback = "\"0.00 EUR\""),
};
COR_LOCAL_SCHEMA(held_schema, struct held, held_fields);
static const struct cor_branch asset_branches[] = {
	COR_BRANCH(struct asset, held, held_schema, ASSET_BOX, "box"),
};
COR_LOCAL_UNION_SCHEMA(asset_schema, struct asset, kind, asset_branches);

static void test_in_a_union(void **state)
{
	static const char json[] = "{\"kind\":\"box\",\"box\":" BOX("u") ",\"worth\":\"1.00 EUR\"}";
	struct trial trial;
	struct asset asset;

	(void)state;
	assert_int_equal(trial_begin(&trial, &asset_schema.schema), 0);
	assert_int_equal(trial_decode(&trial, &asset_schema.schema, &asset, json), 0);
	assert_string_equal(asset.held.box.name, "u");
	assert_string_equal(trial_encode(&trial, &asset_schema.schema, &asset), json);
	trial_end(&trial);
}

struct held_patch {
	struct held held;
	struct cor_given given;
};
static const struct cor_field held_patch_fields[] = {
	COR_PARTIAL(struct held_patch, held, given, held_schema),
};
COR_LOCAL_SCHEMA(held_patch_schema, struct held_patch, held_patch_fields);

static void test_in_a_patch(void **state)
{
	struct held held = { { 1, 1, 1, 1, "old" }, { 5, "EUR" } };
	struct held_patch patch;
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &held_patch_schema.schema), 0);
	assert_int_equal(
		trial_decode(&trial, &held_patch_schema.schema, &patch, "{\"worth\":\"7.00 USD\"}"),
		0);
	assert_true(cor_is_given(&patch.given, held_schema, worth));
	assert_false(cor_is_given(&patch.given, held_schema, box));
	cor_apply(&patch.given, held_schema, &patch.held, &held);
	assert_int_equal(held.worth.cents, 700);
	assert_string_equal(held.box.name, "old");
	trial_end(&trial);
}

static void test_as_a_body(void **state)
{
	struct trial trial;
	struct money money;
	struct box box;

	(void)state;
	assert_int_equal(trial_begin(&trial, &money_kind.schema), 0);
	assert_int_equal(trial_decode(&trial, &money_kind.schema, &money, "\"1.02 EUR\""), 0);
	assert_string_equal(trial_encode(&trial, &money_kind.schema, &money), "\"1.02 EUR\"");
	assert_int_equal(
		trial_decode(&trial, &money_kind.schema, &money, "\"1.02 QQQ\""), -COR_EINVALID);
	assert_string_equal(
		trial_report(&trial, &trial.violations), "body : has no currency, but QQQ\n");
	trial_end(&trial);
	assert_int_equal(trial_begin(&trial, &box_schema.schema), 0);
	assert_int_equal(trial_decode(&trial, &box_schema.schema, &box, BOX("a")), 0);
	assert_string_equal(trial_encode(&trial, &box_schema.schema, &box), BOX("a"));
	assert_int_equal(trial_decode(&trial, &box_schema.schema, &box,
				 "{\"Name\":\"a\",\"sides\":[1],\"price\":\"1.00 EUR\"}"),
		-COR_EINVALID);
	assert_string_equal(
		trial_report(&trial, &trial.violations), "body /sides: must be three\n");
	trial_end(&trial);
}

/* A process is not trusted: nobody follows its pointers but the functions of its tables. */
static void test_foreign_memory(void **state)
{
	struct {
		struct money money;
		struct box box;
		char flag;
		struct euro euro;
	} here = { { 1, "EUR" }, { 1, 1, 1, 1, "n" }, 'f', { 1 } }, copy;
	const struct cor_foreign room = { (const char *)&here, (const char *)(&here + 1) };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(
		cor_copy_foreign(&arena, &room, &money_kind.schema, &here.money, &copy.money),
		-COR_EINVALID);
	assert_int_equal(cor_copy_foreign(&arena, &room, &box_schema.schema, &here.box, &copy.box),
		-COR_EINVALID);
	assert_int_equal(
		cor_copy_foreign(&arena, &room, &flag_kind.schema, &here.flag, &copy.flag), 0);
	assert_int_equal(
		cor_copy_foreign(&arena, &room, &euro_schema.schema, &here.euro, &copy.euro), 0);
	assert_ptr_equal(cor_copy_obstacle(&money_kind.schema), &money_kind.schema);
	assert_ptr_equal(cor_copy_obstacle(&box_schema.schema), &box_schema.schema);
	assert_ptr_equal(cor_copy_obstacle(&shop_schema.schema), &money_kind.schema);
	assert_ptr_equal(cor_copy_obstacle(&asset_schema.schema), &box_schema.schema);
	assert_null(cor_copy_obstacle(&flag_kind.schema));
	assert_null(cor_copy_obstacle(&euro_schema.schema));
	assert_null(cor_copy_obstacle(&cents_json_schema.schema));
	assert_int_equal(copy.flag, 'f');
	assert_int_equal((int)copy.euro.euros, 1);
	cor_arena_finish(&arena);
}

static const char *described(struct trial *trial, const struct cor_schema *schema)
{
	const struct cor_schema_form root = { .schema = schema, .use = COR_USE_REQUEST };
	struct cor_schema_names names;
	struct cor_buffer buffer = { 0 };

	assert_int_equal(cor_schema_names_collect(&root, 1, &trial->arena, &names), 0);
	for (size_t i = 0; i < names.len; i++) {
		cor_buffer_printf(&buffer, "%s: ", names.forms[i].name);
		cor_describe_form(&names.forms[i], &names, &buffer);
		cor_buffer_byte(&buffer, '\n');
	}
	const char *text = cor_arena_copy(&trial->arena, buffer.data, buffer.len);
	cor_buffer_finish(&buffer);
	return text;
}

#define MONEY                                                                                      \
	"money: {\"type\":\"string\",\"maxLength\":20,"                                            \
	"\"pattern\":\"^[0-9]+\\\\.[0-9]{2} [A-Z]{3}$\",\"description\":\"An amount\","            \
	"\"examples\":[\"19.90 EUR\"]}\n"

static void test_the_document(void **state)
{
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &box_schema.schema), 0);
	assert_string_equal(described(&trial, &box_schema.schema),
		"box: {\"$ref\":\"#/components/schemas/box_json\",\"description\":\"A box\"}\n"
		"box_json: {\"type\":\"object\",\"properties\":{"
		"\"Name\":{\"type\":\"string\",\"maxLength\":8},"
		"\"sides\":{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"format\":\"int32\","
		"\"minimum\":1,\"maximum\":2147483647},\"maxItems\":3},"
		"\"price\":{\"$ref\":\"#/components/schemas/money\"}},"
		"\"required\":[\"Name\",\"sides\",\"price\"],\"additionalProperties\":false}\n" MONEY);
	assert_string_equal(described(&trial, &search_schema.schema),
		"search: {\"type\":\"object\",\"properties\":{"
		"\"at_least\":{\"$ref\":\"#/components/schemas/money\"},"
		"\"flags\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/flag\"}}},"
		"\"required\":[\"at_least\"],\"additionalProperties\":false}\n" MONEY
		"flag: {\"type\":\"string\"}\n");
	trial_end(&trial);
}

/* --- contradictions --- */

COR_LOCAL_TEXT_KIND(wrong_kind, char, flag_read, flag_write, .pattern = "(", .min_length = 3,
	.max_length = 2, .example = "\"ab\"", .format = "");
COR_LOCAL_TEXT_KIND(example_kind, char, flag_read, flag_write, .example = "\"ab\"");

static int check_json(struct cor_ctx *ctx, const struct cents_json *json)
{
	(void)ctx;
	(void)json;
	return 0;
}
COR_CHECK(json_check, check_json, struct cents_json);
COR_LOCAL_SCHEMA(checked_json_schema, struct cents_json, cents_json_fields, .check = &json_check);
COR_LOCAL_MAPPED_SCHEMA(
	checked_euro_schema, struct euro, checked_json_schema, euro_load, euro_dump);
COR_LOCAL_SCHEMA(flat_schema, struct search, search_fields, .is_flat = true);

static void contradicts(const struct cor_schema *schema, const char *report)
{
	struct trial trial;

	assert_int_equal(trial_begin(&trial, schema), -COR_ETABLE);
	assert_string_equal(trial_report(&trial, &trial.why), report);
	trial_end(&trial);
}

static void test_contradictions(void **state)
{
	(void)state;
	contradicts(&wrong_kind.schema,
		"table wrong_kind, row value: .min_length 3 is above .max_length 2\n"
		"table wrong_kind, row value: .pattern \"(\" is not a regular expression of ECMA-262: at character 2 a ( is not closed\n"
		"table wrong_kind, row value: .format is empty or not UTF-8: name one, such as \"email\"\n");
	contradicts(&example_kind.schema,
		"table example_kind, row value: .example \"ab\" does not fit: is not valid\n");
	contradicts(&checked_euro_schema.schema,
		"table checked_euro_schema, row value: the .check and .after_load of checked_json_schema are not run for a mapped struct: do it in the function that loads, or give them to checked_euro_schema\n");
	contradicts(&flat_schema.schema,
		"table flat_schema: .is_flat is for mapped schemas: leave it out, or use COR_MAPPED_SCHEMA\n");
}

static void test_no_memory(void **state)
{
	struct trial trial;
	struct shop shop;

	(void)state;
	assert_int_equal(trial_begin(&trial, &shop_schema.schema), 0);
	for (size_t bytes = 16;; bytes += 16) {
		struct cor_violations found = { 0 };
		char room[8192] __attribute__((aligned(16)));
		struct cor_arena arena;
		assert_true(bytes < sizeof room);
		cor_arena_init(&arena, room, bytes, 1);
		int rc = cor_decode(
			trial.codec, &arena, shop_schema, &shop, cor_str(WHOLE), &found);
		cor_arena_finish(&arena);
		if (rc == 0)
			break;
		assert_int_equal(rc, -ENOMEM);
	}
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_absent_and_null),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_a_refusal_is_cut_between_characters),
		cmocka_unit_test(test_what_cannot_be_written),
		cmocka_unit_test(test_foreign_memory),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_in_a_union),
		cmocka_unit_test(test_in_a_patch),
		cmocka_unit_test(test_as_a_body),
		cmocka_unit_test(test_the_document),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
