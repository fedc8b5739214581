/* SPDX-License-Identifier: MIT */
#include "records.h"

/*
 * A later edition of iso-codes may say more about a record than these tables know, so they have
 * .unknown = COR_IGNORE.
 */

static const struct cor_field country_fields[] = {
	COR_FIELD(struct country, alpha_2, .pattern = "^[A-Z]{2}$", .example = "\"DE\"",
		.doc = "Two-letter code (ISO 3166-1)"),
	COR_FIELD(struct country, alpha_3, .pattern = "^[A-Z]{3}$", .example = "\"DEU\"",
		.doc = "Three-letter code"),
	COR_FIELD(struct country, numeric, .pattern = "^[0-9]{3}$", .example = "\"276\"",
		.doc = "Numeric code, with its leading zeros"),
	COR_FIELD(struct country, name, .example = "\"Germany\"", .doc = "Short name in English"),
	COR_FIELD(struct country, official_name, .presence = COR_OPTIONAL,
		.example = "\"Federal Republic of Germany\"",
		.doc = "Where it differs from the name"),
	COR_FIELD(struct country, common_name, .presence = COR_OPTIONAL,
		.doc = "What people say, where it differs from the name"),
	COR_FIELD(struct country, flag, .presence = COR_OPTIONAL, .example = "\"🇩🇪\"",
		.doc = "The flag, an emoji"),
};
COR_SCHEMA(country_schema, country_fields, .doc = "A country (ISO 3166-1)", .unknown = COR_IGNORE);

static const struct cor_field subdivision_fields[] = {
	COR_FIELD(struct subdivision, code, .example = "\"DE-BE\"",
		.doc = "Code: the country's two letters, a hyphen, and up to three more"),
	COR_FIELD(struct subdivision, name, .example = "\"Berlin\"", .doc = "Name in its language"),
	COR_FIELD(struct subdivision, type, .example = "\"Land\"",
		.doc = "What its country calls such a part: Province, Land, District ..."),
	COR_FIELD(struct subdivision, parent, .presence = COR_OPTIONAL, .example = "\"IT-45\"",
		.doc = "The subdivision it lies in, if any, as the list gives it"),
};
COR_SCHEMA(subdivision_schema, subdivision_fields, .doc = "A part of a country (ISO 3166-2)",
	.unknown = COR_IGNORE);

static const struct cor_field currency_fields[] = {
	COR_FIELD(struct currency, alpha_3, .pattern = "^[A-Z]{3}$", .example = "\"EUR\"",
		.doc = "Three-letter code (ISO 4217)"),
	COR_FIELD(struct currency, numeric, .pattern = "^[0-9]{3}$", .example = "\"978\"",
		.doc = "Numeric code"),
	COR_FIELD(struct currency, name, .example = "\"Euro\"", .doc = "Name in English"),
};
COR_SCHEMA(currency_schema, currency_fields, .doc = "A currency (ISO 4217)", .unknown = COR_IGNORE);

const struct cor_enum_name language_scopes[3] = {
	{ "I", SCOPE_INDIVIDUAL },
	{ "M", SCOPE_MACROLANGUAGE },
	{ "S", SCOPE_SPECIAL },
};

const struct cor_enum_name language_types[6] = {
	{ "A", TYPE_ANCIENT },
	{ "C", TYPE_CONSTRUCTED },
	{ "E", TYPE_EXTINCT },
	{ "H", TYPE_HISTORICAL },
	{ "L", TYPE_LIVING },
	{ "S", TYPE_SPECIAL },
};

static const struct cor_field language_fields[] = {
	COR_FIELD(struct language, alpha_3, .pattern = "^[a-z]{3}$", .example = "\"deu\"",
		.doc = "Three-letter code (ISO 639-3)"),
	COR_FIELD(struct language, alpha_2, .presence = COR_OPTIONAL, .pattern = "^[a-z]{2}$",
		.example = "\"de\"", .doc = "Two-letter code (ISO 639-1), if it has one"),
	COR_FIELD(struct language, bibliographic, .presence = COR_OPTIONAL, .pattern = "^[a-z]{3}$",
		.example = "\"ger\"",
		.doc = "Three-letter code that libraries use, where it differs"),
	COR_FIELD(struct language, name, .example = "\"German\"", .doc = "Name in English"),
	COR_FIELD(struct language, inverted_name, .presence = COR_OPTIONAL,
		.example = "\"German, Swiss\"",
		.doc = "Name for an alphabetic list, where it differs"),
	COR_FIELD(struct language, common_name, .presence = COR_OPTIONAL,
		.doc = "What people say, where it differs from the name"),
	COR_ENUM(struct language, scope, language_scopes, .example = "\"I\"",
		.doc = "I: an individual language, M: a macrolanguage, S: a special code"),
	COR_ENUM(struct language, type, language_types, .example = "\"L\"",
		.doc = "A: ancient, C: constructed, E: extinct, H: historical, L: living, S: special"),
};
COR_SCHEMA(
	language_schema, language_fields, .doc = "A language (ISO 639-3)", .unknown = COR_IGNORE);
