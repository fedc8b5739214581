/* SPDX-License-Identifier: MIT */
/** What lets a request in: of which scheme, and where it is shown. */
#ifndef CORACLE_CONTRACT_CREDENTIAL_H
#define CORACLE_CONTRACT_CREDENTIAL_H

#include "before/shown.h"
#include "contract/plan.h"
#include "contract/run.h"

/** The way in that a test takes. */
struct cor_contract_way {
	bool is_public;                                   /* nothing need be shown */
	const char *scheme;                               /* the name; NULL: it has none */
	const struct cor_node *shown;                     /* the Security Scheme Object */
	const struct cor_contract_credential *credential; /* NULL: the contract gives none */
	bool needs_scopes;
};

/** The first for which the contract gives a credential; else the first. */
struct cor_contract_way cor_contract_way_of(struct cor_contract_run *run);

enum cor_contract_who {
	COR_CONTRACT_SOMEBODY = 0, /* whom the contract gives */
	COR_CONTRACT_NOBODY,
	COR_CONTRACT_IMPOSTOR, /* with a credential that is none */
	COR_CONTRACT_POOR,     /* without a scope */
};

/** Where the credential of somebody is shown. */
struct cor_shown cor_contract_show(struct cor_contract_run *run, enum cor_contract_who who);

/** How many rows of .credentials are of no scheme of the service; they are told. */
int cor_contract_credential_faults(const struct cor_contract_plan *plan);

#endif
