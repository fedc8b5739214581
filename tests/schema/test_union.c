/* SPDX-License-Identifier: MIT */
/* One of several structs, and a member that says which. */
#include <coracle/schema_union.h>

#include "schema/copy.h"
#include "schema/describe.h"
#include "trial.h"

struct circle {
	double radius;
	const char *label;
};
static const struct cor_field circle_fields[] = {
	COR_FIELD(struct circle, radius, .range = COR_ABOVE(0)),
	COR_FIELD(struct circle, label, .presence = COR_OPTIONAL, .max_length = 5),
};
COR_LOCAL_SCHEMA(circle_schema, struct circle, circle_fields, .doc = "Round");

/* Read-only and write-only members, a fallback, unknown ones ignored. */
struct square {
	int64_t id;
	int32_t side;
	const char *secret;
};
static const struct cor_field square_fields[] = {
	COR_FIELD(struct square, id, .access = COR_READ_ONLY),
	COR_FIELD(struct square, side, .fallback = "7"),
	COR_FIELD(struct square, secret, .access = COR_WRITE_ONLY, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(square_schema, struct square, square_fields, .unknown = COR_IGNORE);

/* A branch holds unions again. */
struct group {
	cor_array(struct shape) shapes;
};
enum shape_kind { SHAPE_CIRCLE = 1, SHAPE_SQUARE = 5, SHAPE_GROUP = 3 };
struct shape {
	enum shape_kind kind;
	union {
		struct circle circle;
		const struct square *square;
		struct group *group;
	};
};
COR_DECLARE_SCHEMA(shape_schema, struct shape);
static const struct cor_field group_fields[] = {
	COR_OBJECT_ARRAY(struct group, shapes, shape_schema, .max_items = 3),
};
COR_LOCAL_SCHEMA(group_schema, struct group, group_fields);
static const struct cor_branch shape_branches[] = {
	COR_BRANCH(struct shape, circle, circle_schema, SHAPE_CIRCLE, "circle"),
	COR_BRANCH(struct shape, square, square_schema, SHAPE_SQUARE, "square"),
	COR_BRANCH(struct shape, group, group_schema, SHAPE_GROUP, "a/group"),
};
COR_UNION_SCHEMA(shape_schema, kind, shape_branches, .discriminator = "type", .doc = "Any shape");

/* Every row that takes a schema. */
struct drawing {
	struct shape main;
	struct shape *under;
	cor_opt(struct shape) over;
	cor_array(struct shape) rest;
	struct shape frame;
};
static const struct cor_field drawing_fields[] = {
	COR_OBJECT(struct drawing, main, shape_schema),
	COR_OBJECT(struct drawing, under, shape_schema, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_OPT_OBJECT(struct drawing, over, shape_schema, .presence = COR_NULLABLE),
	COR_OBJECT_ARRAY(struct drawing, rest, shape_schema, .presence = COR_OPTIONAL),
	COR_OBJECT(struct drawing, frame, shape_schema, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(drawing_schema, struct drawing, drawing_fields);

/* The discriminator has the tag's name; the structs lie side by side; a branch has the value 0. */
enum pet_kind { PET_CAT, PET_DOG };
struct cat {
	bool purrs;
};
static const struct cor_field cat_fields[] = { COR_FIELD(struct cat, purrs) };
COR_LOCAL_SCHEMA(cat_schema, struct cat, cat_fields);
struct dog {
	char name[8];
};
static const struct cor_field dog_fields[] = {
	COR_FIELD(struct dog, name, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(dog_schema, struct dog, dog_fields);
struct pet {
	struct dog dog;
	struct cat cat;
	enum pet_kind kind;
};
static const struct cor_branch pet_branches[] = {
	COR_BRANCH(struct pet, cat, cat_schema, PET_CAT, "cat"),
	COR_BRANCH(struct pet, dog, dog_schema, PET_DOG, "dog"),
};
COR_LOCAL_UNION_SCHEMA(pet_schema, struct pet, kind, pet_branches);

/* With its own fallback, and as a row's. */
struct owner {
	struct shape shape;
	struct shape *other;
	struct pet pet;
};
static const struct cor_field owner_fields[] = {
	COR_OBJECT(struct owner, shape, shape_schema,
		.fallback = "{\"radius\": 1, \"type\": \"circle\"}"),
	COR_OBJECT(struct owner, other, shape_schema,
		.fallback = "{\"type\": \"circle\", "
			    "\"radius\": 2}"),
	COR_OBJECT(struct owner, pet, pet_schema, .example = "{\"kind\": \"dog\"}"),
};
COR_LOCAL_SCHEMA(owner_schema, struct owner, owner_fields);

/* A body beside a parameter. */
struct replacement {
	int64_t id;
	struct pet pet;
};
static const struct cor_field replacement_fields[] = {
	COR_FIELD(struct replacement, id, .from = COR_FROM_PATH),
	COR_OBJECT(struct replacement, pet, pet_schema, .bare = true),
};
COR_LOCAL_SCHEMA(replacement_schema, struct replacement, replacement_fields);

union any {
	struct shape shape;
	struct drawing drawing;
	struct pet pet;
	struct owner owner;
	struct replacement replacement;
};

#define KNOWN "circle, square, a/group"

/* What goes in comes out, or is refused: where, and why. */
static const struct {
	const struct cor_schema *schema;
	const char *json, *report;
} cases[] = {
	{ &shape_schema.schema, "{\"type\":\"circle\",\"radius\":2.5}", NULL },
	{ &shape_schema.schema, "{\"type\":\"circle\",\"radius\":2.5,\"label\":\"a\"}", NULL },
	{ &shape_schema.schema, "{\"type\":\"square\",\"id\":3,\"side\":4,\"secret\":\"s\"}",
		NULL },
	{ &shape_schema.schema,
		"{\"type\":\"a/group\",\"shapes\":[{\"type\":\"circle\",\"radius\":1.0},"
		"{\"type\":\"a/group\",\"shapes\":[]}]}",
		NULL },
	{ &pet_schema.schema, "{\"kind\":\"cat\",\"purrs\":true}", NULL },
	{ &pet_schema.schema, "{\"kind\":\"dog\"}", NULL },
	{ &pet_schema.schema, "{\"kind\":\"dog\",\"name\":\"rex\"}", NULL },
	{ &drawing_schema.schema,
		"{\"main\":{\"type\":\"circle\",\"radius\":1.0},\"under\":{\"type\":\"circle\","
		"\"radius\":2.0},\"over\":{\"type\":\"a/group\",\"shapes\":[]},\"rest\":[{\"type\":"
		"\"circle\",\"radius\":3.0}],\"frame\":{\"type\":\"circle\",\"radius\":4.0}}",
		NULL },
	{ &drawing_schema.schema, "{\"main\":{\"type\":\"circle\",\"radius\":1.0},\"over\":null}",
		NULL },
	/* the discriminator */
	{ &shape_schema.schema, "{\"radius\":2.5}", "body /type: is required: one of " KNOWN "\n" },
	{ &shape_schema.schema, "{}", "body /type: is required: one of " KNOWN "\n" },
	{ &shape_schema.schema, "{\"type\":5,\"radius\":2}",
		"body /type: must be a string, not a number\n" },
	{ &shape_schema.schema, "{\"type\":null}", "body /type: must be a string, not null\n" },
	{ &shape_schema.schema, "{\"radius\":\"x\",\"type\": {\"type\":\"circle\"} }",
		"body /type: must be a string, not an object\n" },
	{ &shape_schema.schema, "{\"type\":\"cirlce\",\"radius\":2}",
		"body /type: must be one of: " KNOWN "; did you mean circle?\n" },
	{ &shape_schema.schema, "{\"type\":\"\",\"radius\":2}",
		"body /type: must be one of: " KNOWN "\n" },
	{ &shape_schema.schema, "{\"type\":\"circle\",\"radius\":2,\"type\":\"circle\"}",
		"body /type: is given more than once\n" },
	{ &shape_schema.schema, "{\"radius\":2,\"type\":\"circle\",\"type\":[]}",
		"body /type: is given more than once\n" },
	/* what is not an object */
	{ &shape_schema.schema, "[]", "body : must be an object, not an array\n" },
	{ &shape_schema.schema, "\"circle\"", "body : must be an object, not a string\n" },
	{ &shape_schema.schema, "null", "body : must be an object, not null\n" },
	/* the rows of the branch, and of no other */
	{ &shape_schema.schema, "{\"type\":\"circle\",\"radius\":0,\"label\":\"abcdef\"}",
		"body /radius: must be greater than 0\nbody /label: must have at most 5 characters\n" },
	{ &shape_schema.schema, "{\"type\":\"circle\",\"side\":1}",
		"body /side: is not a known member\nbody /radius: is required\n" },
	{ &shape_schema.schema, "{\"label\":\"a\",\"typ\":1,\"type\":\"circle\",\"radius\":1}",
		"body /typ: is not a known member; did you mean type?\n" },
	{ &drawing_schema.schema,
		"{\"main\":{\"type\":\"no\"},\"under\":{\"type\":\"a/group\",\"shapes\":[{},1]},"
		"\"over\":5,\"rest\":[{\"type\":\"circle\"}]}",
		"body /main/type: must be one of: " KNOWN "\n"
		"body /under/shapes/0/type: is required: one of " KNOWN "\n"
		"body /under/shapes/1: must be an object, not a number\n"
		"body /over: must be an object or null, not a number\n"
		"body /rest/0/radius: is required\n" },
	{ &replacement_schema.schema, "{\"id\":7,\"pet\":{\"kind\":\"cat\",\"purrs\":false}}",
		NULL },
};

static void there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trial trial;
		union any any, copy;
		if (trial_begin(&trial, cases[i].schema) != 0)
			fail_msg("%s", trial_report(&trial, &trial.why));
		int rc = trial_decode(&trial, cases[i].schema, &any, cases[i].json);
		const char *report = trial_report(&trial, &trial.violations);
		if (rc != (cases[i].report ? -COR_EINVALID : 0) ||
			strcmp(report, cases[i].report ? cases[i].report : "") != 0)
			fail_msg("%s: %d %s", cases[i].json, rc, report);
		if (rc == 0) {
			assert_string_equal(
				trial_encode(&trial, cases[i].schema, &any), cases[i].json);
			assert_int_equal(
				cor_copy_struct(&trial.arena, cases[i].schema, &any, &copy), 0);
			memset(&any, 0xee, sizeof any);
			assert_string_equal(
				trial_encode(&trial, cases[i].schema, &copy), cases[i].json);
		}
		trial_end(&trial);
	}
}

/* In any place, with any white space, and written with escapes. */
static void wherever_it_stands(void **state)
{
	static const char *const texts[] = {
		"{\"radius\":2,\"type\":\"circle\",\"label\":\"a\"}",
		" { \"label\" : \"a\" , \"radius\" : 2 , \"type\" : \"circle\" } ",
		"{\"t\\u0079pe\":\"c\\u0069rcle\",\"radius\":2,\"label\":\"a\"}",
		"{\"radius\":2,\"label\":\"a\",\"\\u0074ype\":\"circl\\u0065\"}",
	};
	struct trial trial;
	struct shape shape;

	(void)state;
	assert_int_equal(trial_begin(&trial, &shape_schema.schema), 0);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_int_equal(trial_decode(&trial, &shape_schema.schema, &shape, texts[i]), 0);
		assert_int_equal(shape.kind, SHAPE_CIRCLE);
		assert_string_equal(shape.circle.label, "a");
		assert_string_equal(trial_encode(&trial, &shape_schema.schema, &shape),
			"{\"type\":\"circle\",\"radius\":2.0,\"label\":\"a\"}");
	}
	trial_end(&trial);
}

static void syntax_is_where_it_is(void **state)
{
	static const struct {
		const char *json;
		size_t byte;
	} wrong[] = {
		{ "{\"type\":\"circle\",\"radius\":2", 27 },
		{ "{\"radius\":2,,\"type\":\"circle\"}", 12 },
		{ "{\"radius\":2,\"type\":\"cir", 23 },
		{ "{\"radius\":2,\"type\":x}", 19 },
		{ "{\"radius\":[1,],\"type\":\"circle\"}", 13 },
		{ "{", 1 },
	};
	struct trial trial;
	struct shape shape;
	char text[64];

	(void)state;
	assert_int_equal(trial_begin(&trial, &shape_schema.schema), 0);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(trial_decode(&trial, &shape_schema.schema, &shape, wrong[i].json),
			-COR_ESYNTAX);
		snprintf(text, sizeof text, "(byte %zu)", wrong[i].byte);
		if (!strstr(trial_report(&trial, &trial.violations), text))
			fail_msg("%s: %s", wrong[i].json, trial_report(&trial, &trial.violations));
	}
	trial_end(&trial);
}

static int decode_as(struct trial *trial, const struct cor_schema *schema, enum cor_use use,
	void *value, size_t bytes, const char *json)
{
	const struct cor_decode_options options = { .use = use, .default_from = COR_FROM_BODY };

	memset(value, 0, bytes);
	trial->violations = (struct cor_violations){ 0 };
	return cor_decode_text(trial->codec, &trial->arena, schema, &options, value, cor_str(json),
		&trial->violations);
}

static const char *encode_as(struct trial *trial, const struct cor_schema *schema, enum cor_use use,
	const void *value, struct cor_encode_fault *fault)
{
	struct cor_buffer buffer = { 0 };
	int rc = cor_encode_append(trial->codec, schema, use, value, &buffer, fault);
	const char *text = rc == 0 ? cor_arena_copy(&trial->arena, buffer.data, buffer.len) : NULL;

	cor_buffer_finish(&buffer);
	return text;
}

/* .access, .fallback and .unknown are those of the branch. */
static void each_way(void **state)
{
	const struct cor_schema *schema = &shape_schema.schema;
	struct trial trial;
	struct shape shape;

	(void)state;
	assert_int_equal(trial_begin(&trial, schema), 0);
	assert_int_equal(decode_as(&trial, schema, COR_USE_REQUEST, &shape, sizeof shape,
				 "{\"type\":\"square\",\"secret\":\"s\",\"other\":1}"),
		0);
	assert_int_equal(shape.square->side, 7);
	assert_string_equal(encode_as(&trial, schema, COR_USE_ANSWER, &shape, NULL),
		"{\"type\":\"square\",\"id\":0,\"side\":7}");
	trial_end(&trial);
}

static void body_beside_parameters(void **state)
{
	const struct cor_schema *schema = &replacement_schema.schema;
	struct replacement value;
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, schema), 0);
	assert_int_equal(decode_as(&trial, schema, COR_USE_REQUEST, &value, sizeof value,
				 "{\"purrs\":true,\"kind\":\"cat\"}"),
		0);
	assert_true(value.pet.cat.purrs);
	assert_string_equal(encode_as(&trial, schema, COR_USE_ANSWER, &value, NULL),
		"{\"kind\":\"cat\",\"purrs\":true}");
	trial_end(&trial);
}

static void fallbacks(void **state)
{
	struct trial trial;
	struct owner owner;

	(void)state;
	if (trial_begin(&trial, &owner_schema.schema) != 0)
		fail_msg("%s", trial_report(&trial, &trial.why));
	assert_int_equal(
		trial_decode(&trial, &owner_schema.schema, &owner, "{\"pet\":{\"kind\":\"dog\"}}"),
		0);
	assert_true(owner.shape.kind == SHAPE_CIRCLE && owner.shape.circle.radius == 1);
	assert_true(owner.other->circle.radius == 2);
	memset(&owner, 0, sizeof owner);
	assert_string_equal(encode_as(&trial, &owner_schema.schema, COR_USE_ANSWER, &owner, NULL),
		"{\"shape\":{\"type\":\"circle\",\"radius\":1.0},\"other\":{\"type\":\"circle\","
		"\"radius\":2.0},\"pet\":{\"kind\":\"cat\",\"purrs\":false}}");
	trial_end(&trial);
}

static void values_without_json(void **state)
{
	struct drawing drawing = { .main = { .kind = SHAPE_CIRCLE, .circle.radius = 1 },
		.rest = { .items = &(struct shape){ .kind = 2 }, .len = 1 } };
	struct cor_encode_fault fault;
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &drawing_schema.schema), 0);
	assert_null(encode_as(&trial, &drawing_schema.schema, COR_USE_ANSWER, &drawing, &fault));
	assert_string_equal(
		fault.text, "drawing_schema: /rest/0 has a tag of which there is no branch");
	drawing.rest.items->kind = SHAPE_SQUARE;
	assert_null(encode_as(&trial, &drawing_schema.schema, COR_USE_ANSWER, &drawing, &fault));
	assert_string_equal(fault.text, "drawing_schema: /rest/0 has a branch that is NULL");
	trial_end(&trial);
}

