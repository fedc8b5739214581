/* SPDX-License-Identifier: MIT */
/**
 * How the rows of schema.h work. Include schema.h, which says how to use them.
 *
 * A row is an initialiser of struct cor_field. _Generic looks at the address of the member (by
 * value a char[8] would be a char *) and has no default, so a type that no row takes is a compile
 * error, which for the usual ones names what to do instead, else the type. An argument that must
 * have one type (a nested schema, the names of an enum, the pointer of a call) goes through a
 * _Generic of that one type. An option after the member is a designated initialiser, so the
 * compiler refuses a misspelt one.
 *
 * Names that end in an underscore are private to the public headers.
 */
#ifndef CORACLE_SCHEMA_ROWS_H
#define CORACLE_SCHEMA_ROWS_H

/** The kinds of member. Chosen by the row macros, never by hand. */
enum cor_kind {
	COR_KIND_BOOL = 1,  /* bool: boolean */
	COR_KIND_INT32,     /* int32_t: integer */
	COR_KIND_INT64,     /* int64_t, long, long long: integer, exact */
	COR_KIND_UINT32,    /* uint32_t: integer */
	COR_KIND_UINT64,    /* uint64_t, unsigned long, unsigned long long: integer, exact */
	COR_KIND_DOUBLE,    /* double: number */
	COR_KIND_TEXT,      /* const char *: string without U+0000 */
	COR_KIND_STR,       /* struct cor_str: string */
	COR_KIND_CHARS,     /* char[N]: string of at most N - 1 bytes, without U+0000 */
	COR_KIND_TIMESTAMP, /* struct timespec: date-time (RFC 3339) */
	COR_KIND_UUID,      /* struct cor_uuid: uuid */
	COR_KIND_DATE,      /* struct cor_date: date (RFC 3339) */
	COR_KIND_TIME,      /* struct cor_time: time of day (RFC 3339, without an offset) */
	COR_KIND_DURATION,  /* struct cor_duration: duration (ISO 8601) */
	COR_KIND_IP,        /* struct cor_ip: IPv4 or IPv6 address */
	COR_KIND_NETWORK,   /* struct cor_network: network of one of them */
	COR_KIND_BASE64,    /* struct cor_base64: bytes, in base64 */
	COR_KIND_DECIMAL,   /* struct cor_decimal_number: decimal in a string */
	COR_KIND_DECIMAL_AS_NUMBER, /* the same as a number; this and the next two come by .as */
	COR_KIND_INT64_AS_TEXT,
	COR_KIND_UINT64_AS_TEXT,
	COR_KIND_RAW,     /* struct cor_json: any JSON */
	COR_KIND_ENUM,    /* an enum: string, by the row's names */
	COR_KIND_FLAGS,   /* uint32_t, or an enum: array of unique names, each of its own bits */
	COR_KIND_UPLOAD,  /* struct cor_upload: a file of a form; upload.h */
	COR_KIND_OBJECT,  /* a struct inside the struct: object */
	COR_KIND_POINTER, /* pointer to a struct: object; how types recurse */
	COR_KIND_EMBED,   /* a struct inside the struct: its rows are on this level */
	COR_KIND_UNION,   /* one of several structs: schema_union.h */
	COR_KIND_CUSTOM,  /* a type that functions read and write: string; schema_custom.h */
	COR_KIND_MAPPED,  /* a struct in the form of another one's JSON: schema_custom.h */
	COR_KIND_END_,    /* behind the last: not a kind */
};

/* Named by the compiler where a member has a type that no row takes: what to use instead. */
struct cor_no_kind_use_double {
	char none;
};
struct cor_no_kind_use_int32_t {
	char none;
};
struct cor_no_kind_use_uint32_t {
	char none;
};
struct cor_no_kind_use_const_char_pointer_or_char_array {
	char none;
};
struct cor_no_kind_leave_out_const {
	char none;
};
struct cor_output_is_const {
	char none;
};

/* clang-format off */

