/* SPDX-License-Identifier: MIT */
#include "cors/cors.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cors/origin.h"
#include "http/origin.h"

static struct cor_str header(struct cor_exchange *x, const char *name)
{
	return cor_exchange_header(x, cor_str(name));
}

bool cor_cors_is_preflight(struct cor_exchange *x)
{
	return x->head.method == COR_METHOD_OPTIONS && header(x, "origin").data &&
	       header(x, "access-control-request-method").data;
}

static bool is_for_all(const struct cor_cors *options)
{
	for (const char *const *at = options->origins; *at; at++)
		if (cor_origin_is_any(*at))
			return true;
	return false;
}

static bool allows(const struct cor_cors *options, struct cor_str origin)
{
	for (const char *const *at = options->origins; *at; at++)
		if (cor_origin_matches(*at, origin))
			return true;
	return false;
}

/* RFC 9110 section 9.2.1. */
static bool is_safe(enum cor_method method)
{
	return method == COR_METHOD_GET || method == COR_METHOD_HEAD ||
	       method == COR_METHOD_OPTIONS;
}

/*
 * Fetch Metadata, which browsers send to https and to loopback; else Origin, which they send with
 * all that is not safe. A page of the same site is another's as well: not all of its hosts are
 * ours.
 */
bool cor_cors_is_crossed(struct cor_exchange *x)
{
	struct cor_str site = header(x, "sec-fetch-site");
	struct cor_str origin = header(x, "origin");

	if (is_safe(x->head.method) || (!site.data && !origin.data) || x->of_trusted)
		return false;
	if (site.data)
		return !cor_str_equal(site, COR_STR("same-origin")) &&
		       !cor_str_equal(site, COR_STR("none"));
	return !cor_origin_is_of(origin, cor_request_host(&x->ctx));
}

static int add(struct cor_exchange *x, const char *name, struct cor_str value)
{
	return cor_exchange_add_field(x, name, value);
}

/*
 * Whether the page may read the answer; caches must know what it depends on, even if it may not.
 * Returns 1, 0 or -ENOMEM.
 */
static int mark_origin(struct cor_exchange *x, const struct cor_cors *options)
{
	struct cor_str origin = header(x, "origin");
	int rc;

	if (is_for_all(options)) {
		rc = add(x, "Access-Control-Allow-Origin", COR_STR("*"));
		return rc < 0 ? rc : 1;
	}
	rc = add(x, "Vary", COR_STR("Origin"));
	if (rc < 0 || !origin.data || !allows(options, origin))
		return rc;
	x->of_trusted = options->credentials;
	rc = add(x, "Access-Control-Allow-Origin", origin);
	if (rc == 0 && options->credentials)
		rc = add(x, "Access-Control-Allow-Credentials", COR_STR("true"));
	return rc < 0 ? rc : 1;
}

int cor_cors_mark(struct cor_exchange *x, const struct cor_cors_policy *policy)
{
	int rc = mark_origin(x, policy->options);

	if (rc <= 0 || policy->exposes[0] == '\0')
		return rc < 0 ? rc : 0;
	return add(x, "Access-Control-Expose-Headers", cor_str(policy->exposes));
}

static bool takes_any_header(const struct cor_cors *options)
{
	for (const char *const *at = options->headers; at && *at; at++)
		if (strcmp(*at, "*") == 0)
			return true;
	return false;
}

/* "*" is a name like others for requests with credentials, so what was asked for is said. */
static int allow_request(struct cor_exchange *x, const struct cor_cors_policy *policy)
{
	const struct cor_cors *options = policy->options;
	struct cor_str asked = header(x, "access-control-request-headers");
	bool is_any = takes_any_header(options) && asked.data;
	char age[16];
	int rc = add(x, "Access-Control-Allow-Methods", cor_str(policy->methods));

	snprintf(age, sizeof age, "%u",
		options->max_age_s ? options->max_age_s : COR_CORS_MAX_AGE_S);
	const char *age_text = cor_strdup(&x->ctx, age);
	if (rc == 0)
		rc = add(x, "Access-Control-Allow-Headers",
			is_any ? asked : cor_str(policy->headers));
	if (rc == 0)
		rc = age_text ? add(x, "Access-Control-Max-Age", cor_str(age_text)) : -ENOMEM;
	return rc;
}

int cor_cors_answer(struct cor_exchange *x, const struct cor_cors_policy *policy)
{
	int rc = mark_origin(x, policy->options);

	if (rc > 0)
		rc = allow_request(x, policy);
	if (rc == 0)
		rc = add(x, "Vary",
			COR_STR("Access-Control-Request-Method, Access-Control-Request-Headers"));
	return rc < 0 ? rc
		      : cor_exchange_respond(x, 204, (struct cor_str){ 0 }, (struct cor_str){ 0 });
}
