/* SPDX-License-Identifier: MIT */
#include "file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static int read_all(FILE *stream, size_t size, struct cor_str *ret)
{
	char *data = malloc(size ? size : 1);

	if (!data)
		return -ENOMEM;
	if (fread(data, 1, size, stream) != size) {
		free(data);
		return -EIO;
	}
	*ret = (struct cor_str){ data, size };
	return 0;
}

int file_read(const char *path, struct cor_str *ret)
{
	FILE *stream = fopen(path, "re");
	struct stat status;
	int rc;

	if (!stream)
		return -errno;
	if (fstat(fileno(stream), &status) < 0)
		rc = -errno;
	else
		rc = read_all(stream, (size_t)status.st_size, ret);
	fclose(stream);
	return rc;
}
