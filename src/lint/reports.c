/* SPDX-License-Identifier: MIT */
#include "lint/reports.h"

#include <inttypes.h>
#include <string.h>

#include "json/writer.h"

static const char *const levels[] = {
	[COR_FINDING_NOTE] = "note",
	[COR_FINDING_WARNING] = "warning",
	[COR_FINDING_ERROR] = "error",
};

static void literal(struct cor_buffer *buffer, const char *text)
{
	cor_buffer_append_str(buffer, cor_str(text));
}

static void quoted(struct cor_buffer *buffer, const char *before, const char *text)
{
	literal(buffer, before);
	cor_json_write_string(buffer, cor_str(text));
}

void cor_findings_text(const struct cor_findings *findings, struct cor_buffer *buffer)
{
	for (size_t i = 0; i < findings->len; i++) {
		const struct cor_finding *finding = &findings->items[i];
		if (finding->is_known)
			continue;
		cor_buffer_printf(buffer, "%s:%" PRIu32 ":%" PRIu32 ": %s: %s [%s: %s]\n",
			finding->path, finding->line, finding->column, levels[finding->level],
			finding->message, finding->tool, finding->rule);
	}
}

void cor_findings_json(const struct cor_findings *findings, struct cor_buffer *buffer)
{
	literal(buffer, "{\"findings\":[");
	for (size_t i = 0; i < findings->len; i++) {
		const struct cor_finding *finding = &findings->items[i];
		quoted(buffer, i ? ",{\"path\":" : "{\"path\":", finding->path);
		cor_buffer_printf(buffer, ",\"line\":%" PRIu32 ",\"column\":%" PRIu32,
			finding->line, finding->column);
		quoted(buffer, ",\"level\":", levels[finding->level]);
		quoted(buffer, ",\"tool\":", finding->tool);
		quoted(buffer, ",\"rule\":", finding->rule);
		quoted(buffer, ",\"message\":", finding->message);
		cor_buffer_printf(buffer, ",\"known\":%s}", finding->is_known ? "true" : "false");
	}
	literal(buffer, "]}\n");
}

/* --- rules --- */

/* Whether this is the first of its rule. */
static bool is_first(const struct cor_findings *findings, size_t at)
{
	const struct cor_finding *finding = &findings->items[at];

	for (size_t i = 0; i < at; i++)
		if (strcmp(findings->items[i].tool, finding->tool) == 0 &&
			strcmp(findings->items[i].rule, finding->rule) == 0)
			return false;
	return true;
}

/* --- SARIF --- */

static void write_rules(
	const struct cor_findings *findings, const char *tool, struct cor_buffer *buffer)
{
	const char *comma = "";

	for (size_t i = 0; i < findings->len; i++) {
		if (strcmp(findings->items[i].tool, tool) != 0 || !is_first(findings, i))
			continue;
		literal(buffer, comma);
		quoted(buffer, "{\"id\":", findings->items[i].rule);
		literal(buffer, "}");
		comma = ",";
	}
}

/* A relative reference (RFC 3986, section 4.2), or a URI where the path begins with a slash. */
static void write_uri(const char *path, struct cor_buffer *buffer)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";

	literal(buffer, path[0] == '/' ? "{\"uri\":\"file://" : "{\"uri\":\"");
	for (; *path; path++) {
		if (strchr(plain, *path))
			cor_buffer_byte(buffer, *path);
		else
			cor_buffer_printf(buffer, "%%%02X", (unsigned char)*path);
	}
	literal(buffer, "\"");
}

