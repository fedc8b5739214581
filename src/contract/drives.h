/* SPDX-License-Identifier: MIT */
/** What drives an operation, a file each; each takes a run and its test. */
#ifndef CORACLE_CONTRACT_DRIVES_H
#define CORACLE_CONTRACT_DRIVES_H

#include "contract/plan.h"

/** drive.c: what all operations have. */
cor_contract_drive cor_contract_drive_valid, cor_contract_drive_encoding, cor_contract_drive_method,
	cor_contract_drive_accept, cor_contract_drive_limits;

/** drive_conditions.c: ETag, If-Match and their kind; parts of files. */
cor_contract_drive cor_contract_drive_conditions;

/** drive_credentials.c: who is let in. */
cor_contract_drive cor_contract_drive_credentials;

/** drive_rows.c: a row of path, query, headers or cookies. */
cor_contract_drive cor_contract_drive_parameter;

/** drive_body.c: the body, and one of its members. */
cor_contract_drive cor_contract_drive_body, cor_contract_drive_member;

#endif
