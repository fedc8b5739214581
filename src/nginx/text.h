/* SPDX-License-Identifier: MIT */
/** Texts as nginx reads them. Private to the nginx folder. */
#ifndef CORACLE_NGINX_TEXT_H
#define CORACLE_NGINX_TEXT_H

#include "nginx/site.h"

/** A value: bare, or in quotes. Of a '$' nginx makes a variable: see below. */
void cor_nginx_word(struct cor_buffer *buffer, const char *text);

/** Whether a value has a '$', for which nginx has no other spelling. NULL has none. */
bool cor_nginx_is_variable(const char *text);

/** Part of a comment's line, whatever it holds. */
void cor_nginx_remark(struct cor_buffer *buffer, const char *text);

/** A literal part of a regular expression. */
void cor_nginx_literal(struct cor_buffer *buffer, struct cor_str text);

/** A time: "30s" or "1500ms". */
void cor_nginx_time(struct cor_buffer *buffer, uint64_t ms);

/** The path, relative ones behind the options' folder. NULL without memory. */
const char *cor_nginx_absolute(const struct cor_nginx_site *site, const char *path);

/** A line, indented twice: "MODULE_directive value;". */
void cor_nginx_set(const struct cor_nginx_site *site, const char *directive, const char *value);

#endif
