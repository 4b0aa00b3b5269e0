/* SPDX-License-Identifier: MIT */
/*
 * PLACEs of the command line (vc(7), Places): "-", "fd:N", a path,
 * "unix:PATH[,listen]", "tcp://HOST:PORT[,listen]", "tls://" likewise,
 * "rtp://HOST:PORT[,k=v]" ("srtp://", "dtls+rtp://"), "pcap:FILE",
 * "rtpdump:FILE", "mjr:FILE" (FILE: a path, "-" or "fd:N"), each optionally as
 * NAME=PLACE; and opening them.
 */
#ifndef VC_TOOL_PLACE_H
#define VC_TOOL_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/str.h"
#include "wire/filekind.h"

enum vc_place_kind {
	VC_PLACE_STDIO,
	VC_PLACE_FD,
	VC_PLACE_PATH,
	VC_PLACE_UNIX,
	VC_PLACE_TCP,
	VC_PLACE_TLS,
	VC_PLACE_RTP,
	VC_PLACE_CAPTURE, /* "pcap:FILE" and the like; read only */
};

struct vc_tool;

#define VC_PLACE_KEYS 16

struct vc_place {
	enum vc_place_kind kind;
	char name[256];	 /* NAME= before it, or "" */
	char path[4096]; /* PATH and UNIX; CAPTURE: its FILE, "-" too */
	int fd;		 /* FD; CAPTURE: of fd:N, else -1 */
	enum vc_filekind capture; /* CAPTURE: PCAP, RTPDUMP or MJR; else 0 */
	char host[256]; /* TCP, TLS, RTP; "" is any address; no brackets */
	uint16_t port;
	bool is_srtp; /* RTP: srtp://, which wants keys */
	bool is_dtls; /* RTP: dtls+rtp://, which makes them */
	bool listen;
	/* Further keys "k=v" after a comma, in order, cut into strings. */
	size_t n_keys;
	char key[VC_PLACE_KEYS][32];
	char value[VC_PLACE_KEYS][256];
	char text[512]; /* as it was written, without NAME=; escaped */
	/* vc_place_slurp() shall wait for nobody: -ESPIPE for what is no
	 * regular file. */
	bool is_file;
};

/*
 * 'with_name': a NAME= prefix is taken (NAME: no '/', ':' or ',', 1 to 64
 * characters of UTF-8; "./a=b" is a path). Paths have no keys. 0, or
 * -EINVAL with a reason for people in 'why' ("SIP comes in a later version",
 * "did you mean the comma form rtp://h:1,media=audio?").
 */
int vc_place_parse(struct vc_place *p, const char *text, bool with_name,
		   char *why, size_t cap);

/* What is wrong with a NAME, as "NAME %s"; or NULL. */
const char *vc_place_name_why(struct vc_str name);

/* "rtp://", "srtp://" or "dtls+rtp://". */
const char *vc_place_scheme(bool is_srtp, bool is_dtls);

/* The value of a key, or NULL. */
const char *vc_place_key(const struct vc_place *p, const char *key);

/* The first key that is not in the NULL-ended list, or NULL. */
const char *vc_place_unknown_key(const struct vc_place *p,
				 const char *const *known);

/* --- opening (streams of octets; not RTP) --- */

/*
 * Opens for reading or writing (files are created with O_TRUNC, 0666 & umask;
 * 'fd:N' and '-' are duplicated). Sockets are connected, within 10 s. '*fd' has
 * O_CLOEXEC and is blocking: ask poll() or the loop before reading, for a FIFO
 * is opened for reading without waiting for its writer (for writing it waits).
 * 0 or -errno; among them -ENOTTY a terminal to be read, -EISDIR, -EBADF no
 * such descriptor or not open that way, -ENXIO unknown host (looked up here,
 * at start only), -ETIMEDOUT, -EDESTADDRREQ a TCP place without a host or a
 * listening one, -EPROTONOSUPPORT rtp://, tls:// (see tool/secure.h), or a
 * capture to be written, -ETXTBSY a file that
 * 't' reads (see tool/reading.h).
 */
int vc_place_open_read(const struct vc_place *p, int *fd);
int vc_place_open_write(struct vc_tool *t, const struct vc_place *p, int *fd);

/* The connection below a TCP or TLS place. */
int vc_place_connect(const struct vc_place *p, int *fd);

/*
 * A listening socket (non-blocking) for UNIX, TCP or TLS with ,listen. UNIX:
 * 0600, an own stale one is replaced; the caller unlinks p->path at the end.
 * '*ready' gets "unix:PATH" "tcp://HOST:PORT" or "tls://..." with the real
 * port.
 */
int vc_place_listen(const struct vc_place *p, int *fd, char *ready, size_t cap);

/* "127.0.0.1:5004" / "[::1]:5004" of a socket address. Returns buf. */
char *vc_place_addr_text(const struct sockaddr_storage *sa, char *buf,
			 size_t cap);

/* An address, that needs no look-up ("": any). */
bool vc_place_is_numeric(const char *host);

/* Looks up host and port ("" host: any). First match of 'family' (0 any). */
int vc_place_resolve(const char *host, uint16_t port, int family, int socktype,
		     struct sockaddr_storage *sa, socklen_t *len);

/* Why it was not opened or looked up, for people: as strerror(-err), but an
 * unknown host is called that. */
const char *vc_place_why(const struct vc_place *p, int err);

/*
 * Reads a small whole file or stream (SDP, script), at most 'max' octets,
 * ended by NUL. free() it. 0 or -errno (-EFBIG).
 */
int vc_place_slurp(const struct vc_place *p, size_t max, char **text,
		   size_t *len);

#endif
