/* SPDX-License-Identifier: MIT */
/* The service that bench/ measures: the same work that other servers get. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <coracle/compression.h>
#include <coracle/coracle.h>
#include <coracle/tls.h>

#include "cached.h"

/* GET / and GET /plaintext: a constant */

static int say_hello(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *text)
{
	(void)ctx;
	(void)none;
	*text = COR_STR("Hello, World!");
	return 0;
}
COR_OPERATION(say_hello_operation, say_hello, COR_NONE, COR_TEXT, .summary = "A constant text");

/* POST /: reads a body, whatever it is */

struct counted {
	uint64_t bytes;
};
static const struct cor_field counted_fields[] = { COR_FIELD(struct counted, bytes) };
COR_LOCAL_SCHEMA(counted_schema, struct counted, counted_fields);

static int count_bytes(struct cor_ctx *ctx, const struct cor_str *body, struct counted *counted)
{
	(void)ctx;
	counted->bytes = body->len;
	return 0;
}
COR_OPERATION(count_bytes_operation, count_bytes, COR_BYTES, counted_schema,
	.summary = "Count the bytes of the body", .body_limit_bytes = 1024 * 1024);

/* GET /json: encodes a struct for each request */

struct message {
	const char *message;
};
static const struct cor_field message_fields[] = { COR_FIELD(struct message, message) };
COR_LOCAL_SCHEMA(message_schema, struct message, message_fields);

static int get_message(struct cor_ctx *ctx, const struct cor_none *none, struct message *message)
{
	(void)ctx;
	(void)none;
	message->message = "Hello, World!";
	return 0;
}
COR_OPERATION(get_message_operation, get_message, COR_NONE, message_schema,
	.summary = "A struct as JSON");

/* POST /orders: decodes, validates and totals an order */

enum order_status { STATUS_NEW, STATUS_PAID, STATUS_SHIPPED, STATUS_CANCELLED };
static const struct cor_enum_name order_statuses[] = {
	{ "new", STATUS_NEW },
	{ "paid", STATUS_PAID },
	{ "shipped", STATUS_SHIPPED },
	{ "cancelled", STATUS_CANCELLED },
};

struct address {
	const char *street;
	const char *city;
	const char *zip;
};
static const struct cor_field address_fields[] = {
	COR_FIELD(struct address, street),
	COR_FIELD(struct address, city),
	COR_FIELD(struct address, zip),
};
COR_LOCAL_SCHEMA(address_schema, struct address, address_fields);

struct item {
	const char *sku;
	int32_t qty;
	double price;
};
static const struct cor_field item_fields[] = {
	COR_FIELD(struct item, sku, .pattern = "^SKU-[0-9]{4}$"),
	COR_FIELD(struct item, qty, .range = COR_BETWEEN(1, 999)),
	COR_FIELD(struct item, price, .range = COR_MIN(0.0)),
};
COR_LOCAL_SCHEMA(item_schema, struct item, item_fields);

struct order {
	int64_t id;
	const char *customer;
	enum order_status status;
	struct timespec created;
	bool paid;
	double discount;
	struct address address;
	cor_array(struct item) items;
};
static const struct cor_field order_fields[] = {
	COR_FIELD(struct order, id),
	COR_FIELD(struct order, customer),
	COR_ENUM(struct order, status, order_statuses),
	COR_FIELD(struct order, created),
	COR_FIELD(struct order, paid),
	COR_FIELD(struct order, discount, .range = COR_BETWEEN(0.0, 1.0)),
	COR_OBJECT(struct order, address, address_schema),
	COR_OBJECT_ARRAY(struct order, items, item_schema, .min_items = 1, .max_items = 50),
};
COR_LOCAL_SCHEMA(order_schema, struct order, order_fields);

struct receipt {
	int64_t order_id;
	uint64_t items;
	double total;
};
static const struct cor_field receipt_fields[] = {
	COR_FIELD(struct receipt, order_id),
	COR_FIELD(struct receipt, items),
	COR_FIELD(struct receipt, total),
};
COR_LOCAL_SCHEMA(receipt_schema, struct receipt, receipt_fields);

