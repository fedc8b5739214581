/* SPDX-License-Identifier: MIT */
#include <coracle/error.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

static const struct own_error {
	int code;
	const char *name;
	const char *text;
} own_errors[] = {
	{ ETIMEDOUT, "ETIMEDOUT", "timed out" }, /* the system speaks of a connection */
	{ COR_EPROBLEM, "COR_EPROBLEM", "the answer is recorded as a problem" },
	{ COR_ESYNTAX, "COR_ESYNTAX", "the text is not well-formed" },
	{ COR_EINVALID, "COR_EINVALID", "a value breaks a rule of its table" },
	{ COR_ETOOLARGE, "COR_ETOOLARGE", "a size limit was exceeded" },
	{ COR_ETABLE, "COR_ETABLE",
		"a table of the program contradicts itself, or is not in .schemas" },
	{ COR_ENOSTACK, "COR_ENOSTACK", "no fiber stack is left" },
	{ COR_ECLOSED, "COR_ECLOSED", "the other side ended the conversation" },
	{ COR_EBUSY, "COR_EBUSY", "the queue of the executor is full" },
	{ COR_EBROKEN, "COR_EBROKEN",
		"the executor is broken since a start of its threads or processes failed" },
	{ COR_EDIED, "COR_EDIED", "the process that ran the job has died" },
	{ COR_ETHREADS, "COR_ETHREADS",
		"a pool of processes is made before the first thread, and outside fibers" },
	{ COR_ESTATUS, "COR_ESTATUS", "another server answered with a status that is not 2xx" },
	{ COR_EUNTRIED, "COR_EUNTRIED", "the call of another server was not tried" },
	{ COR_ECERTIFICATE, "COR_ECERTIFICATE", "the certificate of another server is refused" },
};

#define NAMED(code) [code] = #code

/* The system's, by number: only glibc could be asked. */
/* clang-format off */
static const char *const system_names[] = {
	NAMED(EPERM), NAMED(ENOENT), NAMED(ESRCH), NAMED(EINTR), NAMED(EIO), NAMED(ENXIO),
	NAMED(E2BIG), NAMED(ENOEXEC), NAMED(EBADF), NAMED(ECHILD), NAMED(EAGAIN), NAMED(ENOMEM),
	NAMED(EACCES), NAMED(EFAULT), NAMED(ENOTBLK), NAMED(EBUSY), NAMED(EEXIST), NAMED(EXDEV),
	NAMED(ENODEV), NAMED(ENOTDIR), NAMED(EISDIR), NAMED(EINVAL), NAMED(ENFILE),
	NAMED(EMFILE), NAMED(ENOTTY), NAMED(ETXTBSY), NAMED(EFBIG), NAMED(ENOSPC),
	NAMED(ESPIPE), NAMED(EROFS), NAMED(EMLINK), NAMED(EPIPE), NAMED(EDOM), NAMED(ERANGE),
	NAMED(EDEADLK), NAMED(ENAMETOOLONG), NAMED(ENOLCK), NAMED(ENOSYS), NAMED(ENOTEMPTY),
	NAMED(ELOOP), NAMED(ENOMSG), NAMED(EIDRM), NAMED(ECHRNG), NAMED(EL2NSYNC),
	NAMED(EL3HLT), NAMED(EL3RST), NAMED(ELNRNG), NAMED(EUNATCH), NAMED(ENOCSI),
	NAMED(EL2HLT), NAMED(EBADE), NAMED(EBADR), NAMED(EXFULL), NAMED(ENOANO), NAMED(EBADRQC),
	NAMED(EBADSLT), NAMED(EBFONT), NAMED(ENOSTR), NAMED(ENODATA), NAMED(ETIME),
	NAMED(ENOSR), NAMED(ENONET), NAMED(ENOPKG), NAMED(EREMOTE), NAMED(ENOLINK), NAMED(EADV),
	NAMED(ESRMNT), NAMED(ECOMM), NAMED(EPROTO), NAMED(EMULTIHOP), NAMED(EDOTDOT),
	NAMED(EBADMSG), NAMED(EOVERFLOW), NAMED(ENOTUNIQ), NAMED(EBADFD), NAMED(EREMCHG),
	NAMED(ELIBACC), NAMED(ELIBBAD), NAMED(ELIBSCN), NAMED(ELIBMAX), NAMED(ELIBEXEC),
	NAMED(EILSEQ), NAMED(ERESTART), NAMED(ESTRPIPE), NAMED(EUSERS), NAMED(ENOTSOCK),
	NAMED(EDESTADDRREQ), NAMED(EMSGSIZE), NAMED(EPROTOTYPE), NAMED(ENOPROTOOPT),
	NAMED(EPROTONOSUPPORT), NAMED(ESOCKTNOSUPPORT), NAMED(EOPNOTSUPP), NAMED(EPFNOSUPPORT),
	NAMED(EAFNOSUPPORT), NAMED(EADDRINUSE), NAMED(EADDRNOTAVAIL), NAMED(ENETDOWN),
	NAMED(ENETUNREACH), NAMED(ENETRESET), NAMED(ECONNABORTED), NAMED(ECONNRESET),
	NAMED(ENOBUFS), NAMED(EISCONN), NAMED(ENOTCONN), NAMED(ESHUTDOWN), NAMED(ETOOMANYREFS),
	NAMED(ETIMEDOUT), NAMED(ECONNREFUSED), NAMED(EHOSTDOWN), NAMED(EHOSTUNREACH),
	NAMED(EALREADY), NAMED(EINPROGRESS), NAMED(ESTALE), NAMED(EUCLEAN), NAMED(ENOTNAM),
	NAMED(ENAVAIL), NAMED(EISNAM), NAMED(EREMOTEIO), NAMED(EDQUOT), NAMED(ENOMEDIUM),
	NAMED(EMEDIUMTYPE), NAMED(ECANCELED), NAMED(ENOKEY), NAMED(EKEYEXPIRED),
	NAMED(EKEYREVOKED), NAMED(EKEYREJECTED), NAMED(EOWNERDEAD), NAMED(ENOTRECOVERABLE),
	NAMED(ERFKILL), NAMED(EHWPOISON),
};
/* clang-format on */

static const struct own_error *find_own(int code)
{
	for (size_t i = 0; i < sizeof own_errors / sizeof own_errors[0]; i++)
		if (own_errors[i].code == code)
			return &own_errors[i];
	return NULL;
}

/*
 * NULL: there is no such error. Constants: strerror() of glibc writes into a buffer of the
 * thread's, that of musl does not.
 */
static const char *system_text(int code)
{
#ifdef __GLIBC__
	return strerrordesc_np(code);
#else
	return strerror(code);
#endif
}

static int positive(int code)
{
	if (code == INT_MIN)
		return INT_MAX; /* there is neither */
	return code < 0 ? -code : code;
}

const char *cor_strerror(int code)
{
	code = positive(code);
	if (code == 0)
		return "success";
	const struct own_error *own = find_own(code);
	const char *text = own ? own->text : system_text(code);
	return text ? text : "unknown error";
}

const char *cor_errname(int code)
{
	const char *name = NULL;

	code = positive(code);
	if (code == 0)
		return "OK";
	const struct own_error *own = find_own(code);
	if (own)
		name = own->name;
	else if ((size_t)code < sizeof system_names / sizeof system_names[0])
		name = system_names[code];
	return name ? name : "unknown";
}
