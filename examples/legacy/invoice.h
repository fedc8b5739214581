/* SPDX-License-Identifier: MIT */
/** The old code: a function that nobody dares to touch. */
#ifndef LEGACY_INVOICE_H
#define LEGACY_INVOICE_H

/**
 * The total of an invoice such as "EUR 3 x 4.20; 2 x 1.00", in cents; -1 if it is empty.
 *
 * It keeps every invoice that it has seen, ends the program if it does not know the currency, never
 * comes back if two ';' follow each other, and crashes if an item has no price.
 */
long invoice_total(const char *text);

#endif