static int take_order(struct cor_ctx *ctx, const struct order *order, struct receipt *receipt)
{
	double sum = 0;

	(void)ctx;
	for (size_t i = 0; i < order->items.len; i++)
		sum += order->items.items[i].qty * order->items.items[i].price;
	receipt->order_id = order->id;
	receipt->items = order->items.len;
	receipt->total = sum * (1 - order->discount);
	return 0;
}
COR_OPERATION(
	take_order_operation, take_order, order_schema, receipt_schema, .summary = "Take an order");

/* GET /delay/{ms}: parks a fiber */

#define DELAY_MAX_MS 600000

struct delay {
	uint32_t ms;
};
static const struct cor_field delay_fields[] = {
	COR_FIELD(struct delay, ms, .from = COR_FROM_PATH, .range = COR_MAX(DELAY_MAX_MS)),
};
COR_LOCAL_SCHEMA(delay_schema, struct delay, delay_fields);

static int wait_a_while(struct cor_ctx *ctx, const struct delay *delay, struct cor_str *text)
{
	(void)ctx;
	*text = COR_STR("Hello, World!");
	return cor_sleep_ms(delay->ms);
}
COR_OPERATION(wait_a_while_operation, wait_a_while, delay_schema, COR_TEXT,
	.summary = "Answer after that many milliseconds", .timeout_ms = DELAY_MAX_MS + 10000);

/* GET /fan/{n}/{ms}: parks that many children */

#define FAN_MAX 10000

struct fan {
	uint32_t n;
	uint32_t ms;
};
static const struct cor_field fan_fields[] = {
	COR_FIELD(struct fan, n, .from = COR_FROM_PATH, .range = COR_MAX(FAN_MAX)),
	COR_FIELD(struct fan, ms, .from = COR_FROM_PATH, .range = COR_MAX(DELAY_MAX_MS)),
};
COR_LOCAL_SCHEMA(fan_schema, struct fan, fan_fields);

struct fanned {
	uint32_t done;
};
static const struct cor_field fanned_fields[] = { COR_FIELD(struct fanned, done) };
COR_LOCAL_SCHEMA(fanned_schema, struct fanned, fanned_fields);

struct nap {
	uint32_t ms;
	uint32_t done; /* by all children: they share a thread, and need no lock */
};

static int take_nap(struct cor_ctx *ctx, struct nap *nap)
{
	int rc = cor_sleep_ms(nap->ms);

	(void)ctx;
	if (rc == 0)
		nap->done++;
	return rc;
}

static int fan_out(struct cor_ctx *ctx, const struct fan *fan, struct fanned *fanned)
{
	struct nap nap = { .ms = fan->ms };
	struct cor_group group;

	cor_group_begin(&group, ctx, COR_ALL);
	for (uint32_t i = 0; i < fan->n; i++)
		cor_group_start(&group, take_nap, &nap);
	int rc = cor_group_wait(&group);
	fanned->done = nap.done;
	return rc;
}
COR_OPERATION(fan_out_operation, fan_out, fan_schema, fanned_schema,
	.summary = "Answer when that many children have each waited that many milliseconds",
	.timeout_ms = DELAY_MAX_MS + 10000);

/* GET /busy/{ms}: keeps a thread computing */

#define BUSY_MAX_MS 1000

struct busy {
	uint32_t ms;
};
static const struct cor_field busy_fields[] = {
	COR_FIELD(struct busy, ms, .from = COR_FROM_PATH, .range = COR_MAX(BUSY_MAX_MS)),
};
COR_LOCAL_SCHEMA(busy_schema, struct busy, busy_fields);

static int64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compute_a_while(struct cor_ctx *ctx, const struct busy *busy, struct cor_str *text)
{
	int64_t end = cpu_ns() + (int64_t)busy->ms * 1000000;

	(void)ctx;
	while (cpu_ns() < end)
		;
	*text = COR_STR("Hello, World!");
	return 0;
}
COR_OPERATION(compute_a_while_operation, compute_a_while, busy_schema, COR_TEXT,
	.summary = "Answer after that many milliseconds of CPU time");

