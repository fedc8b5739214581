/* SPDX-License-Identifier: MIT */
/**
 * Stands in for libFuzzer in the normal test run: gives the target every file and every file in the
 * directories named on the command line, once. A target reports a finding by abort(), as under the
 * fuzzer.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "target.h"

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;

	if (!file || fstat(fileno(file), &st) < 0) {
		perror(path);
		return -1;
	}
	size_t size = (size_t)st.st_size;
	/* of exactly its size, so that the sanitizers see a read past it */
	uint8_t *data = malloc(size ? size : 1);
	int rc = -1;
	if (data && fread(data, 1, size, file) == size) {
		/* printed first, so that the culprit of a crash is known */
		fprintf(stderr, "%s\n", path);
		LLVMFuzzerTestOneInput(data, size);
		rc = 0;
	}
	free(data);
	fclose(file);
	return rc;
}

static int replay_directory(const char *path, size_t *count)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	int rc = 0;

	if (!directory) {
		perror(path);
		return -1;
	}
	while (rc == 0 && (entry = readdir(directory))) {
		char name[4096];
		int len = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		rc = len > 0 && (size_t)len < sizeof name ? replay_file(name) : -1;
		++*count;
	}
	closedir(directory);
	return rc;
}

int main(int argc, char **argv)
{
	size_t count = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) < 0) {
			perror(argv[i]);
			return 1;
		}
		if (S_ISDIR(st.st_mode)) {
			if (replay_directory(argv[i], &count) < 0)
				return 1;
		} else {
			if (replay_file(argv[i]) < 0)
				return 1;
			count++;
		}
	}
	printf("%zu inputs replayed\n", count);
	return count == 0; /* a missing corpus must not pass */
}
