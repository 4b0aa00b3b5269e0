/* SPDX-License-Identifier: MIT */
/*
 * Fingerprints are few and looked through at start, when places are opened;
 * each place gets a list of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "link/dtlsid.h"
#include "session/roster.h"
#include "tool/secure.h"
#include "tool/tool.h"

#define NAME_MAX_OCTETS 256

struct print {
	char name[NAME_MAX_OCTETS + 1]; /* "": anybody's */
	struct vc_fingerprint fp;
};

struct vc_dtlsid {
	struct vc_dtls_local *local;
	char text[VC_FINGERPRINT_TEXT];
	struct print *prints;
	size_t n;
	int setup; /* enum vc_dtls_setup; -1: not said */
	bool is_insecure;
};

static const char *const setups[] = {
	[VC_SETUP_ACTIVE] = "active",
	[VC_SETUP_PASSIVE] = "passive",
	[VC_SETUP_ACTPASS] = "actpass",
};

static const char *what_is_wrong(int err)
{
	return err == -EKEYREJECTED ? "a hash that is not safe any more (cure: "
				      "sha-256)" :
	       err == -EOPNOTSUPP   ? "no such hash (sha-256)" :
				      "not as 'sha-256 AA:BB:...'";
}

/* --- options --- */

static void parse_print(struct vc_tool *t, struct print *p, const char *arg)
{
	struct vc_str text = vc_str_c(arg), name = vc_str_cut(&text, '=');
	char safe[400];
	int err;

	if (!strchr(arg, '=')) {
		text = name;
		name = vc_str_c("");
	}
	vc_escape(safe, sizeof(safe), arg, strlen(arg));
	if (name.len > NAME_MAX_OCTETS || !vc_utf8_valid(name.p, name.len))
		vc_tool_usage(t, "--dtls-fingerprint %s: not a NAME", safe);
	vc_str_copy(p->name, sizeof(p->name), name);
	err = vc_fingerprint_parse(&p->fp, text);
	if (err)
		vc_tool_usage(t, "--dtls-fingerprint %s: %s", safe,
			      what_is_wrong(err));
}

static void get_certificate(struct vc_dtlsid *id, struct vc_tool *t)
{
	const unsigned int all = VC_DTLS_GCM_128 | VC_DTLS_GCM_256 |
				 VC_DTLS_CM_SHA1_80;
	const struct vc_options *o = vc_tool_options(t);
	char why[512];
	int err;

	if (o->dtls_key && !o->dtls_cert)
		vc_tool_usage(t, "--dtls-key needs --dtls-cert");
	if (!o->dtls_cert) {
		err = vc_dtls_local_new(&id->local, all);
		if (err)
			vc_tool_usage(t, "DTLS: %s", strerror(-err));
		return;
	}
	vc_secure_look_at(t, o->dtls_key ? o->dtls_key : o->dtls_cert);
	if (vc_dtls_local_load(&id->local, all, o->dtls_cert, o->dtls_key, why,
			       sizeof(why)))
		vc_tool_usage(t, "--dtls-cert %s", why);
}

struct vc_dtlsid *vc_dtlsid_new(struct vc_tool *t)
{
	const struct vc_options *o = vc_tool_options(t);
	struct vc_dtlsid *id = vc_alloc(1, sizeof(*id));

	id->setup = o->dtls_setup;
	id->is_insecure = o->insecure;
	id->n = o->dtls_fingerprint.n;
	id->prints = vc_alloc(id->n + 1, sizeof(*id->prints));
	for (size_t i = 0; i < id->n; i++)
		parse_print(t, &id->prints[i], o->dtls_fingerprint.v[i]);
	get_certificate(id, t);
	vc_fingerprint_write(vc_dtls_local_fingerprint(id->local), id->text,
			     sizeof(id->text));
	/* Also with -q. */
	if (id->is_insecure)
		vc_tool_fail(t, VC_EXIT_OK,
			     "--insecure: CERTIFICATES WHOSE FINGERPRINT IS "
			     "NOT KNOWN ARE TAKEN where none is given: anybody "
			     "can be at the other end");
	return id;
}

void vc_dtlsid_free(struct vc_dtlsid *id)
{
	if (!id)
		return;
	vc_dtls_local_free(id->local);
	free(id->prints);
	free(id);
}

struct vc_dtls_local *vc_dtlsid_local(const struct vc_dtlsid *id)
{
	return id->local;
}

const char *vc_dtlsid_text(const struct vc_dtlsid *id)
{
	return id->text;
}

int vc_dtlsid_reserve(const struct vc_dtlsid *id, struct vc_roster *roster)
{
	int err = 0;

	for (size_t i = 0; i < id->n && !err; i++) {
		if (id->prints[i].name[0])
			err = vc_roster_reserve(roster, id->prints[i].name);
	}
	return err;
}

/* --- what an SDP says --- */

static int setup_by_name(struct vc_str name)
{
	for (size_t i = 0; i < VC_COUNT(setups); i++) {
		if (vc_str_is_nocase(name, setups[i]))
			return (int)i;
	}
	return -1;
}

static bool has(const struct vc_dtls_offer *o, const struct vc_fingerprint *fp)
{
	for (size_t i = 0; i < o->n; i++) {
		if (o->prints[i].hash == fp->hash &&
		    !memcmp(o->prints[i].octets, fp->octets, fp->len))
			return true;
	}
	return false;
}

