/* SPDX-License-Identifier: MIT */
#include "server/access.h"

#include "server/http1.h"

void cor_server_log_access(struct cor_http1_exchange *h)
{
	(void)h;
}

void cor_server_log_refusal(struct cor_connection *c, int status, const char *reason)
{
	(void)c;
	(void)status;
	(void)reason;
}
