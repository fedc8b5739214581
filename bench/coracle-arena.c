/* SPDX-License-Identifier: MIT */
/* The service that HttpArena asks of each framework, of protocols and static files. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/compression.h>
#include <coracle/coracle.h>
#include <coracle/tls.h>

/* GET and POST /baseline11, GET /baseline2: a sum */

struct terms {
	int64_t a;
	int64_t b;
};
static const struct cor_field terms_fields[] = {
	COR_FIELD(struct terms, a, .from = COR_FROM_QUERY),
	COR_FIELD(struct terms, b, .from = COR_FROM_QUERY),
};
COR_LOCAL_SCHEMA(terms_schema, struct terms, terms_fields);

static int say_sum(struct cor_ctx *ctx, int64_t sum, struct cor_str *text)
{
	const char *digits = cor_printf(ctx, "%" PRId64, sum);

	if (!digits)
		return -ENOMEM;
	*text = cor_str(digits);
	return 0;
}

static int add(struct cor_ctx *ctx, const struct terms *terms, struct cor_str *text)
{
	return say_sum(ctx, terms->a + terms->b, text);
}
COR_OPERATION(add_operation, add, terms_schema, COR_TEXT, .summary = "The sum of two numbers");

#define NUMBER_BYTES 32

/* The body holds one more number, as text, in as many pieces as it comes. */
static int read_number(struct cor_ctx *ctx, struct cor_body *body, int64_t *ret)
{
	char text[NUMBER_BYTES + 1], *end;
	size_t len = 0;
	ssize_t n = 0;

	while (len < NUMBER_BYTES && (n = cor_body_read(body, text + len, NUMBER_BYTES - len)) > 0)
		len += (size_t)n;
	if (n < 0)
		return (int)n;
	text[len] = '\0';
	errno = 0;
	*ret = strtoll(text, &end, 10);
	if (len == 0 || len == NUMBER_BYTES || errno != 0 || end[strspn(end, " \r\n")] != '\0')
		return cor_problem(ctx, 422, 0, "the body is not an integer as text");
	return 0;
}

static int reply_sum(struct cor_ctx *ctx, int64_t sum, struct cor_reply *reply)
{
	struct cor_str text = { 0 };
	int rc = say_sum(ctx, sum, &text);

	if (rc == 0)
		rc = cor_reply_start(reply, 0, NULL);
	return rc < 0 ? rc : cor_reply_write(reply, text.data, text.len);
}

static int add_body(struct cor_ctx *ctx, const struct terms *terms, struct cor_body *body,
	struct cor_reply *reply)
{
	int64_t number = 0;
	int rc = read_number(ctx, body, &number);

	return rc < 0 ? rc : reply_sum(ctx, terms->a + terms->b + number, reply);
}
COR_STREAM_OPERATION(add_body_operation, add_body, terms_schema,
	.summary = "The sum of two numbers and that of the body",
	.content_type = "text/plain; charset=utf-8");

/* GET /pipeline: a constant */

static int say_ok(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *text)
{
	(void)ctx;
	(void)none;
	*text = COR_STR("ok");
	return 0;
}
COR_OPERATION(say_ok_operation, say_ok, COR_NONE, COR_TEXT, .summary = "A constant");

/* GET /json/{count}: the first of the dataset, each with a total */

struct rating {
	int64_t score;
	int64_t count;
};
static const struct cor_field rating_fields[] = {
	COR_FIELD(struct rating, score),
	COR_FIELD(struct rating, count),
};
COR_LOCAL_SCHEMA(rating_schema, struct rating, rating_fields);

struct product {
	int64_t id;
	const char *name;
	const char *category;
	int64_t price;
	int64_t quantity;
	bool active;
	cor_array(const char *) tags;
	struct rating rating;
};
#define PRODUCT_FIELDS(type)                                                                       \
	COR_FIELD(type, id), COR_FIELD(type, name), COR_FIELD(type, category),                     \
		COR_FIELD(type, price), COR_FIELD(type, quantity), COR_FIELD(type, active),        \
		COR_ARRAY(type, tags), COR_OBJECT(type, rating, rating_schema)
