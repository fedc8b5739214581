/* SPDX-License-Identifier: MIT */
/**
 * The head of an answer, a line after the other as curl hands them over, within our limits.
 *
 * curl has read the lines for itself, and takes more than we do: lines that are folded, lengths
 * that differ, codings of the transfer other than chunked. Here they are refused (RFC 9112 sections
 * 5.2 and 6.3), so that both carriers believe the same answers.
 */
#ifndef CORACLE_CURL_HEAD_H
#define CORACLE_CURL_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/upstream.h>

#define COR_CURL_HEAD_BYTES   (32 * 1024) /* with interim ones, and with the trailers */
#define COR_CURL_HEAD_FIELDS  100
#define COR_CURL_HEAD_INTERIM 16

struct cor_curl_head {
	struct cor_arena *arena;
	bool is_of_head; /* the request was HEAD: no body comes, whatever is said */

	bool has_begun; /* a line has come */
	bool is_whole;  /* that of the final answer is complete; what comes now are trailers */
	bool in_fields; /* the status line has been read */
	bool is_chunked;
	bool is_http1;
	uint16_t status;
	uint32_t bytes;
	uint32_t interim;
	uint32_t fields_len;
	int64_t length;  /* Content-Length; -1: none */
	const char *why; /* of a refusal: static */
	struct cor_http_field fields[COR_CURL_HEAD_FIELDS];
};

/** Begin anew. Never yields. */
void cor_curl_head_init(struct cor_curl_head *head, struct cor_arena *arena, bool is_of_head);

/**
 * Take the next line, with its end. Never yields. Returns 0, -EBADMSG (it breaks HTTP) or -EMSGSIZE
 * (too much of it), both with head->why; or -ENOMEM.
 */
int cor_curl_head_take(struct cor_curl_head *head, const char *line, size_t len) COR_CHECKED;

/** What was announced of the body: its length; -1: not known; 0: there is none. Never yields. */
int64_t cor_curl_head_body_bytes(const struct cor_curl_head *head);

/** Whether a body comes that is complete when its connection ends (RFC 9112 section 6.3). */
bool cor_curl_head_is_until_end(const struct cor_curl_head *head);

#endif