int vc_dtls_offer_read(struct vc_dtls_offer *o, const struct vc_sdp *sdp,
		       const char **why)
{
	int err, bad = 0;

	*o = (struct vc_dtls_offer){ .setup = -1 };
	o->prints = vc_try_alloc(VC_DTLS_OFFERED, sizeof(*o->prints));
	if (!o->prints)
		return -ENOMEM;
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		const struct vc_sdp_keys *k = &sdp->media[i].keys;

		if (k->setup.len && o->setup < 0)
			o->setup = setup_by_name(k->setup);
		for (unsigned int c = 0; c < k->n_fingerprint; c++) {
			struct vc_fingerprint fp;

			err = vc_fingerprint_parse(&fp, k->fingerprint[c]);
			bad = err ? err : bad;
			if (!err && !has(o, &fp))
				o->prints[o->n++] = fp;
		}
	}
	/* What is not ours may be beside one that is. */
	if (o->n || !bad)
		return 0;
	*why = bad == -EKEYREJECTED ? "its fingerprint is by a hash that is "
				      "not safe any more" :
				      "its fingerprint is not understood";
	vc_dtls_offer_clear(o);
	return -EKEYREJECTED;
}

void vc_dtls_offer_clear(struct vc_dtls_offer *o)
{
	free(o->prints);
	*o = (struct vc_dtls_offer){ .setup = -1 };
}

/* --- a place --- */

static int decide(struct vc_dtls_terms *terms, int ours, int theirs,
		  bool is_active)
{
	terms->is_active = is_active;
	if (ours < 0 && (theirs < 0 || theirs == VC_SETUP_ACTPASS))
		ours = is_active ? VC_SETUP_ACTIVE : VC_SETUP_PASSIVE;
	else if (ours < 0)
		ours = theirs == VC_SETUP_ACTIVE ? VC_SETUP_PASSIVE :
						   VC_SETUP_ACTIVE;
	/* Nobody has answered: he may begin. */
	if (theirs < 0) {
		terms->is_active = ours == VC_SETUP_ACTIVE;
		terms->setup = setups[ours];
		return 0;
	}
	if (vc_dtls_role((enum vc_dtls_setup)ours, (enum vc_dtls_setup)theirs,
			 &terms->is_active))
		return -EINVAL;
	terms->setup =
		setups[terms->is_active ? VC_SETUP_ACTIVE : VC_SETUP_PASSIVE];
	return 0;
}

static bool has_name(const struct vc_dtlsid *id, const char *name)
{
	for (size_t i = 0; i < id->n; i++) {
		if (!strcmp(id->prints[i].name, name))
			return true;
	}
	return false;
}

static void add(struct vc_dtls_terms *terms, const struct vc_fingerprint *fp,
		const char *name)
{
	terms->prints[terms->n] = *fp;
	terms->names[terms->n] = name;
	terms->n++;
}

static void collect(struct vc_dtls_terms *terms, const struct vc_dtlsid *id,
		    const char *name, const struct vc_dtls_offer *offer)
{
	const bool is_all = !name[0];
	const char *wanted = has_name(id, name) ? name : "";

	for (size_t i = 0; i < id->n; i++) {
		const struct print *p = &id->prints[i];

		if (is_all || !strcmp(p->name, wanted))
			add(terms, &p->fp, p->name);
	}
	for (size_t i = 0; offer && i < offer->n; i++)
		add(terms, &offer->prints[i], name);
}

int vc_dtls_terms_make(struct vc_dtls_terms *terms, const struct vc_dtlsid *id,
		       const char *name, const struct vc_dtls_offer *offer,
		       bool is_active, const char **why)
{
	size_t cap = id->n + (offer ? offer->n : 0) + 1;

	*terms = (struct vc_dtls_terms){ .n = 0 };
	if (decide(terms, id->setup, offer ? offer->setup : -1, is_active)) {
		*why = "who begins? --dtls-setup here and there are the same";
		return -EINVAL;
	}
	terms->prints = vc_try_alloc(cap, sizeof(*terms->prints));
	terms->names = vc_try_alloc(cap, sizeof(*terms->names));
	if (!terms->prints || !terms->names) {
		vc_dtls_terms_clear(terms);
		return -ENOMEM;
	}
	collect(terms, id, name, offer);
	terms->takes_anybody = !terms->n && id->is_insecure;
	if (terms->n || terms->takes_anybody)
		return 0;
	vc_dtls_terms_clear(terms);
	*why = "whose certificate is it? (cure: --dtls-fingerprint 'sha-256 "
	       "AA:BB:...', or a=fingerprint in its SDP)";
	return -EINVAL;
}

void vc_dtls_terms_clear(struct vc_dtls_terms *terms)
{
	free(terms->prints);
	free(terms->names);
	*terms = (struct vc_dtls_terms){ .n = 0 };
}

/* --- a new one --- */

void vc_dtlsid_write_new(struct vc_tool *t, const char *file)
{
	char pem[VC_DTLS_PEM_CAP], text[VC_FINGERPRINT_TEXT], safe[400];
	struct vc_fingerprint fp;
	int len = vc_dtls_new_pem(pem, sizeof(pem), &fp);
	int err = len < 0 ? len : 0, fd = -1;

	vc_escape(safe, sizeof(safe), file, strlen(file));
	if (!err)
		fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (!err && fd < 0)
		err = -errno;
	if (!err)
		err = vc_write_all(fd, pem, (size_t)len);
	explicit_bzero(pem, sizeof(pem));
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	if (fd >= 0 && err)
		unlink(file);
	if (err) {
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: write: %s", safe,
			     strerror(-err));
		exit(VC_EXIT_FAIL);
	}
	if (puts(vc_fingerprint_write(&fp, text, sizeof(text))) < 0 ||
	    fflush(stdout)) {
		vc_tool_fail(t, VC_EXIT_FAIL, "stdout: write: %s",
			     strerror(errno));
		exit(VC_EXIT_FAIL);
	}
	exit(VC_EXIT_OK);
}
