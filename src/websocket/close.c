/* SPDX-License-Identifier: MIT */
#include "websocket/close.h"

#include <string.h>

#include "base/utf8.h"

bool cor_close_code_valid(uint16_t code)
{
	if (code >= 3000)
		return code <= 4999;
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

static bool fail(struct cor_close_error *error, uint16_t code, const char *reason)
{
	*error = (struct cor_close_error){ code, reason };
	return false;
}

bool cor_close_parse(struct cor_str payload, uint16_t *ret_code, struct cor_str *ret_reason,
	struct cor_close_error *error)
{
	const unsigned char *bytes = (const unsigned char *)payload.data;

	*ret_reason = (struct cor_str){ "", 0 };
	if (payload.len == 0) {
		*ret_code = COR_CLOSE_NO_CODE;
		return true;
	}
	if (payload.len == 1)
		return fail(error, COR_CLOSE_PROTOCOL, "a close frame has half a code");
	uint16_t code = (uint16_t)(bytes[0] << 8 | bytes[1]);
	if (!cor_close_code_valid(code))
		return fail(error, COR_CLOSE_PROTOCOL,
			"a close frame has a code that is not to be sent");
	struct cor_str reason = { payload.data + 2, payload.len - 2 };
	if (!cor_utf8_valid(reason))
		return fail(error, COR_CLOSE_INVALID, "the reason of a close frame is not UTF-8");
	*ret_code = code;
	*ret_reason = reason;
	return true;
}

size_t cor_close_write(uint16_t code, struct cor_str reason, char *out)
{
	size_t len = reason.len;

	if (len > COR_CLOSE_REASON_BYTES) {
		len = COR_CLOSE_REASON_BYTES;
		while (len != 0 && cor_utf8_is_continuation(reason.data[len]))
			len--;
	}
	out[0] = (char)(code >> 8);
	out[1] = (char)(code & 0xff);
	if (len != 0)
		memcpy(out + 2, reason.data, len);
	return len + 2;
}
