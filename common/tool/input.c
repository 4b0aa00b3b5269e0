/* SPDX-License-Identifier: MIT */
/*
 * Octets are read into one buffer that slides: frames are parsed where they
 * lie, and what is left over moves to the front when room is short. The buffer
 * grows only while a merger has to hold this input for another one. gzip is
 * known by its magic and read through on the way, and so are media files; all
 * may be encrypted, which is seen to where octets are read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/gz.h"
#include "base/mem.h"
#include "net/tls.h"
#include "tool/input.h"
#include "tool/mediain.h"
#include "tool/sandbox.h"
#include "tool/secure.h"

#define FIRST_CAP (256u << 10)
#define READ_MIN (64u << 10)
/* Has room for more than VC_INPUT_HOLD, so that being full is noticed. */
#define MAX_CAP ((size_t)VC_INPUT_HOLD + FIRST_CAP)
#define GZ_IN FIRST_CAP /* the first octets come through the buffer */
#define PIPE_SIZE (256 * 1024)
#define SOCKET_SIZE (64 * 1024) /* at least, of a local one */

static void set_end(struct vc_input *in)
{
	in->is_ended = true;
	if (in->watch.fd < 0)
		return;
	vc_loop_watch(in->loop, &in->watch, 0);
	vc_tls_free(in->tls);
	in->tls = NULL;
	close(in->watch.fd);
	in->watch.fd = -1;
}

/* As read(), of what is there. */
static ssize_t get_raw(struct vc_input *in, uint8_t *buf, size_t cap)
{
	ssize_t n;

	if (!in->tls)
		return read(in->watch.fd, buf, cap);
	n = vc_tls_read(in->tls, buf, cap);
	errno = n < 0 ? (int)-n : 0;
	return n < 0 ? -1 : n;
}

static ssize_t get_for_sealed(void *ctx, uint8_t *buf, size_t cap)
{
	return get_raw(ctx, buf, cap);
}

/* As read(). */
static ssize_t get(struct vc_input *in, uint8_t *buf, size_t cap)
{
	if (!in->sealed.unseal)
		return get_raw(in, buf, cap);
	return vc_sealedin_read(&in->sealed, get_for_sealed, in, buf, cap);
}

/* Room for at least READ_MIN octets at the end. */
static int make_room(struct vc_input *in)
{
	uint8_t *buf;
	size_t cap;

	if (in->cap - in->end >= READ_MIN)
		return 0;
	memmove(in->buf, in->buf + in->start, in->end - in->start);
	in->end -= in->start;
	in->start = 0;
	if (in->cap - in->end >= READ_MIN)
		return 0;
	cap = in->cap * 2;
	if (cap > MAX_CAP)
		cap = MAX_CAP;
	if (cap == in->cap)
		return -ENOBUFS;
	buf = realloc(in->buf, cap);
	if (!buf)
		return -ENOMEM;
	in->buf = buf;
	in->cap = cap;
	return 0;
}

static ssize_t read_plain(struct vc_input *in)
{
	ssize_t n;

	n = get(in, in->buf + in->end, in->cap - in->end);
	if (n > 0)
		in->end += (size_t)n;
	return n;
}

