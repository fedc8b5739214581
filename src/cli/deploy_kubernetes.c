/* SPDX-License-Identifier: MIT */
#include "cli/deploy_kubernetes.h"

#include <inttypes.h>

static const struct cor_str several = COR_STR(
	"  replicas: 2\n"
	"  strategy:\n"
	"    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }\n");
static const struct cor_str one = COR_STR(
	"  # One replica, and never two at once: what it knows is in its memory, and a second would answer\n"
	"  # otherwise. Once that is in a database or memcached: coracle deploy writes this for several.\n"
	"  replicas: 1\n"
	"  strategy: { type: Recreate }\n");

static void begin(const struct cor_deployment *deployment, const char *version, const char *kind,
	struct cor_buffer *buffer)
{
	cor_buffer_printf(buffer,
		"---\n"
		"apiVersion: %s\n"
		"kind: %s\n"
		"metadata:\n"
		"  name: \"%s\"\n"
		"  labels: { app: \"%s\" }\n"
		"spec:\n",
		version, kind, deployment->dashed, deployment->dashed);
}

static void write_probes(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	cor_buffer_printf(buffer,
		"          startupProbe:\n"
		"            httpGet: { path: /startup, port: control }\n"
		"            periodSeconds: 1\n"
		"            failureThreshold: %u # --start-timeout-ms\n"
		"          livenessProbe:\n"
		"            httpGet: { path: /live, port: control }\n"
		"          readinessProbe:\n"
		"            httpGet: { path: /ready, port: control }\n"
		"            periodSeconds: 2\n"
		"          lifecycle:\n"
		"            preStop: # clients are still sent to it for a while\n"
		"              sleep: { seconds: 5 }\n",
		deployment->start_s);
}

/* A pod waits for what it is told here, and says what is not there: else it ended with 78. */
static void write_wanted(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	for (size_t i = 0; i < deployment->wanted_len; i++) {
		const struct cor_wanted *wanted = &deployment->wanted[i];
		const char *kind = wanted->is_secret ? "secret" : "configMap";
		cor_buffer_printf(buffer,
			"            - name: %s # kubectl create %s %s --from-literal=%s=...\n"
			"              valueFrom: { %sKeyRef: { name: \"%s\", key: %s%s } }\n",
			wanted->variable, wanted->is_secret ? "secret generic" : "configmap",
			deployment->dashed, wanted->variable, kind, deployment->dashed,
			wanted->variable, wanted->is_required ? "" : ", optional: true");
	}
}

static void write_container(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	cor_buffer_printf(buffer,
		"      containers:\n"
		"        - name: \"%s\"\n"
		"          image: \"%s:%s\"\n"
		"          env:\n"
		"            - { name: %s_CONTROL, value: \"0.0.0.0:9090\" }\n",
		deployment->dashed, deployment->dashed, deployment->version, deployment->prefix);
	write_wanted(deployment, buffer);
	cor_buffer_append_str(
		buffer, COR_STR("          ports:\n"
				"            - { name: http, containerPort: 8080 }\n"
				"            - { name: control, containerPort: 9090 }\n"));
	write_probes(deployment, buffer);
	cor_buffer_printf(buffer,
		"          resources:\n"
		"            requests: { cpu: 250m, memory: %" PRIu64 "Mi }\n"
		"            limits: { cpu: \"1\", memory: %" PRIu64 "Mi }\n"
		"          securityContext:\n"
		"            readOnlyRootFilesystem: true\n"
		"            allowPrivilegeEscalation: false\n"
		"            capabilities: { drop: [ALL] }\n"
		"          volumeMounts:\n"
		"            - { name: scratch, mountPath: /tmp }\n"
		"            - { name: scratch, mountPath: /var/tmp }\n",
		deployment->memory_bytes / 1048576, 2 * deployment->memory_bytes / 1048576);
	if (deployment->keeps_files)
		cor_buffer_append_str(buffer,
			COR_STR("            - { name: scratch, mountPath: /var/cache }\n"));
}

