/* SPDX-License-Identifier: MIT */
#include "service/development.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <coracle/context.h>
#include <coracle/fiber.h>

#define FILE_BYTES_MAX (4u * 1024 * 1024)
#define ROUND_MS       100
#define ROUNDS         200 /* 20 s: less than proxies have patience */

/* A file of the folder, in memory of the request. */
static bool read_file(const struct cor_development *development, const char *name,
	struct cor_ctx *ctx, struct cor_str *ret)
{
	const char *path = cor_printf(ctx, "%s/%s", development->folder, name);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct stat facts;
	char *text = NULL;
	ssize_t len = -1;

	if (fd < 0)
		return false;
	if (fstat(fd, &facts) == 0 && facts.st_size <= (off_t)FILE_BYTES_MAX)
		text = cor_alloc(ctx, (size_t)facts.st_size + 1);
	if (text)
		len = read(fd, text, (size_t)facts.st_size);
	close(fd);
	*ret = (struct cor_str){ text, len < 0 ? 0 : (size_t)len };
	return len >= 0;
}

/* One media type of Accept stands before the other, or the other is not there. */
static bool prefers_html(struct cor_str accept)
{
	const char *html = accept.len ? memmem(accept.data, accept.len, "text/html", 9) : NULL;
	const char *json = accept.len ? memmem(accept.data, accept.len, "json", 4) : NULL;

	return html && (!json || html < json);
}

/* Scripts, pictures and calls of a page say what they are for, in all browsers of today. */
static bool is_navigation(struct cor_exchange *x)
{
	struct cor_str purpose = cor_exchange_header(x, COR_STR("Sec-Fetch-Dest"));

	if (x->head.method != COR_METHOD_GET && x->head.method != COR_METHOD_HEAD)
		return false;
	if (purpose.len)
		return purpose.len == 8 && memcmp(purpose.data, "document", 8) == 0;
	return prefers_html(cor_exchange_header(x, COR_STR("Accept")));
}

static bool is_question(const struct cor_exchange *x)
{
	static const char path[] = "/.coracle/dev";
	struct cor_str asked = cor_exchange_path(x);

	return asked.len == sizeof path - 1 && memcmp(asked.data, path, asked.len) == 0;
}

static bool respond(
	struct cor_exchange *x, uint16_t status, struct cor_str type, struct cor_str body)
{
	cor_ignore(cor_exchange_add_field(x, "Cache-Control", COR_STR("no-store")));
	cor_ignore(cor_exchange_respond(x, status, type, body));
	return true;
}

/* What a page knows already: "?state=7". */
static bool is_known(struct cor_exchange *x, struct cor_str state)
{
	struct cor_str query = cor_exchange_query(x);
	const char *known = query.len > 6 && memcmp(query.data, "state=", 6) == 0
				    ? cor_printf(&x->ctx, "{\"state\":%.*s}", (int)query.len - 6,
					      query.data + 6)
				    : NULL;

	return known && strlen(known) <= state.len && memcmp(known, state.data, strlen(known)) == 0;
}

/* Waits for news, so that a page that stays open fills no log; a drain ends the wait. */
static bool answer_question(const struct cor_development *development, struct cor_exchange *x)
{
	struct cor_str state;
	int rounds = ROUNDS;

	if (!read_file(development, "state.json", &x->ctx, &state))
		return false;
	if (x->ops->stay && is_known(x, state))
		x->ops->stay(x);
	else
		rounds = 0;
	while (rounds-- > 0 && cor_sleep_ms(ROUND_MS) == 0) {
		if (!read_file(development, "state.json", &x->ctx, &state) || !is_known(x, state))
			break;
	}
	return respond(x, 200, COR_STR("application/json"), state);
}

/* Who stands in has nothing to tell any more: the service is there. */
static bool is_about_to_end(struct cor_exchange *x)
{
	cor_ignore(cor_exchange_add_field(x, "Retry-After", COR_STR("0")));
	if (is_navigation(x))
		return respond(x, 503, COR_STR("text/html; charset=utf-8"),
			COR_STR("<!doctype html><meta http-equiv=\"refresh\" content=\"0\">"));
	return respond(x, 503, COR_STR("application/problem+json"),
		COR_STR("{\"status\":503,\"detail\":\"the service starts: ask again\"}"));
}

/* The page has a link that sets this cookie, to its state: the next mistake has its page again. */
static bool wants_it_anyway(const struct cor_development *development, struct cor_exchange *x)
{
	static const char name[] = "coracle-dev=";
	struct cor_str cookies = cor_exchange_header(x, COR_STR("Cookie")), state;
	const char *at = cookies.len ? memmem(cookies.data, cookies.len, name, sizeof name - 1)
				     : NULL;

	if (!at || !read_file(development, "state.json", &x->ctx, &state))
		return false;
	at += sizeof name - 1;
	size_t len = 0, room = (size_t)(cookies.data + cookies.len - at);
	while (len < room && at[len] >= '0' && at[len] <= '9')
		len++;
	const char *wanted = cor_printf(&x->ctx, "{\"state\":%.*s}", (int)len, at);
	return wanted && strlen(wanted) <= state.len &&
	       memcmp(wanted, state.data, strlen(wanted)) == 0;
}

bool cor_development_answers(const struct cor_development *development, struct cor_exchange *x)
{
	struct cor_str body;

	if (is_question(x) && answer_question(development, x))
		return true;
	if (is_navigation(x) && !(wants_it_anyway(development, x) && !development->stands_in) &&
		read_file(development, "page.html", &x->ctx, &body))
		return respond(x, 503, COR_STR("text/html; charset=utf-8"), body);
	if (development->stands_in && read_file(development, "problem.json", &x->ctx, &body))
		return respond(x, 503, COR_STR("application/problem+json"), body);
	return development->stands_in && is_about_to_end(x);
}
