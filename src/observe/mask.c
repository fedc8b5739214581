/* SPDX-License-Identifier: MIT */
#include "observe/mask.h"

#include <strings.h>

#define NAME_BYTES_MAX 64 /* a longer name is masked unread */

static const char *const secrets[] = {
	"token",
	"key",
	"password",
	"passwd",
	"pwd",
	"secret",
	"signature",
	"sig",
	"credential",
	"credentials",
	"auth",
	"authorization",
	"jwt",
	"session",
	"sessionid",
	"apikey",
	"accesstoken",
	"refreshtoken",
	"idtoken",
	"clientsecret",
	"passphrase",
	"otp",
	"cookie",
};

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	int letter = c | 0x20;
	return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* The name without percent-encoding: to%6ben is token to whoever reads it. Its length. */
static size_t decode(struct cor_str name, char out[NAME_BYTES_MAX])
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

static bool ends_with_word(const char *name, size_t len, const char *word)
{
	size_t word_len = strlen(word);

	return len >= word_len && strncasecmp(name + len - word_len, word, word_len) == 0 &&
	       (len == word_len || is_joint(name[len - word_len - 1]));
}

bool cor_mask_is_secret(struct cor_str name)
{
	char text[NAME_BYTES_MAX];

	if (name.len > sizeof text)
		return true;
	size_t len = decode(name, text);
	while (len != 0 && (text[len - 1] == ']' || text[len - 1] == '[' || text[len - 1] == ' '))
		len--;
	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
		if (ends_with_word(text, len, secrets[i]))
			return true;
	return false;
}
