/* SPDX-License-Identifier: MIT */
/** What mocks.c has mocks of, in a file of its own: the linker sees the calls. */
#ifndef CORACLE_TESTS_TESTING_PARCEL_H
#define CORACLE_TESTS_TESTING_PARCEL_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/str.h>

struct size {
	int width;
	int height;
};

int parcel_weigh(int64_t id, const char *name);
void parcel_send(struct cor_str to, bool is_express, double price, struct size size);
int parcel_count(void);
int8_t parcel_all(int8_t a, uint16_t b, float c, char d, const int *e, unsigned long f, short g,
	struct size *h);

#endif
