/* SPDX-License-Identifier: MIT */
/** A codec, an arena and the violations of one call, for this folder's tests. */
#ifndef CORACLE_TESTS_SCHEMA_TRIAL_H
#define CORACLE_TESTS_SCHEMA_TRIAL_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/schema.h>

#include "schema/bind.h"
#include "schema/decode.h"
#include "schema/encode.h"

struct trial {
	struct cor_codec *codec;
	struct cor_arena arena;
	struct cor_violations violations;
	struct cor_violations why; /* of the table */
};

/** A codec of one schema; returns what cor_codec_create() did. */
int trial_begin(struct trial *trial, const struct cor_schema *schema);
void trial_end(struct trial *trial);

/** Decode a whole text into *value, which is zeroed; forgets earlier violations. */
int trial_decode(
	struct trial *trial, const struct cor_schema *schema, void *value, const char *json);

/** Encode; NULL on failure. */
const char *trial_encode(struct trial *trial, const struct cor_schema *schema, const void *value);

/** Bind one pair from the query. A NULL text means no pair. */
int trial_bind(struct trial *trial, const struct cor_schema *schema, void *value, const char *name,
	const char *text);

/** All violations as text: "in where: detail" and a newline each. */
const char *trial_report(struct trial *trial, const struct cor_violations *violations);

#endif
