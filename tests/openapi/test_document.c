/* SPDX-License-Identifier: MIT */
/* The document, part by part, as the tables of a small service declare it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include <coracle/caching.h>
#include <coracle/limit.h>
#include <coracle/error.h>
#include <coracle/response.h>
#include <coracle/security.h>
#include <coracle/schema.h>

#include "openapi/document.h"

struct price {
	int64_t cents;
};
static const struct cor_field price_fields[] = { COR_FIELD(
	struct price, cents, .range = COR_MIN(0)) };
COR_DECLARE_SCHEMA(price_schema, struct price);
COR_SCHEMA(price_schema, price_fields);

struct book {
	int64_t id;
	const char *title;
	struct price price;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id, .access = COR_READ_ONLY),
	COR_FIELD(struct book, title, .min_length = 1, .doc = "On the \"cover\"",
		.example = "\"Emma\""),
	COR_OBJECT(struct book, price, price_schema),
};
COR_DECLARE_SCHEMA(book_schema, struct book);
COR_SCHEMA(book_schema, book_fields, .doc = "A book");

struct paging {
	int32_t limit;
};
static const struct cor_field paging_fields[] = {
	COR_FIELD(struct paging, limit, .fallback = "20"),
};
COR_LOCAL_SCHEMA(paging_schema, struct paging, paging_fields);

struct query {
	int64_t id;
	cor_array(const char *) tags;
	const char *trace;
	const char *accept;
	struct paging paging;
};
static const struct cor_field query_fields[] = {
	COR_FIELD(struct query, id, .from = COR_FROM_PATH, .doc = "Which", .range = COR_MIN(1),
		.example = "7"),
	COR_ARRAY(struct query, tags, .presence = COR_OPTIONAL, .max_items = 5),
	COR_FIELD(struct query, trace, .from = COR_FROM_HEADER, .key = "X-Trace"),
	COR_FIELD(struct query, accept, .from = COR_FROM_HEADER, .key = "Accept"),
	COR_EMBED(struct query, paging, paging_schema),
};
COR_DECLARE_SCHEMA(query_schema, struct query);
COR_SCHEMA(query_schema, query_fields);

struct form {
	const char *name;
	bool sure;
};
static const struct cor_field form_fields[] = {
	COR_FIELD(struct form, name),
	COR_FIELD(struct form, sure, .presence = COR_OPTIONAL),
};
COR_DECLARE_SCHEMA(form_schema, struct form);
COR_SCHEMA(form_schema, form_fields);

struct place {
	const char *location;
};
static const struct cor_field place_fields[] = {
	COR_FIELD(struct place, location, .key = "Location", .to = COR_TO_HEADER,
		.doc = "Where it is"),
};
COR_LOCAL_SCHEMA(place_schema, struct place, place_fields);

struct made {
	struct place place;
};
static const struct cor_field made_fields[] = {
	COR_EMBED(struct made, place, place_schema),
};
COR_DECLARE_SCHEMA(made_schema, struct made);
COR_SCHEMA(made_schema, made_fields);

static int get_book(struct cor_ctx *ctx, const struct query *in, struct book *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(get_book_operation, get_book, query_schema, book_schema, .doc = "Fetches it",
	.problems = { 404, 503 }, .lifecycle = COR_DEPRECATED);

static int add_book(struct cor_ctx *ctx, const struct book *in, struct made *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(add_book_operation, add_book, book_schema, made_schema, .status = 201,
	.summary = "Add a book", .tag = "own");

struct shelf {
	int64_t at;
	cor_array(struct book) books;
};
static const struct cor_field shelf_fields[] = {
	COR_FIELD(struct shelf, at, .from = COR_FROM_PATH),
	COR_OBJECT_ARRAY(struct shelf, books, book_schema),
};
COR_LOCAL_SCHEMA(shelf_schema, struct shelf, shelf_fields);

static int stock(struct cor_ctx *ctx, const struct shelf *in, struct shelf *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(stock_operation, stock, shelf_schema, shelf_schema);

static int send_form(struct cor_ctx *ctx, const struct form *in, struct form *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(send_form_operation, send_form, form_schema, form_schema);

static int text(struct cor_ctx *ctx, const struct cor_str *in, struct cor_str *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(text_operation, text, COR_TEXT, COR_TEXT);
COR_OPERATION(bytes_operation, text, COR_BYTES, COR_BYTES, .content_type = "image/png");

static int nothing(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(nothing_operation, nothing, COR_NONE, COR_NONE);

static int stream(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	(void)ctx, (void)in, (void)body, (void)reply;
	return 0;
}
COR_STREAM_OPERATION(stream_operation, stream, COR_NONE, .content_type = "text/csv");

COR_STREAM_OPERATION(list_operation, stream, COR_NONE, .answers = COR_ANSWERS(form_schema));
COR_STREAM_OPERATION(lines_operation, stream, COR_NONE, .answers = COR_ANSWERS(book_schema),
	.content_type = "application/jsonl");

static const struct cor_resource book = {
	.path = "/books/{id}", .get = &get_book_operation, .tag = "books"
};
static const struct cor_resource books = {
	.path = "/books", .post = &add_book_operation, .tag = "books"
};
static const struct cor_resource shelf = { .path = "/shelves/{at}", .put = &stock_operation };
static const struct cor_resource forms = { .path = "/forms", .put = &send_form_operation };
static const struct cor_resource texts = {
	.path = "/texts",
	.post = &text_operation,
	.put = &bytes_operation,
	.delete = &nothing_operation,
};
static const struct cor_resource streams = {
	.path = "/streams",
	.get = &stream_operation,
	.post = &stream_operation,
	.put = &list_operation,
	.delete = &lines_operation,
};
static const struct cor_service shop = {
	.name = "shop",
	.version = "1.2.3",
	.title = "A shop",
	.doc = "Sells *books*",
	.resources = COR_RESOURCES(&book, &books, &shelf, &forms, &texts, &streams),
};

/* What must be in the document, verbatim. */
static const char *const parts[] = {
	/* the head */
	"{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"A shop\",\"version\":\"1.2.3\",\"description\":\"Sells *books*\"},"
	"\"servers\":[{\"url\":\".\"}],\"security\":[],\"tags\":[{\"name\":\"books\"},{\"name\":\"own\"}],\"paths\":{",
	/* an operation with parameters */
	"\"/books/{id}\":{\"get\":{\"operationId\":\"get_book\",\"summary\":\"Get book\",\"description\":\"Fetches it\","
	"\"tags\":[\"books\"],\"deprecated\":true,\"parameters\":[",
	"{\"name\":\"id\",\"in\":\"path\",\"description\":\"Which\",\"required\":true,\"schema\":{\"type\":\"integer\","
	"\"format\":\"int64\",\"minimum\":1",
	"\"example\":7}",
	"{\"name\":\"tags\",\"in\":\"query\",\"schema\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"maxItems\":5}}",
	"{\"name\":\"X-Trace\",\"in\":\"header\",\"required\":true,\"schema\":{\"type\":\"string\"}}",
	"{\"name\":\"limit\",\"in\":\"query\",\"schema\":",
	/* its answers */
	"\"responses\":{\"200\":{\"description\":\"OK\",\"content\":{\"application/json\":{\"schema\":"
	"{\"$ref\":\"#/components/schemas/book\"}}}},\"400\":{\"$ref\":\"#/components/responses/Problem400\"},"
	"\"404\":{\"$ref\":\"#/components/responses/Problem404\"},\"406\":{\"$ref\":\"#/components/responses/Problem406\"},"
	"\"422\":{\"$ref\":\"#/components/responses/Problem422\"},\"503\":{\"$ref\":\"#/components/responses/Problem503\"},"
	"\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}}",
	/* one with a body, which lacks the read-only row, and one with only a header */
	"\"/books\":{\"post\":{\"operationId\":\"add_book\",\"summary\":\"Add a book\",\"tags\":[\"own\"],"
	"\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{\"schema\":"
	"{\"$ref\":\"#/components/schemas/book_input\"}}}},",
	/*
	 * one with such a row in a nested schema, sent and answered; a row from the path is not
	 * part of the component
	 */
	"\"operationId\":\"stock\",\"summary\":\"Stock\",\"parameters\":[{\"name\":\"at\",",
	"\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{\"schema\":"
	"{\"$ref\":\"#/components/schemas/shelf_input\"}}}},"
	"\"responses\":{\"200\":{\"description\":\"OK\",\"content\":{\"application/json\":{\"schema\":"
	"{\"$ref\":\"#/components/schemas/shelf\"}}}},",
	"\"201\":{\"description\":\"Created\",\"headers\":{\"Location\":{\"description\":\"Where it is\",\"schema\":"
	"{\"type\":\"string\"}}}},\"400\":",
	"\"413\":{\"$ref\":\"#/components/responses/Problem413\"},\"415\":{\"$ref\":\"#/components/responses/Problem415\"},",
	/* a form */
	"\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/form_input\"}},"
	"\"application/x-www-form-urlencoded\":{\"schema\":{\"$ref\":\"#/components/schemas/form_input\"}},"
	"\"multipart/form-data\":{\"schema\":{\"$ref\":\"#/components/schemas/form_input\"}}}}",
	/* whole bodies, nothing, streams */
	"\"requestBody\":{\"content\":{\"text/plain\":{\"schema\":{\"type\":\"string\"}}}}",
	"\"requestBody\":{\"content\":{\"application/octet-stream\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}}}",
	"\"200\":{\"description\":\"OK\",\"content\":{\"text/plain; charset=utf-8\":{\"schema\":{\"type\":\"string\"}}}}",
	"\"200\":{\"description\":\"OK\",\"content\":{\"image/png\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}}}",
	"\"delete\":{\"operationId\":\"nothing\",\"summary\":\"Nothing\",\"responses\":{\"204\":{\"description\":\"No Content\"},"
	"\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}",
	"\"get\":{\"operationId\":\"stream\",",
	"\"post\":{\"operationId\":\"stream_3\",",
	"\"text/csv\":{\"schema\":",
	/* and what they say about their answers */
	"\"200\":{\"description\":\"OK\",\"content\":{\"application/json\":{\"schema\":"
	"{\"$ref\":\"#/components/schemas/form\"}}}}",
	"\"200\":{\"description\":\"OK\",\"content\":{\"application/jsonl\":{\"schema\":"
	"{\"$ref\":\"#/components/schemas/book\"}}}}",
	/* components */
	"\"components\":{\"schemas\":{\"book\":{\"type\":\"object\",\"description\":\"A book\","
	"\"properties\":{\"id\":{",
	/* an answer may get more members one day; a request with them is refused today */
	"\"required\":[\"id\",\"title\",\"price\"]},",
	"\"book_input\":{\"type\":\"object\",\"description\":\"A book\",\"properties\":{\"title\":{",
	"\"required\":[\"title\",\"price\"],\"additionalProperties\":false}",
	"\"shelf_input\":{\"type\":\"object\",\"properties\":{\"books\":{\"type\":\"array\","
	"\"items\":{\"$ref\":\"#/components/schemas/book_input\"}}},\"required\":[\"books\"],"
	"\"additionalProperties\":false}",
	/* a bool may be absent from a request, but is in every answer */
	"\"form\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"sure\":{\"type\":\"boolean\"}},"
	"\"required\":[\"name\",\"sure\"]}",
	"\"form_input\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"sure\":{\"type\":\"boolean\"}},"
	"\"required\":[\"name\"],\"additionalProperties\":false}",
	"\"shelf\":{\"type\":\"object\",\"properties\":{\"at\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":-9223372036854775808,\"maximum\":9223372036854775807,\"examples\":[0]},"
	"\"books\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/book\"}}}",
	"\"price\":{\"type\":\"object\",",
	"\"readOnly\":true",
	"\"description\":\"On the \\\"cover\\\"\"",
	"\"Problem\":{\"type\":\"object\",",
	"\"Problem404\":{\"description\":\"Not Found\",\"content\":{\"application/problem+json\":{\"schema\":"
	"{\"$ref\":\"#/components/schemas/Problem\"},\"example\":{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404}}}}",
};

