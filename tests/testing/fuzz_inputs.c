/* SPDX-License-Identifier: MIT */
/*
 * Inputs of chance, the same in each run, as libFuzzer hands them over: whatever they are, they
 * make requests, and the service that this is linked with keeps what it promises. Else the process
 * ends.
 * fuzz_inputs OPERATION INPUTS|OPTION (of the target)
 */
#include <stdio.h>
#include <stdlib.h>

#include <coracle/testing.h>

#define BYTES 160

extern const struct cor_service FUZZED; /* as the build says */

static uint64_t next(uint64_t *state) /* xorshift64 */
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

int main(int argc, char **argv)
{
	uint64_t state = 88172645463325252u;
	uint8_t input[BYTES];
	char option[128];

	if (argc != 3)
		return 2;
	snprintf(option, sizeof option, "--operation=%s", argv[1]);
	char *words[] = { argv[0], option, argv[2], NULL }, **all = words;
	int len = argv[2][0] == '-' ? 3 : 2;
	cor_fuzz_begin(&len, &all, &FUZZED);
	long inputs = strtol(argv[2], NULL, 10);
	for (long i = 0; i < inputs; i++) {
		size_t bytes = i == 0 ? 0 : next(&state) % BYTES;
		for (size_t at = 0; at < bytes; at++)
			input[at] = (uint8_t)(at % 7 == 6 ? '\n' : next(&state) >> 32);
		cor_fuzz_input(input, bytes);
	}
	printf("1..1\nok 1 - %s: %ld inputs\n", argv[1], inputs);
	return 0;
}
