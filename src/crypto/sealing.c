/* SPDX-License-Identifier: MIT */
#include "crypto/sealing.h"

const struct cor_sealing cor_sealing = {
	.interface = COR_SEALING_INTERFACE,
	.keys_create = cor_seal_keys_create,
	.keys_read = cor_seal_keys_read,
	.keys_destroy = cor_seal_keys_destroy,
	.seal_signed = cor_seal_signed,
	.seal_encrypted = cor_seal_encrypted,
	.unseal_signed = cor_unseal_signed,
	.unseal_encrypted = cor_unseal_encrypted,
	.strerror = cor_unseal_strerror,
};
