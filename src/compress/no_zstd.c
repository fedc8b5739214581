/* SPDX-License-Identifier: MIT */
/* In a build without zstd. */
#include "compress/coding.h"

const struct cor_coding cor_zstd = {
	.interface = COR_CODING_INTERFACE,
	.name = "zstd",
	.symbol = "cor_zstd",
	.missing = "libzstd-dev",
};
