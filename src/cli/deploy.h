/* SPDX-License-Identifier: MIT */
/** What `coracle deploy` writes for a project that has not been built yet. */
#ifndef CORACLE_CLI_DEPLOY_H
#define CORACLE_CLI_DEPLOY_H

#include "cli/cli.h"

/**
 * Write the image, the compose file and the manifests of a new project below its folder. Returns
 * COR_CLI_OK or COR_CLI_OUTPUT, told.
 */
int cor_deploy_new(struct cor_cli *cli, const char *folder, const char *name);

#endif
