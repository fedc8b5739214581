/* SPDX-License-Identifier: MIT */
#include "base/shortage.h"

#include <coracle/error.h>

const char *cor_shortage_text(int code)
{
	switch (code < 0 ? -code : code) {
	case EAGAIN:
		return "too many processes or threads: raise their limit (LimitNPROC=, TasksMax=, "
		       "ulimit -u), or the container's pids limit";
	case EMFILE:
		return "too many open files: raise the limit (LimitNOFILE=, ulimit -n)";
	case ENFILE:
		return "too many open files on this machine: raise fs.file-max";
	case ENOMEM:
		return "not enough memory: raise the limit (MemoryMax=, LimitAS=, ulimit -v), or free some";
	default:
		return cor_strerror(code);
	}
}
