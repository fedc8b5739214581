/* SPDX-License-Identifier: MIT */
/* expect gcc: ignoring return value of */
#include <coracle/coracle.h>

#pragma GCC diagnostic error "-Wunused-result"

/* Clang accepts the cast. Both accept cor_ignore(), for an int and for a ssize_t. */
void drain(struct cor_body *body, struct cor_reply *reply);
void drain(struct cor_body *body, struct cor_reply *reply)
{
	char unread[64];

#ifdef MISTAKE
	(void)cor_reply_flush(reply);
#else
	cor_ignore(cor_reply_flush(reply));
#endif
	cor_ignore(cor_body_read(body, unread, sizeof unread));
}
