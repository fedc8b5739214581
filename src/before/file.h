/* SPDX-License-Identifier: MIT */
/**
 * The requests that go before: what a new service is sent before it is tested, fuzzed or measured,
 * so that somebody is logged in and something is there. The file is one that editors send, too, as
 * .http files are (docs/adr/0090):
 *
 *     # @name login
 *     # @credential token {{login.response.body.$.token}}
 *     POST /sessions
 *     Content-Type: application/json
 *
 *     {"name":"ada"}
 *
 *     ###
 *     # @name lot
 *     # @param /lots/{id} id={{lot.response.body.$.id}}
 *     POST /lots
 *     Authorization: Bearer {{login.response.body.$.token}}
 *
 *     {"name":"North"}
 *
 * A line "< ./photo.jpg" in a body is the file of that path, relative to this one's folder. A line
 * of three '#' or more is between two requests. Texts in braces are of answers that came
 * before. What follows '@' in a comment is for who reads the file: the name of the request; what
 * lets requests in, by a security scheme of the document; the value of a parameter, of one path or
 * of all; where the answer redirects to. Other comments are passed over.
 */
#ifndef CORACLE_BEFORE_FILE_H
#define CORACLE_BEFORE_FILE_H

#include <stdbool.h>

#include <coracle/arena.h>
#include <coracle/json_node.h>
#include <coracle/str.h>

#define COR_BEFORE_FILE        "before.http"
#define COR_BEFORE_MAX         64 /* requests, credentials, parameters, each */
#define COR_BEFORE_BYTES       (1 << 20)
#define COR_BEFORE_FILES_BYTES (16 << 20) /* of all files that bodies name */

/** Texts as the file has them, with their braces. */
struct cor_before_request {
	unsigned line;    /* where it begins */
	const char *name; /* NULL: it has none */
	const char *method;
	const char *target;           /* path and query */
	const char *fields;           /* lines that end in '\n' */
	const char *body;             /* without empty lines at its end; of multipart with CRLF */
	size_t files_from, files_len; /* of before->files, which are sent in it */
	const char *redirects_to;     /* where its answer must: "/home"; NULL: nowhere */
};

/** "< ./photo.jpg" in a body: sent as it is, without a look for braces. */
struct cor_before_file {
	size_t at; /* where in the text of the body */
	struct cor_str bytes;
};

struct cor_before_credential {
	unsigned line;
	const char *scheme, *value;
};

struct cor_before_param {
	unsigned line;
	const char *path; /* "/lots/{id}"; NULL: all */
	const char *name, *value;
};

struct cor_before {
	struct cor_arena arena;
	const char *path;
	const char *fault;      /* "test/before.http:3: ..."; NULL: nothing is wrong */
	const char *fault_text; /* without the place */
	unsigned fault_line;
	struct cor_before_request requests[COR_BEFORE_MAX];
	struct cor_before_credential credentials[COR_BEFORE_MAX];
	struct cor_before_param params[COR_BEFORE_MAX];
	struct cor_before_file files[COR_BEFORE_MAX];
	size_t len, credentials_len, params_len, files_len, files_bytes;
};

/**
 * Read a text of that path. Returns 0, -ENOMEM, or -COR_EINVALID: before->fault says what is wrong.
 * The caller finishes it in any case.
 */
int cor_before_read(struct cor_before *before, const char *path, struct cor_str text) COR_CHECKED;

/** The same of a file. Without one it has no requests. Returns also the errno of the file. */
int cor_before_load(struct cor_before *before, const char *path) COR_CHECKED;

/** The same of the file beside a source, or in the folder above it. */
int cor_before_load_near(struct cor_before *before, const char *source) COR_CHECKED;
void cor_before_finish(struct cor_before *before);

/**
 * Whether the document has each scheme and parameter that the file names. Returns 0, or as above.
 */
int cor_before_check(struct cor_before *before, const struct cor_node *document) COR_CHECKED;

/** Say what is wrong, and where. Returns -COR_EINVALID. */
int cor_before_fail(struct cor_before *before, unsigned line, const char *format, ...)
	COR_PRINTF(3, 4);

/** A text in braces, apart. */
struct cor_before_place {
	const char *name; /* of the request */
	bool is_header;
	const char *what; /* of the header; or behind '$': ".token", "[0].id" */
};

/**
 * The next text in braces: *ret_at is where they begin, *ret_end is behind them. Returns 1,
 * 0 (there is none), -ENOMEM, or -COR_EINVALID: it is none that is known.
 */
int cor_before_place(struct cor_arena *arena, const char *text, const char **ret_at,
	const char **ret_end, struct cor_before_place *ret) COR_CHECKED;

#endif
