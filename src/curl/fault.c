/* SPDX-License-Identifier: MIT */
#include "curl/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "curl/options.h"

/* What a transfer has failed of; `what` is followed by the place. */
struct verdict {
	enum cor_failure kind;
	int code;
	const char *what;
	bool is_told; /* curl's own words help */
};

/* A code may have several rows, told apart below; the first of a code is the usual one. */
static const struct {
	CURLcode result;
	struct verdict verdict;
} rows[] = {
	{ CURLE_COULDNT_RESOLVE_HOST,
		{ COR_FAILED_RESOLVE, -EHOSTUNREACH, "no address is known of", false } },
	{ CURLE_COULDNT_RESOLVE_PROXY,
		{ COR_FAILED_PROXY, -EPROTO, "no address is known of the proxy of", false } },
	{ CURLE_PROXY, { COR_FAILED_PROXY, -EPROTO, "the proxy does not lead to", true } },
	{ CURLE_COULDNT_CONNECT,
		{ COR_FAILED_UNREACHABLE, -EHOSTUNREACH, "no connection to", true } },
	{ CURLE_OPERATION_TIMEDOUT,
		{ COR_FAILED_CONNECT_TIMEOUT, -ETIMEDOUT, "no connection in time to", false } },
	{ CURLE_GOT_NOTHING,
		{ COR_FAILED_LOST, -ECONNRESET, "closed before an answer by", false } },
	{ CURLE_SEND_ERROR, { COR_FAILED_LOST, -ECONNRESET, "connection lost to", true } },
	{ CURLE_RECV_ERROR, { COR_FAILED_LOST, -ECONNRESET, "connection lost to", true } },
	{ CURLE_PARTIAL_FILE,
		{ COR_FAILED_LOST, -ECONNRESET, "closed before the end of the answer by", true } },
	{ CURLE_HTTP2_STREAM, { COR_FAILED_LOST, -ECONNRESET, "the stream was reset by", true } },
	{ CURLE_SSL_CONNECT_ERROR, { COR_FAILED_HANDSHAKE, -EPROTO, "no TLS with", true } },
	{ CURLE_SSL_CIPHER, { COR_FAILED_HANDSHAKE, -EPROTO, "no TLS with", true } },
	{ CURLE_PEER_FAILED_VERIFICATION,
		{ COR_FAILED_CERTIFICATE, -EPROTO, "the certificate is refused of", true } },
	{ CURLE_SSL_ISSUER_ERROR,
		{ COR_FAILED_CERTIFICATE, -EPROTO, "the certificate is refused of", true } },
	{ CURLE_SSL_PINNEDPUBKEYNOTMATCH,
		{ COR_FAILED_PIN, -EPROTO, "the key is not the pinned one of", false } },
	{ CURLE_SSL_CERTPROBLEM,
		{ COR_FAILED_CALL, -EINVAL, "our own certificate is no use for", true } },
	{ CURLE_SSL_CACERT_BADFILE,
		{ COR_FAILED_CALL, -EINVAL, "the file of authorities is no use for", true } },
	{ CURLE_WEIRD_SERVER_REPLY, { COR_FAILED_PROTOCOL, -EBADMSG, "no HTTP comes from", true } },
	{ CURLE_UNSUPPORTED_PROTOCOL,
		{ COR_FAILED_PROTOCOL, -EBADMSG, "no HTTP comes from", true } },
	{ CURLE_BAD_CONTENT_ENCODING,
		{ COR_FAILED_PROTOCOL, -EBADMSG, "no HTTP comes from", true } },
	{ CURLE_UPLOAD_FAILED,
		{ COR_FAILED_PROTOCOL, -EBADMSG, "no body without a length is taken by", true } },
	{ CURLE_HTTP2, { COR_FAILED_PROTOCOL, -EBADMSG, "HTTP/2 is broken by", true } },
	{ CURLE_URL_MALFORMAT, { COR_FAILED_CALL, -EINVAL, "no host has the name of", false } },
	{ CURLE_OUT_OF_MEMORY, { COR_FAILED_MEMORY, -ENOMEM, "no memory for a call of", false } },
};

