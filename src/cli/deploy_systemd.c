/* SPDX-License-Identifier: MIT */
#include "cli/deploy_systemd.h"

#include <inttypes.h>

static const char confined[] = "\n"
			       "# Whom it runs as: a user that is made for it.\n"
			       "DynamicUser=yes\n"
			       "AmbientCapabilities=\n"
			       "CapabilityBoundingSet=\n"
			       "NoNewPrivileges=yes\n"
			       "\n"
			       "# What it may do.\n"
			       "ProtectSystem=strict\n"
			       "ProtectHome=yes\n"
			       "PrivateTmp=yes\n"
			       "PrivateDevices=yes\n"
			       "ProtectProc=invisible\n"
			       "ProtectClock=yes\n"
			       "ProtectHostname=yes\n"
			       "ProtectKernelLogs=yes\n"
			       "ProtectKernelModules=yes\n"
			       "ProtectKernelTunables=yes\n"
			       "ProtectControlGroups=yes\n"
			       "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n"
			       "RestrictNamespaces=yes\n"
			       "RestrictRealtime=yes\n"
			       "RestrictSUIDSGID=yes\n"
			       "LockPersonality=yes\n"
			       "RemoveIPC=yes\n"
			       "SystemCallArchitectures=native\n"
			       "SystemCallFilter=@system-service\n"
			       "SystemCallErrorNumber=EPERM\n"
			       "UMask=0027\n";

/* A file that may not be there, or one that has to: systemd then says which. */
static void write_environment(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	bool is_required = false;

	for (size_t i = 0; i < deployment->wanted_len; i++) {
		const struct cor_wanted *wanted = &deployment->wanted[i];
		is_required |= wanted->is_required;
		cor_buffer_printf(buffer, "# %s=... in this file: %s%s\n", wanted->variable,
			wanted->is_required ? "it does not start without" : "if it is wanted",
			wanted->is_secret ? "; a secret: root's, with the mode 600" : "");
	}
	cor_buffer_printf(buffer, "EnvironmentFile=%s/etc/%s.env\n", is_required ? "" : "-",
		deployment->name);
}

void cor_deploy_systemd(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	const char *name = deployment->name;

	cor_buffer_printf(buffer,
		"# Copy it to /etc/systemd/system, then: systemctl daemon-reload && systemctl enable --now %s\n"
		"[Unit]\n"
		"Description=%s, a service made with Coracle\n"
		"After=network.target\n"
		"\n"
		"[Service]\n"
		"Type=notify\n"
		"# nginx comes by the socket; --http 0.0.0.0:8080 takes clients without it.\n"
		"ExecStart=/usr/local/bin/%s%s --http unix:/run/%s/http --unix-mode 666 "
		"--trusted-proxies unix --control unix:/run/%s/control\n",
		name, name, name, deployment->is_single ? "" : " --processes auto", name, name);
	write_environment(deployment, buffer);
	cor_buffer_printf(buffer,
		"ExecReload=kill -HUP $MAINPID\n"
		"Restart=on-failure\n"
		"# A wrong setting does not become right by trying again.\n"
		"RestartPreventExitStatus=64 78\n"
		"SuccessExitStatus=75\n"
		"TimeoutStartSec=%u\n"
		"TimeoutStopSec=%u\n"
		"KillMode=mixed\n"
		"WatchdogSec=30\n"
		"LimitNOFILE=65536\n"
		"MemoryMax=%" PRIu64 "M\n"
		"RuntimeDirectory=%s\n",
		deployment->start_s + 30, deployment->drain_s + 15,
		2 * deployment->memory_bytes / 1048576, name);
	if (deployment->keeps_files)
		cor_buffer_printf(buffer, "CacheDirectory=%s\n", name);
	cor_buffer_append_str(buffer, cor_str(confined));
	cor_buffer_append_str(buffer, COR_STR("\n[Install]\nWantedBy=multi-user.target\n"));
}
