/* SPDX-License-Identifier: MIT */
#include "cgroup_tree.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[] = "cpus-XXXXXX";
static char groups[64], mounts[64];
const struct cor_cgroup_files files = { groups, mounts, root };

static int remove_one(const char *path, const struct stat *file, int type, struct FTW *at)
{
	(void)file;
	(void)type;
	(void)at;
	return remove(path);
}

int make_tree(void **state)
{
	(void)state;
	memcpy(root, "cpus-XXXXXX", sizeof root);
	if (!mkdtemp(root))
		return -1;
	snprintf(groups, sizeof groups, "%s/cgroup", root);
	snprintf(mounts, sizeof mounts, "%s/mountinfo", root);
	return 0;
}

int remove_tree(void **state)
{
	(void)state;
	return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void write_file(const char *name, const char *text)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", root, name);
	for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0777);
		*slash = '/';
	}
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}