/* Of connect(), where curl says no more than that there is no connection. */
static const struct {
	int error;
	struct verdict verdict;
} connect_rows[] = {
	{ ECONNREFUSED, { COR_FAILED_REFUSED, -ECONNREFUSED, "connection refused by", false } },
	{ ENOENT, { COR_FAILED_REFUSED, -ECONNREFUSED, "nobody listens at", false } },
	{ EMFILE, { COR_FAILED_MEMORY, -ENOMEM, "too many open files here for", false } },
	{ ENFILE, { COR_FAILED_MEMORY, -ENOMEM, "too many open files here for", false } },
	{ ENOMEM, { COR_FAILED_MEMORY, -ENOMEM, "no memory for a call of", false } },
	{ ENETUNREACH, { COR_FAILED_UNREACHABLE, -EHOSTUNREACH, "no way leads to", false } },
	{ EHOSTUNREACH, { COR_FAILED_UNREACHABLE, -EHOSTUNREACH, "no way leads to", false } },
};

/* Why we have ended it ourselves. */
static const struct {
	int rc;
	struct verdict verdict;
} own_rows[] = {
	{ -EBADMSG, { COR_FAILED_PROTOCOL, -EBADMSG, "the head breaks HTTP of", false } },
	{ -EMSGSIZE, { COR_FAILED_TOO_LARGE, -EMSGSIZE, "the head is too large of", false } },
	{ -ECONNRESET, { COR_FAILED_LOST, -ECONNRESET, "closed before an answer by", false } },
	{ -EINVAL, { COR_FAILED_CALL, -EINVAL, "the body is of another length than was said to",
			   false } },
	{ -ENOMEM, { COR_FAILED_MEMORY, -ENOMEM, "no memory for a call of", false } },
};

static const struct verdict no_watch = { COR_FAILED_MEMORY, -ENOMEM, "no watch for a call of",
	false };
static const struct verdict other_before = { COR_FAILED_UNREACHABLE, -EHOSTUNREACH,
	"no connection to", true };
static const struct verdict other = { COR_FAILED_LOST, -ECONNRESET, "no exchange with", true };
static const struct verdict wrong_name = { COR_FAILED_NAME, -EPROTO,
	"the certificate is another server's at", true };
static const struct verdict alert = { COR_FAILED_HANDSHAKE, -EPROTO, "TLS is refused by", true };
static const struct verdict chunks = { COR_FAILED_PROTOCOL, -EBADMSG, "the chunks break HTTP of",
	true };
static const struct verdict half_a_head = { COR_FAILED_LOST, -ECONNRESET,
	"closed before the end of the head by", false };
static const struct verdict cut = { COR_FAILED_LOST, -ECONNRESET,
	"cut off without the end of TLS by", false };
static const struct verdict endless_line = { COR_FAILED_TOO_LARGE, -EMSGSIZE,
	"the head is too large of", false };

#define COUNT(rows_) (sizeof(rows_) / sizeof *(rows_))

static const struct verdict *of_own(int rc)
{
	for (size_t i = 0; i < COUNT(own_rows); i++)
		if (own_rows[i].rc == rc)
			return &own_rows[i].verdict;
	return &no_watch;
}

static const struct verdict *of_connect(int error)
{
	for (size_t i = 0; i < COUNT(connect_rows); i++)
		if (connect_rows[i].error == error)
			return &connect_rows[i].verdict;
	return NULL;
}

static const struct verdict *of_curl(const struct cor_curl_wire *wire)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].result == wire->result)
			return &rows[i].verdict;
	return wire->has_connection ? &other : &other_before;
}

/* "chunked-encoding", or "the chunked-encoded stream" */
static bool is_of_chunks(const struct cor_curl_wire *wire)
{
	return strstr(wire->said, "chunked-encod");
}

