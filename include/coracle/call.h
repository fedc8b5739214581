/* SPDX-License-Identifier: MIT */
/**
 * Private to the public headers: functions that are handed over with what they are called with.
 *
 * The macros of group.h and executor.h take a function and its argument, and let the compiler see
 * that the one takes the other; a mistake is an error that says so in a sentence.
 */
#ifndef CORACLE_CALL_H
#define CORACLE_CALL_H

#include <coracle/api.h>

struct cor_ctx;

/** A function, whatever its argument points to: the macros have checked that. */
typedef int cor_call(struct cor_ctx *ctx, void *argument);

/* clang-format off */

#ifndef __cplusplus

/*
 * `who` is a literal: "the child" or "the job". In a statement, as clang takes a compound literal
 * inside a struct for a constant.
 */
#define COR_CHECK_CALL_(who, call, ...) \
	__extension__({ \
		_Static_assert(COR_TAKES_(call, __typeof__(*(__VA_ARGS__))), \
			who " must be int " #call \
			"(struct cor_ctx *, (the type of *" #__VA_ARGS__ ") *)"); \
		0; \
	})
/* The same for a function that may also take a pointer to const. */
#define COR_CHECK_READING_CALL_(who, call, ...) \
	__extension__({ \
		_Static_assert(COR_TAKES_(call, __typeof__(*(__VA_ARGS__))) || \
				COR_TAKES_(call, const __typeof__(*(__VA_ARGS__))), \
			who " must be int " #call \
			"(struct cor_ctx *, (the type of *" #__VA_ARGS__ ") *)"); \
		0; \
	})
#define COR_TAKES_(call, argument_) \
	__builtin_types_compatible_p( \
		__typeof__(&*(call)), int (*)(struct cor_ctx *, argument_ *))
#define COR_CALL_(call) ((cor_call *)(void (*)(void))(call))

#else

#define COR_CHECK_CALL_(who, call, ...)         sizeof(cor_call_check_::of((call), (__VA_ARGS__)))
#define COR_CHECK_READING_CALL_(who, call, ...) sizeof(cor_call_check_::of((call), (__VA_ARGS__)))
#define COR_CALL_(call)                         reinterpret_cast<cor_call *>(call)
template <typename T> struct cor_call_takes_ {
	typedef T *argument;
};
struct cor_call_check_ {
	template <typename T>
	static int of(int (*call)(struct cor_ctx *, T *),
		typename cor_call_takes_<T>::argument argument);
};

#endif

/* clang-format on */

#endif