/*
 * The rows. ISO C before C23 wants an argument for "...", so an empty one goes behind the user's
 * options, if any. A macro of your own around a row therefore puts an option of its own last:
 *
 *     #define SETTING(...)            SETTING_OF(__VA_ARGS__, .presence = COR_OPTIONAL)
 *     #define SETTING_OF(member, ...) COR_FIELD(struct settings, member, __VA_ARGS__)
 */
#define COR_FIELD(c_type, ...) COR_FIELD_(c_type, __VA_ARGS__, )
#define COR_FIELD_(c_type, path, ...) \
	{ \
		COR_ROW_(c_type, path), \
		.type = COR_SCALAR_(COR_MEMBER_(c_type, path)), \
		__VA_ARGS__ \
	}

#define COR_ENUM(c_type, ...) COR_ENUM_(c_type, __VA_ARGS__, )
#define COR_ENUM_(c_type, path, table, ...) \
	{ \
		COR_ROW_(c_type, path), \
		.type = COR_NAMED_(COR_MEMBER_(c_type, path), table), \
		__VA_ARGS__ \
	}

#define COR_FLAGS(c_type, ...) COR_FLAGS_(c_type, __VA_ARGS__, )
#define COR_FLAGS_(c_type, path, table, ...) \
	{ \
		COR_ROW_(c_type, path), \
		.type = COR_SET_OF_(COR_MEMBER_(c_type, path), table), \
		__VA_ARGS__ \
	}

#define COR_OBJECT(c_type, ...) COR_OBJECT_(c_type, __VA_ARGS__, )
#define COR_OBJECT_(c_type, path, schema_, ...) \
	{ \
		COR_ROW_(c_type, path), \
		.type = COR_NESTED_(COR_MEMBER_(c_type, path), schema_), \
		__VA_ARGS__ \
	}

#define COR_ARRAY(c_type, ...) COR_ARRAY_(c_type, __VA_ARGS__, )
#define COR_ARRAY_(c_type, path, ...) \
	{ \
		COR_ROW_(c_type, path), \
		.type = COR_SCALAR_(*COR_MEMBER_(c_type, path).items), \
		.shape = COR_ARRAY_SHAPE_(COR_MEMBER_(c_type, path)), \
		__VA_ARGS__ \
	}

#define COR_ENUM_ARRAY(c_type, ...) COR_ENUM_ARRAY_(c_type, __VA_ARGS__, )
#define COR_ENUM_ARRAY_(c_type, path, table, ...) \
	{ \
		COR_ROW_(c_type, path), \
		.type = COR_NAMED_(*COR_MEMBER_(c_type, path).items, table), \
		.shape = COR_ARRAY_SHAPE_(COR_MEMBER_(c_type, path)), \
		__VA_ARGS__ \
	}

#define COR_OBJECT_ARRAY(c_type, ...) COR_OBJECT_ARRAY_(c_type, __VA_ARGS__, )
#define COR_OBJECT_ARRAY_(c_type, path, schema_, ...) \
	{ \
		COR_ROW_(c_type, path), \
		.type = COR_OBJECT_ITEM_(*COR_MEMBER_(c_type, path).items, schema_), \
		.shape = COR_ARRAY_SHAPE_(COR_MEMBER_(c_type, path)), \
		__VA_ARGS__ \
	}

#define COR_DICT(c_type, ...) COR_DICT_(c_type, __VA_ARGS__, )
#define COR_DICT_(c_type, path, ...) \
	{ \
		COR_ROW_(c_type, path), \
		.type = COR_SCALAR_(COR_MEMBER_(c_type, path).items->value), \
		COR_DICT_SHAPE_(COR_MEMBER_(c_type, path)), \
		__VA_ARGS__ \
	}

#define COR_ENUM_DICT(c_type, ...) COR_ENUM_DICT_(c_type, __VA_ARGS__, )
#define COR_ENUM_DICT_(c_type, path, table, ...) \
	{ \
		COR_ROW_(c_type, path), \
		.type = COR_NAMED_(COR_MEMBER_(c_type, path).items->value, table), \
		COR_DICT_SHAPE_(COR_MEMBER_(c_type, path)), \
		__VA_ARGS__ \
	}

