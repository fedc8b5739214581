/* SPDX-License-Identifier: MIT */
#include "base/failure.h"

#include <stdarg.h>
#include <stdio.h>

int cor_failure_set(struct cor_start_failure *ret, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(ret->text, sizeof ret->text, format, arguments);
	va_end(arguments);
	return code;
}
