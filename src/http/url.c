/* SPDX-License-Identifier: MIT */
#include "http/url.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/buffer.h"
#include "http/fold.h"
#include "http/host.h"

#define UNIX_PREFIX "unix:"

static bool begins(struct cor_str text, struct cor_str with)
{
	return text.len >= with.len &&
	       cor_fold_equal((struct cor_str){ text.data, with.len }, with);
}

static struct cor_str behind(struct cor_str text, size_t len)
{
	return (struct cor_str){ text.data + len, text.len - len };
}

/* The first of `stops` in the text, or its end. */
static size_t find(struct cor_str text, const char *stops)
{
	size_t at = 0;

	while (at < text.len && (text.data[at] == '\0' || !strchr(stops, text.data[at])))
		at++;
	return at;
}

/* --- copies --- */

static bool keep(struct cor_arena *arena, struct cor_str text, struct cor_str *ret)
{
	char *copy = cor_arena_alloc(arena, text.len + 1);

	if (!copy)
		return false;
	if (text.len) /* NOLINTNEXTLINE(*-core.NonNullParamChecker): what has a length has bytes */
		memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	*ret = (struct cor_str){ copy, text.len };
	return true;
}

static bool keep_buffer(struct cor_arena *arena, struct cor_buffer *buffer, struct cor_str *ret)
{
	bool is_kept = cor_buffer_error(buffer) == 0 &&
		       keep(arena, (struct cor_str){ buffer->data, buffer->len }, ret);

	cor_buffer_finish(buffer);
	return is_kept;
}

/* --- path and query --- */

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static void append_byte(struct cor_buffer *buffer, unsigned char byte)
{
	static const char digits[] = "0123456789ABCDEF";
	char text[3] = { '%', digits[byte >> 4], digits[byte & 15] };

	cor_buffer_append(buffer, text, sizeof text);
}

/* What no URL may have is encoded; a '%' that encodes nothing, too. */
static bool encode(struct cor_arena *arena, struct cor_str text, struct cor_str *ret)
{
	struct cor_buffer buffer = { 0 };

	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		bool is_loose = byte == '%' && !(text.len - i > 2 && is_hex(text.data[i + 1]) &&
						       is_hex(text.data[i + 2]));
		if (byte <= ' ' || byte >= 0x7f || is_loose || strchr("\"<>\\^`{|}", byte))
			append_byte(&buffer, byte);
		else
			cor_buffer_append(&buffer, text.data + i, 1);
	}
	return keep_buffer(arena, &buffer, ret);
}

/* A dot of a segment, plain or encoded; how many bytes it takes. */
static size_t dot(struct cor_str segment, size_t at)
{
	if (at < segment.len && segment.data[at] == '.')
		return 1;
	if (segment.len - at >= 3 && segment.data[at] == '%' && segment.data[at + 1] == '2' &&
		(segment.data[at + 2] | 0x20) == 'e')
		return 3;
	return 0;
}

/* 1 or 2 for "." and "..", 0 for others. */
static int dots(struct cor_str segment)
{
	size_t first = dot(segment, 0), second;

	if (first == 0)
		return 0;
	if (first == segment.len)
		return 1;
	second = dot(segment, first);
	return second != 0 && first + second == segment.len ? 2 : 0;
}

static void drop_segment(struct cor_buffer *buffer)
{
	while (buffer->len > 0 && buffer->data[--buffer->len] != '/')
		;
}

/* RFC 3986 section 5.2.4, of a path that begins with '/'. */
static bool remove_dots(struct cor_arena *arena, struct cor_str path, struct cor_str *ret)
{
	struct cor_buffer buffer = { 0 };

	while (path.len > 0) {
		struct cor_str segment = behind(path, 1);
		segment.len = find(segment, "/");
		bool is_last = segment.len + 1 == path.len;
		int kind = dots(segment);
		if (kind == 2)
			drop_segment(&buffer);
		if (kind == 0) {
			cor_buffer_literal(&buffer, "/");
			cor_buffer_append_str(&buffer, segment);
		} else if (is_last) {
			cor_buffer_literal(&buffer, "/");
		}
		path = behind(path, segment.len + 1);
	}
	return keep_buffer(arena, &buffer, ret);
}

/* What follows the authority. */
static int take_rest(struct cor_arena *arena, struct cor_str rest, struct cor_url *ret)
{
	struct cor_str path = { rest.data, find(rest, "?#") }, encoded;

	rest = behind(rest, path.len);
	ret->has_query = rest.len > 0 && rest.data[0] == '?';
	struct cor_str query = ret->has_query ? behind(rest, 1) : (struct cor_str){ "", 0 };
	query.len = find(query, "#");
	if (path.len == 0)
		path = COR_STR("/");
	if (!encode(arena, path, &encoded) || !remove_dots(arena, encoded, &ret->path) ||
		!encode(arena, query, &ret->query))
		return -ENOMEM;
	return 0;
}

