/* SPDX-License-Identifier: MIT */
/** Settings of the program itself; its server and the service have their own. */
#ifndef CORACLE_APP_SETTINGS_H
#define CORACLE_APP_SETTINGS_H

#include <coracle/log.h>
#include <coracle/schema.h>

enum cor_app_docs {
	COR_DOCS_AUTO = 0, /* on when every listener is reachable from this machine only */
	COR_DOCS_ON,
	COR_DOCS_OFF,
};

enum cor_app_log_format {
	COR_APP_LOG_AUTO = 0, /* text on a terminal */
	COR_APP_LOG_TEXT,
	COR_APP_LOG_JSON,
};

struct cor_app_settings {
	enum cor_app_docs docs;
	enum cor_app_log_format log_format;
	enum cor_log_level log_level;
	bool access_log;
	const char *log_file; /* NULL: standard error */
};

COR_DECLARE_SCHEMA(cor_app_settings_schema, struct cor_app_settings);

#endif