#define COR_OBJECT_DICT(c_type, ...) COR_OBJECT_DICT_(c_type, __VA_ARGS__, )
#define COR_OBJECT_DICT_(c_type, path, schema_, ...) \
	{ \
		COR_ROW_(c_type, path), \
		.type = COR_OBJECT_ITEM_(COR_MEMBER_(c_type, path).items->value, schema_), \
		COR_DICT_SHAPE_(COR_MEMBER_(c_type, path)), \
		__VA_ARGS__ \
	}

#define COR_OPT_FIELD(c_type, ...) COR_OPT_FIELD_(c_type, __VA_ARGS__, )
#define COR_OPT_FIELD_(c_type, path, ...) \
	{ \
		COR_OPT_ROW_(c_type, path), \
		.type = COR_SCALAR_(COR_MEMBER_(c_type, path.value)), \
		__VA_ARGS__ \
	}

#define COR_OPT_ENUM(c_type, ...) COR_OPT_ENUM_(c_type, __VA_ARGS__, )
#define COR_OPT_ENUM_(c_type, path, table, ...) \
	{ \
		COR_OPT_ROW_(c_type, path), \
		.type = COR_NAMED_(COR_MEMBER_(c_type, path.value), table), \
		__VA_ARGS__ \
	}

#define COR_OPT_FLAGS(c_type, ...) COR_OPT_FLAGS_(c_type, __VA_ARGS__, )
#define COR_OPT_FLAGS_(c_type, path, table, ...) \
	{ \
		COR_OPT_ROW_(c_type, path), \
		.type = COR_SET_OF_(COR_MEMBER_(c_type, path.value), table), \
		__VA_ARGS__ \
	}

#define COR_OPT_OBJECT(c_type, ...) COR_OPT_OBJECT_(c_type, __VA_ARGS__, )
#define COR_OPT_OBJECT_(c_type, path, schema_, ...) \
	{ \
		COR_OPT_ROW_(c_type, path), \
		.type = COR_NESTED_(COR_MEMBER_(c_type, path.value), schema_), \
		__VA_ARGS__ \
	}

#define COR_EMBED(c_type, path, schema_) \
	{ \
		COR_ROW_(c_type, path), \
		.type = { \
			.kind = _Generic(&COR_MEMBER_(c_type, path), \
				__typeof__(*schema_.type) *: COR_KIND_EMBED), \
			.size = sizeof(*schema_.type), \
			.schema = &schema_.schema, \
		} \
	}

#define COR_PARTIAL(c_type, path, given_, schema_) \
	{ \
		COR_ROW_(c_type, path), \
		.type = { \
			.kind = _Generic(&COR_MEMBER_(c_type, path), \
				__typeof__(*schema_.type) *: COR_KIND_EMBED), \
			.size = sizeof(*schema_.type), \
			.schema = &schema_.schema, \
		}, \
		.is_partial = true, \
		.given_offset = _Generic(&COR_MEMBER_(c_type, given_), \
			struct cor_given *: offsetof(c_type, given_)), \
	}

/* Bounds. */
#define COR_MIN(x)        { .min = COR_BOUND_(x, false) }
#define COR_MAX(x)        { .max = COR_BOUND_(x, false) }
#define COR_BETWEEN(a, b) { .min = COR_BOUND_(a, false), .max = COR_BOUND_(b, false) }
#define COR_ABOVE(x)      { .min = COR_BOUND_(x, true) }
#define COR_BELOW(x)      { .max = COR_BOUND_(x, true) }

/* What the rows are made of. */
#define COR_TABLE_(table) \
	_Generic(&(table)[0], const struct cor_field *: (table), struct cor_field *: (table))

