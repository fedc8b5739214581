/* SPDX-License-Identifier: MIT */
#include "master/fault.h"

#include <stddef.h>

#include "master/channel.h"
#include "observe/logger.h"

const char *cor_fault_hear(struct cor_logger *logger, const char *who, const char *said)
{
	const char *wrong = cor_channel_after(COR_WORD_WRONG, said);

	if (!wrong)
		return cor_channel_after(COR_WORD_WHY, said);
	const char *warning = cor_channel_after("warning: ", wrong);
	cor_logger_log(logger, warning ? COR_LOG_WARNING : COR_LOG_ERROR, NULL, "%s%s", who,
		warning ? warning : wrong);
	return warning ? NULL : wrong;
}
