/* SPDX-License-Identifier: MIT */
/* The variable LIES of the environment says which of several contracts is run. */
#include <stdlib.h>
#include <string.h>

#include <coracle/testing.h>

#include "lies.h"

static const struct cor_contract_input inputs[] = {
	{ "GET /honest/{id}", "path id", "7" },
	{ "GET /honest/{id}", "path id", "8" },
	{ .row = NULL },
};
static const struct cor_contract_input given[] = {
	{ "PUT /narrower", "body /title", "\"short\"" },
	{ "PUT /narrower", "body /title", "\"fifteen letters\"" },
	{ .row = NULL },
};
static const struct cor_contract_input misspelt[] = {
	{ "GET /honest/{id}", "path idd", "7" },
	{ "POST /honest", "method", "7" },
	{ "POST /honest", "body /title", "Emma" },
	{ .row = NULL },
};

static const struct cor_contract_credential credentials[] = {
	{ .scheme = &lies_token, .value = "rich", .poor = "poor" },
	{ .scheme = NULL },
};

static void visit(struct cor_test *t)
{
	cor_test_call(t, .path = COR_PATH("/visit"));
}

static const struct cor_contract_credential expired[] = {
	{ .scheme = &lies_token, .value = "of yesterday" },
	{ .scheme = NULL },
};

static struct cor_contract contract_named(const char *name)
{
	struct cor_contract contract = {
		.service = &lies,
		.credentials = credentials,
		.inputs = inputs,
	};

	if (strcmp(name, "nobody") == 0)
		contract.credentials = NULL;
	if (strcmp(name, "strict") == 0)
		contract.unseen = COR_CONTRACT_STRICT;
	if (strcmp(name, "misspelt") == 0)
		contract.inputs = misspelt;
	if (strcmp(name, "given") == 0)
		contract.inputs = given;
	if (strcmp(name, "broken") == 0)
		contract = (struct cor_contract){ .service = &broken };
	if (strcmp(name, "photos") == 0)
		contract = (struct cor_contract){ .service = &photos, .credentials = credentials };
	if (strcmp(name, "accidents") == 0)
		contract = (struct cor_contract){ .service = &accidents,
			.before_each = visit,
			.credentials = expired,
			.timeout_ms = 2000 };
	return contract;
}

int main(int argc, char **argv)
{
	const char *name = getenv("LIES");
	struct cor_contract contract = contract_named(name ? name : "");
	bool is_misspelt = name && strcmp(name, "misspelt") == 0;
	bool leaves_out = name && strcmp(name, "exceptions") == 0;
	bool is_unlimited = name && strcmp(name, "unlimited") == 0;
	const struct cor_contract_exception usual[] = {
		{ "POST /honest", .status = 507, .reason = "no disk is full here" },
		{ is_misspelt ? "GET /gone" : NULL, .status = 507, .reason = "nor there" },
		{ "POST /honest", .status = is_misspelt ? 418 : 507, .reason = "no teapot" },
		{ .reason = NULL },
	};
	const struct cor_contract_exception more[] = {
		{ "GET /undeclared/{id}", .reason = "on its way out" },
		{ "GET /wrong-type", "valid", .reason = "a page" },
		{ "PUT /narrower", "body /title", 422, "what is printed is narrower" },
		{ .reason = NULL },
	};

	const struct cor_contract_exception unlimited[] = {
		{ "DELETE /guarded", "limits", .reason = "takes a minute" },
		{ .reason = NULL },
	};

	const struct cor_contract_exception two[] = {
		{ "POST /two", "limits", .reason = "takes a minute" },
		{ "DELETE /two", "limits", .reason = "takes a minute" },
		{ .reason = NULL },
	};

	if (contract.service == &photos)
		contract.exceptions = two;
	if (contract.service == &lies)
		contract.exceptions = leaves_out ? more : is_unlimited ? unlimited : usual;
	return cor_contract_main(argc, argv, &contract);
}
