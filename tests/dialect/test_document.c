/* SPDX-License-Identifier: MIT */
/* Operations, security and the head of a document in its dialects; what is no document. */
#include "dialects.h"

#include <coracle/error.h>

static const char document[] =
	"{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"T\",\"version\":\"1\",\"license\":"
	"{\"name\":\"MIT\",\"identifier\":\"MIT\"}},\"servers\":[{\"url\":\".\"},"
	"{\"url\":\"https://example.com/v1/\"}],\"security\":[{\"clientCertificate\":[]}],"
	"\"tags\":[{\"name\":\"a\",\"description\":\"A\"}],\"paths\":{"
	"\"/a/{id}/b\":{\"put\":{\"operationId\":\"put_a\",\"summary\":\"Put a\",\"tags\":[\"a\"],"
	"\"security\":[{\"clientCertificate\":[],\"Authorization\":[]}],\"parameters\":["
	"{\"name\":\"id\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"integer\","
	"\"minimum\":1,\"examples\":[7]}},"
	"{\"name\":\"q\",\"in\":\"query\",\"schema\":{\"type\":\"array\",\"items\":{\"type\":"
	"\"string\",\"const\":\"x\"},\"maxItems\":3},\"example\":[\"x\"]},"
	"{\"name\":\"X-H\",\"in\":\"header\",\"required\":true,\"schema\":{\"$ref\":\"#/components/schemas/name\"}}],"
	"\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/thing\"}},\"application/x-www-form-urlencoded\":{\"schema\":{\"$ref\":\"#/components/schemas/thing\"}}}},"
	"\"responses\":{\"200\":{\"description\":\"OK\",\"headers\":{\"X-L\":{\"schema\":"
	"{\"type\":[\"integer\",\"null\"]},\"description\":\"D\"}},\"content\":{\"application/json\":"
	"{\"schema\":{\"$ref\":\"#/components/schemas/thing\"},\"examples\":{\"one\":{\"value\":{\"name\":\"n\"}}}}},"
	"\"links\":{\"l\":{\"operationId\":\"put_a\"}}},"
	"\"404\":{\"$ref\":\"#/components/responses/P\"}},"
	"\"callbacks\":{\"done\":{\"{$request.body#/url}\":{\"post\":{\"responses\":{\"204\":"
	"{\"description\":\"D\"}},\"requestBody\":{\"content\":{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/thing\"}}}}}}}}}},"
	"\"/u\":{\"post\":{\"operationId\":\"upload\",\"summary\":\"Upload\",\"requestBody\":{\"required\":true,"
	"\"content\":{\"multipart/form-data\":{\"schema\":{\"$ref\":\"#/components/schemas/upload\"},"
	"\"encoding\":{\"file\":{\"contentType\":\"image/png, image/jpeg\"}}}}},\"responses\":{\"204\":"
	"{\"description\":\"N\"}}}},"
	"\"/f\":{\"get\":{\"operationId\":\"file\",\"summary\":\"File\",\"responses\":{\"200\":"
	"{\"description\":\"OK\",\"content\":{\"image/png\":{\"schema\":{\"type\":\"string\","
	"\"format\":\"binary\"}}}}}}},"
	"\"/ws\":{\"get\":{\"operationId\":\"ws\",\"summary\":\"Ws\",\"responses\":{\"101\":"
	"{\"description\":\"S\"}},\"x-websocket\":{\"sends\":{\"$ref\":\"#/components/schemas/thing\"}}}}},"
	"\"webhooks\":{\"w\":{\"post\":{\"responses\":{\"204\":{\"description\":\"D\"}}}}},"
	"\"components\":{\"schemas\":{\"thing\":{\"type\":\"object\",\"properties\":{\"name\":{\"$ref\":\"#/components/schemas/name\"}},\"required\":[\"name\"]},\"name\":{\"type\":\"string\",\"minLength\":6},"
	"\"upload\":{\"type\":\"object\",\"properties\":{\"title\":{\"$ref\":\"#/components/schemas/name\"},"
	"\"file\":{\"type\":\"string\",\"format\":\"binary\",\"contentMediaType\":\"application/octet-stream\","
	"\"maxLength\":9,\"description\":\"F\"},\"files\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
	"\"format\":\"binary\",\"contentMediaType\":\"application/octet-stream\"},\"maxItems\":3}},"
	"\"required\":[\"file\"]}},"
	"\"responses\":{\"P\":{\"description\":\"P\",\"content\":{\"application/problem+json\":"
	"{\"schema\":{\"$ref\":\"#/components/schemas/thing\"},\"example\":{\"$ref\":\"#/components/schemas/is-data\"}}}}},"
	"\"securitySchemes\":{\"Authorization\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":"
	"\"Authorization\"},\"clientCertificate\":{\"type\":\"mutualTLS\"}}}}";

