/* SPDX-License-Identifier: MIT */
/**
 * The requests that go before, sent to one service: each is made of the file and of the answers
 * that came, and all of them are followed by what was asked for. The caller sends them:
 *
 *     cor_before_begin(&pass, &before);
 *     for (size_t i = 0; rc == 0 && i < before.len; i++) {
 *             rc = cor_before_make(&pass, i, &sent);
 *             ... send it, await the answer ...
 *             rc = cor_before_took(&pass, i, &came);
 *     }
 *     if (rc == 0)
 *             rc = cor_before_end(&pass);
 *
 * Cookies that answers set are kept, and sent from then on. Every answer must be a success (2xx);
 * or a redirect to where the request says, since a log-in that has failed is one to elsewhere.
 * Codes are 0, -ENOMEM, and -COR_EINVALID: before->fault says what is wrong.
 */
#ifndef CORACLE_BEFORE_PASS_H
#define CORACLE_BEFORE_PASS_H

#include "base/buffer.h"
#include "before/file.h"
#include "before/shown.h"

#define COR_BEFORE_COOKIES_MAX 64

/** A header; the last of a list has a name of NULL. */
struct cor_before_field {
	const char *name, *value;
};

struct cor_before_sent {
	const char *method, *target;
	const struct cor_before_field *fields; /* without those that the client says itself */
	const char *cookies;                   /* "a=b; c=d" of answers; NULL: none */
	struct cor_str body;
};

struct cor_before_came {
	int status;
	const struct cor_before_field *fields;
	struct cor_str body;
};

struct cor_before_pass {
	struct cor_before *before;
	struct cor_arena arena; /* of all that it knows */
	struct cor_before_came came[COR_BEFORE_MAX];
	struct cor_node *json[COR_BEFORE_MAX]; /* bodies, when they were asked for */
	struct cor_before_field cookies[COR_BEFORE_COOKIES_MAX];
	size_t cookies_len;
	const char *secrets[COR_BEFORE_MAX], *values[COR_BEFORE_MAX]; /* once it has ended */
};

void cor_before_begin(struct cor_before_pass *pass, struct cor_before *before);
void cor_before_pass_finish(struct cor_before_pass *pass);

int cor_before_make(
	struct cor_before_pass *pass, size_t i, struct cor_before_sent *ret) COR_CHECKED;
int cor_before_took(
	struct cor_before_pass *pass, size_t i, const struct cor_before_came *came) COR_CHECKED;
int cor_before_end(struct cor_before_pass *pass) COR_CHECKED;

/** Whether a request has let somebody in: its answer set a cookie, or a credential is of it. */
bool cor_before_logs_in(const struct cor_before_pass *pass, size_t i);

/** What was said of a scheme, and of a parameter; NULL: nothing. */
const char *cor_before_secret(const struct cor_before_pass *pass, const char *scheme);
const char *cor_before_value(
	const struct cor_before_pass *pass, const char *path, const char *name);

/** Whether an answer has set a cookie of that scheme. */
bool cor_before_has_cookie(const struct cor_before_pass *pass, const struct cor_node *scheme);

/** The cookies, "a=b; c=d", as text of the arena; NULL: none. */
const char *cor_before_cookies(struct cor_before_pass *pass);

/**
 * What lets a request of an operation in, besides the cookies: by the first way of its `security`
 * for which there is something. Nowhere, if there is none.
 */
int cor_before_show(struct cor_before_pass *pass, const struct cor_node *document,
	const struct cor_node *security, struct cor_shown *ret) COR_CHECKED;

/** As bytes of HTTP/1.1; `host` where the file says none, and `more` lines of the head. */
void cor_before_write(const struct cor_before_sent *sent, const char *host, const char *more,
	struct cor_buffer *out);

#endif
