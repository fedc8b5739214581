/* SPDX-License-Identifier: MIT */
/** Files of a form, for the table of kinds. Private to the schema folder. */
#ifndef CORACLE_SCHEMA_UPLOAD_H
#define CORACLE_SCHEMA_UPLOAD_H

#include "schema/kind.h"
#include "schema/path.h"
#include "schema/plan.h"

/* JSON has none: whatever stands there is refused. */
cor_decode_value cor_decode_upload;
cor_encode_value cor_encode_upload;

/* What stands in a file of its own cannot be copied: -EOPNOTSUPP. */
cor_copy_value cor_copy_upload;

cor_value_is_empty cor_value_is_no_upload;

/** Store a file, if it keeps to its rule; else that is reported. */
void cor_upload_store(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	const struct cor_upload *file, const struct cor_step *step);

/** Whether .media_types is a list of media types and ranges: "image/jpeg, image/png". */
bool cor_media_types_are_good(const char *list);

#endif
