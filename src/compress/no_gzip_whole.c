/* SPDX-License-Identifier: MIT */
/* In a build without libdeflate: zlib does it all. */
#include "compress/gzip_whole.h"

static size_t whole_room(int level, size_t len)
{
	(void)level, (void)len;
	return 0;
}

const struct cor_coding cor_gzip_whole = {
	.interface = COR_CODING_INTERFACE,
	.name = "gzip",
	.symbol = "cor_gzip",
	.whole_room = whole_room,
};
