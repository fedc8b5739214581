/* SPDX-License-Identifier: MIT */
/** The service with nginx in front, and what it needs beside it, for docker compose. */
#ifndef CORACLE_CLI_DEPLOY_COMPOSE_H
#define CORACLE_CLI_DEPLOY_COMPOSE_H

#include "base/buffer.h"
#include "cli/deployment.h"

/** Append it, without the mark of its first line. */
void cor_deploy_compose(const struct cor_deployment *deployment, struct cor_buffer *buffer);

#endif
