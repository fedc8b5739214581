/* SPDX-License-Identifier: MIT */
/** Manifests for Kubernetes. */
#ifndef CORACLE_CLI_DEPLOY_KUBERNETES_H
#define CORACLE_CLI_DEPLOY_KUBERNETES_H

#include "base/buffer.h"
#include "cli/deployment.h"

/** Append it, without the mark of its first line. */
void cor_deploy_kubernetes(const struct cor_deployment *deployment, struct cor_buffer *buffer);

#endif