/*
 * The name of a type. A row cannot know the schema of its table, so both hold the name of their
 * struct, and the start compares them. COR_SCHEMA is not given the type: COR_DECLARE_SCHEMA leaves
 * the name in a constant for it.
 */
#define COR_SPELLED_(...) #__VA_ARGS__
#define COR_TYPE_NAME_(symbol_, c_type) \
	static const char symbol_##_c_type_[] __attribute__((unused)) = COR_SPELLED_(c_type)

#define COR_MEMBER_(c_type, path) (((c_type *)0)->path)
#define COR_ROW_(c_type, path) \
	.member = #path, \
	.offset = offsetof(c_type, path), \
	.owner_size = sizeof(c_type), \
	.owner = COR_SPELLED_(c_type)
#define COR_OPT_ROW_(c_type, path) \
	.member = #path, \
	.offset = offsetof(c_type, path.value), \
	.state_offset = offsetof(c_type, path.state), \
	.owner_size = sizeof(c_type), \
	.owner = COR_SPELLED_(c_type), \
	.is_opt = true

/* The type of a value, from an expression that has it. */
#define COR_SCALAR_(value_) \
	{ .kind = COR_KIND_OF_(value_), .size = sizeof(value_) }
#define COR_NAMED_(value_, table) \
	{ \
		.kind = COR_KIND_ENUM, \
		.size = COR_ENUM_SIZE_(value_), \
		COR_NAMES_(table), \
	}
#define COR_SET_OF_(value_, table) \
	{ \
		.kind = COR_KIND_FLAGS, \
		.size = _Generic(&(value_), unsigned *: sizeof(unsigned)), \
		COR_NAMES_(table), \
	}
#define COR_NAMES_(table) \
	.names = _Generic(&(table)[0], \
		const struct cor_enum_name *: (table), \
		struct cor_enum_name *: (table)), \
	.names_len = sizeof(table) / sizeof((table)[0])
#define COR_NESTED_(value_, schema_) \
	{ \
		.kind = _Generic(&(value_), \
			__typeof__(*schema_.type) *: COR_KIND_OBJECT, \
			__typeof__(*schema_.type) **: COR_KIND_POINTER, \
			const __typeof__(*schema_.type) **: COR_KIND_POINTER), \
		.size = sizeof(*schema_.type), \
		.schema = &schema_.schema, \
	}
#define COR_OBJECT_ITEM_(value_, schema_) \
	{ \
		.kind = _Generic(&(value_), __typeof__(*schema_.type) *: COR_KIND_OBJECT), \
		.size = sizeof(*schema_.type), \
		.schema = &schema_.schema, \
	}
/* With members that only a cor_dict has. */
#define COR_DICT_SHAPE_(member_) \
	.shape = COR_SHAPE_DICT + 0 * sizeof((member_).len) + 0 * sizeof((member_).items->key), \
	.item_bytes = sizeof(*(member_).items), \
	.value_offset = offsetof(__typeof__(*(member_).items), value)
/* With a member that only a cor_array has. */
#define COR_ARRAY_SHAPE_(member_) COR_SHAPE_ARRAY + 0 * sizeof((member_).len)
#define COR_ENUM_SIZE_(member_) \
	_Generic(&(member_), unsigned *: sizeof(unsigned), int *: sizeof(int))
