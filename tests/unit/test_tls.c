/* SPDX-License-Identifier: MIT */
/*
 * Two ends of a socket pair: what is written in any pieces comes out whole,
 * whoever is slow; how connections end; who may stand in the door. The clock
 * is the test's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/time.h"
#include "net/clock.h"
#include "net/loop.h"
#include "net/tls.h"

static int64_t clock_now = VC_SEC;
static char dir[] = "/tmp/vc-test-tls-XXXXXX";
static char pem[64], garbage[64];

/* Both stand in for those of net/clock.c, which the linker leaves out then. */
int64_t vc_wall_minus_mono(void)
{
	return 0;
}

int64_t vc_mono_now(void)
{
	return clock_now;
}

/* --- certificates --- */

static void write_pem(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	FILE *f = fopen(pem, "w");

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
				   (const unsigned char *)"J\xc3\xb6rg", -1, -1,
				   0);
	X509_set_issuer_name(cert, name);
	X509_set_pubkey(cert, key);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_X509(f, cert), 1);
	assert_int_equal(
		PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static int set_up(void **state)
{
	FILE *f;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_non_null(mkdtemp(dir));
	snprintf(pem, sizeof(pem), "%s/pem", dir);
	snprintf(garbage, sizeof(garbage), "%s/garbage", dir);
	write_pem();
	f = fopen(garbage, "w");
	fputs("-----BEGIN CERTIFICATE-----\nAAAA\n", f);
	fclose(f);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(pem);
	unlink(garbage);
	return rmdir(dir);
}

/* --- a pair --- */

struct pair {
	struct vc_tls_ctx *ctx[2]; /* client, server */
	struct vc_tls *tls[2];
	int fd[2];
};

/* Both have the certificate; the client does not look at the server's name. */
static struct vc_tls_ctx *make_ctx(bool is_server, bool demands)
{
	struct vc_tls_conf conf = { .is_server = is_server,
				    .insecure = !is_server,
				    .cert = pem,
				    .ca = is_server && demands ? pem : NULL };
	struct vc_tls_ctx *ctx = NULL;
	char why[128];

	if (vc_tls_ctx_new(&ctx, &conf, why, sizeof(why)))
		fail_msg("%s", why);
	return ctx;
}

static void pair_open(struct pair *p, bool demands)
{
	int small = 4096, err[2] = { -EAGAIN, -EAGAIN };

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, p->fd), 0);
	for (int i = 0; i < 2; i++) {
		setsockopt(p->fd[i], SOL_SOCKET, SO_SNDBUF, &small,
			   sizeof(small));
		p->ctx[i] = make_ctx(i == 1, demands);
		p->tls[i] = vc_tls_new(p->ctx[i], p->fd[i],
				       i ? NULL : "example.org");
		assert_non_null(p->tls[i]);
	}
	for (int turn = 0; turn < 20 && (err[0] || err[1]); turn++) {
		for (int i = 0; i < 2; i++) {
			if (err[i] == -EAGAIN)
				err[i] = vc_tls_shake(p->tls[i]);
		}
	}
	assert_int_equal(err[0], 0);
	assert_int_equal(err[1], 0);
}

static void end(struct pair *p, int i)
{
	if (!p->tls[i])
		return;
	vc_tls_free(p->tls[i]);
	p->tls[i] = NULL;
	close(p->fd[i]);
}

static void pair_close(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		end(p, i);
		vc_tls_ctx_free(p->ctx[i]);
	}
}

/* --- tests --- */

