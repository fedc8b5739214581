/* SPDX-License-Identifier: MIT */
#include "cli/dev_stand_in.h"

#include <stdlib.h>

#include <coracle/app.h>
#include <coracle/service.h>

#include "service/development.h"

int cor_dev_stand_in(void *unused)
{
	static const struct cor_service service = { .name = "stand_in" };
	char *arguments[] = { (char[]){ "stand_in" }, (char[]){ "--http" },
		(char[]){ "systemd:web" }, (char[]){ "--docs" }, (char[]){ "off" },
		(char[]){ "--access-log" }, (char[]){ "off" }, (char[]){ "--drain-timeout-ms" },
		(char[]){ "2000" }, NULL };

	(void)unused;
	setenv(COR_DEVELOPMENT_STAND_IN, "1", 1);
	return cor_main((int)(sizeof arguments / sizeof arguments[0]) - 1, arguments, &service);
}
