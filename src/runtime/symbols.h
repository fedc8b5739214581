/* SPDX-License-Identifier: MIT */
/**
 * Names of functions, read from the files of program and libraries themselves: static functions
 * have theirs there, too, as long as nobody has stripped the file. If somebody has, the debug file
 * of its build id is tried (/usr/lib/debug/.build-id), then what the file exports.
 *
 * Opens and reads files, allocates, and takes the lock of the dynamic loader: not for signal
 * handlers. One thread.
 */
#ifndef CORACLE_RUNTIME_SYMBOLS_H
#define CORACLE_RUNTIME_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#define COR_SYMBOL_FILES 8 /* that are kept open while one stack is printed */
#define COR_SYMBOL_BYTES 96

struct cor_symbol_file {
	uintptr_t bias; /* where it was loaded, against what it says itself */
	char *symbols;  /* of its table; NULL: it has none */
	size_t count;
	char *names;
	size_t names_len;
};

/** Starts zeroed. */
struct cor_symbols {
	struct cor_symbol_file files[COR_SYMBOL_FILES];
	size_t len;
};

struct cor_symbol {
	char function[COR_SYMBOL_BYTES]; /* empty: unknown */
	char file[COR_SYMBOL_BYTES];     /* without its folder; empty: the address is in none */
	uintptr_t at;                    /* the address within the file: what addr2line(1) takes */
};

/** What stands at the address. What the compiler appends (".constprop.0") is left out. */
void cor_symbols_find(struct cor_symbols *symbols, const void *address, struct cor_symbol *ret);

/** Free what was read. */
void cor_symbols_close(struct cor_symbols *symbols);

#endif
