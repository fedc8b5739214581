/* SPDX-License-Identifier: MIT */
#include "contract/credential.h"

#include <stdio.h>
#include <string.h>

#include <coracle/base64.h>

#include "contract/request.h"

static const char *name_of(const struct cor_security_scheme *scheme)
{
	return scheme->name ? scheme->name : scheme->symbol;
}

static const struct cor_node *scheme_named(
	const struct cor_contract_document *document, const char *name)
{
	return cor_node_get(
		cor_node_get(cor_node_get(document->root, "components"), "securitySchemes"), name);
}

int cor_contract_credential_faults(const struct cor_contract_plan *plan)
{
	const struct cor_contract_credential *at = plan->contract->credentials;
	int faults = 0;

	for (; at && at->scheme; at++) {
		if (scheme_named(&plan->document, name_of(at->scheme)))
			continue;
		fprintf(stderr, ".credentials: no operation asks for the scheme %s\n",
			name_of(at->scheme));
		faults++;
	}
	return faults;
}

static const struct cor_contract_credential *find(
	const struct cor_contract_run *run, const char *scheme)
{
	const struct cor_contract_credential *at = run->plan->contract->credentials;

	while (at && at->scheme && strcmp(name_of(at->scheme), scheme) != 0)
		at++;
	return at && at->scheme ? at : NULL;
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
		.shown = scheme_named(run->document, scheme),
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

static const char *basic(struct cor_contract_run *run, const char *secret)
{
	const char *login = strchr(secret, ':') ? secret
						: cor_contract_printf(run, "%s:%s", secret, secret);
	char *text = cor_contract_alloc(run, cor_base64_text_bytes(strlen(login)) + 1);

	cor_base64_print(cor_str(login), text);
	return cor_contract_printf(run, "Basic %s", text);
}

static struct cor_contract_shown show_key(
	struct cor_contract_run *run, const struct cor_node *scheme, const char *secret)
{
	const char *in = cor_contract_text(&run->arena, scheme, "in");
	const char *name = cor_contract_text(&run->arena, scheme, "name");

	if (!in || !name)
		return (struct cor_contract_shown){ .header = NULL };
	if (strcmp(in, "header") == 0)
		return (struct cor_contract_shown){ .header = name, .value = secret };
	if (strcmp(in, "cookie") == 0)
		return (struct cor_contract_shown){ .cookie = cor_contract_printf(
							    run, "%s=%s", name, secret) };
	return (struct cor_contract_shown){ .query = cor_contract_printf(run, "%s=%s",
						    cor_contract_encode(run, cor_str(name)),
						    cor_contract_encode(run, cor_str(secret))) };
}

struct cor_contract_shown cor_contract_show(struct cor_contract_run *run, enum cor_contract_who who)
{
	struct cor_contract_way way = cor_contract_way_of(run);
	struct cor_contract_shown shown = { .header = NULL };
	const char *secret = who == COR_CONTRACT_NOBODY || !way.shown ? NULL
								      : secret_of(run, &way, who);
	const char *type = cor_contract_text(&run->arena, way.shown, "type");
	const char *http = cor_contract_text(&run->arena, way.shown, "scheme");

	if (!secret || !type || strcmp(type, "mutualTLS") == 0)
		return shown;
	if (strcmp(type, "apiKey") == 0)
		return show_key(run, way.shown, secret);
	shown.header = "Authorization";
	if (http && strcmp(http, "basic") == 0)
		shown.value = basic(run, secret);
	else if (http && strcmp(http, "bearer") != 0)
		shown.value = cor_contract_printf(run, "%s %s", http, secret);
	else
		shown.value = cor_contract_printf(run, "Bearer %s", secret);
	return shown;
}
