/* SPDX-License-Identifier: MIT */
/* Proxies and authorities by the environment, for upstreams that trust it. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>

#include "client/process_environment.h"
#include "client/upstreams.h"
#include "stage.h"

static const char *const names[] = { "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
	"all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "SSL_CERT_FILE", "REQUEST_METHOD" };

/* "name=value" each, up to NULL; all others are not set. */
static void set(const char *const *pairs)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_int_equal(unsetenv(names[i]), 0);
	for (; *pairs; pairs++) {
		char *name = strdup(*pairs);
		assert_non_null(name);
		char *equals = strchr(name, '=');
		*equals = '\0';
		assert_int_equal(setenv(name, equals + 1, 1), 0);
		free(name);
	}
}

#define SET(...) set((const char *const[]){ __VA_ARGS__, NULL })

static int clear(void **state)
{
	(void)state;
	set((const char *const[]){ NULL });
	return 0;
}

static const char *proxy_of(struct stage *stage, const char *text)
{
	struct cor_arena *arena = cor_ctx_arena(stage->ctx);
	struct cor_process_environment environment;
	struct cor_url url;
	const char *why;

	assert_int_equal(cor_url_parse(arena, cor_str(text), &url, &why), 0);
	assert_int_equal(cor_process_environment_read(arena, &environment), 0);
	struct cor_process_variable proxy = cor_process_environment_proxy(&environment, &url);
	return proxy.name ? cor_printf(stage->ctx, "%s %s", proxy.name, proxy.value) : "";
}

static void test_names(void **state)
{
	struct stage *stage = *state;

	SET("https_proxy=http://a:1", "HTTPS_PROXY=http://b:1", "http_proxy=c:1");
	assert_string_equal(proxy_of(stage, "https://x/"), "https_proxy http://a:1");
	assert_string_equal(proxy_of(stage, "http://x/"), "http_proxy http://c:1");
	assert_string_equal(proxy_of(stage, "http://unix:/run/x"), "");
	SET("HTTPS_PROXY=socks5h://b:1", "HTTP_PROXY=http://c:1");
	assert_string_equal(proxy_of(stage, "https://x/"), "HTTPS_PROXY socks5h://b:1");
	assert_string_equal(proxy_of(stage, "http://x/"), "HTTP_PROXY http://c:1");
	/* what a client sends as "Proxy:" is HTTP_PROXY of a CGI program: CVE-2016-5385 */
	SET("HTTP_PROXY=http://evil:1", "REQUEST_METHOD=GET", "HTTPS_PROXY=http://b:1");
	assert_string_equal(proxy_of(stage, "http://x/"), "");
	assert_string_equal(proxy_of(stage, "https://x/"), "HTTPS_PROXY http://b:1");
	SET("http_proxy=http://c:1", "HTTP_PROXY=http://evil:1", "REQUEST_METHOD=GET");
	assert_string_equal(proxy_of(stage, "http://x/"), "http_proxy http://c:1");
	SET("https_proxy=", "HTTPS_PROXY=http://b:1"); /* small letters win, empty or not */
	assert_string_equal(proxy_of(stage, "https://x/"), "");
	SET("ALL_PROXY=socks5://d:1", "https_proxy=http://b:1");
	assert_string_equal(proxy_of(stage, "http://x/"), "ALL_PROXY socks5://d:1");
	assert_string_equal(proxy_of(stage, "https://x/"), "https_proxy http://b:1");
}

static const struct {
	const char *list;
	const char *url;
	bool goes_without;
} exceptions[] = {
	{ "*", "http://x/", true },
	{ "", "http://x/", false },
	{ " , ,", "http://x/", false },
	{ "x.example", "http://x.example/", true },
	{ "X.Example", "http://x.example/", true },
	{ "x.example", "http://a.x.example/", true },
	{ ".x.example", "http://a.x.example/", true },
	{ ".x.example", "http://x.example/", true },
	{ "x.example", "http://ax.example/", false },
	{ "a.x.example", "http://x.example/", false },
	{ "example", "http://x.example:8080/", true },
	{ "a,x.example ,b", "http://x.example/", true },
	{ "a x.example", "http://x.example/", true },
	{ "x.example:8080", "http://x.example:8080/", true },
	{ "x.example:8080", "http://a.x.example:8080/", true },
	{ "x.example:8080", "http://x.example/", false },
	{ "x.example:80", "http://x.example/", true },
	{ "x.example:443", "https://x.example/", true },
	{ "*:8080", "http://x.example:8080/", true },
	{ "*:8080", "http://x.example/", false },
	{ "127.0.0.1", "http://127.0.0.1:81/", true },
	{ "127.0.0.1:82", "http://127.0.0.1:81/", false },
	{ "127.0.0.1", "http://127.0.0.10/", false },
	{ "10.0.0.0/8", "http://10.1.2.3/", true },
	{ "10.0.0.0/8", "http://11.1.2.3/", false },
	{ "10.1.2.3/8", "http://10.200.2.3/", true },
	{ "10.1.2.3/15", "http://10.0.2.3/", true },
	{ "10.1.2.3/16", "http://10.0.2.3/", false },
	{ "0.0.0.0/0", "http://10.0.2.3/", true },
	{ "10.0.0.0/33", "http://10.0.0.0/", false },
	{ "10.0.0.0/x", "http://10.0.0.0/", false },
	{ "10.0.0.0/8", "http://x.example/", false },
	{ "::1", "http://[::1]/", true },
	{ "[::1]", "http://[::1]/", true },
	{ "[::1]:81", "http://[::1]:81/", true },
	{ "[::1]:81", "http://[::1]:82/", false },
	{ "fd00::/8", "http://[fd12::7]/", true },
	{ "fd00::/8", "http://[fe12::7]/", false },
	{ "::/0", "http://127.0.0.1/", false },
};