/*
 * Curl says that there is no memory of a line that is longer than 100 KB, too. Where there is
 * memory for two of those, which is more than it has asked for, it was such a line.
 */
static bool has_room_for_a_line(void)
{
	void *volatile room = malloc(2 * 102400); /* volatile: compilers leave it out */

	free(room);
	return room != NULL;
}

/* Where a code of curl has several meanings: what else is known tells them apart. */
static const struct verdict *told_apart(const struct cor_curl_wire *wire)
{
	long verified = 0;

	switch (wire->result) {
	case CURLE_OK:
		/* Which curl takes for a whole one. */
		return wire->was_cut ? &cut : &half_a_head;
	case CURLE_COULDNT_CONNECT:
		return of_connect((int)wire->os_error);
	case CURLE_PEER_FAILED_VERIFICATION:
		/* OpenSSL had nothing against it (0, or 1 when curl has not asked): curl itself
		   looks at the name. */
		curl_easy_getinfo(wire->easy, CURLINFO_SSL_VERIFYRESULT, &verified);
		return verified <= 1 ? &wrong_name : NULL;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		/* With TLS 1.3 a server refuses our certificate after the handshake. */
		if (strstr(wire->said, "SSL routines") && strstr(wire->said, " alert "))
			return &alert;
		return is_of_chunks(wire) ? &chunks : NULL;
	case CURLE_OUT_OF_MEMORY:
		return wire->has_connection && !wire->head.is_whole && has_room_for_a_line()
			       ? &endless_line
			       : NULL;
	default:
		return is_of_chunks(wire) ? &chunks : NULL;
	}
}

static struct verdict judge(const struct cor_curl_wire *wire)
{
	if (wire->own_rc != 0)
		return *of_own(wire->own_rc);
	const struct verdict *verdict = told_apart(wire);
	struct verdict judged = verdict ? *verdict : *of_curl(wire);

	/* TLS is the server's, what comes before it the proxy's. */
	if (wire->wire.request->destination->proxy.len != 0 && !wire->has_connection &&
		(judged.kind & 0x380) == COR_FAILED_CONNECTION && judged.code != -ETIMEDOUT) {
		judged.kind = COR_FAILED_PROXY;
		judged.code = -EPROTO;
		judged.what = "the proxy does not lead to";
		judged.is_told = true;
	}
	return judged;
}

static void write_place(const struct cor_destination *to, char *ret, size_t size)
{
	struct cor_str proxy = cor_curl_proxy_place(to->proxy);
	int len;

	if (to->unix_path)
		len = snprintf(ret, size, "unix:%s", to->unix_path);
	else
		len = snprintf(ret, size, "%.*s:%u", (int)to->host.len, to->host.data, to->port);
	if (proxy.len != 0 && len > 0 && (size_t)len < size)
		snprintf(
			ret + len, size - (size_t)len, " (proxy %.*s)", (int)proxy.len, proxy.data);
}

/* A log has lines: what a server put into curl's words may not make more of them. */
static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f)
			*text = '?';
}

int cor_curl_fault(struct cor_curl_wire *wire)
{
	struct cor_carrier_fault *fault = &wire->wire.fault;
	struct verdict verdict = judge(wire);
	const char *why = wire->own_rc != 0 ? wire->head.why : verdict.is_told ? wire->said : NULL;
	char place[COR_FAULT_BYTES];

	if (verdict.code == -ETIMEDOUT && wire->own_rc == 0)
		verdict.kind = COR_FAILED_CONNECT_TIMEOUT;
	write_place(wire->wire.request->destination, place, sizeof place);
	fault->kind = verdict.kind;
	int len = snprintf(fault->text, sizeof fault->text, "%s %s%s%s", verdict.what, place,
		why && *why ? ": " : "", why && *why ? why : "");
	if (len < 0)
		fault->text[0] = 0; /* else it may be cut */
	clean(fault->text);
	return verdict.code;
}
