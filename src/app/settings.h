/* SPDX-License-Identifier: MIT */
/** Settings of the program itself; its server and the service have their own. */
#ifndef CORACLE_APP_SETTINGS_H
#define CORACLE_APP_SETTINGS_H

#include <coracle/log.h>
#include <coracle/schema.h>

#include "context/context.h"
#include "upload/limits.h"

enum cor_app_docs {
	COR_DOCS_AUTO = 0, /* on when every listener is reachable from this machine only */
	COR_DOCS_ON,
	COR_DOCS_OFF,
};

enum cor_app_checks {
	COR_CHECKS_AUTO = 0, /* refuse where the library has assertions, else sample */
	COR_CHECKS_OFF,
	COR_CHECKS_SAMPLE,
	COR_CHECKS_LOG,
	COR_CHECKS_REFUSE,
};

enum cor_app_log_format {
	COR_APP_LOG_AUTO = 0, /* text on a terminal */
	COR_APP_LOG_TEXT,
	COR_APP_LOG_JSON,
};

struct cor_app_settings {
	enum cor_app_docs docs;
	enum cor_app_checks check_answers;
	enum cor_app_log_format log_format;
	enum cor_log_level log_level;
	bool access_log;
	bool timed;
	bool server_timing;
	bool response_time;
	const char *log_file;    /* NULL: standard error */
	const char *cookie_keys; /* NULL: what is made up */
	struct cor_upload_limits uploads;
};

/** What is done with answers that break their tables. */
enum cor_answer_checks cor_app_answer_checks(const struct cor_app_settings *settings);

COR_DECLARE_SCHEMA(cor_app_settings_schema, struct cor_app_settings);

#endif