static void write_result(const struct cor_finding *finding, struct cor_buffer *buffer)
{
	quoted(buffer, "{\"ruleId\":", finding->rule);
	quoted(buffer, ",\"level\":", levels[finding->level]);
	quoted(buffer, ",\"message\":{\"text\":", finding->message);
	literal(buffer, "},\"locations\":[{\"physicalLocation\":{\"artifactLocation\":");
	write_uri(finding->path, buffer);
	literal(buffer, finding->path[0] == '/' ? "}" : ",\"uriBaseId\":\"SRCROOT\"}");
	if (finding->line)
		cor_buffer_printf(buffer,
			",\"region\":{\"startLine\":%" PRIu32 ",\"startColumn\":%" PRIu32 "}",
			finding->line, finding->column ? finding->column : 1);
	cor_buffer_printf(buffer,
		"}}],\"partialFingerprints\":{\"coracle/v1\":\"%016" PRIx64
		"\"},\"baselineState\":\"%s\"}",
		finding->print, finding->is_known ? "unchanged" : "new");
}

void cor_findings_sarif(
	const struct cor_findings *findings, const char *const *tools, struct cor_buffer *buffer)
{
	literal(buffer,
		"{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[");
	for (size_t run = 0; tools[run]; run++) {
		const char *comma = "";
		quoted(buffer,
			run ? ",{\"tool\":{\"driver\":{\"name\":"
			    : "{\"tool\":{\"driver\":{\"name\":",
			tools[run]);
		literal(buffer, ",\"rules\":[");
		write_rules(findings, tools[run], buffer);
		literal(buffer, "]}},\"results\":[");
		for (size_t i = 0; i < findings->len; i++) {
			if (strcmp(findings->items[i].tool, tools[run]) != 0)
				continue;
			literal(buffer, comma);
			write_result(&findings->items[i], buffer);
			comma = ",";
		}
		literal(buffer, "]}");
	}
	literal(buffer, "]}\n");
}

/* --- Sonar --- */

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static const char *quality_of(const struct cor_finding *finding)
{
	if (strstr(finding->rule, "security") || begins(finding->rule, "cert-") ||
		strcmp(finding->rule, "overruns") == 0)
		return "SECURITY";
	if (finding->level == COR_FINDING_NOTE || begins(finding->rule, "readability") ||
		begins(finding->rule, "performance") || begins(finding->rule, "misc-"))
		return "MAINTAINABILITY";
	return "RELIABILITY";
}

static const char *severity_of(const struct cor_finding *finding)
{
	static const char *const severities[] = {
		[COR_FINDING_NOTE] = "LOW",
		[COR_FINDING_WARNING] = "MEDIUM",
		[COR_FINDING_ERROR] = "HIGH",
	};

	return severities[finding->level];
}

static void write_rule(const struct cor_finding *finding, struct cor_buffer *buffer)
{
	quoted(buffer, "{\"id\":", finding->rule);
	quoted(buffer, ",\"name\":", finding->rule);
	quoted(buffer, ",\"description\":", finding->message);
	quoted(buffer, ",\"engineId\":", finding->tool);
	quoted(buffer,
		",\"cleanCodeAttribute\":\"CONVENTIONAL\",\"impacts\":[{\"softwareQuality\":",
		quality_of(finding));
	quoted(buffer, ",\"severity\":", severity_of(finding));
	literal(buffer, "}]}");
}

static void write_issue(const struct cor_finding *finding, struct cor_buffer *buffer)
{
	quoted(buffer, "{\"ruleId\":", finding->rule);
	quoted(buffer, ",\"primaryLocation\":{\"message\":", finding->message);
	quoted(buffer, ",\"filePath\":", finding->path);
	if (finding->line)
		cor_buffer_printf(
			buffer, ",\"textRange\":{\"startLine\":%" PRIu32 "}", finding->line);
	literal(buffer, "}}");
}

void cor_findings_sonar(const struct cor_findings *findings, struct cor_buffer *buffer)
{
	const char *comma = "";

	literal(buffer, "{\"rules\":[");
	for (size_t i = 0; i < findings->len; i++) {
		if (!is_first(findings, i))
			continue;
		literal(buffer, comma);
		write_rule(&findings->items[i], buffer);
		comma = ",";
	}
	literal(buffer, "],\"issues\":[");
	for (size_t i = 0; i < findings->len; i++) {
		literal(buffer, i ? "," : "");
		write_issue(&findings->items[i], buffer);
	}
	literal(buffer, "]}\n");
}