static void test_exceptions(void **state)
{
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++) {
		SET("all_proxy=http://p:1",
			cor_printf(stage->ctx, "no_proxy=%s", exceptions[i].list));
		print_message("# \"%s\": %s\n", exceptions[i].list, exceptions[i].url);
		assert_string_equal(proxy_of(stage, exceptions[i].url),
			exceptions[i].goes_without ? "" : "all_proxy http://p:1");
	}
}

/* --- in calls --- */

/* The script stands in for it. */
static const struct cor_carrier able = { .name = "able",
	.skills = COR_CARRIES_TLS | COR_CARRIES_BY_PROXY };

static const struct cor_upstream_tls pinned = { .pin = "sha256//x" };
static const struct cor_upstream_tls known = { .ca_file = "own.pem" };
static const struct cor_upstream trusting = { .name = "trusting",
	.base_url = "https://a.example",
	.environment = COR_ENVIRONMENT_TRUSTED,
	.carrier = &able,
	.tls = &pinned };
static const struct cor_upstream knowing = { .name = "knowing",
	.base_url = "https://a.example",
	.environment = COR_ENVIRONMENT_TRUSTED,
	.carrier = &able,
	.tls = &known,
	.proxy = "http://own:1" };
static const struct cor_upstream ignoring = {
	.name = "ignoring", .base_url = "https://a.example", .carrier = &able
};
static const struct cor_service service = {
	.name = "stage",
	.upstreams = COR_UPSTREAMS(&trusting, &knowing, &ignoring),
};

static const struct cor_script_call *get(struct stage *stage, const struct cor_upstream *upstream)
{
	size_t len = cor_script_len(stage->script);

	assert_int_equal(cor_http_get(stage->ctx, upstream, COR_NONE, NULL, COR_PATH("/")), 0);
	return stage_call(stage, len);
}

static void test_calls(void **state)
{
	struct stage *stage = calloc(1, sizeof *stage);

	(void)state;
	assert_non_null(stage);
	SET("HTTPS_PROXY=p:1", "http_proxy=q:1", "NO_PROXY=none.example", "SSL_CERT_FILE=all.pem");
	assert_int_equal(cor_script_create(&stage->script), 0);
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &service,
						.script = stage->script },
				 &stage->ctx),
		0);
	stage_line(stage, &(struct cor_scripted){ .times = 3 });
	const struct cor_script_call *call = get(stage, &trusting);
	assert_string_equal(call->proxy, "http://p:1");
	assert_string_equal(call->tls->ca_file, "all.pem");
	assert_string_equal(call->tls->pin, "sha256//x");
	call = get(stage, &knowing);
	assert_string_equal(call->proxy, "http://own:1");
	assert_string_equal(call->tls->ca_file, "own.pem");
	call = get(stage, &ignoring);
	assert_string_equal(call->proxy, "");
	assert_null(call->tls);
	/* each hop has its own */
	stage_line(stage,
		&(struct cor_scripted){ .status = 302,
			.headers = COR_HTTP_FIELDS({ "Location", "https://none.example/" }) });
	stage_line(stage, &(struct cor_scripted){ 0 });
	get(stage, &trusting);
	call = stage_call(stage, 4);
	assert_string_equal(call->proxy, "");
	assert_string_equal(call->tls->ca_file, "all.pem");
	assert_null(call->tls->pin);
	stage_close((void **)&stage);
}

/* --- when the service starts --- */

static const struct cor_carrier plain = { .name = "plain" };

static const char *fault(struct stage *stage, const char *url, const struct cor_carrier *carrier)
{
	const struct cor_upstream upstream = { .name = "x",
		.base_url = url,
		.environment = COR_ENVIRONMENT_TRUSTED,
		.carrier = carrier };
	const char *why = cor_upstream_fault(cor_ctx_arena(stage->ctx), &upstream, NULL);

	return why ? why : "";
}

static void test_what_is_told_at_start(void **state)
{
	struct stage *stage = *state;

	SET("http_proxy=http://p:1", "no_proxy=local");
	assert_string_equal(fault(stage, "http://local", NULL), "");
	assert_string_equal(fault(stage, "http://a", &able), "");
	assert_non_null(strstr(fault(stage, "http://a", &plain),
		"needs curl for the proxy that http_proxy of the environment names: set .carrier "
		"= &cor_curl (<coracle/curl.h>)"));
	SET("http_proxy=socks4://u:hidden@p:1");
	const char *why = fault(stage, "http://a", &able);
	assert_non_null(strstr(why, "needs a proxy in http_proxy of the environment"));
	assert_null(strstr(why, "hidden"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names),
		TEST(test_exceptions),
		cmocka_unit_test(test_calls),
		TEST(test_what_is_told_at_start),
	};

	return cmocka_run_group_tests(tests, clear, NULL);
}