static void write_deployment(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	begin(deployment, "apps/v1", "Deployment", buffer);
	cor_buffer_append_str(buffer, deployment->has_one_replica ? one : several);
	cor_buffer_printf(buffer,
		"  selector:\n"
		"    matchLabels: { app: \"%s\" }\n"
		"  template:\n"
		"    metadata:\n"
		"      labels: { app: \"%s\" }\n"
		"      annotations: { prometheus.io/scrape: \"true\", prometheus.io/port: \"9090\" }\n"
		"    spec:\n"
		"      terminationGracePeriodSeconds: %u # the sleep, --drain-timeout-ms, and some seconds\n"
		"      automountServiceAccountToken: false\n"
		"      securityContext:\n"
		"        runAsNonRoot: true\n"
		"        runAsUser: 65532\n"
		"        runAsGroup: 65532\n"
		"        fsGroup: 65532\n"
		"        seccompProfile: { type: RuntimeDefault }\n"
		"      topologySpreadConstraints:\n"
		"        - maxSkew: 1\n"
		"          topologyKey: kubernetes.io/hostname\n"
		"          whenUnsatisfiable: ScheduleAnyway\n"
		"          labelSelector: { matchLabels: { app: \"%s\" } }\n",
		deployment->dashed, deployment->dashed, deployment->drain_s + 10,
		deployment->dashed);
	write_container(deployment, buffer);
	cor_buffer_append_str(buffer, COR_STR("      volumes:\n"
					      "        - name: scratch\n"
					      "          emptyDir: { sizeLimit: 256Mi }\n"));
}

static void write_service(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	begin(deployment, "v1", "Service", buffer);
	cor_buffer_printf(buffer,
		"  selector: { app: \"%s\" }\n"
		"  ports:\n"
		"    - { name: http, port: 80, targetPort: http }\n",
		deployment->dashed);
}

static void write_scaling(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	begin(deployment, "autoscaling/v2", "HorizontalPodAutoscaler", buffer);
	cor_buffer_printf(buffer,
		"  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: \"%s\" }\n"
		"  minReplicas: 2\n"
		"  maxReplicas: 10\n"
		"  metrics:\n"
		"    - type: Resource\n"
		"      resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } }\n",
		deployment->dashed);
	begin(deployment, "policy/v1", "PodDisruptionBudget", buffer);
	cor_buffer_printf(buffer,
		"  maxUnavailable: 1\n"
		"  selector: { matchLabels: { app: \"%s\" } }\n",
		deployment->dashed);
}

/* A policy knows addresses and pods, but no names: what it can say of an upstream is its port. */
static void write_egress(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	cor_buffer_append_str(buffer, COR_STR("  egress:\n"
					      "    - ports: # names of others\n"
					      "        - { port: 53, protocol: UDP }\n"
					      "        - { port: 53, protocol: TCP }\n"));
	for (size_t i = 0; i < deployment->peers_len; i++) {
		const struct cor_peer *peer = &deployment->peers[i];
		if (peer->host)
			cor_buffer_printf(buffer,
				"    - ports: # %s %s, %s\n"
				"        - { port: %u, protocol: TCP }\n",
				peer->is_memcached ? "the cache" : "the upstream", peer->name,
				peer->host, (unsigned)peer->port);
	}
}

static void write_policy(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	begin(deployment, "networking.k8s.io/v1", "NetworkPolicy", buffer);
	cor_buffer_printf(buffer,
		"  podSelector: { matchLabels: { app: \"%s\" } }\n"
		"  policyTypes: [Ingress, Egress]\n"
		"  ingress:\n"
		"    - ports:\n"
		"        - { port: http, protocol: TCP }\n"
		"    - from: # who watches: the kubelet comes past this anyway\n"
		"        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } }\n"
		"      ports:\n"
		"        - { port: control, protocol: TCP }\n",
		deployment->dashed);
	write_egress(deployment, buffer);
}

void cor_deploy_kubernetes(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	write_deployment(deployment, buffer);
	write_service(deployment, buffer);
	if (!deployment->has_one_replica)
		write_scaling(deployment, buffer);
	write_policy(deployment, buffer);
}
