/* SPDX-License-Identifier: MIT */
/* Each operation, driven from its tables, with a bookmark to read and to change. */
#include <coracle/testing.h>

#include "../service.h"

static void add_bookmark(struct cor_test *t)
{
	cor_test_call(t, .method = "POST", .path = COR_PATH("/bookmarks"), .status = 201,
		.json = "{\"kind\":\"country\",\"code\":\"DE\",\"rating\":4}");
}

int main(int argc, char **argv)
{
	return cor_contract_main(argc, argv,
		&(struct cor_contract){
			.service = &countries_service,
			.before_each = add_bookmark,
			.inputs = COR_CONTRACT_INPUTS(
				{ "GET /languages/{code}", "path code", "de" },
				{ "GET /languages/{code}", "path code", "zzy" }),
			.exceptions = COR_CONTRACT_EXCEPTIONS(
				{ NULL, "body /kind", 422, "the code must be one of that kind" },
				{ NULL, "body /code", 422, "the code must be there" },
				{ NULL, "body /items", 422, "the codes must be there" },
				{ NULL, .status = 507, .reason = "needs a thousand bookmarks" }),
		});
}
