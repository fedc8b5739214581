/* SPDX-License-Identifier: MIT */
/* Forms of parts: what becomes of them in a struct, and what is said of those that break rules. */
#include "fake.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <coracle/error.h>
#include <coracle/parts.h>

#include "upload/limits.h"

#define LARGE 300 /* more than a file may take in memory */

struct note {
	const char *title;
	int32_t stars;
	bool shared;
	cor_array(const char *) tags;
	struct cor_upload photo;
	cor_opt(struct cor_upload) sound;
	cor_array(struct cor_upload) files;
	int64_t id;
};
static const struct cor_field note_fields[] = {
	COR_FIELD(struct note, title, .max_length = 5),
	COR_FIELD(struct note, stars, .presence = COR_OPTIONAL, .range = COR_BETWEEN(0, 5)),
	COR_FIELD(struct note, shared, .presence = COR_OPTIONAL),
	COR_ARRAY(struct note, tags, .presence = COR_OPTIONAL),
	COR_FIELD(struct note, photo, .media_types = "image/png, text/*", .max_bytes = 1000),
	COR_OPT_FIELD(struct note, sound),
	COR_ARRAY(struct note, files, .presence = COR_OPTIONAL, .min_items = 2, .max_items = 3),
	COR_FIELD(struct note, id, .from = COR_FROM_QUERY, .presence = COR_OPTIONAL),
};
COR_DECLARE_SCHEMA(note_schema, struct note);
COR_SCHEMA(note_schema, note_fields);

/* "name/type/size" and where it is. */
static const char *told(struct cor_ctx *ctx, const struct cor_upload *upload)
{
	char first[8] = "";
	ssize_t n = cor_upload_read(upload, 0, first, sizeof first - 1);

	assert_true(n >= 0 && n <= (ssize_t)upload->size);
	assert_int_equal(cor_upload_read(upload, upload->size, first, 1), 0);
	return cor_printf(ctx, "%s/%s/%ju/%s%s", upload->name, upload->type,
		(uintmax_t)upload->size, first, upload->bytes ? "" : " in a file");
}

static int put_note(struct cor_ctx *ctx, const struct note *in, struct cor_str *out)
{
	const char *text = cor_printf(ctx, "%s %d %d", in->title, in->stars, in->shared);

	for (size_t i = 0; i < in->tags.len; i++)
		text = cor_printf(ctx, "%s #%s", text, in->tags.items[i]);
	if (in->photo.name)
		text = cor_printf(ctx, "%s photo %s", text, told(ctx, &in->photo));
	if (in->sound.state == COR_SET)
		text = cor_printf(ctx, "%s sound %s", text, told(ctx, &in->sound.value));
	for (size_t i = 0; i < in->files.len; i++)
		text = cor_printf(ctx, "%s file %s", text, told(ctx, &in->files.items[i]));
	*out = cor_str(text);
	return 0;
}
COR_OPERATION(put_note_operation, put_note, note_schema, COR_TEXT);

struct words {
	const char *title;
	int32_t stars;
};
static const struct cor_field words_fields[] = {
	COR_FIELD(struct words, title),
	COR_FIELD(struct words, stars, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(words_schema, struct words, words_fields);

static int put_words(struct cor_ctx *ctx, const struct words *in, struct cor_str *out)
{
	*out = cor_str(cor_printf(ctx, "%s %d", in->title, in->stars));
	return 0;
}
COR_OPERATION(put_words_operation, put_words, words_schema, COR_TEXT);

static int keep(struct cor_ctx *ctx, const struct note *in, struct cor_str *out);
COR_OPERATION(keep_operation, keep, note_schema, COR_TEXT);

static int pull(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply);
COR_STREAM_OPERATION(pull_operation, pull, COR_NONE, .content_type = "text/plain");

static const struct cor_resource note = { .path = "/note", .post = &put_note_operation };
static const struct cor_resource words = { .path = "/words", .post = &put_words_operation };
static const struct cor_resource kept = { .path = "/kept", .post = &keep_operation };
static const struct cor_resource pulled = { .path = "/pulled", .post = &pull_operation };
static const struct cor_service service = {
	.name = "notes",
	.version = "1",
	.resources = COR_RESOURCES(&note, &words, &kept, &pulled),
};

static char folder[] = "/tmp/form-XXXXXX";

static struct cor_upload_limits limits = {
	.folder = folder,
	.memory_bytes = LARGE - 1,
	.files = 2,
	.parts = 6,
	.part_bytes = 256,
};

static struct cor_dispatcher *make_dispatcher(void)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);

	cor_dispatcher_environment(dispatcher)->uploads = &limits;
	return dispatcher;
}