/* GET /offload/{ms}: sleeps in the kernel, on a thread of an executor */

static const struct cor_executor sleepers = { .name = "sleepers", .size = 64 };

static int sleep_in_the_kernel(struct cor_ctx *ctx, uint32_t *ms)
{
	const struct timespec time = { *ms / 1000, (long)(*ms % 1000) * 1000000 };

	(void)ctx;
	return nanosleep(&time, NULL) < 0 ? -errno : 0;
}

static int offload_a_while(struct cor_ctx *ctx, const struct delay *delay, struct cor_str *text)
{
	uint32_t ms = delay->ms;

	*text = COR_STR("Hello, World!");
	return cor_offload(ctx, &sleepers, sleep_in_the_kernel, &ms);
}
COR_OPERATION(offload_a_while_operation, offload_a_while, delay_schema, COR_TEXT,
	.summary = "Answer after that many milliseconds of sleep on another thread");

/* GET /block/{ms} and GET /spin/{ms}: hold the thread, in the kernel or computing */

#define HOLD_MAX_MS 60000

struct hold {
	uint32_t ms;
};
static const struct cor_field hold_fields[] = {
	COR_FIELD(struct hold, ms, .from = COR_FROM_PATH, .range = COR_MAX(HOLD_MAX_MS)),
};
COR_LOCAL_SCHEMA(hold_schema, struct hold, hold_fields);

static int block_a_while(struct cor_ctx *ctx, const struct hold *hold, struct cor_str *text)
{
	struct timespec left = { hold->ms / 1000, hold->ms % 1000 * 1000000L };

	(void)ctx;
	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
	*text = COR_STR("Hello, World!");
	return 0;
}
COR_OPERATION(block_a_while_operation, block_a_while, hold_schema, COR_TEXT,
	.summary = "Answer after that many milliseconds of sleep in the kernel");

static int spin_a_while(struct cor_ctx *ctx, const struct hold *hold, struct cor_str *text)
{
	int64_t end_ns = cor_monotonic_ns() + hold->ms * INT64_C(1000000);

	(void)ctx;
	while (cor_monotonic_ns() < end_ns)
		;
	*text = COR_STR("Hello, World!");
	return 0;
}
COR_OPERATION(spin_a_while_operation, spin_a_while, hold_schema, COR_TEXT,
	.summary = "Answer after that many milliseconds, computing all the while");

/* GET /isolated/crash and GET /isolated/hang: what a process of a pool is for */

static const struct cor_executor isolated = {
	.name = "isolated", .kind = COR_PROCESSES, .size = 2, .job_timeout_ms = 500
};

struct nowhere {
	volatile char *byte; /* NULL */
};

static int crash(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *text)
{
	static struct nowhere nowhere;

	(void)ctx, (void)in;
	*nowhere.byte = 1;
	*text = COR_STR("Hello, World!");
	return 0;
}
COR_OPERATION(crash_operation, crash, COR_NONE, COR_TEXT, .executor = &isolated,
	.summary = "Crash in a process of its own");

static int hang(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *text)
{
	(void)ctx, (void)in;
	for (volatile bool ever = true; ever;)
		;
	*text = COR_STR("Hello, World!");
	return 0;
}
COR_OPERATION(hang_operation, hang, COR_NONE, COR_TEXT, .executor = &isolated,
	.summary = "Never come back, in a process of its own");

/* GET /isolated/hello: the same without its misfortunes, to be measured */
static int say_hello_apart(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *text)
{
	return say_hello(ctx, none, text);
}
COR_OPERATION(greet_apart_operation, say_hello_apart, COR_NONE, COR_TEXT, .executor = &isolated,
	.summary = "Say hello in a process of its own");

/* GET /bytes/{count}: a long answer, made for each request */

#define BYTES_MAX (16 * 1024 * 1024)