static const struct cor_field product_fields[] = { PRODUCT_FIELDS(struct product) };
COR_LOCAL_SCHEMA(product_schema, struct product, product_fields);

struct dataset {
	cor_array(struct product) items;
};
static const struct cor_field dataset_fields[] = {
	COR_OBJECT_ARRAY(struct dataset, items, product_schema),
};
COR_LOCAL_SCHEMA(dataset_schema, struct dataset, dataset_fields);

/* A product of the dataset, and what so many of it cost. */
struct priced {
	int64_t id;
	const char *name;
	const char *category;
	int64_t price;
	int64_t quantity;
	bool active;
	cor_array(const char *) tags;
	struct rating rating;
	int64_t total;
};
static const struct cor_field priced_fields[] = {
	PRODUCT_FIELDS(struct priced),
	COR_FIELD(struct priced, total),
};
COR_LOCAL_SCHEMA(priced_schema, struct priced, priced_fields);

struct page {
	cor_array(struct priced) items;
	uint64_t count;
};
static const struct cor_field page_fields[] = {
	COR_OBJECT_ARRAY(struct page, items, priced_schema),
	COR_FIELD(struct page, count),
};
COR_LOCAL_SCHEMA(page_schema, struct page, page_fields);

#define COUNT_MAX 50

struct wanted {
	uint32_t count;
	int64_t m;
};
static const struct cor_field wanted_fields[] = {
	COR_FIELD(struct wanted, count, .from = COR_FROM_PATH, .range = COR_BETWEEN(1, COUNT_MAX)),
	COR_FIELD(struct wanted, m, .from = COR_FROM_QUERY, .fallback = "1"),
};
COR_LOCAL_SCHEMA(wanted_schema, struct wanted, wanted_fields);

static int list_products(struct cor_ctx *ctx, const struct wanted *wanted, struct page *page)
{
	const struct dataset *dataset = cor_state(ctx);
	size_t len = wanted->count < dataset->items.len ? wanted->count : dataset->items.len;

	page->items.items = cor_alloc(ctx, len * sizeof page->items.items[0]);
	if (!page->items.items)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++) {
		const struct product *product = &dataset->items.items[i];
		page->items.items[i] = (struct priced){
			.id = product->id,
			.name = product->name,
			.category = product->category,
			.price = product->price,
			.quantity = product->quantity,
			.active = product->active,
			.tags = { product->tags.items, product->tags.len },
			.rating = product->rating,
			.total = product->price * product->quantity * wanted->m,
		};
	}
	page->items.len = page->count = len;
	return 0;
}
static const struct cor_compression compression = {
	.codings = COR_CODINGS(&cor_brotli, &cor_gzip),
};
COR_OPERATION(list_products_operation, list_products, wanted_schema, page_schema,
	.summary = "The first products, and what m times their quantity costs",
	.compression = &compression);

/* POST /upload: counts what comes */

#define UPLOAD_MAX_BYTES (32 * 1024 * 1024)

static int count_upload(struct cor_ctx *ctx, const struct cor_none *none, struct cor_body *body,
	struct cor_reply *reply)
{
	char *buffer = cor_alloc(ctx, 65536);
	int64_t sum = 0;
	ssize_t n;

	(void)none;
	if (!buffer)
		return -ENOMEM;
	while ((n = cor_body_read(body, buffer, 65536)) > 0)
		sum += n;
	return n < 0 ? (int)n : reply_sum(ctx, sum, reply);
}
COR_STREAM_OPERATION(count_upload_operation, count_upload, COR_NONE,
	.summary = "The number of bytes of the body", .body_limit_bytes = UPLOAD_MAX_BYTES,
	.content_type = "text/plain; charset=utf-8");

/* /ws: sends each message back */

