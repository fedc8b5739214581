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
	COR_FIELD(struct cor_app_settings, log_file, .presence = COR_OPTIONAL, .min_length = 1,
		.doc = "Log to this file, not to standard error; SIGUSR1 opens it again, for rotation"),
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
