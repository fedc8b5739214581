/* SPDX-License-Identifier: MIT */
#include "app/settings.h"

static const struct cor_enum_name docs_names[] = {
	{ "auto", COR_DOCS_AUTO },
	{ "on", COR_DOCS_ON },
	{ "off", COR_DOCS_OFF },
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

static const struct cor_field fields[] = {
	COR_ENUM(struct cor_app_settings, docs, docs_names, .fallback = "\"auto\"",
		.doc = "Serve /docs, /openapi.json and its other forms; auto: when every listener is loopback or unix"),
	COR_ENUM(struct cor_app_settings, log_format, format_names, .fallback = "\"auto\"",
		.doc = "Format of the log; auto: text on a terminal, else JSON"),
	COR_ENUM(struct cor_app_settings, log_level, level_names, .fallback = "\"info\"",
		.doc = "The least serious messages to log; access lines obey --access-log only"),
	COR_FIELD(struct cor_app_settings, access_log, .fallback = "true",
		.doc = "Log a line for each request, at any --log-level; off: only if it was refused or cut"),
	COR_FIELD(struct cor_app_settings, log_file, .presence = COR_OPTIONAL, .min_length = 1,
		.doc = "Log to this file, not to standard error; SIGUSR1 opens it again, for rotation"),
};
COR_SCHEMA(cor_app_settings_schema, fields, .name = "program");
