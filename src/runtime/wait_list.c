/* SPDX-License-Identifier: MIT */
#include "runtime/wait_list.h"

#include <coracle/fiber.h>

int cor_wait_list_wait(struct cor_wait_list *list, struct cor_waiter *waiter)
{
	int rc = cor_wait(&waiter->wait, COR_FOREVER);

	if (rc == 0)
		return 0;
	if (cor_wait_list_withdraw(list, waiter))
		return rc;
	cor_wait_settle(&waiter->wait);
	return 0;
}
