/* SPDX-License-Identifier: MIT */
#include "cli/deploy_watching.h"

#include <string.h>

#include "json/writer.h"

/* --- alerts --- */

struct alert {
	const char *name;
	const char *expression; /* JOB stands for the job of the service */
	const char *lasts;
	const char *severity;
	const char *summary;
};

static const struct alert alerts[] = {
	{ "Down", "up{job=\"JOB\"} == 0", "2m", "critical",
		"Nobody answers at its control listener." },
	{ "Errors",
		"sum(rate(coracle_requests_total{job=\"JOB\",class=\"5xx\"}[5m])) > 0.01 * sum(rate(coracle_requests_total{job=\"JOB\"}[5m]))",
		"5m", "critical", "More than 1 in 100 requests end with a status from 500 on." },
	{ "Slow",
		"histogram_quantile(0.99, sum by (le) (rate(coracle_request_duration_seconds_bucket{job=\"JOB\"}[5m]))) > 1",
		"10m", "warning", "1 in 100 requests takes longer than a second." },
	{ "WorkersDie",
		"sum by (instance) (increase(coracle_worker_restarts_total{job=\"JOB\"}[15m])) > 2",
		"0m", "critical", "Workers die again and again: the log has a stack of each." },
	{ "WorkersMissing",
		"sum by (instance) (coracle_workers{job=\"JOB\",state=\"ready\"}) < sum by (instance) (coracle_workers_wanted{job=\"JOB\"})",
		"5m", "critical", "Fewer workers than it should have: they do not start." },
	{ "ThreadsHeld",
		"sum by (route) (increase(coracle_held_threads_total{job=\"JOB\"}[15m])) > 5", "0m",
		"warning",
		"A handler computes or blocks too long on its thread: the log names it." },
	{ "Overload", "sum by (reason) (rate(coracle_requests_refused_total{job=\"JOB\"}[5m])) > 1",
		"5m", "warning", "It refuses requests: more come than it can answer in time." },
	{ "CertificateExpires",
		"coracle_certificate_expiry_timestamp_seconds{job=\"JOB\"} - time() < 14 * 86400",
		"1h", "warning", "A certificate ends in less than two weeks." },
};

static void write_expression(const char *expression, const char *job, struct cor_buffer *buffer)
{
	const char *mark;

	for (; (mark = strstr(expression, "JOB")); expression = mark + 3)
		cor_buffer_printf(buffer, "%.*s%s", (int)(mark - expression), expression, job);
	cor_buffer_append_str(buffer, cor_str(expression));
}

static void write_alert(const struct alert *alert, const struct cor_deployment *deployment,
	struct cor_buffer *buffer)
{
	cor_buffer_printf(
		buffer, "      - alert: %s%s\n        expr: '", deployment->prefix, alert->name);
	write_expression(alert->expression, deployment->dashed, buffer);
	cor_buffer_printf(buffer,
		"'\n"
		"        for: %s\n"
		"        labels: { severity: %s }\n"
		"        annotations: { summary: \"%s: %s\" }\n",
		alert->lasts, alert->severity, deployment->name, alert->summary);
}

void cor_deploy_alerts(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	cor_buffer_printf(buffer,
		"# Rules for Prometheus, whose job for the control listeners is \"%s\".\n"
		"groups:\n"
		"  - name: \"%s\"\n"
		"    rules:\n",
		deployment->dashed, deployment->dashed);
	for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++)
		if (deployment->has_tls || strcmp(alerts[i].name, "CertificateExpires") != 0)
			write_alert(&alerts[i], deployment, buffer);
}

/* --- a board --- */

struct panel {
	const char *title;
	const char *unit;
	const char *expression;
	const char *legend;
};

