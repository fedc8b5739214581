/* SPDX-License-Identifier: MIT */
#include <coracle/api.h>

const char *cor_version(void)
{
	return COR_VERSION;
}
