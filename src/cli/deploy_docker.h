/* SPDX-License-Identifier: MIT */
/** An image: the program with the libraries that it needs, and nothing else. */
#ifndef CORACLE_CLI_DEPLOY_DOCKER_H
#define CORACLE_CLI_DEPLOY_DOCKER_H

#include "base/buffer.h"
#include "cli/deployment.h"

/** Append it, without the mark of its first line. */
void cor_deploy_docker(const struct cor_deployment *deployment, struct cor_buffer *buffer);

#endif