static ssize_t read_gz(struct vc_input *in)
{
	size_t before = in->end;
	ssize_t n = 1;

	if (!in->gz_len) {
		n = get(in, in->gz_in, GZ_IN);
		in->gz_start = 0;
		in->gz_len = n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		return n;
	do {
		size_t used = in->gz_len, got = in->cap - in->end;
		int ret = vc_gz_read(in->gz, in->gz_in + in->gz_start, &used,
				     in->buf + in->end, &got);

		if (ret < 0) {
			errno = -ret;
			return -1;
		}
		in->gz_is_whole = ret == 1;
		in->gz_start += used;
		in->gz_len -= used;
		in->end += got;
		if (in->end == in->cap || (!used && !got))
			break;
	} while (in->gz_len);
	/* At the end of input zlib may have had more to give. */
	return n ? n : (ssize_t)(in->end - before);
}

/* As read(): more of the stream that a media file becomes. */
static ssize_t read_media(struct vc_input *in)
{
	struct vc_mediain *m = in->media;
	ssize_t n = 1;

	if (vc_mediain_is_empty(m)) {
		n = vc_mediain_error(m) ? 0 : get(in, in->gz_in, GZ_IN);
		if (n < 0)
			return n;
		vc_mediain_put(m, in->gz_in, (size_t)n);
	}
	in->end += vc_mediain_take(m, in->buf + in->end, in->cap - in->end);
	if (!vc_mediain_is_empty(m))
		return 1;
	errno = -vc_mediain_error(m);
	return errno ? -1 : n;
}

static int start_media(struct vc_input *in, size_t len)
{
	const struct vc_mediain_conf conf = {
		.tool = in->tool,
		.kind = vc_input_kind(in),
		.nth = in->nth,
		.text = in->where.text,
		.sdp = in->sdp,
		.sdp_len = in->sdp_len,
	};

	in->media = vc_mediain_new(&conf);
	in->gz_in = vc_try_alloc(1, GZ_IN);
	if (!in->media || !in->gz_in)
		return -ENOMEM;
	vc_mediain_put(in->media, in->buf, len);
	in->end = vc_mediain_take(in->media, in->buf, in->cap);
	return 0;
}

/* A stream begins with a length, and then a letter or octet that no file of
 * those has there. */
static bool may_be_file(const struct vc_input *in, size_t len)
{
	static const char first[] = "\x1aORD\n\xa1\xd4\x4d#";

	/* All of it, with the 0 that a short length, or MP4, begins with. */
	return in->tool && len && memchr(first, in->buf[0], sizeof(first));
}

/* What was read is put back, and read again as what it is. */
static int start_unsealing(struct vc_input *in)
{
	size_t len = in->end;
	int err;

	in->end = 0;
	in->sealed.is_regular = in->is_regular;
	in->sealed.is_in_records = in->tls != NULL;
	err = vc_sealedin_start(&in->sealed, in->buf, len, in->watch.fd);
	if (!err && in->sealed.len && read_plain(in) < 0 && errno != EAGAIN)
		err = -errno;
	return err;
}

static bool is_sealed(const struct vc_input *in, size_t len)
{
	return !in->sealed.unseal && vc_sealed_is(in->buf, len);
}

/* As many as tell what it is. */
static size_t sniff_len(const struct vc_input *in, size_t len)
{
	if (!in->sealed.unseal && len && in->buf[0] == VC_SEALED_MAGIC[0])
		return VC_SEALED_SNIFF;
	return may_be_file(in, len) ? VC_MEDIAIN_HEAD : 2;
}

/* The first octets: decryption, gzip and files are turned on here. */
static int sniff(struct vc_input *in)
{
	size_t len = in->end - in->start;
	bool is_maybe = may_be_file(in, len);
	int err;

	if (in->is_sniffed || in->gz ||
	    (len < sniff_len(in, len) && !in->is_ended))
		return 0;
	if (is_sealed(in, len)) {
		err = start_unsealing(in);
		return err ? err : sniff(in);
	}
	if (is_maybe && vc_input_kind(in) == VC_FILEKIND_MP4) {
		if (len < VC_FILEKIND_MP4_HEAD && !in->is_ended)
			return 0;
		is_maybe = vc_filekind_is_fragmented(in->buf, len);
	}
	in->is_sniffed = true;
	if (in->keeps_captures && vc_filekind_is_capture(vc_input_kind(in)))
		return 0;
	if (is_maybe && len >= VC_MEDIAIN_HEAD &&
	    vc_mediain_can(vc_input_kind(in)))
		return start_media(in, len);
	if (len < 2 || in->buf[0] != 0x1f || in->buf[1] != 0x8b)
		return 0;
	in->gz = vc_gz_new_reader();
	in->gz_in = vc_try_alloc(1, GZ_IN);
	if (!in->gz || !in->gz_in)
		return -ENOMEM;
	memcpy(in->gz_in, in->buf, len);
	in->gz_len = len;
	in->end = 0;
	return read_gz(in) < 0 ? -errno : 0;
}

/* A peer that is gone without a word has ended, too. */
static void set_error(struct vc_input *in, int err)
{
	if (err && err != -ECONNRESET)
		in->err = err;
	set_end(in);
}

void vc_input_read(struct vc_input *in)
{
	ssize_t n;
	int err;

	if (make_room(in)) {
		vc_input_pause(in, true);
		in->ready(in->ctx, in);
		return;
	}
	if (in->media)
		n = read_media(in);
	else
		n = in->gz ? read_gz(in) : read_plain(in);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0)
		in->octets += (uint64_t)n;
	if (n <= 0)
		set_error(in, n < 0 ? -errno : 0);
	err = sniff(in);
	if (err)
		set_error(in, err);
	in->ready(in->ctx, in);
}

static void input_ready(void *ctx, unsigned int events)
{
	(void)events;
	vc_input_read(ctx);
}

static int set_watch(struct vc_input *in)
{
	bool is_off = in->is_paused || in->is_gathered;

	if (in->watch.fd < 0)
		return 0;
	return vc_loop_watch(in->loop, &in->watch, is_off ? 0 : VC_READ);
}

/* What it is decides how far it is trusted, not by which name it came. */
static void judge(struct vc_input *in, int fd)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(sa);
	struct stat st;
	int size;

	if (fstat(fd, &st))
		return;
	in->is_regular = S_ISREG(st.st_mode);
	in->is_fifo = S_ISFIFO(st.st_mode);
	if (in->is_fifo) {
		fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
		size = fcntl(fd, F_GETPIPE_SZ);
		in->waits = size > 0 ? (size_t)size : 0;
	}
	if (!S_ISSOCK(st.st_mode))
		return;
	if (getsockname(fd, (struct sockaddr *)(void *)&sa, &len))
		sa.ss_family = AF_UNSPEC;
	in->is_fifo = sa.ss_family == AF_UNIX;
	in->is_network = !in->is_fifo;
	in->waits = in->is_fifo ? SOCKET_SIZE : 0;
}

