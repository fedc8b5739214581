/* SPDX-License-Identifier: MIT */
/**
 * Attributes of the public interface, and the version.
 *
 * COR_API marks what the shared library exports; everything else is hidden.
 * COR_CHECKED marks a function whose return code must be looked at, or be ignored in so many words:
 * cor_ignore().
 */
#ifndef CORACLE_API_H
#define CORACLE_API_H

#if defined(__GNUC__)
#define COR_API                 __attribute__((visibility("default")))
#define COR_CHECKED             __attribute__((warn_unused_result))
#define COR_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#error "Coracle needs GCC 12 or Clang 14, or newer"
#endif

#ifdef __cplusplus
#define COR_BEGIN_DECLS extern "C" {
#define COR_END_DECLS   }
#else
#define COR_BEGIN_DECLS
#define COR_END_DECLS
#endif

#define COR_VERSION_MAJOR 0
#define COR_VERSION_MINOR 1
#define COR_VERSION_PATCH 0
#define COR_VERSION       "0.1.0"

COR_BEGIN_DECLS

/** The version of the library that is loaded, as text. Never yields; any thread. */
COR_API const char *cor_version(void);

COR_END_DECLS
#endif
