/* SPDX-License-Identifier: MIT */
#include "schema/ecma_property.h"

#include <string.h>

/* General categories: each long name (some have two), and PCRE2's. */
static const char *const categories[][2] = {
	{ "Letter", "L" },
	{ "Cased_Letter", "L&" },
	{ "Uppercase_Letter", "Lu" },
	{ "Lowercase_Letter", "Ll" },
	{ "Titlecase_Letter", "Lt" },
	{ "Modifier_Letter", "Lm" },
	{ "Other_Letter", "Lo" },
	{ "Mark", "M" },
	{ "Combining_Mark", "M" },
	{ "Nonspacing_Mark", "Mn" },
	{ "Spacing_Mark", "Mc" },
	{ "Enclosing_Mark", "Me" },
	{ "Number", "N" },
	{ "Decimal_Number", "Nd" },
	{ "digit", "Nd" },
	{ "Letter_Number", "Nl" },
	{ "Other_Number", "No" },
	{ "Punctuation", "P" },
	{ "punct", "P" },
	{ "Connector_Punctuation", "Pc" },
	{ "Dash_Punctuation", "Pd" },
	{ "Open_Punctuation", "Ps" },
	{ "Close_Punctuation", "Pe" },
	{ "Initial_Punctuation", "Pi" },
	{ "Final_Punctuation", "Pf" },
	{ "Other_Punctuation", "Po" },
	{ "Symbol", "S" },
	{ "Math_Symbol", "Sm" },
	{ "Currency_Symbol", "Sc" },
	{ "Modifier_Symbol", "Sk" },
	{ "Other_Symbol", "So" },
	{ "Separator", "Z" },
	{ "Space_Separator", "Zs" },
	{ "Line_Separator", "Zl" },
	{ "Paragraph_Separator", "Zp" },
	{ "Other", "C" },
	{ "Control", "Cc" },
	{ "cntrl", "Cc" },
	{ "Format", "Cf" },
	{ "Private_Use", "Co" },
	{ "Unassigned", "Cn" },
};

/* Binary properties that both have, under the same name. */
static const char *const binaries[] = {
	"ASCII",
	"Alphabetic",
	"Any",
	"Dash",
	"Diacritic",
	"Emoji",
	"Emoji_Presentation",
	"Extended_Pictographic",
	"Hex_Digit",
	"ID_Continue",
	"ID_Start",
	"Ideographic",
	"Lowercase",
	"Math",
	"Quotation_Mark",
	"Uppercase",
	"White_Space",
	"XID_Continue",
	"XID_Start",
};

static const char *category(struct cor_str name)
{
	if (cor_str_equal(name, COR_STR("LC")))
		return "L&";
	for (size_t i = 0; i < sizeof categories / sizeof categories[0]; i++)
		if (cor_str_equal(name, cor_str(categories[i][0])) ||
			cor_str_equal(name, cor_str(categories[i][1])))
			return strcmp(categories[i][1], "L&") == 0 && name.len == 2
				       ? NULL
				       : categories[i][1];
	return NULL;
}

static bool is_binary(struct cor_str name)
{
	for (size_t i = 0; i < sizeof binaries / sizeof binaries[0]; i++)
		if (cor_str_equal(name, cor_str(binaries[i])))
			return true;
	return false;
}

static bool take(struct cor_str *name, const char *prefix)
{
	size_t len = strlen(prefix);

	if (name->len < len || memcmp(name->data, prefix, len) != 0)
		return false;
	name->data += len;
	name->len -= len;
	return true;
}

/* Words that begin with a capital: PCRE2 looks the name up without case, ECMA-262 does not. */
static bool is_script(struct cor_str name)
{
	bool begins = true;

	if (cor_str_equal(name, COR_STR("SignWriting")))
		return true;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
		if (begins ? !upper : !lower && c != '_')
			return false;
		begins = c == '_';
	}
	return !begins;
}

bool cor_ecma_property(struct cor_str name, struct cor_buffer *buffer)
{
	bool is_category = take(&name, "General_Category=") || take(&name, "gc=");
	const char *kind = "";

	if (!is_category && (take(&name, "Script=") || take(&name, "sc=")))
		kind = "sc:";
	else if (!is_category && (take(&name, "Script_Extensions=") || take(&name, "scx=")))
		kind = "scx:";
	if (*kind) {
		cor_buffer_printf(buffer, "%s%.*s", kind, (int)name.len, name.data);
		return is_script(name);
	}
	const char *known = category(name);
	if (known)
		cor_buffer_append_str(buffer, cor_str(known));
	else if (!is_category && is_binary(name))
		cor_buffer_append_str(buffer, name);
	else
		return false;
	return true;
}
