/* SPDX-License-Identifier: MIT */
#include <coracle/secret.h>

bool cor_equal_secret(struct cor_str a, struct cor_str b)
{
	unsigned char difference = 0;

	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		difference |= (unsigned char)(a.data[i] ^ b.data[i]);
		/* the compiler knows nothing of it, and so finds no way to end sooner */
		__asm__ volatile("" : "+r"(difference));
	}
	return difference == 0;
}