#define COR_KIND_OF_(member_) \
	_Generic(&(member_), \
		bool *: COR_KIND_BOOL, \
		int *: COR_KIND_INT32, \
		long *: COR_KIND_INT64, \
		long long *: COR_KIND_INT64, \
		unsigned *: COR_KIND_UINT32, \
		unsigned long *: COR_KIND_UINT64, \
		unsigned long long *: COR_KIND_UINT64, \
		double *: COR_KIND_DOUBLE, \
		const char **: COR_KIND_TEXT, \
		struct cor_str *: COR_KIND_STR, \
		char (*)[sizeof(member_)]: COR_KIND_CHARS, \
		struct timespec *: COR_KIND_TIMESTAMP, \
		struct cor_uuid *: COR_KIND_UUID, \
		struct cor_date *: COR_KIND_DATE, \
		struct cor_time *: COR_KIND_TIME, \
		struct cor_duration *: COR_KIND_DURATION, \
		struct cor_ip *: COR_KIND_IP, \
		struct cor_network *: COR_KIND_NETWORK, \
		struct cor_base64 *: COR_KIND_BASE64, \
		struct cor_decimal_number *: COR_KIND_DECIMAL, \
		struct cor_json *: COR_KIND_RAW, \
		struct cor_upload *: COR_KIND_UPLOAD, \
		float *: COR_NO_KIND_(use_double), \
		long double *: COR_NO_KIND_(use_double), \
		signed char *: COR_NO_KIND_(use_int32_t), \
		short *: COR_NO_KIND_(use_int32_t), \
		unsigned char *: COR_NO_KIND_(use_uint32_t), \
		unsigned short *: COR_NO_KIND_(use_uint32_t), \
		char *: COR_NO_KIND_(use_const_char_pointer_or_char_array), \
		char **: COR_NO_KIND_(use_const_char_pointer_or_char_array), \
		const char *const *: COR_NO_KIND_(leave_out_const), \
		const char (*)[sizeof(member_)]: COR_NO_KIND_(leave_out_const), \
		const bool *: COR_NO_KIND_(leave_out_const), \
		const int *: COR_NO_KIND_(leave_out_const), \
		const long *: COR_NO_KIND_(leave_out_const), \
		const long long *: COR_NO_KIND_(leave_out_const), \
		const unsigned *: COR_NO_KIND_(leave_out_const), \
		const unsigned long *: COR_NO_KIND_(leave_out_const), \
		const unsigned long long *: COR_NO_KIND_(leave_out_const), \
		const double *: COR_NO_KIND_(leave_out_const))
/* The compiler's complaint that no kind can be made of such a struct says what to use instead. */
#define COR_NO_KIND_(advice_) ((struct cor_no_kind_##advice_) { 0 })
#define COR_BOUND_(x, exclusive_) \
	{ \
		.type = _Generic((x), \
			double: COR_BOUND_REAL, \
			float: COR_BOUND_REAL, \
			char *: COR_BOUND_TEXT, \
			const char *: COR_BOUND_TEXT, \
			unsigned: COR_BOUND_NATURAL, \
			unsigned long: COR_BOUND_NATURAL, \
			unsigned long long: COR_BOUND_NATURAL, \
			int: COR_BOUND_INTEGER, \
			long: COR_BOUND_INTEGER, \
			long long: COR_BOUND_INTEGER), \
		.exclusive = exclusive_, \
		.integer = (int64_t)_Generic((x), \
			double: 0, float: 0, char *: 0, const char *: 0, default: (x)), \
		.real = _Generic((x), double: (x), float: (x), default: 0), \
		.text = _Generic((x), char *: (x), const char *: (x), default: (const char *)0), \
	}

/*
 * A pointer next to a schema must be of the schema's struct, or the call does not compile: what
 * would be called, by nobody, makes the compiler name both types.
 */
#define COR_TYPED_(pointer, schema_) \
	_Generic((pointer), \
		__typeof__(*(schema_).type) *: (pointer), \
		const __typeof__(*(schema_).type) *: (pointer), \
		default: COR_MISTYPED_(pointer, *(pointer), schema_))
#define COR_TYPED_RET_(pointer, schema_) \
	_Generic((pointer), \
		__typeof__(*(schema_).type) *: (pointer), \
		const __typeof__(*(schema_).type) *: (struct cor_output_is_const){ 0 }, \
		default: COR_MISTYPED_(pointer, *(pointer), schema_))
#define COR_MISTYPED_(pointer, struct_, schema_) \
	((void)sizeof(((struct { \
		int (*the_schema_is_of_another_struct)(__typeof__(*(schema_).type)); \
	} *)0)->the_schema_is_of_another_struct(struct_)), (pointer))

/* clang-format on */

#endif
