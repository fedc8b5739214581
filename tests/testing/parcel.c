/* SPDX-License-Identifier: MIT */
#include "parcel.h"

int parcel_weigh(int64_t id, const char *name)
{
	return (int)id + (name ? name[0] : 0);
}

void parcel_send(struct cor_str to, bool is_express, double price, struct size size)
{
	(void)to;
	(void)is_express;
	(void)price;
	(void)size;
}

int parcel_count(void)
{
	return 3;
}

int8_t parcel_all(int8_t a, uint16_t b, float c, char d, const int *e, unsigned long f, short g,
	struct size *h)
{
	return (int8_t)(a + b + (int)c + d + (e != 0) + (int)f + g + (h != 0));
}
