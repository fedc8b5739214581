/* SPDX-License-Identifier: MIT */
#include "observe/mask.h"

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
	WORD("accesstoken"),
	WORD("accountkey"),
	WORD("apikey"),
	WORD("apitoken"),
	WORD("assertion"),
	WORD("auth"),
	WORD("authcode"),
	WORD("authenticitytoken"),
	WORD("authkey"),
	WORD("authorization"),
	WORD("authtoken"),
	WORD("awsaccesskeyid"),
	WORD("bearer"),
	WORD("certificate"),
	WORD("clientassertion"),
	WORD("clientsecret"),
	WORD("code"),
	WORD("codechallenge"),
	WORD("codeverifier"),
	WORD("consumersecret"),
	WORD("cookie"),
	WORD("credential"),
	WORD("credentials"),
	WORD("creds"),
	WORD("crypt"),
	WORD("csrf"),
	WORD("csrfmiddlewaretoken"),
	WORD("csrftoken"),
	WORD("cvc"),
	WORD("cvv"),
	WORD("devicecode"),
	WORD("hmac"),
	WORD("idtoken"),
	WORD("jwt"),
	WORD("key"),
	WORD("keyphrase"),
	WORD("licensekey"),
	WORD("nonce"),
	WORD("oauthtoken"),
	WORD("oauthverifier"),
	WORD("otp"),
	WORD("pass"),
	WORD("passcode"),
	WORD("passphrase"),
	WORD("passwd"),
	WORD("password"),
	WORD("password-confirmation"),
	WORD("password_confirm"),
	WORD("password_confirmation"),
	WORD("passwordconfirm"),
	WORD("passwordconfirmation"),
	WORD("pin"),
	WORD("privatekey"),
	WORD("pw"),
	WORD("pwd"),
	WORD("refreshtoken"),
	WORD("resettoken"),
	WORD("salt"),
	WORD("samlrequest"),
	WORD("samlresponse"),
	WORD("sas"),
	WORD("secret"),
	WORD("secretkey"),
	WORD("securitytoken"),
	WORD("session"),
	WORD("sessionid"),
	WORD("sessionkey"),
	WORD("sessiontoken"),
	WORD("sid"),
	WORD("sig"),
	WORD("signature"),
	WORD("signingkey"),
	WORD("ssn"),
	WORD("subscriptionkey"),
	WORD("ticket"),
	WORD("token"),
	WORD("totp"),
	WORD("usercode"),
	WORD("verifier"),
	WORD("webhooksecret"),
	WORD("xsrf"),
	WORD("xsrftoken"),
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

static bool ends_with_word(const char *name, size_t len, struct cor_str word)
{
	if (len < word.len || (name[len - 1] | 0x20) != word.data[word.len - 1])
		return false;
	return strncasecmp(name + len - word.len, word.data, word.len) == 0 &&
	       (len == word.len || is_joint(name[len - word.len - 1]));
}

bool cor_mask_is_odd(struct cor_str name)
{
	char text[COR_NAME_BYTES_MAX];

	if (name.len > sizeof text)
		return true;
	return !cor_name_is_plain((struct cor_str){ text, decode(name, text) });
}

bool cor_mask_is_secret(struct cor_str name)
{
	char text[COR_NAME_BYTES_MAX];

	if (name.len > sizeof text)
		return true;
	size_t len = decode(name, text);
	while (len != 0 && is_behind_word(text[len - 1]))
		len--;
	if (len == 0)
		return false;
	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
		if (ends_with_word(text, len, secrets[i]))
			return true;
	return false;
}