/* --- forms, written short --- */

#define MULTIPART "Content-Type: multipart/form-data; boundary=b\n"

struct form {
	char text[8192];
	size_t len;
};

static void add(struct form *form, const char *text, size_t len)
{
	assert_true(form->len + len < sizeof form->text);
	memcpy(form->text + form->len, text, len);
	form->len += len;
	form->text[form->len] = '\0';
}

static void add_text(struct form *form, const char *text)
{
	add(form, text, strlen(text));
}

/* "name=value" is text, "name@file:type=value" a file; "*300" is that many x. */
static void add_part(struct form *form, const char *part)
{
	char head[512];
	int name = (int)strcspn(part, "@="), len;
	const char *value = (part[name] == '@' ? strrchr(part, '=') : part + name) + 1;

	if (part[name] == '@') {
		int file = (int)strcspn(part + name + 1, ":=");
		const char *type = part + name + 1 + file;
		len = snprintf(head, sizeof head,
			"--b\r\nContent-Disposition: form-data; name=\"%.*s\"; filename=\"%.*s\"\r\n",
			name, part, file, part + name + 1);
		add(form, head, (size_t)len);
		if (*type == ':')
			len = snprintf(head, sizeof head, "Content-Type: %.*s\r\n",
				(int)(value - type - 2), type + 1);
		if (*type == ':')
			add(form, head, (size_t)len);
	} else {
		len = snprintf(head, sizeof head,
			"--b\r\nContent-Disposition: form-data; name=\"%.*s\"\r\n", name, part);
		add(form, head, (size_t)len);
	}
	add_text(form, "\r\n");
	for (int i = value[0] == '*' ? (int)strtol(value + 1, NULL, 10) : 0; i > 0; i--)
		add_text(form, "x");
	add_text(form, value[0] == '*' ? "" : value);
	add_text(form, "\r\n");
}

/* Parts with a "|" between. */
static void write_form(struct form *form, const char *parts)
{
	char part[512];

	form->len = 0;
	form->text[0] = '\0';
	while (*parts) {
		int len = (int)strcspn(parts, "|");
		snprintf(part, sizeof part, "%.*s", len, parts);
		add_part(form, part);
		parts += len + (parts[len] == '|');
	}
	add_text(form, "--b--\r\n");
}

struct trial {
	const char *target;
	const char *parts;
	int status;
	const char *answer; /* what it begins with, or a part of the problem */
};

