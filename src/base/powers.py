#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints powers.c, the table that base/powers.h describes. The build runs it."""

MIN, MAX = -342, 324


def scaled(power):
    """5^power, shifted so that bit 127 is the highest: the twos in 10^power only move the point."""
    if power >= 0:
        value = 5**power
    else:
        value = (1 << (127 + 3 * -power)) // 5**-power  # at least 128 bits are left
    shift = value.bit_length() - 128
    return value >> shift if shift > 0 else value << -shift


print("/* SPDX-License-Identifier: MIT */")
print('#include "base/powers.h"\n')
print(f'_Static_assert(COR_POWERS_MIN == {MIN} && COR_POWERS_MAX == {MAX}, "powers.py and powers.h");\n')
print("const struct cor_power cor_powers[] = {")
for power in range(MIN, MAX + 1):
    bits = scaled(power)
    print(f"\t{{ 0x{bits >> 64:016x}, 0x{bits & (1 << 64) - 1:016x} }}, /* 1e{power} */")
print("};")