struct length {
	uint32_t count;
};
static const struct cor_field length_fields[] = {
	COR_FIELD(struct length, count, .from = COR_FROM_PATH, .range = COR_MAX(BYTES_MAX)),
};
COR_LOCAL_SCHEMA(length_schema, struct length, length_fields);

static int get_bytes(struct cor_ctx *ctx, const struct length *length, struct cor_str *bytes)
{
	char *text = cor_alloc(ctx, length->count);

	if (!text)
		return -ENOMEM;
	memset(text, 'x', length->count);
	*bytes = (struct cor_str){ text, length->count };
	return 0;
}
COR_OPERATION(
	get_bytes_operation, get_bytes, length_schema, COR_BYTES, .summary = "That many bytes");

/* GET /document/fast/{count}, /document/small/{count}: so much of a text that shrinks */

#define DOCUMENT_BYTES (1024 * 1024)
#define RECORD_BYTES   256

/* Records of JSON whose names repeat and whose numbers do not: the same at each start. */
static int write_document(struct cor_ctx *ctx, void **ret_state)
{
	static const char *const cities[] = { "Porto", "Lyon", "Gdansk", "Bergen", "Turin" };
	char *text = cor_alloc(ctx, DOCUMENT_BYTES + RECORD_BYTES);
	uint32_t random = 1;
	size_t len = 0;

	if (!text)
		return -ENOMEM;
	for (unsigned id = 0; len < DOCUMENT_BYTES; id++) {
		random = random * 1664525 + 1013904223;
		len += (size_t)snprintf(text + len, RECORD_BYTES,
			"{\"id\":%u,\"customer\":\"c%04x\",\"city\":\"%s\",\"quantity\":%u,"
			"\"price\":%u.%02u,\"paid\":%s},\n",
			id, random >> 16, cities[random >> 8 & 3], random >> 28,
			random >> 20 & 1023, random >> 12 & 63, random & 0x400 ? "true" : "false");
	}
	*ret_state = text;
	return 0;
}

struct excerpt {
	uint32_t count;
};
static const struct cor_field excerpt_fields[] = {
	COR_FIELD(struct excerpt, count, .from = COR_FROM_PATH, .range = COR_MAX(DOCUMENT_BYTES)),
};
COR_LOCAL_SCHEMA(excerpt_schema, struct excerpt, excerpt_fields);

static int get_document(struct cor_ctx *ctx, const struct excerpt *excerpt, struct cor_str *text)
{
	*text = (struct cor_str){ cor_state(ctx), excerpt->count };
	return 0;
}

static const struct cor_compression fast = {
	.codings = COR_CODINGS(&cor_zstd, &cor_brotli, &cor_gzip),
	.gzip_level = 1,
	.brotli_level = 1,
	.zstd_level = 1,
	.least_bytes = 1,
};
static const struct cor_compression small = {
	.codings = COR_CODINGS(&cor_zstd, &cor_brotli, &cor_gzip),
	.least_bytes = 1,
};
COR_OPERATION(get_document_fast_operation, get_document, excerpt_schema, COR_TEXT,
	.summary = "So much of a text, compressed fast", .compression = &fast);
COR_OPERATION(get_document_small_operation, get_document, excerpt_schema, COR_TEXT,
	.summary = "So much of a text, compressed small", .compression = &small);

static const struct cor_resource root = {
	.path = "/",
	.get = &say_hello_operation,
	.post = &count_bytes_operation,
};
static const struct cor_resource plaintext = { .path = "/plaintext", .get = &say_hello_operation };
static const struct cor_resource json = { .path = "/json", .get = &get_message_operation };
static const struct cor_resource orders = { .path = "/orders", .post = &take_order_operation };
static const struct cor_resource delay = { .path = "/delay/{ms}", .get = &wait_a_while_operation };
static const struct cor_resource offload = {
	.path = "/offload/{ms}",
	.get = &offload_a_while_operation,
};
static const struct cor_resource fan = { .path = "/fan/{n}/{ms}", .get = &fan_out_operation };
static const struct cor_resource busy = {
	.path = "/busy/{ms}",
	.get = &compute_a_while_operation,
};
static const struct cor_resource block = {
	.path = "/block/{ms}",
	.get = &block_a_while_operation,
};
static const struct cor_resource spin = { .path = "/spin/{ms}", .get = &spin_a_while_operation };
static const struct cor_resource isolated_crash = { .path = "/isolated/crash",
	.get = &crash_operation };