static const struct trial trials[] = {
	/* text as in any form */
	{ "/words", "title=a", 200, "a 0" },
	{ "/words", "title=a b|stars=3", 200, "a b 3" },
	{ "/words", "title=a|stars=", 200, "a 0" },
	{ "/words", "title=", 200, " 0" },
	{ "/words", "stars=3", 422,
		"{\"in\":\"form\",\"parameter\":\"title\",\"detail\":\"is required\"}" },
	{ "/words", "title=a|stars=x", 422, "{\"in\":\"form\",\"parameter\":\"stars\"," },
	{ "/words", "title=a|title=c", 422, "\"is given more than once\"" },
	{ "/words", "title=a|other=c", 422,
		"\"parameter\":\"other\",\"detail\":\"is not a known parameter\"" },
	{ "/words", "title@f:text/plain=a", 200, "a 0" },
	{ "/words", "title=a|_charset_=UTF-8", 200, "a 0" },
	{ "/words", "title=a|_charset_=latin1", 415, "the form's _charset_ is not utf-8" },
	{ "/words", "title@f:text/plain; charset=latin1=a", 415,
		"the part \\\"title\\\" has a charset other than utf-8" },
	{ "/words", "title=\xff", 422, "must be UTF-8" },
	/* files */
	{ "/note", "title=a|photo@p.png:image/png=123", 200, "a 0 0 photo p.png/image/png/3/123" },
	{ "/note", "title=a|photo@p.txt:Text/Plain; charset=x=1", 200,
		"a 0 0 photo p.txt/text/plain/1/1" },
	{ "/note", "photo@p.png:image/png=|title=a|shared=on|tags=x|tags=y", 200,
		"a 0 1 #x #y photo p.png/image/png/0/" },
	{ "/note", "title=a|photo@:image/png=1", 200, "a 0 0 photo /image/png/1/1" },
	{ "/note", "title=a|photo=1", 200, "a 0 0 photo /text/plain/1/1" },
	{ "/note", "title=a|photo@../../x:text/plain=1", 200, "a 0 0 photo x/text/plain/1/1" },
	{ "/note", "title=a|photo@p:text/x=*299", 200, "a 0 0 photo p/text/x/299/xxxxxxx" },
	{ "/note", "title=a|photo@p:text/x=*300", 200,
		"a 0 0 photo p/text/x/300/xxxxxxx in a file" },
	{ "/note", "title=a|photo@p:text/x=*1000", 200,
		"a 0 0 photo p/text/x/1000/xxxxxxx in a file" },
	{ "/note", "title=a|photo@p:text/x=1|sound@s=2", 200,
		"a 0 0 photo p/text/x/1/1 sound s/application/octet-stream/1/2" },
	{ "/note", "title=a|photo@p:text/x=1|files@a=1|files@c:x/y=*400", 200,
		"a 0 0 photo p/text/x/1/1 file a/application/octet-stream/1/1 file c/x/y/400/xxxxxxx in a file" },
	{ "/note?id=3", "title=a|photo@p:text/x=1", 200, "a 0 0" },
	/* a control of a file that nobody has chosen */
	{ "/note", "title=a|photo@p:text/x=1|sound@:application/octet-stream=|files@:x/y=", 200,
		"a 0 0 photo p/text/x/1/1" },
	{ "/note", "title=a|photo@:application/octet-stream=", 422,
		"{\"in\":\"form\",\"parameter\":\"photo\",\"detail\":\"is required\"}" },
	/* what files must be */
	{ "/note", "title=a", 422,
		"{\"in\":\"form\",\"parameter\":\"photo\",\"detail\":\"is required\"}" },
	{ "/note", "title=a|photo@p:image/jpeg=1", 422,
		"\"parameter\":\"photo\",\"detail\":\"must be of a type among image/png, text/*, not image/jpeg\"" },
	{ "/note", "title=a|photo@p:text/x=*1001", 422,
		"\"photo\",\"detail\":\"must be at most 1000 bytes\"" },
	{ "/note", "title=a|photo@p:text/x=1|photo@p:text/x=1", 422,
		"\"is given more than once\"" },
	{ "/note", "title=a|photo@p:text/x=1|files@a=1", 422,
		"\"files\",\"detail\":\"must have at least 2 items\"" },
	{ "/note", "title=a|photo@p:text/x=1|files@a=1|files@a=1|files@a=1|files@a=1", 422,
		"\"files\",\"detail\":\"must have at most 3 items\"" },
	{ "/note", "title=123456|photo@p:x/y=1|stars=9", 422, "3 rules" },
	{ "/note", "title=a|photo@p:text/x=1|id=3", 422,
		"\"id\",\"detail\":\"belongs in the query\"" },
	/* limits, each with its name */
	{ "/note", "title=a|photo@p:text/x=1|sound@s=*300|files@a=*300|files@c=*300", 413,
		"the form has more than 2 files of over 299 bytes" },
	{ "/note", "title=a|tags=1|tags=2|tags=3|tags=4|tags=5|tags=6", 413,
		"the form has more than 6 parts" },
	{ "/note", "title=a|photo@p:text/x=*4000", 413, "the body is larger than 4096 bytes" },
	{ "/note",
		"title=a|photo@pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"
		"ppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"
		"ppppppppppppppppppppppppppppppppppppppppppppppppppppppp:text/x=1",
		413, "the header lines of a part are longer than 256 bytes" },
};

static void try_form(struct cor_dispatcher *dispatcher, const struct trial *trial, bool chunked,
	size_t piece_bytes)
{
	struct fake_reply reply = { 0 };
	struct form form;

	write_form(&form, trial->parts);
	fake_serve(dispatcher,
		&(struct fake_request){ .method = "POST",
			.target = trial->target,
			.headers = MULTIPART,
			.body = { form.text, form.len },
			.chunked = chunked,
			.piece_bytes = piece_bytes },
		&reply);
	if (reply.status != trial->status || !strstr(fake_body(&reply), trial->answer))
		print_error("%s %s: %u %s\n", trial->target, trial->parts, reply.status,
			fake_body(&reply));
	assert_int_equal(reply.replies, 1);
	assert_int_equal(reply.status, trial->status);
	assert_non_null(strstr(fake_body(&reply), trial->answer));
	fake_finish(&reply);
}

