/* SPDX-License-Identifier: MIT */
/*
 * --sdp-out: the description with the addresses of the destinations, for
 * programs that are started with an SDP. Each section goes to the first
 * destination that takes its kind, those without a name first. Players take
 * the format that is named first, so the one that is sent is moved there when
 * its first packet goes, and the file written anew: into a file beside it that
 * then takes its name, so that nobody reads half of one. Keys are in it, and
 * then nobody else may read it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "link/dtlsid.h"
#include "link/rtptx_repair.h"
#include "tool/reading.h"
#include "tool/sandbox.h"
#include "wire/frame.h"
#include "wire/keyline.h"

struct sdpout {
	struct vc_place where;
	char *text; /* what the slices of 'sdp' point to */
	struct vc_sdp sdp;
	char host[VC_SDP_MEDIA_MAX][64];
	char crypto[VC_SDP_MEDIA_MAX][VC_KEYLINE_CAP]; /* wiped when written */
	bool is_used[128];
	bool is_written;
	bool is_warned;
};

static const struct vc_dest *dest_for(const struct vc_rtptx *s,
				      enum vc_kind kind)
{
	const struct vc_dest *named = NULL;

	for (const struct vc_dest *d = s->dests; d; d = d->next) {
		if (!(d->media & 1u << kind))
			continue;
		if (!d->where.name[0])
			return d;
		if (!named)
			named = d;
	}
	return named;
}

/* The address without port and brackets. */
static void host_text(const struct vc_dest *d, char *buf, size_t cap)
{
	char text[128], *end;

	vc_place_addr_text(&d->peer, text, sizeof(text));
	end = strrchr(text, ':');
	if (end)
		*end = '\0';
	end = strchr(text, ']');
	if (end)
		*end = '\0';
	vc_strlcpy(buf, text[0] == '[' ? text + 1 : text, cap);
}

static void used_first(struct vc_sdp_media *m, const bool *is_used)
{
	struct vc_sdp_fmt fmt[VC_SDP_FMT_MAX];
	unsigned int n = 0;

	for (int used = 1; used >= 0; used--) {
		for (unsigned int i = 0; i < m->n_fmt; i++) {
			if (is_used[m->fmt[i].pt] == used)
				fmt[n++] = m->fmt[i];
		}
	}
	memcpy(m->fmt, fmt, n * sizeof(*fmt));
}

static void address(struct sdpout *o, struct vc_sdp_media *m,
		    const struct vc_dest *d, char *host, size_t cap)
{
	host_text(d, host, cap);
	m->port = d->where.port;
	m->conn = (struct vc_sdp_addr){ .set = true,
					.host = vc_str_c(host),
					.is_ip6 = d->peer.ss_family == AF_INET6,
					.ttl = -1 };
	m->rtcp_mux = d->port->rtcp_at == VC_RTCP_AT_MUX;
	m->rtcp_port = d->port->rtcp ? d->port->rtcp_port : 0;
	m->dir = VC_SDP_RECVONLY;
	vc_sdp_turn_rids(m);
	used_first(m, o->is_used);
}

static void add_key(struct vc_sdp_media *m, const struct vc_dest *d, char *text)
{
	m->keys = (struct vc_sdp_keys){ 0 };
	if (d->setup) {
		m->proto = vc_str_c("UDP/TLS/RTP/SAVPF");
		m->keys.fingerprint[0] = vc_str_c(
			vc_dtlsid_text(vc_keychain_dtls(d->s->conf.keychain)));
		m->keys.n_fingerprint = 1;
		m->keys.setup = vc_str_c(d->setup);
		return;
	}
	if (!d->srtp || vc_seal_crypto(d->srtp->seal, text, VC_KEYLINE_CAP) < 0)
		return;
	m->proto = vc_str_c("RTP/SAVP");
	m->keys.crypto[0] = vc_str_c(text);
	m->keys.n_crypto = 1;
}

/* Sets the sections' addresses; those that go nowhere are left out. */
static void settle(struct vc_rtptx *s, struct sdpout *o, struct vc_sdp *sdp)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < sdp->n_media; i++) {
		struct vc_sdp_media *m = &sdp->media[i];
		const struct vc_dest *d = dest_for(s, m->kind);

		/* A second section of one kind would need a second port. */
		for (unsigned int k = 0; k < n && d; k++) {
			if (sdp->media[k].kind == m->kind)
				d = NULL;
		}
		if (!d || !m->is_rtp)
			continue;
		sdp->media[n] = *m;
		address(o, &sdp->media[n], d, o->host[n], sizeof(o->host[n]));
		add_key(&sdp->media[n], d, o->crypto[n]);
		n++;
	}
	sdp->n_media = n;
	sdp->clock = sdp->control = (struct vc_str){ 0 };
}

