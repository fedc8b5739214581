/* SPDX-License-Identifier: MIT */
/* expect: ignoring return value of */
#include <coracle/coracle.h>

#pragma GCC diagnostic error "-Wunused-result"

void write_last(struct cor_reply *reply);
void write_last(struct cor_reply *reply)
{
#ifdef MISTAKE
	cor_reply_write(reply, "\n", 1);
#else
	cor_ignore(cor_reply_write(reply, "\n", 1));
#endif
}
