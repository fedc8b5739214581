/* SPDX-License-Identifier: MIT */
/* In a build without brotli. */
#include "compress/coding.h"

const struct cor_coding cor_brotli = {
	.interface = COR_CODING_INTERFACE,
	.name = "br",
	.symbol = "cor_brotli",
	.missing = "libbrotli-dev",
};