static const char *const openapi30[] = {
	"{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"T\",\"version\":\"1\",\"license\":{\"name\":\"MIT\","
	"\"x-identifier\":\"MIT\"}},\"servers\":[{\"url\":\".\"},{\"url\":\"https://example.com/v1/\"}],"
	"\"security\":[{}],",
	"\"security\":[{\"Authorization\":[]}]",
	"\"x-webhooks\":{\"w\":",
	"\"callbacks\":{\"done\":{\"{$request.body#/url}\":{\"post\":",
	"\"links\":{\"l\":",
	"\"schema\":{\"type\":\"integer\",\"nullable\":true}",
	"\"schema\":{\"type\":\"integer\",\"minimum\":1,\"example\":7}",
	"\"items\":{\"type\":\"string\",\"enum\":[\"x\"]}",
	"\"multipart/form-data\":{\"schema\":{\"$ref\":\"#/components/schemas/upload\"},"
	"\"encoding\":{\"file\":{\"contentType\":\"image/png, image/jpeg\"}}}",
	"\"file\":{\"type\":\"string\",\"format\":\"binary\",\"x-contentMediaType\":\"application/octet-stream\",\"maxLength\":9,",
	"\"securitySchemes\":{\"Authorization\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"Authorization\"}}",
	"\"x-mutualTLS\":true}",
	"\"x-websocket\":{\"sends\":{\"$ref\":\"#/components/schemas/thing\"}}",
	"\"example\":{\"$ref\":\"#/components/schemas/is-data\"}",
};

static const char *const swagger20[] = {
	"{\"swagger\":\"2.0\",\"info\":{",
	"\"consumes\":[\"application/json\"],\"x-consumes\":[\"application/x-www-form-urlencoded\"],"
	"\"parameters\":[{\"name\":\"id\",\"in\":\"path\",\"required\":true,\"type\":\"integer\",\"minimum\":1},"
	"{\"name\":\"q\",\"in\":\"query\",\"type\":\"array\",\"maxItems\":3,\"items\":{\"type\":\"string\","
	"\"enum\":[\"x\"]},\"collectionFormat\":\"multi\",\"x-example\":[\"x\"]},"
	"{\"name\":\"X-H\",\"in\":\"header\",\"required\":true,\"type\":\"string\",\"minLength\":6},"
	"{\"name\":\"body\",\"in\":\"body\",\"required\":true,\"schema\":{\"$ref\":\"#/definitions/thing\"}}],"
	"\"produces\":[\"application/json\",\"application/problem+json\"],"
	"\"responses\":{\"200\":{\"description\":\"OK\",\"schema\":{\"$ref\":\"#/definitions/thing\"},"
	"\"headers\":{\"X-L\":{\"description\":\"D\",\"type\":\"integer\"}},"
	"\"examples\":{\"application/json\":{\"name\":\"n\"}},"
	"\"x-examples\":{\"one\":{\"value\":{\"name\":\"n\"}}},\"x-links\":{\"l\":{\"operationId\":\"put_a\"}}},"
	"\"404\":{\"$ref\":\"#/responses/P\"}}",
	"\"x-callbacks\":{\"done\":{\"{$request.body#/url}\":{\"post\":{\"consumes\":[\"application/json\"],",
	"\"consumes\":[\"multipart/form-data\"],\"parameters\":["
	"{\"name\":\"title\",\"in\":\"formData\",\"type\":\"string\",\"minLength\":6},"
	"{\"name\":\"file\",\"in\":\"formData\",\"description\":\"F\",\"required\":true,\"type\":\"file\",\"maxLength\":9},"
	"{\"name\":\"files\",\"in\":\"formData\",\"type\":\"array\",\"maxItems\":3,"
	"\"items\":{\"type\":\"string\",\"format\":\"binary\"},\"collectionFormat\":\"multi\"}],",
	"\"produces\":[\"image/png\"],\"responses\":{\"200\":{\"description\":\"OK\",\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}}",
	"\"x-websocket\":{\"sends\":{\"$ref\":\"#/definitions/thing\"}}",
	"\"definitions\":{\"thing\":{\"type\":\"object\",\"properties\":{\"name\":{\"$ref\":\"#/definitions/name\"}},",
	"\"responses\":{\"P\":{\"description\":\"P\",\"schema\":{\"$ref\":\"#/definitions/thing\"},"
	"\"examples\":{\"application/problem+json\":{\"$ref\":\"#/components/schemas/is-data\"}}}}",
	"\"securityDefinitions\":{\"Authorization\":",
	"\"x-servers\":[",
	"\"x-mutualTLS\":true",
	"\"x-webhooks\":{",
};