static size_t count_descriptors(void)
{
	DIR *list = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(list);
	while (readdir(list))
		count++;
	closedir(list);
	return count;
}

static void expect_empty_folder(void)
{
	DIR *list = opendir(folder);

	assert_non_null(list);
	for (const struct dirent *entry; (entry = readdir(list));)
		assert_int_equal(entry->d_name[0], '.');
	closedir(list);
}

static void forms_become_structs(void **state)
{
	struct cor_dispatcher *dispatcher = make_dispatcher();
	size_t before = count_descriptors();

	(void)state;
	for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++) {
		try_form(dispatcher, &trials[i], false, 0);
		try_form(dispatcher, &trials[i], true, 4096);
	}
	assert_int_equal(count_descriptors(), before);
	expect_empty_folder();
	cor_dispatcher_destroy(dispatcher);
}

/* Wherever the body is cut. */
static void forms_come_in_pieces(void **state)
{
	static const struct trial trial = { "/note",
		"title=a|photo@p:text/x=*300|files@a=12|files@c=34", 200,
		"a 0 0 photo p/text/x/300/xxxxxxx in a file file a/application/octet-stream/2/12" };
	struct cor_dispatcher *dispatcher = make_dispatcher();

	(void)state;
	for (size_t piece = 1; piece < 900; piece++)
		try_form(dispatcher, &trial, false, piece);
	cor_dispatcher_destroy(dispatcher);
}

struct other {
	const char *target;
	const char *headers;
	const char *body;
	int status;
	const char *answer;
};

static void other_bodies_are_refused(void **state)
{
	static const struct other others[] = {
		{ "/note", "Content-Type: application/json\n", "{}", 415,
			"must be one of: multipart/form-data" },
		{ "/note", "Content-Type: application/x-www-form-urlencoded\n", "title=a", 415,
			"must be one of: multipart/form-data" },
		{ "/note", NULL, "--b--", 415, "must be one of: multipart/form-data" },
		{ "/note", MULTIPART, NULL, 422, "a body is required" },
		{ "/note", "Content-Type: multipart/form-data\n", "--b--", 400,
			"names no boundary" },
		{ "/note", "Content-Type: multipart/form-data; boundary=\"\"\n", "--b--", 400,
			"is not 1 to 70 characters" },
		{ "/note", MULTIPART, "--c--", 400, "the form has no end" },
		{ "/note", MULTIPART, "--b--", 422, "is required" },
		{ "/words", "Content-Type: multipart/mixed; boundary=b\n", "--b--", 415,
			"application/x-www-form-urlencoded, multipart/form-data" },
		{ "/words", MULTIPART, "{\"title\":\"a\"}", 400, "the form has no end" },
		{ "/words", "Content-Type: application/json\n", "{\"title\":\"a\"}", 200, "a 0" },
		{ "/words", "Content-Type: application/x-www-form-urlencoded\n", "title=a", 200,
			"a 0" },
		{ "/words", MULTIPART,
			"--b\r\nContent-Disposition: form-data; name=title\r\n"
			"Content-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--b--",
			415, "send its bytes as they are" },
		{ "/words", MULTIPART,
			"--b\r\nContent-Disposition: form-data; name=title\r\n"
			"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--",
			415, "send each file as a part of its own" },
		{ "/pulled", "Content-Type: text/plain\n", "x", 415,
			"must be multipart/form-data" },
		{ "/pulled", MULTIPART, "--c--", 400, "the form has no end" },
		{ "/pulled", NULL, NULL, 415, "must be multipart/form-data" },
	};
	struct cor_dispatcher *dispatcher = make_dispatcher();

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		const struct other *other = &others[i];
		struct fake_reply reply = { 0 };
		struct fake_request request = {
			.method = "POST", .target = other->target, .headers = other->headers
		};
		if (other->body)
			request.body = cor_str(other->body);
		fake_serve(dispatcher, &request, &reply);
		if (reply.status != other->status || !strstr(fake_body(&reply), other->answer))
			print_error("%zu: %u %s\n", i, reply.status, fake_body(&reply));
		assert_int_equal(reply.status, other->status);
		assert_non_null(strstr(fake_body(&reply), other->answer));
		fake_finish(&reply);
	}
	cor_dispatcher_destroy(dispatcher);
}