static const struct panel panels[] = {
	{ "Requests", "reqps", "sum by (route) (rate(coracle_requests_total{job=\"JOB\"}[5m]))",
		"{{route}}" },
	{ "Answers by status", "reqps",
		"sum by (class) (rate(coracle_requests_total{job=\"JOB\"}[5m]))", "{{class}}" },
	{ "Time of requests, 99 in 100", "s",
		"histogram_quantile(0.99, sum by (le, route) (rate(coracle_request_duration_seconds_bucket{job=\"JOB\"}[5m])))",
		"{{route}}" },
	{ "Functions that are timed, on average", "s",
		"sum by (function) (rate(coracle_timed_seconds_sum{job=\"JOB\"}[5m])) / sum by (function) (rate(coracle_timed_seconds_count{job=\"JOB\"}[5m]))",
		"{{function}}" },
	{ "In flight", "short", "sum(coracle_requests_in_flight{job=\"JOB\"})", "requests" },
	{ "Connections", "short", "sum(coracle_connections_open{job=\"JOB\"})", "open" },
	{ "Workers", "short", "sum by (state) (coracle_workers{job=\"JOB\"})", "{{state}}" },
	{ "Threads held", "short",
		"sum by (instance) (rate(coracle_held_threads_total{job=\"JOB\"}[5m]))",
		"{{instance}}" },
	{ "Calls of upstreams", "reqps",
		"sum by (upstream, result) (rate(coracle_upstream_calls_total{job=\"JOB\"}[5m]))",
		"{{upstream}} {{result}}" },
	{ "Hits of caches", "percentunit",
		"sum by (cache) (rate(coracle_cache_hits_total{job=\"JOB\"}[5m])) / (sum by (cache) (rate(coracle_cache_hits_total{job=\"JOB\"}[5m])) + sum by (cache) (rate(coracle_cache_misses_total{job=\"JOB\"}[5m])))",
		"{{cache}}" },
};

static void write_panel(size_t i, const char *job, struct cor_buffer *buffer)
{
	const struct panel *panel = &panels[i];
	struct cor_buffer expression = { 0 };

	write_expression(panel->expression, job, &expression);
	cor_buffer_printf(buffer,
		"%s\n    {\"id\": %zu, \"type\": \"timeseries\", \"title\": \"%s\", \"gridPos\": "
		"{\"x\": %zu, \"y\": %zu, \"w\": 12, \"h\": 8}, \"fieldConfig\": {\"defaults\": {\"unit\": "
		"\"%s\"}, \"overrides\": []},\n     \"targets\": [{\"refId\": \"A\", \"expr\": ",
		i ? "," : "", i + 1, panel->title, i % 2 * 12, i / 2 * 8, panel->unit);
	cor_json_write_string(buffer, (struct cor_str){ expression.data, expression.len });
	cor_buffer_append_str(buffer, COR_STR(", \"legendFormat\": "));
	cor_json_write_string(buffer, cor_str(panel->legend));
	cor_buffer_append_str(buffer, COR_STR("}]}"));
	cor_buffer_finish(&expression);
}

static bool is_of_service(const struct panel *panel, const struct cor_deployment *deployment)
{
	if (strstr(panel->expression, "upstream"))
		return deployment->peers_len != 0;
	return !strstr(panel->expression, "coracle_cache") || deployment->cache_bytes != 0;
}

void cor_deploy_dashboard(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	cor_buffer_printf(buffer,
		"  \"title\": \"%s\", \"uid\": \"coracle-%s\", \"schemaVersion\": 36, \"refresh\": \"30s\",\n"
		"  \"time\": {\"from\": \"now-6h\", \"to\": \"now\"}, \"tags\": [\"coracle\"],\n"
		"  \"panels\": [",
		deployment->name, deployment->dashed);
	for (size_t i = 0; i < sizeof panels / sizeof panels[0]; i++)
		if (is_of_service(&panels[i], deployment))
			write_panel(i, deployment->dashed, buffer);
	cor_buffer_append_str(buffer, COR_STR("\n  ]\n}\n"));
}