/* What must not be in it. */
static const char *const not_parts[] = {
	"\"name\":\"Accept\"",
	"\"query\":{",
	"\"made\":{",
	"\"place\"",
	"\"paging\"",
	"\"schema\":{\"type\":\"object\"",
	"Problem401",
	"/openapi.json",
	"(null)",
};

static struct cor_document_access access; /* none */

static void write_document(const struct cor_service *service, struct cor_buffer *text)
{
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_openapi_write(service, &access, &arena, text), 0);
	cor_buffer_byte(text, '\0');
	cor_arena_finish(&arena);
}

static void test_parts(void **state)
{
	struct cor_buffer text = { 0 };

	(void)state;
	write_document(&shop, &text);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (!strstr(text.data, parts[i]))
			fail_msg("missing: %s\nin: %s", parts[i], text.data);
	for (size_t i = 0; i < sizeof not_parts / sizeof not_parts[0]; i++)
		if (strstr(text.data, not_parts[i]))
			fail_msg("there: %s\nin: %s", not_parts[i], text.data);
	cor_buffer_finish(&text);
}

static void test_is_json(void **state)
{
	struct cor_buffer text = { 0 };
	struct cor_codec *codec;
	struct cor_violations violations = { 0 };
	struct cor_arena arena;
	struct form unused;
	const struct cor_schema *schemas[] = { &form_schema.schema };

	(void)state;
	write_document(&shop, &text);
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_codec_create(schemas, 1, &codec, &arena, NULL), 0);
	/* well-formed, although it is not a form */
	int rc = cor_decode_json(codec, &arena, &form_schema.schema, &unused,
		(struct cor_str){ text.data, text.len - 1 }, &violations);
	assert_int_equal(rc, -COR_EINVALID);
	cor_codec_destroy(codec);
	cor_arena_finish(&arena);
	cor_buffer_finish(&text);
}

