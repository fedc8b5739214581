/* SPDX-License-Identifier: MIT */
#include <coracle/schema.h>

const union cor_none_schema cor_none_schema = { .schema = {
							.size = sizeof(struct cor_none),
							.symbol = "cor_none_schema",
							.media = COR_MEDIA_NONE,
						} };

const union cor_text_schema cor_text_schema = { .schema = {
							.size = sizeof(struct cor_str),
							.symbol = "cor_text_schema",
							.media = COR_MEDIA_TEXT,
						} };

const union cor_bytes_schema cor_bytes_schema = { .schema = {
							  .size = sizeof(struct cor_str),
							  .symbol = "cor_bytes_schema",
							  .media = COR_MEDIA_BYTES,
						  } };
