/* SPDX-License-Identifier: MIT */
/** The resources of the service, by the file that defines them; main.c puts them together. */
#ifndef COUNTRIES_RESOURCES_H
#define COUNTRIES_RESOURCES_H

#include <coracle/coracle.h>

/* countries.c */
extern const struct cor_resource countries_resource, country_resource;
/* lookup.c */
extern const struct cor_resource country_lookup_resource;
/* subdivisions.c */
extern const struct cor_resource subdivisions_resource, subdivision_resource;
extern const struct cor_resource country_subdivisions_resource;
extern const struct cor_cache searches;
/* export.c */
extern const struct cor_resource export_subdivisions_resource;
/* currencies.c */
extern const struct cor_resource currencies_resource, currency_resource;
/* languages.c */
extern const struct cor_resource languages_resource, language_resource;
/* bookmarks.c */
extern const struct cor_resource bookmarks_resource, bookmark_resource;
/* batch.c */
extern const struct cor_resource bookmark_batch_resource;

/** Whether there is room for another bookmark. */
extern const struct cor_readiness bookmarks_readiness;

#endif