/* A writer that offers odd pieces, a reader that comes now and then. */
static void whole(void **state)
{
	enum { TOTAL = 300000 };
	struct pair p;
	uint8_t *sent = test_calloc(1, TOTAL), *got = test_calloc(2, TOTAL);
	size_t out = 0, in = 0;
	bool was_held = false;
	ssize_t n;

	(void)state;
	pair_open(&p, false);
	for (size_t i = 0; i < TOTAL; i++)
		sent[i] = (uint8_t)(i * 2654435761u >> 13);
	for (int turn = 0; in < TOTAL; turn++) {
		size_t len = (size_t)turn * 977 % 20000 + 1, half;
		struct iovec iov[3];

		assert_true(turn < 100000);
		if (len > TOTAL - out)
			len = TOTAL - out;
		half = len / 3;
		iov[0] = (struct iovec){ sent + out, half };
		iov[1] = (struct iovec){ NULL, 0 };
		iov[2] = (struct iovec){ sent + out + half, len - half };
		n = vc_tls_writev(p.tls[0], iov, 3);
		assert_true(n >= 0 || n == -EAGAIN);
		assert_true(n <= (ssize_t)len);
		out += n > 0 ? (size_t)n : 0;
		was_held |= vc_tls_is_held(p.tls[0]);
		if (turn % 3)
			continue;
		n = vc_tls_read(p.tls[1], got + in, TOTAL);
		assert_true(n > 0 || n == -EAGAIN);
		in += n > 0 ? (size_t)n : 0;
	}
	assert_true(was_held);
	assert_int_equal(in, TOTAL);
	assert_memory_equal(sent, got, TOTAL);
	pair_close(&p);
	test_free(sent);
	test_free(got);
}

/* What came before an end is read before it; then 0, or the cut. */
static void ends(void **state)
{
	struct iovec word = { (char[]){ "word" }, 4 };
	uint8_t *buf = test_calloc(1, VC_TLS_RECORD);
	struct pair p;

	(void)state;
	for (int orderly = 0; orderly < 2; orderly++) {
		pair_open(&p, false);
		assert_int_equal(vc_tls_writev(p.tls[0], &word, 1), 4);
		if (orderly)
			end(&p, 0);
		else
			shutdown(p.fd[0], SHUT_WR);
		assert_int_equal(vc_tls_read(p.tls[1], buf, VC_TLS_RECORD), 4);
		for (int i = 0; i < 2; i++)
			assert_int_equal(vc_tls_read(p.tls[1], buf,
						     VC_TLS_RECORD),
					 orderly ? 0 : -ECONNABORTED);
		pair_close(&p);
	}
	/* Octets that are no record. */
	pair_open(&p, false);
	assert_int_equal(write(p.fd[0], "GET / HTTP/1.1\r\n\r\n", 18), 18);
	assert_int_equal(vc_tls_read(p.tls[1], buf, VC_TLS_RECORD), -EPROTO);
	assert_true(strlen(vc_tls_why(p.tls[1])) > 0);
	pair_close(&p);
	test_free(buf);
}

static void names(void **state)
{
	char name[300];
	struct pair p;

	(void)state;
	/* Only what was verified is a name. */
	pair_open(&p, true);
	assert_int_equal(vc_tls_peer_name(p.tls[1], name, sizeof(name)), 0);
	assert_string_equal(name, "J\xc3\xb6rg");
	assert_int_equal(vc_tls_peer_name(p.tls[0], name, sizeof(name)),
			 -ENOENT);
	assert_int_equal(vc_tls_peer_name(p.tls[1], name, 5), -ENOENT);
	pair_close(&p);
	pair_open(&p, false);
	assert_int_equal(vc_tls_peer_name(p.tls[1], name, sizeof(name)),
			 -ENOENT);
	pair_close(&p);
}

static void files(void **state)
{
	struct vc_tls_conf rows[] = {
		{ .cert = "/nonexistent" },
		{ .cert = garbage },
		{ .cert = pem, .key = garbage },
		{ .ca = garbage },
		{ .is_server = true, .cert = pem, .ca = garbage },
	};
	struct vc_tls_ctx *ctx = NULL;
	char why[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(vc_tls_ctx_new(&ctx, &rows[i], why,
						sizeof(why)),
				 i ? -EINVAL : -ENOENT);
		assert_null(ctx);
		assert_non_null(strstr(why, i ? garbage : "/nonexistent"));
	}
}

/* --- the door --- */

struct hall {
	struct vc_loop *loop;
	struct vc_tls_ctx *ctx[2];
	struct vc_tls_door *door;
	int opened;
	int failed;
	char why[160];
};

static void on_open(void *ctx, int fd, struct vc_tls *tls)
{
	struct hall *h = ctx;

	h->opened++;
	vc_tls_free(tls);
	close(fd);
	vc_tls_door_free(h->door);
	h->door = NULL;
	vc_loop_stop(h->loop);
}

