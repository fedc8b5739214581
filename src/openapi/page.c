/* SPDX-License-Identifier: MIT */
#include "openapi/page.h"

#include "base/markup.h"

/*
 * Swagger UI draws its icons from data: URLs, and is content with that; a validator elsewhere is
 * never asked.
 */
const char cor_page_policy[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; "
	"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
	"frame-ancestors 'none'";

const char cor_page_script[] = "\"use strict\";\n"
			       "window.ui = SwaggerUIBundle({\n"
			       "\turl: new URL(\"openapi.json\", document.baseURI).href,\n"
			       "\tdom_id: \"#swagger-ui\",\n"
			       "\tdeepLinking: true,\n"
			       "\tdisplayRequestDuration: true,\n"
			       "\tvalidatorUrl: null,\n"
			       "});\n";

void cor_page_write(const struct cor_service *service, struct cor_buffer *buffer)
{
	cor_buffer_literal(buffer,
		"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
	cor_markup(buffer, cor_str(service->title ? service->title : service->name));
	cor_buffer_literal(buffer,
		"</title>\n<link rel=\"stylesheet\" href=\"docs/swagger-ui.css\">\n"
		"<link rel=\"icon\" type=\"image/png\" href=\"docs/favicon-32x32.png\">\n"
		"</head>\n<body>\n<div id=\"swagger-ui\"></div>\n"
		"<footer class=\"swagger-ui\"><div class=\"wrapper\"><p>The same as "
		"<a href=\"openapi.json\">OpenAPI 3.1</a>, <a href=\"openapi-3.0.json\">OpenAPI 3.0</a>, "
		"<a href=\"swagger.json\">Swagger 2.0</a> and <a href=\"postman.json\">a Postman "
		"collection</a></p></div></footer>\n"
		"<script src=\"docs/swagger-ui-bundle.js\"></script>\n"
		"<script src=\"docs/" COR_PAGE_SCRIPT "\"></script>\n</body>\n</html>\n");
}