static const struct cor_resource isolated_hang = { .path = "/isolated/hang",
	.get = &hang_operation };
static const struct cor_resource isolated_hello = { .path = "/isolated/hello",
	.get = &greet_apart_operation };
static const struct cor_resource bytes = { .path = "/bytes/{count}", .get = &get_bytes_operation };
static const struct cor_resource document_fast = { .path = "/document/fast/{count}",
	.get = &get_document_fast_operation };
static const struct cor_resource document_small = { .path = "/document/small/{count}",
	.get = &get_document_small_operation };

/* GET /files/{name}: of --files, or of where it is started */

struct settings {
	const char *files;
};
static const struct cor_field settings_fields[] = {
	COR_FIELD(struct settings, files, .presence = COR_OPTIONAL, .doc = "Folder of /files"),
};
COR_LOCAL_SCHEMA(settings_schema, struct settings, settings_fields);

static const struct cor_files files = {
	.path = "/files",
	.setting = COR_FOLDER_SETTING(settings_schema, files),
	.folder = ".",
};

/* GET /relay/{name}, GET /relay-json: answers of another server, as they are and by schema */

static const struct cor_upstream origin = { .name = "origin", .base_url = "http://127.0.0.1:8081" };

struct relayed {
	const char *name;
};
static const struct cor_field relayed_fields[] = {
	COR_FIELD(struct relayed, name, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(relayed_schema, struct relayed, relayed_fields);

static int relay(struct cor_ctx *ctx, const struct relayed *in, struct cor_body *body,
	struct cor_reply *reply)
{
	struct cor_answer *answer;
	int rc = cor_http_open(ctx, &origin, &answer, COR_PATH("/{}", in->name));

	(void)body;
	return rc < 0 ? rc : cor_reply_relay(reply, answer);
}
COR_STREAM_OPERATION(relay_operation, relay, relayed_schema,
	.content_type = "application/octet-stream", .problems = { 502 },
	.summary = "An answer of the origin, passed on");
static const struct cor_resource relays = { .path = "/relay/{name}", .get = &relay_operation };

static int relay_message(struct cor_ctx *ctx, const struct cor_none *none, struct message *message)
{
	(void)none;
	return cor_http_get(ctx, &origin, message_schema, message, COR_PATH("/json"));
}
COR_OPERATION(relay_message_operation, relay_message, COR_NONE, message_schema, .problems = { 502 },
	.summary = "An answer of the origin, decoded and encoded");
static const struct cor_resource relay_json = {
	.path = "/relay-json",
	.get = &relay_message_operation,
};

static const struct cor_service bench = {
	.name = "coracle-bench",
	.version = "1.0.0",
	.upstreams = COR_UPSTREAMS(&origin),
	.resources = COR_RESOURCES(&relays, &relay_json, &root, &plaintext, &json, &orders, &delay,
		&offload, &fan, &busy, &block, &spin, &isolated_crash, &isolated_hang,
		&isolated_hello, &bytes, &document_fast, &document_small, &cached, &kept),
	.caches = COR_CACHES(&cached_values, &cached_keys),
	.schemas = COR_SCHEMAS(cached_value_schema),
	.files = COR_FILES(&files),
	.settings = COR_SETTINGS(settings_schema),
	.start = write_document,
	.executors = COR_EXECUTORS(&sleepers, &isolated),
	/* Load generators keep their connections as long as they run. */
	.tls = &cor_tls,
	.defaults = "{\"access_log\": false, \"requests_per_connection\": 4294967295}",
};

int main(int argc, char **argv)
{
	cached_take_flag(argc, argv);
	return cor_main(argc, argv, &bench);
}