/* --- authority --- */

/* It is valid: digits behind the last ':' that is not in brackets. */
static struct cor_str port_of(struct cor_str authority)
{
	size_t at = authority.len;

	while (at > 0 && authority.data[at - 1] >= '0' && authority.data[at - 1] <= '9')
		at--;
	if (at == 0 || authority.data[at - 1] != ':' ||
		(authority.data[0] == '[' && authority.data[at - 2] != ']'))
		return (struct cor_str){ NULL, 0 };
	return behind(authority, at);
}

static uint16_t number_of(struct cor_str digits)
{
	uint32_t number = 0;

	for (size_t i = 0; i < digits.len; i++)
		number = number * 10 + (uint32_t)(digits.data[i] - '0');
	return (uint16_t)number;
}

static int take_host(struct cor_arena *arena, struct cor_str authority, struct cor_url *ret)
{
	uint16_t usual = ret->is_tls ? 443 : 80;
	struct cor_str port = port_of(authority), host = authority, kept;

	if (port.data)
		host.len -= port.len + 1;
	ret->port = port.len ? number_of(port) : usual;
	if (!keep(arena, (struct cor_str){ authority.data, host.len }, &kept))
		return -ENOMEM;
	for (char *c = (char *)(uintptr_t)kept.data; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c |= 0x20;
	ret->host = kept;
	if (kept.data[0] == '[' &&
		!keep(arena, (struct cor_str){ kept.data + 1, kept.len - 2 }, &ret->host))
		return -ENOMEM;
	ret->authority = kept;
	if (ret->port == usual)
		return 0;
	const char *text = cor_arena_printf(arena, "%s:%u", kept.data, (unsigned)ret->port);
	ret->authority = cor_str(text ? text : "");
	return text ? 0 : -ENOMEM;
}

static int take_unix(struct cor_arena *arena, struct cor_str rest, struct cor_url *ret)
{
	struct cor_str path = { rest.data, find(rest, ":") }, kept;

	if (!keep(arena, path, &kept))
		return -ENOMEM;
	ret->unix_path = kept.data;
	ret->host = ret->authority = COR_STR("localhost");
	ret->port = 0;
	rest = path.len < rest.len ? behind(rest, path.len + 1) : (struct cor_str){ "", 0 };
	return take_rest(arena, rest, ret);
}

/* RFC 3986 section 3.2: cor_host_valid() looks at the byte behind it, so it gets a copy. */
static int check_authority(struct cor_arena *arena, struct cor_str authority, const char **ret_why)
{
	struct cor_str copy;

	if (authority.len && memchr(authority.data, '@', authority.len)) {
		*ret_why = "has a user in it: credentials do not belong in a URL";
		return -COR_ESYNTAX;
	}
	if (!keep(arena, authority, &copy))
		return -ENOMEM;
	*ret_why = authority.len == 0 ? "has no host" : "has no valid host and port";
	if (authority.len == 0 || !cor_host_valid(copy, COR_HOST_PORT_OPTIONAL))
		return -COR_ESYNTAX;
	*ret_why = "has port 0, at which nobody listens";
	struct cor_str port = port_of(copy);
	return port.len && number_of(port) == 0 ? -COR_ESYNTAX : 0;
}

static bool is_unix(struct cor_str authority)
{
	return begins(authority, COR_STR(UNIX_PREFIX));
}

/* Behind the scheme's "//". */
static int take_authority(struct cor_arena *arena, struct cor_str rest, bool may_be_unix,
	struct cor_url *ret, const char **ret_why)
{
	if (may_be_unix && is_unix(rest)) {
		rest = behind(rest, strlen(UNIX_PREFIX));
		*ret_why = "names no absolute path of a unix socket, or a URL of https for one";
		return rest.len == 0 || rest.data[0] != '/' || ret->is_tls
			       ? -COR_ESYNTAX
			       : take_unix(arena, rest, ret);
	}
	struct cor_str authority = { rest.data, find(rest, "/?#") };
	int rc = check_authority(arena, authority, ret_why);
	if (rc == 0)
		rc = take_host(arena, authority, ret);
	return rc == 0 ? take_rest(arena, behind(rest, authority.len), ret) : rc;
}

/* --- whole URLs --- */

/* RFC 3986 section 3.1; 0: it begins with none. */
static size_t scheme_len(struct cor_str text)
{
	size_t len = find(text, ":/?#");

	return len < text.len && text.data[len] == ':' && len > 0 &&
			       ((text.data[0] | 0x20) >= 'a' && (text.data[0] | 0x20) <= 'z')
		       ? len
		       : 0;
}

static bool has_controls(struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
			return true;
	return false;
}

static int check_text(struct cor_str text, const char **ret_why)
{
	*ret_why = text.len > COR_URL_BYTES ? "is too long" : "has control characters in it";
	return text.len > COR_URL_BYTES || has_controls(text) ? -COR_ESYNTAX : 0;
}

static int parse(struct cor_arena *arena, struct cor_str text, bool may_be_unix,
	struct cor_url *ret, const char **ret_why)
{
	*ret = (struct cor_url){ .query = COR_STR("") };
	int rc = check_text(text, ret_why);
	if (rc < 0)
		return rc;
	if (may_be_unix && is_unix(text))
		return take_authority(arena, text, true, ret, ret_why);
	ret->is_tls = begins(text, COR_STR("https://"));
	*ret_why = "does not begin with http:// or https://";
	if (!ret->is_tls && !begins(text, COR_STR("http://")))
		return -COR_ESYNTAX;
	text = behind(text, ret->is_tls ? strlen("https://") : strlen("http://"));
	return take_authority(arena, text, may_be_unix, ret, ret_why);
}

int cor_url_parse(
	struct cor_arena *arena, struct cor_str text, struct cor_url *ret, const char **ret_why)
{
	return parse(arena, text, true, ret, ret_why);
}

/* RFC 3986 section 5.2.3: the reference's path in the place of the last segment of the base's. */
static int merge(struct cor_arena *arena, const struct cor_url *base, struct cor_str reference,
	struct cor_url *ret)
{
	struct cor_str folder = base->path, path = { reference.data, find(reference, "?#") };
	struct cor_buffer buffer = { 0 };
	struct cor_str merged;

	while (folder.len > 0 && folder.data[folder.len - 1] != '/')
		folder.len--;
	bool is_absolute = path.len > 0 && path.data[0] == '/';
	cor_buffer_append_str(&buffer, is_absolute ? COR_STR("") : path.len ? folder : base->path);
	cor_buffer_append_str(&buffer, path);
	bool keeps_query = path.len == 0 &&
			   !(reference.len > path.len && reference.data[path.len] == '?');
	if (keeps_query && base->has_query) {
		cor_buffer_literal(&buffer, "?");
		cor_buffer_append_str(&buffer, base->query);
	} else {
		cor_buffer_append_str(&buffer, behind(reference, path.len));
	}
	if (!keep_buffer(arena, &buffer, &merged))
		return -ENOMEM;
	return take_rest(arena, merged, ret);
}

/*
 * A server behind a unix socket knows itself by the Host that it was asked with: "localhost", where
 * at a port of TCP somebody else would listen.
 */
static void stay_behind_socket(const struct cor_url *base, struct cor_url *ret)
{
	if (!base->unix_path || ret->is_tls || ret->port != 80 ||
		!cor_str_equal(ret->host, base->host))
		return;
	ret->unix_path = base->unix_path;
	ret->port = base->port;
	ret->authority = base->authority;
}

/* One with a host of its own. */
static int resolve_elsewhere(struct cor_arena *arena, const struct cor_url *base,
	struct cor_str reference, struct cor_url *ret, const char **ret_why)
{
	int rc;

	if (scheme_len(reference) > 0) {
		rc = parse(arena, reference, false, ret, ret_why);
	} else {
		*ret = (struct cor_url){ .is_tls = base->is_tls, .query = COR_STR("") };
		rc = take_authority(arena, behind(reference, 2), false, ret, ret_why);
	}
	if (rc == 0)
		stay_behind_socket(base, ret);
	return rc;
}

int cor_url_resolve(struct cor_arena *arena, const struct cor_url *base, struct cor_str reference,
	struct cor_url *ret, const char **ret_why)
{
	int rc = check_text(reference, ret_why);

	if (rc < 0)
		return rc;
	if (scheme_len(reference) > 0 || begins(reference, COR_STR("//")))
		return resolve_elsewhere(arena, base, reference, ret, ret_why);
	*ret = *base;
	return merge(arena, base, reference, ret);
}

bool cor_url_same_origin(const struct cor_url *a, const struct cor_url *b)
{
	if (a->is_tls != b->is_tls || a->port != b->port || !cor_str_equal(a->host, b->host))
		return false;
	if (!a->unix_path || !b->unix_path)
		return a->unix_path == b->unix_path;
	return strcmp(a->unix_path, b->unix_path) == 0;
}

const char *cor_url_text(struct cor_arena *arena, const struct cor_url *url)
{
	const char *text = url->unix_path
				   ? cor_arena_printf(arena, "http://unix:%s:%.*s", url->unix_path,
					     (int)url->path.len, url->path.data)
				   : cor_arena_printf(arena, "http%s://%.*s%.*s",
					     url->is_tls ? "s" : "", (int)url->authority.len,
					     url->authority.data, (int)url->path.len,
					     url->path.data);

	return text ? text : "";
}
