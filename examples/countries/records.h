/* SPDX-License-Identifier: MIT */
/**
 * The records of the iso-codes lists.
 *
 * One struct and one table each. The table reads Debian's file at start, writes the answers, and is
 * the record's description in the documentation: the keys are the same everywhere.
 */
#ifndef COUNTRIES_RECORDS_H
#define COUNTRIES_RECORDS_H

#include <coracle/coracle.h>

struct country {
	char alpha_2[3];
	char alpha_3[4];
	char numeric[4];
	const char *name;
	const char *official_name; /* NULL: the name is the official one */
	const char *common_name;   /* NULL: the name is the common one */
	const char *flag;
};
COR_DECLARE_SCHEMA(country_schema, struct country);

struct subdivision {
	char code[8];
	const char *name;
	const char *type;
	char parent[8]; /* "": directly under the country */
};
COR_DECLARE_SCHEMA(subdivision_schema, struct subdivision);

struct currency {
	char alpha_3[4];
	char numeric[4];
	const char *name;
};
COR_DECLARE_SCHEMA(currency_schema, struct currency);

enum language_scope { SCOPE_INDIVIDUAL, SCOPE_MACROLANGUAGE, SCOPE_SPECIAL };
extern const struct cor_enum_name language_scopes[3];

enum language_type {
	TYPE_ANCIENT,
	TYPE_CONSTRUCTED,
	TYPE_EXTINCT,
	TYPE_HISTORICAL,
	TYPE_LIVING,
	TYPE_SPECIAL,
};
extern const struct cor_enum_name language_types[6];

struct language {
	char alpha_3[4];
	char alpha_2[3];       /* "": it has none */
	char bibliographic[4]; /* "": as alpha_3 */
	const char *name;
	const char *inverted_name;
	const char *common_name;
	enum language_scope scope;
	enum language_type type;
};
COR_DECLARE_SCHEMA(language_schema, struct language);

#endif
