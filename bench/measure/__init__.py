# SPDX-License-Identifier: MIT
"""The measurements of bench/run, one concept per file."""
