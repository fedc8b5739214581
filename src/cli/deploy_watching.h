/* SPDX-License-Identifier: MIT */
/** Alert rules for Prometheus, and a board for Grafana. */
#ifndef CORACLE_CLI_DEPLOY_WATCHING_H
#define CORACLE_CLI_DEPLOY_WATCHING_H

#include "base/buffer.h"
#include "cli/deployment.h"

/** Append it, without the mark of its first line. */
void cor_deploy_alerts(const struct cor_deployment *deployment, struct cor_buffer *buffer);
void cor_deploy_dashboard(const struct cor_deployment *deployment, struct cor_buffer *buffer);

#endif