static const char *const postman21[] = {
	"{\"info\":{\"name\":\"T\",\"version\":\"1\",\"schema\":\"https://schema.getpostman.com/json/collection/v2.1.0/",
	"\"item\":[{\"name\":\"a\",\"description\":\"A\",\"item\":[{\"name\":\"Put a\",\"request\":{\"method\":\"PUT\","
	"\"header\":[{\"key\":\"Content-Type\",\"value\":\"application/json\"},"
	"{\"key\":\"Authorization\",\"value\":\"{{authorization}}\"},"
	"{\"key\":\"X-H\",\"value\":\"textxx\"}],"
	"\"body\":{\"mode\":\"raw\",\"raw\":\"{\\\"name\\\":\\\"textxx\\\"}\",\"options\":{\"raw\":{\"language\":\"json\"}}},"
	"\"url\":{\"raw\":\"{{baseUrl}}/a/:id/b\",\"host\":[\"{{baseUrl}}\"],\"path\":[\"a\",\":id\",\"b\"],"
	"\"query\":[{\"key\":\"q\",\"value\":\"x\",\"disabled\":true}],"
	"\"variable\":[{\"key\":\"id\",\"value\":\"7\"}]}},\"response\":[]}]},",
	"{\"name\":\"Upload\",\"request\":{\"method\":\"POST\",\"header\":[],\"body\":{\"mode\":\"formdata\",\"formdata\":["
	"{\"key\":\"title\",\"type\":\"text\",\"value\":\"textxx\",\"disabled\":true},"
	"{\"key\":\"file\",\"type\":\"file\",\"src\":[],\"description\":\"F\"},"
	"{\"key\":\"files\",\"type\":\"file\",\"src\":[],\"disabled\":true}]},",
	"{\"name\":\"File\",\"request\":{\"method\":\"GET\",\"header\":[],",
	"\"variable\":[{\"key\":\"baseUrl\",\"value\":\"https://example.com/v1\"},"
	"{\"key\":\"authorization\",\"value\":\"\"}]}",
};

static void check(enum cor_dialect dialect, const char *const *parts, size_t len,
	const char *const *not_parts)
{
	struct cor_buffer text = { 0 };

	in_dialect(dialect, document, &text);
	for (size_t i = 0; i < len; i++)
		assert_part(&text, parts[i]);
	for (; *not_parts; not_parts++)
		assert_no_part(&text, *not_parts);
	cor_buffer_finish(&text);
}

#define CHECK(dialect, parts, ...)                                                                 \
	check((dialect), (parts), sizeof(parts) / sizeof((parts)[0]),                              \
		(const char *const[]){ __VA_ARGS__, NULL })

static void test_openapi30(void **state)
{
	(void)state;
	CHECK(COR_DIALECT_OPENAPI_3_0, openapi30, "\"type\":\"mutualTLS\"",
		"\"clientCertificate\"");
}

static void test_swagger20(void **state)
{
	(void)state;
	CHECK(COR_DIALECT_SWAGGER_2_0, swagger20, "\"type\":\"mutualTLS\"", "\"clientCertificate\"",
		"\"components\":{\"");
}

static void test_postman(void **state)
{
	(void)state;
	CHECK(COR_DIALECT_POSTMAN_2_1, postman21, "\"Ws\"", "\"webhooks\"");
}

/* Every sort of scheme, and alternatives of which a dialect does not know one. */
static const char guarded[] =
	"{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"T\",\"version\":\"1\"},\"security\":[],\"paths\":{"
	"\"/a\":{\"get\":{\"summary\":\"A\",\"security\":[{\"cert\":[]},{\"token\":[\"x\"]},{\"code\":[\"x\"]}],"
	"\"responses\":{\"204\":{\"description\":\"D\"}}},"
	"\"put\":{\"summary\":\"B\",\"security\":[{\"cookie\":[]},{\"key\":[]},{}],"
	"\"responses\":{\"204\":{\"description\":\"D\"}}},"
	"\"post\":{\"summary\":\"C\",\"security\":[{\"login\":[]},{\"found\":[\"x\"]}],"
	"\"responses\":{\"204\":{\"description\":\"D\"}}}}},"
	"\"components\":{\"securitySchemes\":{\"cert\":{\"type\":\"mutualTLS\"},"
	"\"token\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\",\"description\":\"D\"},"
	"\"login\":{\"type\":\"http\",\"scheme\":\"basic\"},"
	"\"key\":{\"type\":\"apiKey\",\"in\":\"query\",\"name\":\"api_key\"},"
	"\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"sid\"},"
	"\"code\":{\"type\":\"oauth2\",\"flows\":{\"authorizationCode\":{\"authorizationUrl\":\"/a\","
	"\"tokenUrl\":\"/t\",\"refreshUrl\":\"/r\",\"scopes\":{\"x\":\"X\"}}}},"
	"\"self\":{\"type\":\"oauth2\",\"flows\":{\"clientCredentials\":{\"tokenUrl\":\"/t\",\"scopes\":{}}}},"
	"\"found\":{\"type\":\"openIdConnect\",\"openIdConnectUrl\":\"/o\"}}}}";

