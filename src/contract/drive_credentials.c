/* SPDX-License-Identifier: MIT */
/* Who is let in: who shows nothing, something that is none, or too little. */
#include <string.h>

#include "contract/answer.h"
#include "contract/drives.h"

static void try_who(struct cor_contract_run *run, enum cor_contract_who who, uint16_t status,
	const char *why, const char *label)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	const struct cor_contract_wanted wanted = {
		.kind = COR_CONTRACT_STATUS, .status = status, .why = why
	};

	request.who = who;
	cor_contract_subtest(run, &request, &wanted, label);
}

/* A page of another origin, whose browser sends cookies along. */
static void try_other_origin(struct cor_contract_run *run)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	const struct cor_contract_wanted wanted = { .kind = COR_CONTRACT_ANY };

	cor_contract_add_header(&request, "Origin", "https://elsewhere.example");
	cor_contract_add_header(&request, "Sec-Fetch-Site", "cross-site");
	cor_contract_subtest(run, &request, &wanted, "from a page of another origin");
}

void cor_contract_drive_credentials(
	struct cor_contract_run *run, const struct cor_contract_item *item)
{
	struct cor_contract_way way = cor_contract_way_of(run);
	const char *type = cor_contract_text(&run->arena, way.shown, "type");

	(void)item;
	if (!way.is_public)
		try_who(run, COR_CONTRACT_NOBODY, 401, "a credential is needed", "without");
	if (!way.is_public && type && strcmp(type, "mutualTLS") != 0)
		try_who(run, COR_CONTRACT_IMPOSTOR, 401, "a credential is needed",
			"with a wrong one");
	if (way.credential && way.credential->poor && way.needs_scopes)
		try_who(run, COR_CONTRACT_POOR, 403, "a scope is needed", "without a scope");
	if (cor_node_get(run->operation->responses, "403") && (way.is_public || way.credential))
		try_other_origin(run);
}
