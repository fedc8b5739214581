/* SPDX-License-Identifier: MIT */
#include "app/tls_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <coracle/error.h>

static int read_one(const char *key, const char *path, struct cor_secret_file *ret,
	struct cor_tls_unread *ret_unread)
{
	int rc = cor_secret_file_read(path, ret);

	if (rc < 0)
		*ret_unread = (struct cor_tls_unread){ key, path };
	return rc;
}

const char *cor_tls_files_staple(const struct cor_server_settings *settings, size_t index)
{
	const char *path = index < settings->ocsp.len ? settings->ocsp.items[index] : COR_OCSP_NONE;

	return strcmp(path, COR_OCSP_NONE) == 0 ? NULL : path;
}

static int read_pair(struct cor_tls_files *files, const struct cor_server_settings *settings,
	size_t index, struct cor_tls_unread *ret_unread)
{
	const char *staple = cor_tls_files_staple(settings, index);
	int rc = read_one("certificate", settings->certificate.items[index],
		&files->certificates[index], ret_unread);

	if (rc == 0)
		rc = read_one("key", settings->key.items[index], &files->keys[index], ret_unread);
	if (rc == 0 && staple)
		rc = read_one("ocsp", staple, &files->staples[index], ret_unread);
	return rc;
}

int cor_tls_files_read(struct cor_tls_files *files, const struct cor_server_settings *settings,
	struct cor_tls_unread *ret_unread)
{
	size_t len = settings->certificate.len;
	int rc = 0;

	*ret_unread = (struct cor_tls_unread){ 0 };
	files->certificates = calloc(len, sizeof *files->certificates);
	files->keys = calloc(len, sizeof *files->keys);
	files->staples = calloc(len, sizeof *files->staples);
	if (!files->certificates || !files->keys || !files->staples)
		return -ENOMEM;
	files->len = len;
	for (size_t i = 0; rc == 0 && i < len; i++)
		rc = read_pair(files, settings, i, ret_unread);
	if (rc == 0 && settings->client_ca)
		rc = read_one("client_ca", settings->client_ca, &files->client_ca, ret_unread);
	return rc;
}

const char *cor_tls_files_why(int rc)
{
	switch (-rc) {
	case EACCES:
		return "cannot be read by the user that starts the service: let it, and nobody else";
	case ENOENT:
		return "there is no such file";
	case EISDIR:
		return "is a directory: name the file in it";
	case EFBIG:
		return "is larger than a megabyte: name a PEM file, or one of OCSP";
	default:
		return cor_strerror(rc);
	}
}

void cor_tls_files_forget(struct cor_tls_files *files)
{
	for (size_t i = 0; i < files->len; i++) {
		cor_secret_file_close(&files->certificates[i]);
		cor_secret_file_close(&files->keys[i]);
		cor_secret_file_close(&files->staples[i]);
	}
	cor_secret_file_close(&files->client_ca);
	free(files->certificates);
	free(files->keys);
	free(files->staples);
	*files = (struct cor_tls_files){ 0 };
}

/* --- changes --- */

/* FNV-1a, word by word: nobody makes files so that two stamps are the same. */
static void mix(uint64_t *stamp, uint64_t word)
{
	*stamp = (*stamp ^ word) * UINT64_C(0x100000001b3);
}

static void mix_time(uint64_t *stamp, const struct timespec *time)
{
	mix(stamp, (uint64_t)time->tv_sec);
	mix(stamp, (uint64_t)time->tv_nsec);
}

/* Through links: what is read, not what leads there. */
static void mix_file(uint64_t *stamp, const char *path)
{
	struct stat file;

	if (stat(path, &file) < 0) {
		mix(stamp, (uint64_t)errno);
		return;
	}
	mix(stamp, file.st_dev);
	mix(stamp, file.st_ino);
	mix(stamp, (uint64_t)file.st_size);
	mix_time(stamp, &file.st_mtim);
	mix_time(stamp, &file.st_ctim);
}

uint64_t cor_tls_files_stamp(const struct cor_server_settings *settings)
{
	uint64_t stamp = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < settings->certificate.len; i++) {
		mix_file(&stamp, settings->certificate.items[i]);
		mix_file(&stamp, settings->key.items[i]);
		if (cor_tls_files_staple(settings, i))
			mix_file(&stamp, cor_tls_files_staple(settings, i));
	}
	if (settings->client_ca)
		mix_file(&stamp, settings->client_ca);
	return stamp;
}
