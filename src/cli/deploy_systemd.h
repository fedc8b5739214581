/* SPDX-License-Identifier: MIT */
/** A unit for systemd. */
#ifndef CORACLE_CLI_DEPLOY_SYSTEMD_H
#define CORACLE_CLI_DEPLOY_SYSTEMD_H

#include "base/buffer.h"
#include "cli/deployment.h"

/** Append it, without the mark of its first line. */
void cor_deploy_systemd(const struct cor_deployment *deployment, struct cor_buffer *buffer);

#endif
