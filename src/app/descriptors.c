/* SPDX-License-Identifier: MIT */
#include "app/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The lowest free number is the one that was found closed: those below it are open by then. */
int cor_descriptors_secure(void)
{
	static const int modes[] = {
		[STDIN_FILENO] = O_RDONLY,
		[STDOUT_FILENO] = O_RDONLY, /* what --help prints must not seem to arrive */
		[STDERR_FILENO] = O_WRONLY,
	};

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) < 0)
			return -errno;
	return 0;
}
