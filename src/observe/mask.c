/* SPDX-License-Identifier: MIT */
#include "observe/mask.h"

#include <string.h>

#include "base/name.h"

/*
 * Alone, or as the last word of a name (api_key, X-Amz-Signature), in the plural too, perhaps with
 * a number behind it (password_2) or a joint inside (session_id). These are what the filters of
 * Rails, Sentry and OpenTelemetry hide, and what OAuth 2, OpenID Connect, SAML, CAS and the signed
 * URLs of clouds carry. Authorization codes and tickets are among them: until they are used they
 * are as good as a password.
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
	WORD("passes"),
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
	WORD("tokenid"),
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

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* user[password], new_password2, password_2 */
static bool is_behind_word(char c)
{
	return c == ']' || is_joint(c) || is_digit(c);
}

/* clientKey, APIKey, cardCVV, but not MONKEY. */
static bool begins_in_camel_case(const char *at)
{
	return is_capital(at[0]) && (is_small(at[1]) || is_small(at[-1]));
}

static bool begins_word(const char *name, const char *at)
{
	return at == name || is_joint(at[-1]) || is_digit(at[-1]) || begins_in_camel_case(at);
}

/* Where the word begins that ends the name, whatever joints are inside; NULL: it does not. */
static const char *find_last(const char *name, size_t len, struct cor_str word)
{
	size_t left = word.len;

	while (left != 0 && len != 0) {
		char c = name[--len];
		if (is_joint(c))
			continue;
		if ((c | 0x20) != word.data[--left])
			return NULL;
	}
	return left == 0 ? name + len : NULL;
}

static bool ends_with_secret(const char *name, size_t len)
{
	/* Nothing else ends so: the name need not show where the word begins (oldpassword). */
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
		if (find_last(name, len, endings[i]))
			return true;
	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
		const char *at = find_last(name, len, secrets[i]);
		if (at && begins_word(name, at))
			return true;
	}
	return false;
}

bool cor_mask_is_odd(struct cor_str name)
{
	char text[COR_NAME_BYTES_MAX];

	if (name.len > sizeof text)
		return true;
	size_t len = decode(name, text);
	return !cor_name_is_plain((struct cor_str){ text, len });
}

static bool is_secret_word(const char *name, size_t len)
{
	while (len != 0 && is_behind_word(name[len - 1]))
		len--;
	bool is_plural = len != 0 && (name[len - 1] | 0x20) == 's';
	return ends_with_secret(name, len) || (is_plural && ends_with_secret(name, len - 1));
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
