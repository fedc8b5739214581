/* SPDX-License-Identifier: MIT */
/**
 * The pieces that field values are made of: tokens, quoted strings, parameters (RFC 9110 sections
 * 5.6.2 to 5.6.6).
 *
 * Each function takes its piece from the front of *rest.
 */
#ifndef CORACLE_HTTP_PARAMETER_H
#define CORACLE_HTTP_PARAMETER_H

#include <stdbool.h>

#include <coracle/str.h>

/** Any number of SP and HTAB. */
void cor_take_blanks(struct cor_str *rest);

/** A token; false, and nothing taken, if there is none. */
bool cor_take_token(struct cor_str *rest, struct cor_str *ret);

/** That byte; false if another stands there. */
bool cor_take_byte(struct cor_str *rest, char byte);

/**
 * A token or a quoted-string, which comes without its quotes, escapes as they are; false if neither
 * stands there.
 */
bool cor_take_value(struct cor_str *rest, struct cor_str *ret);

/**
 * The next of *( OWS ";" OWS [ name "=" ( token / quoted-string ) ] ). The value comes without its
 * quotes, escapes as they are.
 * Returns 1, 0 (none is left; white space is taken) or -COR_ESYNTAX.
 */
int cor_take_parameter(struct cor_str *rest, struct cor_str *ret_name, struct cor_str *ret_value);

#endif