static int start_reading(struct vc_input *in, int fd)
{
	in->watch = (struct vc_watch){ .fn = input_ready, .ctx = in, .fd = fd };
	judge(in, fd);
	return set_watch(in);
}

static void stop_listening(struct vc_input *in)
{
	if (in->accept_watch.fd < 0)
		return;
	vc_loop_watch(in->loop, &in->accept_watch, 0);
	close(in->accept_watch.fd);
	in->accept_watch.fd = -1;
	vc_tls_door_free(in->door);
	in->door = NULL;
	if (in->where.kind == VC_PLACE_UNIX)
		unlink(in->where.path);
}

/* A listening input takes one producer: here he is. */
static void take_producer(void *ctx, int fd, struct vc_tls *tls)
{
	struct vc_input *in = ctx;

	stop_listening(in);
	in->tls = tls;
	if (tls && !in->where.name[0])
		vc_tls_peer_name(tls, in->where.name, sizeof(in->where.name));
	if (start_reading(in, fd))
		set_end(in);
}

static void accept_ready(void *ctx, unsigned int events)
{
	struct vc_input *in = ctx;
	int fd = accept4(in->accept_watch.fd, NULL, NULL, SOCK_CLOEXEC);

	(void)events;
	if (fd < 0)
		return;
	if (in->door)
		vc_tls_door_put(in->door, fd);
	else
		take_producer(in, fd, NULL);
}

static int open_connection(struct vc_input *in, char *why, size_t cap)
{
	int fd, err;

	if (in->where.kind == VC_PLACE_TLS)
		err = vc_secure_connect(in->tool, &in->where, &fd, &in->tls,
					why, cap);
	else
		err = vc_place_open_read(&in->where, &fd);
	if (!err && isatty(fd)) {
		close(fd);
		err = -ENOTTY;
	}
	return err ? err : start_reading(in, fd);
}

static int open_listener(struct vc_input *in, char *what, size_t cap)
{
	int fd, err = 0;

	if (in->where.kind == VC_PLACE_TLS)
		err = vc_secure_door(in->tool, take_producer, in, &in->door,
				     what, cap);
	if (!err)
		err = vc_place_listen(&in->where, &fd, what, cap);
	if (err)
		return err;
	if (in->where.kind == VC_PLACE_UNIX)
		vc_sandbox_allow(in->tool, in->where.path, VC_ALLOW_REMOVE);
	in->accept_watch =
		(struct vc_watch){ .fn = accept_ready, .ctx = in, .fd = fd };
	return vc_loop_watch(in->loop, &in->accept_watch, VC_READ);
}

int vc_input_open(struct vc_input *in, struct vc_loop *loop, char *what,
		  size_t cap)
{
	int err;

	in->loop = loop;
	in->cap = FIRST_CAP;
	in->buf = vc_alloc(1, in->cap);
	in->watch.fd = -1;
	in->accept_watch.fd = -1;
	what[0] = '\0';
	err = in->where.listen ? open_listener(in, what, cap) :
				 open_connection(in, what, cap);
	if (err && !what[0])
		snprintf(what, cap, "%s", vc_place_why(&in->where, err));
	return err;
}

void vc_input_close(struct vc_input *in)
{
	set_end(in);
	stop_listening(in);
	vc_tls_door_free(in->door);
	in->door = NULL;
	vc_sealedin_clear(&in->sealed);
	vc_gz_free(in->gz);
	vc_mediain_free(in->media);
	free(in->gz_in);
	free(in->buf);
	in->gz = NULL;
	in->media = NULL;
	in->gz_in = NULL;
	in->buf = NULL;
	in->start = in->end = 0;
}

void vc_input_pause(struct vc_input *in, bool is_paused)
{
	if (in->is_paused == is_paused)
		return;
	in->is_paused = is_paused;
	(void)set_watch(in);
}

void vc_input_gather(struct vc_input *in, bool is_gathered)
{
	if (in->is_gathered == is_gathered)
		return;
	in->is_gathered = is_gathered;
	(void)set_watch(in);
}

int vc_input_head(struct vc_input *in, struct vc_frame *out)
{
	return vc_frame_next(in->buf + in->start, in->end - in->start, out);
}

void vc_input_pop(struct vc_input *in, size_t size)
{
	in->start += size;
	if (in->start == in->end)
		in->start = in->end = 0;
}

size_t vc_input_left(const struct vc_input *in)
{
	return in->end - in->start;
}

enum vc_filekind vc_input_kind(const struct vc_input *in)
{
	return vc_filekind_of(in->buf + in->start, in->end - in->start);
}
