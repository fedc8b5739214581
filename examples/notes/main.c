/* SPDX-License-Identifier: MIT */
#include "notes.h"

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &notes_service);
}
