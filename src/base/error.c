/* SPDX-License-Identifier: MIT */
#include <coracle/error.h>

#include <string.h>

static const struct {
	int code;
	const char *name;
	const char *text;
} own_errors[] = {
	{ COR_EPROBLEM, "COR_EPROBLEM", "the answer is recorded as a problem" },
	{ COR_ESYNTAX, "COR_ESYNTAX", "the text is not well-formed" },
	{ COR_EINVALID, "COR_EINVALID", "the input breaks a rule of its table" },
	{ COR_ETOOLARGE, "COR_ETOOLARGE", "a size limit was exceeded" },
	{ COR_ETABLE, "COR_ETABLE", "a table of the program contradicts itself" },
	{ COR_ENOSTACK, "COR_ENOSTACK", "no fiber stack is left" },
	{ COR_ECLOSED, "COR_ECLOSED", "the other side ended the conversation" },
};

const char *cor_strerror(int code)
{
	if (code < 0)
		code = -code;
	if (code == 0)
		return "success";
	for (size_t i = 0; i < sizeof own_errors / sizeof own_errors[0]; i++)
		if (own_errors[i].code == code)
			return own_errors[i].text;
	const char *text = strerrordesc_np(code);
	return text ? text : "unknown error";
}

const char *cor_errname(int code)
{
	if (code < 0)
		code = -code;
	if (code == 0)
		return "OK";
	for (size_t i = 0; i < sizeof own_errors / sizeof own_errors[0]; i++)
		if (own_errors[i].code == code)
			return own_errors[i].name;
	const char *name = strerrorname_np(code);
	return name ? name : "unknown";
}