/* Of memory that is not trusted only the branch of the tag counts, and it must lie there. */
static void foreign_copies(void **state)
{
	struct {
		struct shape shape;
		struct square square;
	} room = { .shape = { .kind = SHAPE_SQUARE, .square = &room.square } };
	const struct cor_foreign foreign = { (const char *)&room, (const char *)(&room + 1) };
	struct cor_arena arena;
	struct shape copy;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(
		cor_copy_foreign(&arena, &foreign, &shape_schema.schema, &room.shape, &copy), 0);
	assert_ptr_not_equal(copy.square, &room.square);
	room.shape.square = &(struct square){ 0 };
	assert_int_equal(
		cor_copy_foreign(&arena, &foreign, &shape_schema.schema, &room.shape, &copy),
		-COR_EINVALID);
	room.shape.kind = 77; /* nothing that could be followed */
	assert_int_equal(
		cor_copy_foreign(&arena, &foreign, &shape_schema.schema, &room.shape, &copy), 0);
	cor_arena_finish(&arena);
}

/* --- the document --- */

static const char *described(
	struct trial *trial, const struct cor_schema *root_schema, enum cor_use use)
{
	const struct cor_schema_form root = { .schema = root_schema, .use = use };
	struct cor_schema_names names;
	struct cor_buffer buffer = { 0 };

