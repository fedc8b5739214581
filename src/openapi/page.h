/* SPDX-License-Identifier: MIT */
/** The page around Swagger UI. */
#ifndef CORACLE_OPENAPI_PAGE_H
#define CORACLE_OPENAPI_PAGE_H

#include <coracle/service.h>

#include "base/buffer.h"

/** Lets the page use the service itself and nothing else, and run no inline script. */
extern const char cor_page_policy[];

/** The script that starts Swagger UI: its name among the assets, and its text. */
#define COR_PAGE_SCRIPT "start.js"
extern const char cor_page_script[];

/** Append the HTML. Errors go into the buffer. */
void cor_page_write(const struct cor_service *service, struct cor_buffer *buffer);

#endif