static void on_failed(void *ctx, int fd, const char *why)
{
	struct hall *h = ctx;

	assert_true(fd >= 0);
	h->failed++;
	snprintf(h->why, sizeof(h->why), "%s", why);
}

static void hall_open(struct hall *h)
{
	struct vc_tls_door_conf conf = { .open = on_open,
					 .ctx = h,
					 .failed = on_failed,
					 .failed_ctx = h };

	*h = (struct hall){ .loop = vc_loop_new() };
	for (int i = 0; i < 2; i++)
		h->ctx[i] = make_ctx(i == 1, false);
	conf.loop = h->loop;
	conf.tls = h->ctx[1];
	h->door = vc_tls_door_new(&conf);
	assert_non_null(h->door);
}

static void hall_close(struct hall *h)
{
	vc_tls_door_free(h->door);
	vc_loop_free(h->loop);
	for (int i = 0; i < 2; i++)
		vc_tls_ctx_free(h->ctx[i]);
}

static int knock(struct hall *h)
{
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	vc_tls_door_put(h->door, fd[1]);
	clock_now += VC_MS;
	return fd[0];
}

struct visitor {
	struct vc_loop *loop;
	struct vc_tls *tls;
	struct vc_watch watch;
};

static void visit(void *ctx, unsigned int events)
{
	struct visitor *v = ctx;
	int err = vc_tls_shake(v->tls);

	(void)events;
	assert_true(!err || err == -EAGAIN);
	assert_int_equal(vc_loop_watch(v->loop, &v->watch,
				       err ? vc_tls_wants(v->tls) : 0),
			 0);
}

static void crowd(void **state)
{
	int silent[VC_TLS_PENDING + 4];
	struct visitor v;
	struct hall h;

	(void)state;
	hall_open(&h);
	for (size_t i = 0; i < VC_TLS_PENDING + 4; i++)
		silent[i] = knock(&h);
	assert_int_equal(h.failed, 4);
	assert_string_equal(h.why, "too many handshakes at once");
	/* The oldest are out: for them it has ended. */
	for (size_t i = 0; i < VC_TLS_PENDING + 4; i++) {
		char octet;

		assert_int_equal(recv(silent[i], &octet, 1, MSG_DONTWAIT),
				 i < 4 ? 0 : -1);
	}
	v = (struct visitor){ .loop = h.loop };
	v.watch = (struct vc_watch){ .fn = visit, .ctx = &v };
	v.watch.fd = knock(&h);
	v.tls = vc_tls_new(h.ctx[0], v.watch.fd, "example.org");
	visit(&v, VC_READ);
	assert_int_equal(vc_loop_run(h.loop), 0);
	assert_int_equal(h.opened, 1);
	assert_int_equal(h.failed, 5);
	vc_loop_watch(h.loop, &v.watch, 0);
	vc_tls_free(v.tls);
	close(v.watch.fd);
	for (size_t i = 0; i < VC_TLS_PENDING + 4; i++)
		close(silent[i]);
	hall_close(&h);
}

static void last_failed(void *ctx, int fd, const char *why)
{
	struct hall *h = ctx;

	on_failed(ctx, fd, why);
	vc_loop_stop(h->loop);
}

/* Ten seconds of the monotonic clock, also where the loop's is virtual. */
static void silence(void **state)
{
	struct vc_tls_door_conf conf = { .open = on_open,
					 .failed = last_failed };
	struct hall h;
	int fd;

	(void)state;
	hall_open(&h);
	vc_tls_door_free(h.door);
	conf.loop = h.loop;
	conf.tls = h.ctx[1];
	conf.ctx = conf.failed_ctx = &h;
	h.door = vc_tls_door_new(&conf);
	vc_loop_set_virtual(h.loop, VC_VIRTUAL_EPOCH);
	vc_loop_set_driven(h.loop, true);
	fd = knock(&h);
	clock_now += 10 * VC_SEC;
	assert_int_equal(vc_loop_run(h.loop), 0);
	assert_int_equal(h.failed, 1);
	assert_string_equal(h.why, "no handshake within 10 s");
	close(fd);
	hall_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole), cmocka_unit_test(ends),
		cmocka_unit_test(names), cmocka_unit_test(files),
		cmocka_unit_test(crowd), cmocka_unit_test(silence),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