/* --- the folder --- */

static void a_missing_folder_is_the_operators(void **state)
{
	static const struct trial trial = { "/note", "title=a|photo@p:text/x=*300", 500,
		"\"title\":\"Internal Server Error\"" };
	struct cor_dispatcher *dispatcher = make_dispatcher();
	struct cor_upload_limits missing = limits;

	(void)state;
	missing.folder = "/nowhere";
	cor_dispatcher_environment(dispatcher)->uploads = &missing;
	try_form(dispatcher, &trial, false, 0);
	cor_dispatcher_destroy(dispatcher);
}

static void a_full_disk_is_a_507(void **state)
{
	static const struct trial trial = { "/note", "title=a|photo@p:text/x=*300", 507,
		"\"title\":\"Insufficient Storage\"" };
	struct cor_dispatcher *dispatcher = make_dispatcher();

	(void)state;
	struct rlimit before, small;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 200; /* as if no more had room */
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	try_form(dispatcher, &trial, false, 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	cor_dispatcher_destroy(dispatcher);
}

/* --- saving --- */

static const char *path_in(struct cor_ctx *ctx, const char *name)
{
	return cor_printf(ctx, "%s/%s", folder, name);
}

static void expect_file(const char *path, const struct cor_upload *upload)
{
	char bytes[2048];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_size, upload->size);
	assert_int_equal(status.st_nlink, 1);
	assert_int_equal(status.st_mode & 0777, 0640); /* of the test's umask */
	assert_int_equal(read(fd, bytes, sizeof bytes), (ssize_t)upload->size);
	for (uint64_t i = 0; i < upload->size; i++)
		assert_int_equal(bytes[i], 'x');
	close(fd);
}

/* Twice, over one another, so that the second is a copy and replaces the first. */
static void save(struct cor_ctx *ctx, const struct cor_upload *upload)
{
	const char *path = path_in(ctx, "saved");
	struct stat first, second;

	assert_int_equal(cor_upload_save(ctx, upload, path), 0);
	expect_file(path, upload);
	assert_int_equal(stat(path, &first), 0);
	assert_int_equal(cor_upload_save(ctx, upload, path), 0);
	expect_file(path, upload);
	assert_int_equal(stat(path, &second), 0);
	assert_true(first.st_ino != second.st_ino);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(cor_upload_save(ctx, upload, "/dev/shm/form-test"), 0); /* elsewhere */
	expect_file("/dev/shm/form-test", upload);
	assert_int_equal(unlink("/dev/shm/form-test"), 0);
	assert_int_equal(cor_upload_save(ctx, upload, "/nowhere/x"), -ENOENT);
	assert_string_equal(cor_problem_of(ctx)->detail, "an upload cannot be saved at /nowhere/x");
	assert_int_equal(cor_upload_save(ctx, upload, folder), -EISDIR);
}

