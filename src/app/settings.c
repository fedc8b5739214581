/* SPDX-License-Identifier: MIT */
#include "app/settings.h"

static const struct cor_enum_name docs_names[] = {
	{ "auto", COR_DOCS_AUTO },
	{ "on", COR_DOCS_ON },
	{ "off", COR_DOCS_OFF },
};

static const struct cor_enum_name check_names[] = {
	{ "auto", COR_CHECKS_AUTO },
	{ "off", COR_CHECKS_OFF },
	{ "sample", COR_CHECKS_SAMPLE },
	{ "log", COR_CHECKS_LOG },
	{ "refuse", COR_CHECKS_REFUSE },
};

static const struct cor_enum_name format_names[] = {
	{ "auto", COR_APP_LOG_AUTO },
	{ "text", COR_APP_LOG_TEXT },
	{ "json", COR_APP_LOG_JSON },
};

static const struct cor_enum_name level_names[] = {
	{ "error", COR_LOG_ERROR },
	{ "warning", COR_LOG_WARNING },
	{ "info", COR_LOG_INFO },
	{ "debug", COR_LOG_DEBUG },
};

static const struct cor_field upload_rows[] = {
	COR_FIELD(struct cor_upload_limits, folder, .key = "upload_folder",
		.fallback = "\"/var/tmp\"", .min_length = 1,
		.doc = "Where files of forms go that memory does not hold: they have no name there, and end with their request; with --sandbox-paths it is one of them"),
	COR_FIELD(struct cor_upload_limits, memory_bytes, .key = "upload_memory_bytes",
		.fallback = "65536", .range = COR_MAX(INT32_MAX),
		.doc = "A file of a form that is larger goes to --upload-folder"),
	COR_FIELD(struct cor_upload_limits, files, .key = "upload_files", .fallback = "100",
		.doc = "Files of a form in --upload-folder at once, each with a descriptor, else 413"),
	COR_FIELD(struct cor_upload_limits, parts, .key = "upload_parts", .fallback = "1000",
		.range = COR_MIN(1), .doc = "Parts of a form (multipart/form-data), else 413"),
	COR_FIELD(struct cor_upload_limits, part_bytes, .key = "upload_part_bytes",
		.fallback = "8192", .range = COR_BETWEEN(128, 1048576),
		.doc = "Header lines of a part together, else 413; as many may stand outside of the parts"),
};
COR_LOCAL_SCHEMA(upload_schema, struct cor_upload_limits, upload_rows);

static const struct cor_field fields[] = {
	COR_ENUM(struct cor_app_settings, docs, docs_names, .fallback = "\"auto\"",
		.doc = "Serve /docs, /openapi.json and its other forms; auto: when every listener is loopback or unix"),
	COR_ENUM(struct cor_app_settings, check_answers, check_names, .fallback = "\"auto\"",
		.doc = "Find answers that break their tables: log some or all, refuse (500); auto: refuse or sample"),
	COR_ENUM(struct cor_app_settings, log_format, format_names, .fallback = "\"auto\"",
		.doc = "Format of the log; auto: text on a terminal, else JSON"),
	COR_ENUM(struct cor_app_settings, log_level, level_names, .fallback = "\"info\"",
		.doc = "The least serious messages to log; access lines obey --access-log only"),
	COR_FIELD(struct cor_app_settings, access_log, .fallback = "true",
		.doc = "Log a line for each request, at any --log-level; off: only if it was refused or cut"),
	COR_FIELD(struct cor_app_settings, timed, .fallback = "true",
		.doc = "Measure what the service times (cor_timed): /metrics has it"),
	COR_FIELD(struct cor_app_settings, server_timing, .fallback = "false",
		.doc = "Tell clients what was timed: Server-Timing, which a browser's developer tools show"),
	COR_FIELD(struct cor_app_settings, response_time, .fallback = "false",
		.doc = "Tell clients how long the answer took: X-Response-Time"),
	COR_FIELD(struct cor_app_settings, log_file, .presence = COR_OPTIONAL, .min_length = 1,
		.doc = "Log to this file, not to standard error; SIGUSR1 opens it again, for rotation"),
	COR_FIELD(struct cor_app_settings, cookie_keys, .presence = COR_OPTIONAL, .min_length = 1,
		.doc = "File with the secrets that seal cookies and sessions, a line each, the newest first (openssl rand -base64 48); without it they end with the service"),
	COR_EMBED(struct cor_app_settings, uploads, upload_schema),
};
COR_SCHEMA(cor_app_settings_schema, fields, .name = "program");

enum cor_answer_checks cor_app_answer_checks(const struct cor_app_settings *settings)
{
#ifdef NDEBUG
	const enum cor_answer_checks by_itself = COR_ANSWERS_SAMPLED;
#else
	const enum cor_answer_checks by_itself = COR_ANSWERS_REFUSED;
#endif
	switch (settings->check_answers) {
	case COR_CHECKS_OFF:
		return COR_ANSWERS_UNCHECKED;
	case COR_CHECKS_SAMPLE:
		return COR_ANSWERS_SAMPLED;
	case COR_CHECKS_LOG:
		return COR_ANSWERS_LOGGED;
	case COR_CHECKS_REFUSE:
		return COR_ANSWERS_REFUSED;
	default:
		return by_itself;
	}
}
