/* SPDX-License-Identifier: MIT */
/* Each operation, driven from its tables, by a customer who has logged in: before.http. */
#include <coracle/testing.h>

#include "../basket.h"

int main(int argc, char **argv)
{
	return cor_contract_main(argc, argv,
		&(struct cor_contract){
			.service = &basket_service,
			.exceptions = COR_CONTRACT_EXCEPTIONS({ .status = 429,
				.reason =
					"a cookie that was not sealed here is no login that failed" }),
		});
}