static void test_names(void **state)
{
	static const union book_schema problem = {
		.schema = { .fields = book_fields,
			.len = 1,
			.size = sizeof(struct book),
			.symbol = "p",
			.name = "Problem" },
	};
	static const struct cor_operation operation = {
		.handler = "f",
		.call = NULL,
		.in = &cor_none_schema.schema,
		.out = &problem.schema,
	};
	static const struct cor_resource one = { .path = "/one", .get = &operation };
	const struct cor_service service = { .name = "n", .resources = COR_RESOURCES(&one) };
	struct cor_buffer text = { 0 };

	(void)state;
	write_document(&service, &text);
	assert_non_null(strstr(text.data, "\"title\":\"n\",\"version\":\"0\"}"));
	assert_non_null(strstr(text.data, "\"#/components/schemas/Coracle.Problem\""));
	assert_non_null(strstr(text.data,
		"\"Coracle.Problem\":{\"type\":\"object\",\"description\":\"What went wrong"));
	cor_buffer_finish(&text);
}

/*
 * Two handlers of one name in two files, and a third that has the name which the second would get.
 */
static void test_operation_ids(void **state)
{
	const struct cor_operation show = {
		.handler = "show",
		.in = &cor_none_schema.schema,
		.out = &cor_none_schema.schema,
	};
	struct cor_operation other = show, show_2 = show;
	const struct cor_resource a = { .path = "/a", .get = &show };
	const struct cor_resource b = { .path = "/b", .get = &other };
	const struct cor_resource c = { .path = "/c", .get = &show_2 };
	const struct cor_service orders[] = {
		{ .name = "n", .resources = COR_RESOURCES(&a, &b, &c) },
		{ .name = "n", .resources = COR_RESOURCES(&a, &c, &b) },
		{ .name = "n", .resources = COR_RESOURCES(&c, &a, &b) },
	};

	(void)state;
	show_2.handler = "show_2";
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		struct cor_buffer text = { 0 };
		write_document(&orders[i], &text);
		assert_non_null(strstr(text.data, "\"/a\":{\"get\":{\"operationId\":\"show\""));
		assert_non_null(strstr(text.data, "\"/b\":{\"get\":{\"operationId\":\"show_3\""));
		assert_non_null(strstr(text.data, "\"/c\":{\"get\":{\"operationId\":\"show_2\""));
		cor_buffer_finish(&text);
	}
}