	assert_int_equal(cor_schema_names_collect(&root, 1, &trial->arena, &names), 0);
	for (size_t i = 0; i < names.len; i++) {
		cor_buffer_printf(&buffer, "%s: ", names.forms[i].name);
		cor_describe_form(&names.forms[i], &names, &buffer);
		cor_buffer_byte(&buffer, '\n');
	}
	const char *text = cor_arena_copy(&trial->arena, buffer.data, buffer.len);
	cor_buffer_finish(&buffer);
	return text;
}

static void in_the_document(void **state)
{
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &shape_schema.schema), 0);
	assert_string_equal(described(&trial, &pet_schema.schema, COR_USE_REQUEST),
		"pet: {\"type\":\"object\",\"oneOf\":[{\"$ref\":\"#/components/schemas/pet_cat\"},"
		"{\"$ref\":\"#/components/schemas/pet_dog\"}],\"discriminator\":{\"propertyName\":"
		"\"kind\",\"mapping\":{\"cat\":\"#/components/schemas/pet_cat\",\"dog\":"
		"\"#/components/schemas/pet_dog\"}}}\n"
		"pet_cat: {\"type\":\"object\",\"properties\":{\"kind\":{\"type\":\"string\","
		"\"const\":\"cat\"},\"purrs\":{\"type\":\"boolean\"}},\"required\":[\"kind\","
		"\"purrs\"],\"additionalProperties\":false}\n"
		"pet_dog: {\"type\":\"object\",\"properties\":{\"kind\":{\"type\":\"string\","
		"\"const\":\"dog\"},\"name\":{\"type\":\"string\",\"maxLength\":7}},\"required\":"
		"[\"kind\"],\"additionalProperties\":false}\n");
	const char *text = described(&trial, &shape_schema.schema, COR_USE_ANSWER);
	if (!strstr(text,
		    "shape: {\"type\":\"object\",\"description\":\"Any shape\",\"oneOf\":[") ||
		!strstr(text, "\"a/group\":\"#/components/schemas/shape_a_group\"}}}\n") ||
		!strstr(text, "shape_circle: {\"type\":\"object\",\"description\":\"Round\"") ||
		!strstr(text, "shape_a_group: ") ||
		!strstr(text, "\"items\":{\"$ref\":\"#/components/schemas/shape\"}") ||
		strstr(text, "secret") || strstr(text, "\ncircle: "))
		fail_msg("%s", text);
	trial_end(&trial);
}

