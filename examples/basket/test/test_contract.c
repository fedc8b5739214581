/* SPDX-License-Identifier: MIT */
/* Each operation, driven from its tables, by a customer who has logged in. */
#include <coracle/testing.h>

#include "../basket.h"

static const char *log_in(struct cor_test *t)
{
	cor_test_call(t, .method = "POST", .path = COR_PATH("/session"), .form = "name=Ada");
	return NULL; /* the cookie that it has set is all */
}

int main(int argc, char **argv)
{
	return cor_contract_main(argc, argv,
		&(struct cor_contract){
			.service = &basket_service,
			.credentials = COR_CONTRACT_CREDENTIALS(
				{ .scheme = &customer_scheme, .log_in = log_in }),
			.exceptions = COR_CONTRACT_EXCEPTIONS({ .status = 429,
				.reason =
					"a cookie that was not sealed here is no login that failed" }),
		});
}