struct caller {
	const char *authorization;
};
static const struct cor_field caller_fields[] = {
	COR_FIELD(struct caller, authorization, .from = COR_FROM_HEADER, .key = "Authorization",
		.doc = "Bearer and a token"),
};
COR_LOCAL_SCHEMA(caller_schema, struct caller, caller_fields);
static const struct cor_field guest_fields[] = {
	COR_FIELD(struct caller, authorization, .from = COR_FROM_HEADER, .key = "authorization",
		.presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(guest_schema, struct caller, guest_fields);

/* OpenAPI ignores a header parameter of that name: it is a security scheme. */
static void test_authorization(void **state)
{
	const struct cor_operation call = {
		.handler = "call", .in = &caller_schema.schema, .out = &cor_none_schema.schema
	};
	const struct cor_operation visit = {
		.handler = "visit", .in = &guest_schema.schema, .out = &cor_none_schema.schema
	};
	const struct cor_resource one = { .path = "/one", .get = &call };
	const struct cor_resource two = { .path = "/two", .get = &visit };
	const struct cor_service service = { .name = "n", .resources = COR_RESOURCES(&one, &two) };
	struct cor_buffer text = { 0 };

	(void)state;
	write_document(&service, &text);
	assert_non_null(strstr(text.data,
		"\"operationId\":\"call\",\"summary\":\"Call\",\"security\":[{\"Authorization\":[]}],"));
	assert_non_null(strstr(text.data,
		"\"operationId\":\"visit\",\"summary\":\"Visit\",\"security\":[{\"Authorization\":[]},{}],"));
	assert_non_null(strstr(text.data,
		"\"securitySchemes\":{\"Authorization\":{\"type\":\"apiKey\",\"in\":\"header\","
		"\"name\":\"Authorization\",\"description\":\"Bearer and a token\"}}"));
	cor_buffer_finish(&text);
	write_document(&shop, &text);
	assert_null(strstr(text.data, "securitySchemes"));
	assert_non_null(strstr(text.data, "\"security\":[],"));
	cor_buffer_finish(&text);
	access.needs_certificate = true;
	write_document(&service, &text);
	access.needs_certificate = false;
	assert_non_null(strstr(text.data, "\"security\":[{\"clientCertificate\":[]}],"));
	assert_non_null(strstr(text.data, "\"summary\":\"Call\",\"security\":"
					  "[{\"clientCertificate\":[],\"Authorization\":[]}],"));
	assert_non_null(strstr(text.data, "\"summary\":\"Visit\",\"security\":"
					  "[{\"clientCertificate\":[],\"Authorization\":[]},"
					  "{\"clientCertificate\":[]}],"));
	assert_non_null(strstr(text.data, "\"clientCertificate\":{\"type\":\"mutualTLS\","));
	cor_buffer_finish(&text);
}

static void test_not_utf8(void **state)
{
	const struct cor_service service = {
		.name = "n", .title = "\xff", .resources = COR_RESOURCES(&book)
	};
	struct cor_buffer text = { 0 };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_openapi_write(&service, &access, &arena, &text), -COR_EINVALID);
	cor_arena_finish(&arena);
	cor_buffer_finish(&text);
}

struct due {
	int64_t cents;
	int64_t retry_s;
};
static const struct cor_field due_fields[] = {
	COR_FIELD(struct due, cents),
	COR_FIELD(struct due, retry_s, .to = COR_TO_HEADER, .key = "Retry-After"),
};
COR_LOCAL_SCHEMA(due_schema, struct due, due_fields);

/* What all operations of a resource and a service may answer. */
static void test_inherited_problems(void **state)
{
	const struct cor_operation call = {
		.handler = "call", .in = &cor_none_schema.schema, .out = &cor_none_schema.schema
	};
	const struct cor_resource one = { .path = "/one",
		.get = &call,
		.problems = COR_RESPONSES({ .status = 409, .doc = "Clash" }, { .status = 410 }) };
	const struct cor_service service = { .name = "n",
		.resources = COR_RESOURCES(&one),
		.problems = COR_RESPONSES({ .status = 402, .members = COR_ANSWERS(due_schema) },
			{ .status = 409, .doc = "Of the service" }) };
	struct cor_buffer text = { 0 };

	(void)state;
	write_document(&service, &text);
	assert_non_null(strstr(text.data,
		"\"402\":{\"description\":\"Payment Required\",\"headers\":{\"Retry-After\":{\"schema\":"));
	assert_non_null(strstr(text.data,
		"\"content\":{\"application/problem+json\":{\"schema\":{\"allOf\":["
		"{\"$ref\":\"#/components/schemas/Problem\"},{\"$ref\":\"#/components/schemas/due\"}]}}}},"
		"\"409\":{\"description\":\"Clash\",\"content\":"));
	assert_non_null(
		strstr(text.data, "\"410\":{\"$ref\":\"#/components/responses/Problem410\"}"));
	assert_null(strstr(text.data, "Of the service"));
	cor_buffer_finish(&text);
}

static int check_text(struct cor_ctx *ctx, const char *text, struct cor_none *none)
{
	(void)ctx, (void)text, (void)none;
	return 0;
}

static int check_login(struct cor_ctx *ctx, const struct cor_login *login, struct cor_none *none)
{
	(void)ctx, (void)login, (void)none;
	return 0;
}

static int check_certificate(
	struct cor_ctx *ctx, const struct cor_certificate *certificate, struct cor_none *none)
{
	(void)ctx, (void)certificate, (void)none;
	return 0;
}

COR_BEARER(token_scheme, check_text, COR_NONE, .name = "token", .format = "JWT", .doc = "T",
	.scopes = COR_SCOPES({ "read", "See" }, { "write" }));
COR_BEARER(code_scheme, check_text, COR_NONE, .name = "code",
	.oauth2 = &(const struct cor_oauth2){ .authorization_url = "/a", .token_url = "/t" },
	.scopes = COR_SCOPES({ "read", "See" }));
COR_BEARER(found_scheme, check_text, COR_NONE, .name = "found", .openid_url = "/o");
COR_BASIC(login_scheme, check_login, COR_NONE, .name = "login");
COR_API_KEY(key_scheme, check_text, COR_NONE, .name = "key", .in = COR_FROM_COOKIE, .key = "sid");
COR_CLIENT_CERTIFICATE(certificate_scheme, check_certificate, COR_NONE, .name = "certificate");
COR_CUSTOM_SCHEME(custom_scheme, check_text, COR_NONE, .name = "own", .http_scheme = "Signature");

static const char *const guarded[] = {
	"\"summary\":\"Call\",\"security\":[{\"token\":[\"read\",\"write\"]},{\"login\":[]},{}],",
	"\"summary\":\"Visit\",\"security\":[{\"code\":[]},{\"found\":[]},{\"key\":[]},{\"certificate\":[]},"
	"{\"own\":[]}],",
	"\"summary\":\"Open\",\"responses\":{\"204\":{\"description\":\"No Content\"},\"default\":",
	"\"401\":{\"$ref\":\"#/components/responses/Problem401\"},\"403\":{\"$ref\":",
	"\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\",\"description\":"
	"\"T\\n\\nScopes:\\n\\n- `read`: See\\n- `write`\"},\"login\":{\"type\":\"http\",\"scheme\":\"basic\"},"
	"\"code\":{\"type\":\"oauth2\",\"flows\":{\"authorizationCode\":{\"authorizationUrl\":\"/a\",\"tokenUrl\":\"/t\","
	"\"scopes\":{\"read\":\"See\"}}}},\"found\":{\"type\":\"openIdConnect\",\"openIdConnectUrl\":\"/o\"},"
	"\"key\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"sid\"},\"certificate\":{\"type\":\"mutualTLS\"},"
	"\"own\":{\"type\":\"http\",\"scheme\":\"Signature\"}}",
	"\"Problem429\":{\"description\":\"Too Many Requests\",\"headers\":{\"Retry-After\":{\"description\":",
	"\"Problem401\":{\"description\":\"Unauthorized\",\"headers\":{\"WWW-Authenticate\":{",
};

static void test_security(void **state)
{
	const struct cor_operation call = {
		.handler = "call", .in = &cor_none_schema.schema, .out = &cor_none_schema.schema
	};
	const struct cor_operation visit = { .handler = "visit",
		.in = &cor_none_schema.schema,
		.out = &cor_none_schema.schema,
		.security = COR_SECURITY({ &code_scheme }, { &found_scheme }, { &key_scheme },
			{ &certificate_scheme }, { &custom_scheme }) };
	const struct cor_operation open = { .handler = "open",
		.in = &cor_none_schema.schema,
		.out = &cor_none_schema.schema,
		.security = COR_PUBLIC };
	const struct cor_resource one = { .path = "/one", .get = &call, .put = &visit };
	const struct cor_resource two = { .path = "/two", .get = &open };
	const struct cor_service service = { .name = "n",
		.resources = COR_RESOURCES(&one, &two),
		.security = COR_SECURITY({ &token_scheme, .scopes = "read write" },
			{ &login_scheme }, { &cor_anonymous }) };
	struct cor_buffer text = { 0 };

	(void)state;
	write_document(&service, &text);
	for (size_t i = 0; i < sizeof guarded / sizeof guarded[0]; i++) {
		if (!strstr(text.data, guarded[i]))
			print_error("no %s in %s\n", guarded[i], text.data);
		assert_non_null(strstr(text.data, guarded[i]));
	}
	cor_buffer_finish(&text);
	access.needs_certificate = true;
	write_document(&service, &text);
	access.needs_certificate = false;
	assert_non_null(
		strstr(text.data, "[{\"clientCertificate\":[],\"token\":[\"read\",\"write\"]},"
				  "{\"clientCertificate\":[],\"login\":[]},"
				  "{\"clientCertificate\":[]}]"));
	cor_buffer_finish(&text);
}

/* A browser shows a cookie for whoever asks: what changes something has a 403 for that. */
static void test_reads_from_elsewhere(void **state)
{
	const struct cor_operation look = { .handler = "look",
		.in = &cor_none_schema.schema,
		.out = &cor_none_schema.schema,
		.security = COR_SECURITY({ &key_scheme }) };
	const struct cor_operation change = { .handler = "change",
		.in = &cor_none_schema.schema,
		.out = &cor_none_schema.schema,
		.security = COR_SECURITY({ &key_scheme }) };
	const struct cor_resource one = { .path = "/one", .get = &look, .put = &change };
	const struct cor_service service = { .name = "n", .resources = COR_RESOURCES(&one) };
	struct cor_buffer text = { 0 };

	(void)state;
	write_document(&service, &text);
	assert_non_null(strstr(text.data,
		"\"summary\":\"Look\",\"security\":[{\"key\":[]}],\"responses\":{\"204\":{"
		"\"description\":\"No Content\"},\"401\":{\"$ref\":"
		"\"#/components/responses/Problem401\"},\"429\":"));
	assert_non_null(strstr(text.data,
		"\"summary\":\"Change\",\"security\":[{\"key\":[]}],\"responses\":{\"204\":{"
		"\"description\":\"No Content\"},\"401\":{\"$ref\":"
		"\"#/components/responses/Problem401\"},\"403\":"));
	cor_buffer_finish(&text);
}

struct kept {
	int64_t version;
	struct timespec changed;
};
static const struct cor_field kept_fields[] = {
	COR_FIELD(struct kept, version),
	COR_FIELD(struct kept, changed),
};
COR_LOCAL_SCHEMA(kept_schema, struct kept, kept_fields);

#define RATES                                                                                      \
	"\"RateLimit-Limit\":{\"description\":\"How many requests may come at once\","             \
	"\"schema\":{\"type\":\"integer\"}},\"RateLimit-Remaining\":"

/* What answers say of limits and of their keeping, and what a request may say of it. */
static void test_edge(void **state)
{
	static const struct cor_limit rate = { .name = "rate", .count = 1, .per_s = 1 };
	static const struct cor_limit entry = { .name = "entry", .in_progress = 1 };
	static const char *const told[] = {
		"\"Cache-Control\":{\"schema\":{\"type\":\"string\"}}," RATES,
		"\"304\":{\"description\":\"The client has it already\",\"headers\":{\"ETag\":"
		"{\"schema\":{\"type\":\"string\"}},\"Last-Modified\":",
		"\"RateLimit-Policy\":{\"description\":\"How many in how many seconds\",\"schema\":"
		"{\"type\":\"string\"}}}},\"406\"",
		"\"name\":\"If-None-Match\"",
		"\"name\":\"If-Modified-Since\"",
		"\"name\":\"If-Match\"",
		"\"name\":\"If-Unmodified-Since\"",
		"\"summary\":\"Enter\",\"responses\":{\"204\":{\"description\":\"No Content\"},\"429\":",
		"\"summary\":\"Guard\",\"security\":[{\"token\":[]}],\"responses\":{\"204\":"
		"{\"description\":\"No Content\"},\"401\":{\"$ref\":\"#/components/responses/Problem401\"},"
		"\"default\":",
	};
	const struct cor_caching caching = {
		.control = "no-cache", .version = "version", .modified = "changed"
	};
	const struct cor_caching changing = { .version = "version", .modified = "changed" };
	const struct cor_operation get = { .handler = "get",
		.in = &cor_none_schema.schema,
		.out = &kept_schema.schema,
		.caching = &caching,
		.limits = COR_LIMITS(&rate) };
	const struct cor_operation put = { .handler = "put",
		.in = &cor_none_schema.schema,
		.out = &kept_schema.schema,
		.caching = &changing };
	const struct cor_operation enter = { .handler = "enter",
		.in = &cor_none_schema.schema,
		.out = &cor_none_schema.schema,
		.limits = COR_LIMITS(&entry) };
	const struct cor_operation guard = { .handler = "guard",
		.in = &cor_none_schema.schema,
		.out = &cor_none_schema.schema,
		.security = COR_SECURITY({ &token_scheme }) };
	const struct cor_resource one = { .path = "/one", .get = &get, .put = &put };
	const struct cor_resource two = { .path = "/two", .get = &enter, .put = &guard };
	const struct cor_service service = {
		.name = "n", .resources = COR_RESOURCES(&one, &two), .failed_logins = &cor_unlimited
	};
	struct cor_buffer text = { 0 };

	(void)state;
	write_document(&service, &text);
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
		if (!strstr(text.data, told[i]))
			print_error("no %s in %s\n", told[i], text.data);
		assert_non_null(strstr(text.data, told[i]));
	}
	cor_buffer_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_is_json),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_operation_ids),
		cmocka_unit_test(test_authorization),
		cmocka_unit_test(test_security),
		cmocka_unit_test(test_reads_from_elsewhere),
		cmocka_unit_test(test_edge),
		cmocka_unit_test(test_inherited_problems),
		cmocka_unit_test(test_not_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
