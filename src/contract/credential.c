/* SPDX-License-Identifier: MIT */
#include "contract/credential.h"

#include <stdio.h>
#include <string.h>

#include "contract/run.h"

static const char *name_of(const struct cor_security_scheme *scheme)
{
	return scheme->name ? scheme->name : scheme->symbol;
}

int cor_contract_credential_faults(const struct cor_contract_plan *plan)
{
	const struct cor_contract_credential *at = plan->contract->credentials;
	int faults = 0;

	for (; at && at->scheme; at++) {
		if (cor_scheme_named(plan->document.root, name_of(at->scheme)))
			continue;
		fprintf(stderr, ".credentials: no operation asks for the scheme %s\n",
			name_of(at->scheme));
		faults++;
	}
	return faults;
}

/* What the requests that went before have brought: a secret, or a cookie in the jar. */
static const struct cor_contract_credential *found_before(
	struct cor_contract_run *run, const char *scheme)
{
	const char *secret = cor_before_secret(&run->before, scheme);

	if (!secret &&
		!cor_before_has_cookie(&run->before, cor_scheme_named(run->document->root, scheme)))
		return NULL;
	struct cor_contract_credential *found = cor_contract_alloc(run, sizeof *found);
	found->value = secret;
	return found;
}

static const struct cor_contract_credential *find(struct cor_contract_run *run, const char *scheme)
{
	const struct cor_contract_credential *at = run->plan->contract->credentials;

	while (at && at->scheme && strcmp(name_of(at->scheme), scheme) != 0)
		at++;
	return at && at->scheme ? at : found_before(run, scheme);
}

static struct cor_contract_way way_at(struct cor_contract_run *run, size_t i)
{
	const struct cor_node *way = cor_node_item(run->operation->security, i);
	struct cor_str name = cor_node_key(way, 0);

	if (cor_node_len(way) == 0)
		return (struct cor_contract_way){ .is_public = true };
	const char *scheme = cor_contract_printf(run, "%.*s", (int)name.len, name.data);
	return (struct cor_contract_way){
		.scheme = scheme,
		.shown = cor_scheme_named(run->document->root, scheme),
		.credential = find(run, scheme),
		.needs_scopes = cor_node_len(cor_node_item(way, 0)) > 0,
	};
}

struct cor_contract_way cor_contract_way_of(struct cor_contract_run *run)
{
	size_t len = cor_node_len(run->operation->security);
	struct cor_contract_way found = { .is_public = len == 0 };
	bool is_public = len == 0;

	for (size_t i = len; i-- > 0;) {
		struct cor_contract_way way = way_at(run, i);
		is_public |= way.is_public;
		if (!way.is_public && (way.credential || !found.credential))
			found = way;
	}
	found.is_public = is_public;
	return found;
}

/* --- where it is shown --- */

static const char *secret_of(
	struct cor_contract_run *run, const struct cor_contract_way *way, enum cor_contract_who who)
{
	if (who == COR_CONTRACT_IMPOSTOR)
		return "wrong";
	if (!way->credential)
		return NULL;
	if (who == COR_CONTRACT_POOR)
		return way->credential->poor;
	if (!way->credential->log_in)
		return way->credential->value;
	if (!run->has_logged_in)
		run->secret = way->credential->log_in(run->t);
	run->has_logged_in = true;
	return run->secret;
}

struct cor_shown cor_contract_show(struct cor_contract_run *run, enum cor_contract_who who)
{
	struct cor_contract_way way = cor_contract_way_of(run);
	struct cor_shown shown = { .header = NULL };
	const char *secret = who == COR_CONTRACT_NOBODY || !way.shown ? NULL
								      : secret_of(run, &way, who);

	if (secret && cor_shown_of(&run->arena, way.shown, secret, &shown) < 0) {
		cor_contract_fail(run, "no memory");
		cor_test_end(run->t);
	}
	return shown;
}