static int echo(struct cor_ctx *ctx, const struct cor_none *none, struct cor_websocket *ws)
{
	struct cor_websocket_message message;
	int rc;

	(void)ctx;
	(void)none;
	while ((rc = cor_websocket_receive(ws, &message)) == 0) {
		rc = message.kind == COR_WEBSOCKET_TEXT
			     ? cor_websocket_send_text(ws, message.data)
			     : cor_websocket_send_bytes(ws, message.data);
		if (rc < 0)
			break;
	}
	return rc;
}
COR_WEBSOCKET_OPERATION(echo_operation, echo, COR_NONE, .summary = "Send each message back");

/* The service */

struct settings {
	const char *data;
};
static const struct cor_field settings_fields[] = {
	COR_FIELD(struct settings, data, .doc = "Folder with dataset.json and static/",
		.example = "\"data\""),
};
COR_LOCAL_SCHEMA(settings_schema, struct settings, settings_fields);

#define DATASET_MAX_BYTES ((size_t)1024 * 1024)

/* An array is not a struct: its text becomes that of an object with one member. */
static int read_dataset(struct cor_ctx *ctx, const char *path, struct cor_str *ret)
{
	static const char before[] = "{\"items\":";
	const size_t begin = sizeof before - 1;
	char *text = cor_alloc(ctx, begin + DATASET_MAX_BYTES + 1);
	FILE *file = text ? fopen(path, "re") : NULL;

	if (!file)
		return text ? -errno : -ENOMEM;
	memcpy(text, before, begin);
	size_t n = fread(text + begin, 1, DATASET_MAX_BYTES, file);
	int rc = ferror(file) ? -EIO : n == DATASET_MAX_BYTES ? -EFBIG : 0;
	(void)fclose(file);
	text[begin + n] = '}';
	*ret = (struct cor_str){ text, begin + n + 1 };
	return rc;
}

static int start(struct cor_ctx *ctx, void **ret_state)
{
	const struct settings *settings = cor_settings(ctx, settings_schema);
	const char *path = cor_printf(ctx, "%s/dataset.json", settings->data);
	struct dataset *dataset = cor_alloc(ctx, sizeof *dataset);
	struct cor_violations violations = { 0 };
	struct cor_str text = { 0 };

	if (!path || !dataset)
		return -ENOMEM;
	int rc = read_dataset(ctx, path, &text);
	if (rc == 0)
		rc = cor_decode(cor_ctx_codec(ctx), cor_ctx_arena(ctx), dataset_schema, dataset,
			text, &violations);
	if (rc < 0)
		return cor_problem(ctx, 500, rc, "cannot read %s: %s", path,
			violations.first ? violations.first->detail : cor_strerror(rc));
	*ret_state = dataset;
	return 0;
}

static const struct cor_resource baseline11 = {
	.path = "/baseline11", .get = &add_operation, .post = &add_body_operation
};
static const struct cor_resource baseline2 = { .path = "/baseline2", .get = &add_operation };
static const struct cor_resource pipeline = { .path = "/pipeline", .get = &say_ok_operation };
static const struct cor_resource products = { .path = "/json/{count}",
	.get = &list_products_operation };
static const struct cor_resource upload = { .path = "/upload", .post = &count_upload_operation };
static const struct cor_resource ws = { .path = "/ws", .get = &echo_operation };

static const struct cor_schema *const schemas[] = { &dataset_schema.schema, NULL };

static const struct cor_files files = {
	.path = "/static",
	.setting = COR_FOLDER_SETTING(settings_schema, data),
	.subfolder = "static",
	.precompressed = true,
};

static const struct cor_service arena = {
	.name = "coracle-arena",
	.version = "1.0.0",
	.doc = "What HttpArena asks of each framework, to measure it beside others.",
	.resources = COR_RESOURCES(&baseline11, &baseline2, &pipeline, &products, &upload, &ws),
	.files = COR_FILES(&files),
	.schemas = schemas,
	.settings = COR_SETTINGS(settings_schema),
	.start = start,
	.tls = &cor_tls,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &arena);
}
