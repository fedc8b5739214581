/* SPDX-License-Identifier: MIT */
/**
 * Names that come from a client, and whether they may be repeated in a log line or an answer.
 *
 * Nothing here yields or allocates; any thread.
 */
#ifndef CORACLE_BASE_NAME_H
#define CORACLE_BASE_NAME_H

#include <stdbool.h>

#include <coracle/str.h>

#define COR_NAME_BYTES_MAX 64

/** What stands for a name that is not plain. */
#define COR_NAME_MASKED COR_STR("***")

/**
 * Whether it looks like the name of a parameter: short, with none of the characters that hold other
 * formats together. A JSON document that came as a form, or pasted text, is one long "name" with
 * all its values, secrets included.
 */
bool cor_name_is_plain(struct cor_str name);

#endif