/* --- contradictions --- */

struct odd {
	enum shape_kind kind;
	struct circle circle;
	struct cat cat;
	struct shape shape;
	struct odd *self;
};
static const struct cor_field kind_fields[] = {
	COR_FIELD(struct cat, purrs, .key = "kind"),
};
COR_LOCAL_SCHEMA(kind_schema, struct cat, kind_fields);
static const struct cor_field path_fields[] = {
	COR_FIELD(struct cat, purrs, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(path_schema, struct cat, path_fields);
COR_DECLARE_SCHEMA(odd_schema, struct odd);
static const struct cor_field self_fields[] = {
	COR_OBJECT(struct odd, self, odd_schema),
};
COR_LOCAL_SCHEMA(self_schema, struct odd, self_fields);
static const struct cor_branch odd_branches[] = {
	COR_BRANCH(struct odd, self, self_schema, 1, "a"),
};
COR_UNION_SCHEMA(odd_schema, kind, odd_branches);

#define CIRCLE COR_BRANCH(struct odd, circle, circle_schema, 1, "a")
#define BRANCHES(...)                                                                              \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
static const struct {
	struct cor_branch branches[2];
	uint32_t len;
	struct cor_schema options;
	const char *report;
} contradictions[] = {
	{ BRANCHES(CIRCLE, COR_BRANCH(struct odd, cat, cat_schema, 1, "b")), 2, { 0 },
		"row kind: the branches \"a\" and \"b\" are of one value" },
	{ BRANCHES(CIRCLE, COR_BRANCH(struct odd, cat, cat_schema, 2, "a")), 2, { 0 },
		"row kind: the name \"a\" occurs twice among the branches" },
	{ BRANCHES(COR_BRANCH(struct odd, cat, cat_schema, 2, "")), 1, { 0 },
		"row kind: the name of branch cat is empty" },
	{ BRANCHES(COR_BRANCH(struct odd, cat, kind_schema, 2, "a")), 1, { 0 },
		"row kind: the key \"kind\" of the discriminator is that of a row of branch cat" },
	{ BRANCHES(COR_BRANCH(struct odd, shape, shape_schema, 2, "a")), 1, { 0 },
		"row kind: branch shape is not an object" },
	{ BRANCHES(COR_BRANCH(struct odd, cat, path_schema, 2, "a")), 1, { 0 },
		"row purrs: is nested in another schema, so it cannot come from a path" },
	{ BRANCHES(COR_BRANCH(struct pet, cat, cat_schema, 2, "a")), 1, { 0 },
		"row kind: branch cat is of struct pet, the schema of struct odd" },
	{ BRANCHES(CIRCLE), 1, { .unknown = COR_IGNORE }, "leave .unknown out" },
	{ BRANCHES(CIRCLE), 1, { .discriminator = "" }, "row kind: .discriminator is empty" },
	{ BRANCHES(CIRCLE), 0, { 0 }, "row kind: has no branches: use COR_UNION_SCHEMA" },
};

static void every_contradiction(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof contradictions / sizeof contradictions[0]; i++) {
		const struct cor_union table = { contradictions[i].branches, contradictions[i].len,
			offsetof(struct odd, kind) };
		const struct cor_field row = { .member = "kind",
			.type = { .kind = COR_KIND_UNION,
				.size = sizeof(struct odd),
				.one_of = &table },
			.owner_size = sizeof(struct odd),
			.owner = "struct odd",
			.bare = true };
		struct cor_schema schema = contradictions[i].options;
		schema.fields = &row;
		schema.len = 1;
		schema.size = sizeof(struct odd);
		schema.symbol = "test_schema";
		struct trial trial;
		int rc = trial_begin(&trial, &schema);
		const char *report = trial_report(&trial, &trial.why);
		if (rc != -COR_ETABLE || trial.why.count != 1 ||
			!strstr(report, contradictions[i].report))
			fail_msg("%s: got %d: %s", contradictions[i].report, rc, report);
		trial_end(&trial);
	}
}

struct holder {
	struct pet pet;
	struct shape shape;
	struct cor_str text;
};

/* What rows that hold a union may not say. */
static void around_unions(void **state)
{
	static const struct {
		struct cor_field row;
		const char *discriminator, *report;
	} wrong[] = {
		{ COR_EMBED(struct holder, pet, pet_schema), NULL,
			"row pet: pet_schema is a union, which cannot be embedded" },
		{ COR_FIELD(struct holder, text), "type", ".discriminator is for unions" },
		{ COR_OBJECT(struct holder, shape, shape_schema, .fallback = "{\"type\":\"x\"}"),
			NULL, ".fallback {\"type\":\"x\"} does not fit: /type must be one of" },
		{ COR_OBJECT(struct holder, shape, shape_schema, .from = COR_FROM_QUERY), NULL,
			"only scalars" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const struct cor_schema schema = { .fields = &wrong[i].row,
			.len = 1,
			.size = sizeof(struct holder),
			.symbol = "holder_schema",
			.discriminator = wrong[i].discriminator };
		struct trial trial;
		int rc = trial_begin(&trial, &schema);
		const char *report = trial_report(&trial, &trial.why);
		if (rc != -COR_ETABLE || !strstr(report, wrong[i].report))
			fail_msg("%s: got %d: %s", wrong[i].report, rc, report);
		trial_end(&trial);
	}
}

/* One branch with an end is enough; none is a union that nobody can give. */
static void without_end(void **state)
{
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &odd_schema.schema), -COR_ETABLE);
	const char *report = trial_report(&trial, &trial.why);
	if (!strstr(report, "needs a struct that needs another"))
		fail_msg("%s", report);
	trial_end(&trial);
}