static void use_descriptor(struct cor_ctx *ctx, const struct cor_upload *upload)
{
	int fd = cor_upload_fd(ctx, upload);
	char bytes[2048];

	assert_true(fd >= 0);
	assert_int_equal(read(fd, bytes, sizeof bytes), (ssize_t)upload->size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
}

/* A file has none, whatever calls the codec. */
static void expect_no_json(struct cor_ctx *ctx, const struct note *in)
{
	struct cor_violations found = { 0 };
	struct cor_str text;
	struct note read;
	int rc = cor_encode(cor_ctx_codec(ctx), cor_ctx_arena(ctx), note_schema, in, &text);

	assert_int_equal(rc, -COR_EINVALID);
	rc = cor_decode(cor_ctx_codec(ctx), cor_ctx_arena(ctx), note_schema, &read,
		COR_STR("{\"title\":\"a\",\"photo\":\"x\",\"files\":[1,{\"a\":2}]}"), &found);
	assert_int_equal(rc, -COR_EINVALID);
	assert_int_equal(found.count, 3);
	assert_string_equal(found.first->where, "/photo");
	assert_string_equal(found.first->code, "file");
}

static int keep(struct cor_ctx *ctx, const struct note *in, struct cor_str *out)
{
	struct note *copy = cor_alloc(ctx, sizeof *copy);

	assert_non_null(copy);
	use_descriptor(ctx, &in->photo);
	save(ctx, &in->photo);
	int rc = cor_copy(cor_ctx_arena(ctx), note_schema, in, copy);
	assert_int_equal(rc, in->photo.bytes ? 0 : -EOPNOTSUPP);
	if (rc == 0)
		assert_true(copy->photo.bytes != in->photo.bytes);
	expect_no_json(ctx, in);
	*out = COR_STR("kept");
	return 0;
}

static void files_are_saved(void **state)
{
	static const struct trial in_memory = { "/kept", "title=a|photo@p:text/x=*299", 200,
		"kept" };
	static const struct trial in_a_file = { "/kept", "title=a|photo@p:text/x=*900", 200,
		"kept" };
	static const struct trial empty = { "/kept", "title=a|photo@p:text/x=", 200, "kept" };
	struct cor_dispatcher *dispatcher = make_dispatcher();
	size_t before = count_descriptors();
	mode_t mask = umask(0027);

	(void)state;
	try_form(dispatcher, &in_memory, false, 0);
	try_form(dispatcher, &in_a_file, false, 0);
	try_form(dispatcher, &empty, false, 0);
	umask(mask);
	assert_int_equal(count_descriptors(), before);
	expect_empty_folder();
	cor_dispatcher_destroy(dispatcher);
}

/* --- parts, pulled --- */

static int pull_part(struct cor_ctx *ctx, struct cor_parts *parts, const struct cor_part *part,
	const char **text)
{
	char bytes[16];
	ssize_t n = 0;

	*text = cor_printf(ctx, "%s[%s %s %s ", *text, part->name,
		part->file_name ? part->file_name : "-", part->type);
	if (strcmp(part->name, "skip") != 0)
		while ((n = cor_part_read(parts, bytes, sizeof bytes)) > 0)
			*text = cor_printf(ctx, "%s%.*s", *text, (int)n, bytes);
	else
		n = cor_part_read(parts, bytes, 1);
	*text = cor_printf(ctx, "%s]", *text);
	return n < 0 ? (int)n : 0;
}

static int pull(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	const struct cor_part *part;
	struct cor_parts *parts;
	const char *text = "";
	int rc = cor_parts_open(body, &parts);

	(void)in;
	while (rc == 0 && (rc = cor_part_next(parts, &part)) > 0)
		rc = pull_part(ctx, parts, part, &text);
	if (rc < 0)
		return rc;
	assert_int_equal(cor_part_next(parts, &part), 0);
	assert_int_equal(cor_part_read(parts, &(char){ 0 }, 1), 0);
	rc = cor_reply_start(reply, 0, NULL);
	return rc < 0 ? rc : cor_reply_write(reply, text, strlen(text));
}

static void parts_are_pulled(void **state)
{
	static const struct trial pulls[] = {
		{ "/pulled", "", 200, "" },
		{ "/pulled", "a=1", 200, "[a - text/plain 1]" },
		{ "/pulled", "a=1|skip@f:x/y=*100|c@f.txt=|a=2", 200,
			"[a - text/plain 1][skip f x/y ][c f.txt application/octet-stream ][a - text/plain 2]" },
		{ "/pulled", "skip=*1000|a=*100", 200,
			"[skip - text/plain ][a - text/plain xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]" },
		{ "/pulled", "a=|a=|a=|a=|a=|a=|a=", 413, "the form has more than 6 parts" },
		{ "/pulled", "a=*5000", 413, "the body is larger than 4096 bytes" },
	};
	struct cor_dispatcher *dispatcher = make_dispatcher();

	(void)state;
	for (size_t i = 0; i < sizeof pulls / sizeof pulls[0]; i++)
		for (size_t piece = 1; piece <= 4096; piece *= 2) {
			try_form(dispatcher, &pulls[i], true, piece);
			try_form(dispatcher, &pulls[i], false, piece == 2048 ? 4096 : 2048);
		}
	cor_dispatcher_destroy(dispatcher);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_become_structs),
		cmocka_unit_test(forms_come_in_pieces),
		cmocka_unit_test(other_bodies_are_refused),
		cmocka_unit_test(a_missing_folder_is_the_operators),
		cmocka_unit_test(a_full_disk_is_a_507),
		cmocka_unit_test(files_are_saved),
		cmocka_unit_test(parts_are_pulled),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
