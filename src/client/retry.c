/* SPDX-License-Identifier: MIT */
#include "client/retry.h"

#include "base/date.h"

void cor_retry_earn(uint32_t *tenths)
{
	if (*tenths < COR_RETRY_TENTHS_MAX)
		++*tenths;
}

bool cor_retry_take(uint32_t *tenths)
{
	if (*tenths < 10)
		return false;
	*tenths -= 10;
	return true;
}

bool cor_retry_take_spare(uint32_t *tenths)
{
	return *tenths >= COR_RETRY_TENTHS_MAX / 2 + 10 && cor_retry_take(tenths);
}

int64_t cor_backoff_ms(uint32_t n, uint64_t chance)
{
	uint64_t most = COR_BACKOFF_BASE_MS;

	while (n-- > 1 && most < COR_BACKOFF_MAX_MS)
		most *= 2;
	if (most > COR_BACKOFF_MAX_MS)
		most = COR_BACKOFF_MAX_MS;
	return (int64_t)(chance % (most + 1));
}

int64_t cor_retry_after_ms(struct cor_str text, int64_t now_s)
{
	int64_t value = 0, at;

	if (text.len == 0)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9') {
			if (cor_imf_date_parse(text, now_s, &at) < 0)
				return -1;
			return at > now_s ? (at - now_s) * 1000 : 0;
		}
		if (value < INT32_MAX)
			value = value * 10 + (text.data[i] - '0');
	}
	return value * 1000;
}

bool cor_method_is_idempotent(struct cor_str method)
{
	static const char *const methods[] = { "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE" };

	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (cor_str_equal(method, cor_str(methods[i])))
			return true;
	return false;
}

bool cor_retry_helps(enum cor_failure kind, bool is_repeatable)
{
	switch ((int)kind) {
	case COR_FAILED_CONNECT_TIMEOUT:
	case COR_FAILED_RESOLVE:
	case COR_FAILED_REFUSED:
	case COR_FAILED_UNREACHABLE:
	case COR_FAILED_HANDSHAKE:
		return true; /* nothing was sent */
	case COR_FAILED_FIRST_BYTE_TIMEOUT:
	case COR_FAILED_SEND_TIMEOUT:
	case COR_FAILED_BETWEEN_TIMEOUT:
	case COR_FAILED_LOST:
		return is_repeatable;
	default:
		return false;
	}
}

bool cor_retry_helps_status(int status, bool has_retry_after)
{
	return status == 502 || status == 503 || status == 504 ||
	       (status == 429 && has_retry_after);
}
