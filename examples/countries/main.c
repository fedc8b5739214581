/* SPDX-License-Identifier: MIT */
#include "service.h"

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &countries_service);
}