static const struct {
	enum cor_dialect dialect;
	const char *part;
} guards[] = {
	{ COR_DIALECT_OPENAPI_3_0, "\"security\":[{\"token\":[]},{\"code\":[\"x\"]}]" },
	{ COR_DIALECT_OPENAPI_3_0, "\"security\":[{\"cookie\":[]},{\"key\":[]},{}]" },
	{ COR_DIALECT_OPENAPI_3_0, "\"security\":[{\"login\":[]},{\"found\":[\"x\"]}]" },
	{ COR_DIALECT_OPENAPI_3_0, "\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"," },
	{ COR_DIALECT_OPENAPI_3_0, "\"x-mutualTLS\":true" },
	{ COR_DIALECT_SWAGGER_2_0, "\"security\":[{\"token\":[]},{\"code\":[\"x\"]}]" },
	{ COR_DIALECT_SWAGGER_2_0, "\"security\":[{\"login\":[]},{\"found\":[]}]" },
	{ COR_DIALECT_SWAGGER_2_0,
		"\"token\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"Authorization\","
		"\"x-scheme\":\"bearer\",\"x-bearerFormat\":\"JWT\",\"description\":\"D\"}" },
	{ COR_DIALECT_SWAGGER_2_0, "\"login\":{\"type\":\"basic\"}" },
	{ COR_DIALECT_SWAGGER_2_0,
		"\"key\":{\"type\":\"apiKey\",\"in\":\"query\",\"name\":\"api_key\"}" },
	{ COR_DIALECT_SWAGGER_2_0,
		"\"cookie\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"Cookie\","
		"\"x-cookie\":\"sid\"}" },
	{ COR_DIALECT_SWAGGER_2_0,
		"\"code\":{\"type\":\"oauth2\",\"flow\":\"accessCode\",\"authorizationUrl\":\"/a\","
		"\"tokenUrl\":\"/t\",\"scopes\":{\"x\":\"X\"}}" },
	{ COR_DIALECT_SWAGGER_2_0,
		"\"self\":{\"type\":\"oauth2\",\"flow\":\"application\",\"tokenUrl\":\"/t\",\"scopes\":{}}" },
	{ COR_DIALECT_SWAGGER_2_0,
		"\"found\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"Authorization\","
		"\"x-openIdConnectUrl\":\"/o\"}" },
	{ COR_DIALECT_POSTMAN_2_1,
		"\"auth\":{\"type\":\"bearer\",\"bearer\":[{\"key\":\"token\",\"value\":\"{{token}}\","
		"\"type\":\"string\"}]}" },
	{ COR_DIALECT_POSTMAN_2_1,
		"\"auth\":{\"type\":\"apikey\",\"apikey\":[{\"key\":\"key\",\"value\":\"api_key\",\"type\":"
		"\"string\"},{\"key\":\"value\",\"value\":\"{{apiKey}}\",\"type\":\"string\"},"
		"{\"key\":\"in\",\"value\":\"query\",\"type\":\"string\"}]}" },
	{ COR_DIALECT_POSTMAN_2_1,
		"\"auth\":{\"type\":\"basic\",\"basic\":[{\"key\":\"username\",\"value\":"
		"\"{{username}}\",\"type\":\"string\"}," },
	{ COR_DIALECT_POSTMAN_2_1,
		",{\"key\":\"token\",\"value\":\"\"},{\"key\":\"username\",\"value\":\"\"},"
		"{\"key\":\"password\",\"value\":\"\"},{\"key\":\"apiKey\",\"value\":\"\"}]" },
};

static void test_security(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++) {
		struct cor_buffer text = { 0 };
		in_dialect(guards[i].dialect, guarded, &text);
		assert_part(&text, guards[i].part);
		cor_buffer_finish(&text);
	}
}

static void test_no_document(void **state)
{
	struct cor_buffer text = { 0 };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_dialect_write(COR_DIALECT_OPENAPI_3_0, COR_STR("{"), &arena, &text),
		-COR_ESYNTAX);
	assert_int_equal(cor_dialect_write(COR_DIALECT_OPENAPI_3_0, COR_STR("[]"), &arena, &text),
		-COR_EINVALID);
	cor_arena_finish(&arena);
	cor_buffer_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_openapi30),
		cmocka_unit_test(test_swagger20),
		cmocka_unit_test(test_postman),
		cmocka_unit_test(test_security),
		cmocka_unit_test(test_no_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
