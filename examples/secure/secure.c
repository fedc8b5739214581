/* SPDX-License-Identifier: MIT */
/**
 * A service that can be reached by https. TLS is a library of its own, coracle-tls:
 *
 *     cc secure.c -o secure $(pkg-config --cflags --libs coracle-tls)
 *
 * To try the one that the build has made:
 *
 *     openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
 *             -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
 *             -keyout key.pem -out certificate.pem
 *     build/examples/secure --https 127.0.0.1:8443 --certificate certificate.pem --key key.pem
 *     curl --cacert certificate.pem https://localhost:8443/whoami
 *
 * With --client-certificates optional --client-ca CA.pem it knows clients by theirs: /member.
 */
#include <coracle/coracle.h>
#include <coracle/tls.h>

struct visitor {
	const char *address;
	const char *scheme;
	const char *subject;
	const char *fingerprint;
};
static const struct cor_field visitor_fields[] = {
	COR_FIELD(struct visitor, address, .doc = "Where the request came from"),
	COR_FIELD(struct visitor, scheme, .doc = "https or http"),
	COR_FIELD(struct visitor, subject, .presence = COR_OPTIONAL,
		.doc = "Whom the client's certificate names"),
	COR_FIELD(struct visitor, fingerprint, .presence = COR_OPTIONAL,
		.doc = "SHA-256 of that certificate"),
};
COR_DECLARE_SCHEMA(visitor_schema, struct visitor);
COR_SCHEMA(visitor_schema, visitor_fields, .name = "Visitor");

static int who_am_i(struct cor_ctx *ctx, const struct cor_none *in, struct visitor *out)
{
	(void)in;
	out->address = cor_request_client(ctx);
	out->scheme = cor_request_scheme(ctx);
	out->subject = cor_request_certificate_subject(ctx);
	out->fingerprint = cor_request_certificate_fingerprint(ctx);
	return 0;
}
COR_OPERATION(whoami_get, who_am_i, COR_NONE, visitor_schema, .summary = "Who is asking, and how");

/* --- for those alone who show a certificate that --client-ca vouches for --- */

struct member {
	const char *name;
};
static const struct cor_field member_fields[] = {
	COR_FIELD(struct member, name, .doc = "The subject of the certificate"),
};
COR_LOCAL_SCHEMA(member_schema, struct member, member_fields, .name = "Member");

static int check_certificate(
	struct cor_ctx *ctx, const struct cor_certificate *certificate, struct member *member)
{
	member->name = certificate->subject;
	return cor_grant(ctx, "");
}
COR_CLIENT_CERTIFICATE(certificate_scheme, check_certificate, member_schema, .name = "certificate");

static int greet_member(struct cor_ctx *ctx, const struct cor_none *in, struct member *out)
{
	(void)in;
	*out = *cor_principal(ctx, member_schema);
	return 0;
}
COR_OPERATION(member_get, greet_member, COR_NONE, member_schema,
	.summary = "Whose certificate lets the client in",
	.security = COR_SECURITY({ .scheme = &certificate_scheme }));

static const struct cor_resource member = { .path = "/member", .get = &member_get };

static const struct cor_resource whoami = { .path = "/whoami", .get = &whoami_get };

static const struct cor_service service = {
	.name = "secure",
	.version = "1.0.0",
	.title = "A service behind TLS",
	.resources = COR_RESOURCES(&whoami, &member),
	.tls = &cor_tls,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &service);
}
