/* SPDX-License-Identifier: MIT */
#include "basket.h"

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &basket_service);
}
