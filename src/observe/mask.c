/* SPDX-License-Identifier: MIT */
#include "observe/mask.h"

#include <string.h>
#include <strings.h>

#include "base/name.h"

/*
 * Alone, or as the last word of a name (api_key, X-Amz-Signature), perhaps with a number behind it
 * (password2). These are what the filters of Rails, Sentry and OpenTelemetry hide, and what OAuth
 * 2, OpenID Connect, SAML, CAS and the signed URLs of clouds carry. Authorization codes and tickets
 * are among them: until they are used they are as good as a password.
 */
#define WORD(text)                                                                                 \
	{                                                                                          \
		"" text, sizeof(text) - 1                                                          \
	}
static const struct cor_str secrets[] = {
	WORD("accesskey"),
	WORD("accesskeyid"),
	WORD("accountkey"),
	WORD("assertion"),
	WORD("auth"),
	WORD("authcode"),
	WORD("authkey"),
	WORD("awsaccesskeyid"),
	WORD("bearer"),
	WORD("certificate"),
	WORD("clientassertion"),
	WORD("code"),
	WORD("codechallenge"),
	WORD("codeverifier"),
	WORD("cookie"),
	WORD("creds"),
	WORD("crypt"),
	WORD("csrf"),
	WORD("cvc"),
	WORD("cvv"),
	WORD("devicecode"),
	WORD("hmac"),
	WORD("jwt"),
	WORD("key"),
	WORD("keyphrase"),
	WORD("licensekey"),
	WORD("nonce"),
	WORD("oauthverifier"),
	WORD("otp"),
	WORD("pass"),
	WORD("passcode"),
	WORD("password-confirmation"),
	WORD("password_confirm"),
	WORD("password_confirmation"),
	WORD("passwordconfirm"),
	WORD("passwordconfirmation"),
	WORD("pin"),
	WORD("privatekey"),
	WORD("pw"),
	WORD("pwd"),
	WORD("salt"),
	WORD("samlart"),
	WORD("samlrequest"),
	WORD("samlresponse"),
	WORD("sas"),
	WORD("secretkey"),
	WORD("session"),
	WORD("sessionid"),
	WORD("sessionkey"),
	WORD("sid"),
	WORD("sig"),
	WORD("signingkey"),
	WORD("ssn"),
	WORD("subscriptionkey"),
	WORD("ticket"),
	WORD("totp"),
	WORD("usercode"),
	WORD("verifier"),
	WORD("xsrf"),
};

static const struct cor_str endings[] = {
	WORD("apikey"),
	WORD("authorization"),
	WORD("credential"),
	WORD("passphrase"),
	WORD("passwd"),
	WORD("password"),
	WORD("secret"),
	WORD("signature"),
	WORD("token"),
};

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	int letter = c | 0x20;
	return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* The name without percent-encoding: to%6ben is token to whoever reads it. Its length. */
static size_t decode(struct cor_str name, char out[COR_NAME_BYTES_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < name.len; i++) {
		bool encoded = name.data[i] == '%' && i + 2 < name.len &&
			       nibble(name.data[i + 1]) >= 0 && nibble(name.data[i + 2]) >= 0;
		out[len++] = name.data[i];
		if (encoded) {
			int byte = nibble(name.data[i + 1]) << 4 | nibble(name.data[i + 2]);
			out[len - 1] = (char)byte;
		}
		i += encoded ? 2 : 0;
	}
	return len;
}

static bool is_joint(char c)
{
	return c == '-' || c == '_' || c == '.' || c == '[' || c == ' ' || c == '+';
}

/* user[password], new_password2 */
static bool is_behind_word(char c)
{
	return c == ']' || c == '[' || c == ' ' || (c >= '0' && c <= '9');
}

/* clientKey, APIKey: the word begins with the only capital of itself. */
static bool begins_word(const char *at)
{
	return at[0] >= 'A' && at[0] <= 'Z' && at[1] >= 'a' && at[1] <= 'z';
}

static bool ends_with(const char *name, size_t len, struct cor_str word)
{
	return len >= word.len && strncasecmp(name + len - word.len, word.data, word.len) == 0;
}

static bool ends_with_word(const char *name, size_t len, struct cor_str word)
{
	if (!ends_with(name, len, word))
		return false;
	const char *at = name + len - word.len;
	return at == name || is_joint(at[-1]) || begins_word(at);
}

/* Nothing else ends so, so neither does a name have to show where the word begins: oldpassword. */
static bool ends_with_secret(const char *name, size_t len)
{
	if (len != 0 && (name[len - 1] | 0x20) == 's' && !ends_with(name, len, COR_STR("ss")))
		len--; /* tokens */
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
		if (ends_with(name, len, endings[i]))
			return true;
	return false;
}

bool cor_mask_is_odd(struct cor_str name)
{
	char text[COR_NAME_BYTES_MAX];

	if (name.len > sizeof text)
		return true;
	return !cor_name_is_plain((struct cor_str){ text, decode(name, text) });
}

static bool is_secret_word(const char *name, size_t len)
{
	while (len != 0 && is_behind_word(name[len - 1]))
		len--;
	if (len == 0)
		return false;
	if (ends_with_secret(name, len))
		return true;
	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
		if (ends_with_word(name, len, secrets[i]))
			return true;
	return false;
}

/* The whole name, and what its brackets stand behind: user[password][old]. */
bool cor_mask_is_secret(struct cor_str name)
{
	char text[COR_NAME_BYTES_MAX];

	if (name.len > sizeof text)
		return true;
	size_t len = decode(name, text);
	while (len != 0) {
		if (is_secret_word(text, len))
			return true;
		const char *bracket = memrchr(text, '[', len);
		len = bracket ? (size_t)(bracket - text) : 0;
	}
	return false;
}