/* ffmpeg listens on each section's port by itself. */
static void warn_one_port(struct vc_rtptx *s, struct sdpout *o,
			  const struct vc_sdp *sdp)
{
	const struct vc_dest *d;
	char at[80];

	if (o->is_warned || sdp->n_media < 2 ||
	    sdp->media[0].port != sdp->media[1].port)
		return;
	o->is_warned = true;
	d = dest_for(s, sdp->media[0].kind);
	host_text(d, at, sizeof(at));
	if (d->peer.ss_family == AF_INET6) {
		char bare[64];

		vc_strlcpy(bare, at, sizeof(bare));
		snprintf(at, sizeof(at), "[%s]", bare);
	}
	vc_tool_warn(s->tool,
		     "%s: two sections on one port, which ffmpeg "
		     "cannot read; for it: rtp://%s:%u,media=%s "
		     "rtp://%s:%u,media=%s",
		     o->where.text, at, sdp->media[0].port,
		     vc_kind_name(sdp->media[0].kind), at,
		     (unsigned int)((sdp->media[0].port + 2) & 0xffff),
		     vc_kind_name(sdp->media[1].kind));
}

static int put_file(const char *path, const char *text, size_t len, mode_t mode)
{
	char temp[sizeof(((struct vc_place *)0)->path) + 16];
	int fd, err;

	snprintf(temp, sizeof(temp), "%s.part", path);
	/* One that was left over may have another mode. */
	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	err = vc_write_all(fd, text, len);
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(temp, path))
		err = -errno;
	if (err)
		unlink(temp);
	return err;
}

static bool is_file(const struct vc_place *p)
{
	struct stat st;

	return p->kind == VC_PLACE_PATH &&
	       (stat(p->path, &st) || S_ISREG(st.st_mode));
}

static int put_text(struct vc_tool *t, struct sdpout *o, const char *text,
		    size_t len, mode_t mode)
{
	int fd, err;

	if (is_file(&o->where))
		return vc_reading_check_path(t, o->where.path, o->where.text) ?
			       -ETXTBSY :
			       put_file(o->where.path, text, len, mode);
	/* What is no file gets it once. */
	if (o->is_written)
		return 0;
	err = vc_place_open_write(t, &o->where, &fd);
	if (err)
		return err;
	err = vc_write_all(fd, text, len);
	close(fd);
	return err;
}

static void write_out(struct vc_rtptx *s)
{
	struct sdpout *o = s->sdpout;
	struct vc_sdp *sdp = vc_try_alloc(1, sizeof(*sdp));
	char *text = vc_try_alloc(1, VC_FRAME_DESC_MAX);
	int len = -ENOMEM;

	if (sdp && text) {
		*sdp = o->sdp;
		vc_txfec_describe(s, sdp);
		vc_txrepair_describe(s, sdp);
		vc_txrate_describe(s, sdp);
		settle(s, o, sdp);
		warn_one_port(s, o, sdp);
		len = vc_sdp_write_keys(sdp, text, VC_FRAME_DESC_MAX);
	}
	if (len >= 0)
		len = put_text(s->tool, o, text, (size_t)len,
			       vc_keychain_is_on(s->conf.keychain) ? 0600 :
								     0666);
	if (len < 0)
		vc_tool_fail(s->tool, VC_EXIT_FAIL, "%s: write: %s",
			     o->where.text, strerror(-len));
	o->is_written = true;
	explicit_bzero(o->crypto, sizeof(o->crypto));
	if (text)
		explicit_bzero(text, VC_FRAME_DESC_MAX);
	free(sdp);
	free(text);
}

void vc_sdpout_open(struct vc_rtptx *s)
{
	char why[256];

	if (!s->conf.sdp_out)
		return;
	s->sdpout = vc_alloc(1, sizeof(*s->sdpout));
	if (vc_place_parse(&s->sdpout->where, s->conf.sdp_out, false, why,
			   sizeof(why)))
		vc_tool_usage(s->tool, "--sdp-out %s: %s",
			      s->sdpout->where.text, why);
	/* It is written, and written again, while the stream runs. */
	if (s->sdpout->where.kind == VC_PLACE_PATH)
		vc_sandbox_allow(s->tool, s->sdpout->where.path,
				 VC_ALLOW_WRITE);
}

/* Our own copy: the input's lives until its next description only. */
void vc_sdpout_desc(struct vc_rtptx *s, const struct vc_sdp *sdp)
{
	char *text;
	int len;

	if (!s->sdpout)
		return;
	text = vc_try_alloc(1, VC_FRAME_DESC_MAX);
	len = text ? vc_sdp_write(sdp, text, VC_FRAME_DESC_MAX) : -ENOMEM;
	if (len < 0 || vc_sdp_parse(&s->sdpout->sdp, text, (size_t)len)) {
		free(text);
		return;
	}
	free(s->sdpout->text);
	s->sdpout->text = text;
	write_out(s);
}

void vc_sdpout_moved(struct vc_rtptx *s)
{
	if (s->sdpout && s->sdpout->text)
		write_out(s);
}

void vc_sdpout_used(struct vc_rtptx *s, uint8_t pt)
{
	struct sdpout *o = s->sdpout;
	const struct vc_sdp_media *m;
	const struct vc_sdp_fmt *fmt;

	if (!o || o->is_used[pt])
		return;
	o->is_used[pt] = true;
	if (vc_sdp_find_pt(&o->sdp, pt, &m, &fmt) && fmt != &m->fmt[0])
		write_out(s);
}

void vc_sdpout_free(struct vc_rtptx *s)
{
	if (!s->sdpout)
		return;
	free(s->sdpout->text);
	free(s->sdpout);
}