/* A zeroed struct that has JSON is a value: absent, it would be answered as one. */
static void absent_unions(void **state)
{
	static const struct cor_field fields[] = {
		COR_OBJECT(struct holder, pet, pet_schema, .presence = COR_OPTIONAL),
	};
	const struct cor_schema schema = { fields, 1, sizeof(struct holder), "holder_schema" };
	const struct cor_schema *schemas[] = { &schema };
	struct cor_violations why = { 0 };
	struct cor_codec *codec;
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &pet_schema.schema), 0);
	assert_int_equal(cor_codec_create_of(&(struct cor_codec_tables){ schemas, 1, 1 }, &codec,
				 &trial.arena, &why),
		-COR_ETABLE);
	const char *report = trial_report(&trial, &why);
	if (!strstr(report, "row pet: is answered as"))
		fail_msg("%s", report);
	trial_end(&trial);
}

/* Each level looks ahead over what is inside it. */
static void as_deep_as_allowed(void **state)
{
	struct cor_buffer buffer = { 0 };
	struct trial trial;
	struct shape shape;

	(void)state;
	assert_int_equal(trial_begin(&trial, &shape_schema.schema), 0);
	for (int i = 0; i < COR_JSON_DEPTH_MAX / 2 - 1; i++)
		cor_buffer_literal(&buffer, "{\"shapes\":[");
	cor_buffer_literal(&buffer, "{\"radius\":1,\"type\":\"circle\"}");
	for (int i = 0; i < COR_JSON_DEPTH_MAX / 2 - 1; i++)
		cor_buffer_literal(&buffer, "],\"type\":\"a/group\"}");
	const char *json = cor_arena_copy(&trial.arena, buffer.data, buffer.len);
	assert_int_equal(trial_decode(&trial, &shape_schema.schema, &shape, json), 0);
	json = cor_arena_printf(&trial.arena, "{\"shapes\":[%s],\"type\":\"a/group\"}", json);
	json = cor_arena_printf(&trial.arena, "{\"shapes\":[%s],\"type\":\"a/group\"}", json);
	assert_int_equal(trial_decode(&trial, &shape_schema.schema, &shape, json), -COR_ETOOLARGE);
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(wherever_it_stands),
		cmocka_unit_test(syntax_is_where_it_is),
		cmocka_unit_test(each_way),
		cmocka_unit_test(body_beside_parameters),
		cmocka_unit_test(fallbacks),
		cmocka_unit_test(values_without_json),
		cmocka_unit_test(foreign_copies),
		cmocka_unit_test(in_the_document),
		cmocka_unit_test(every_contradiction),
		cmocka_unit_test(around_unions),
		cmocka_unit_test(without_end),
		cmocka_unit_test(absent_unions),
		cmocka_unit_test(as_deep_as_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
