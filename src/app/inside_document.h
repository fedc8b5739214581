/* SPDX-License-Identifier: MIT */
/** The document of a service that does not run. Private to the app folder. */
#ifndef CORACLE_APP_INSIDE_DOCUMENT_H
#define CORACLE_APP_INSIDE_DOCUMENT_H

#include <coracle/service.h>

/** See app/inside.h. */
int cor_inside_document(const struct cor_service *service, char **ret) COR_CHECKED;

#endif
