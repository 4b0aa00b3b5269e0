/* SPDX-License-Identifier: MIT */
/* Several peers of one endpoint, those who leave or move, and certificates. */
#include <sys/stat.h>
#include <unistd.h>

#include "dtlslink.h"

/* The passive end lets both others in. */
static struct link *open_both(void)
{
	struct link *l = link_open(ALL, ALL);
	struct end *e = &l->ends[0];

	vc_dtls_free(e->dtls);
	e->peers[0] = *vc_dtls_local_fingerprint(l->ends[1].local);
	e->peers[1] = *vc_dtls_local_fingerprint(l->ends[2].local);
	end_listen_to(e, 2, false);
	return l;
}

static void two_at_once(void **state)
{
	struct link *l = open_both();
	struct end *e = &l->ends[0];
	struct vc_dtls_keys first;

	(void)state;
	for (int i = 1; i <= 2; i++) {
		start(l, i);
		deliver(l);
		assert_int_equal(e->up, i);
		assert_int_equal(vc_dtls_n_up(e->dtls), i);
		assert_int_equal(e->last.which, i - 1);
		assert_memory_equal(e->last.cert.octets, e->peers[i - 1].octets,
				    32);
		assert_memory_equal(e->last.from, &l->ends[i].addr,
				    sizeof(*e->last.from));
		if (i == 2)
			assert_memory_not_equal(first.client_key,
						e->keys.client_key, 16);
		first = e->keys;
	}
	/* The first one begins anew: only his goes. */
	start(l, 1);
	deliver(l);
	assert_int_equal(e->up, 3);
	assert_int_equal(e->down, 1);
	assert_int_equal(e->err, -ESTALE);
	assert_int_equal(vc_dtls_n_up(e->dtls), 2);
	assert_int_equal(vc_dtls_counts(e->dtls)->ups, 3);
	link_close(l);
}

static void goodbye(void **state)
{
	struct link *l = open_both();
	struct end *e = l->ends;
	uint64_t id;

	(void)state;
	start(l, 1);
	deliver(l);
	start(l, 2);
	deliver(l);
	id = e[0].last.id;
	/* Of the other one: nobody is there but him. */
	vc_dtls_close(e[0].dtls, id);
	vc_dtls_close(e[0].dtls, id);
	deliver(l);
	assert_int_equal(vc_dtls_n_up(e[0].dtls), 1);
	assert_int_equal(e[2].down, 1);
	assert_int_equal(e[2].err, -ESHUTDOWN);
	assert_int_equal(vc_dtls_n_up(e[2].dtls), 0);
	assert_int_equal(e[1].down, 0);
	/* The other way, and he comes back. */
	vc_dtls_close_all(e[1].dtls);
	deliver(l);
	assert_int_equal(e[0].down, 1);
	assert_int_equal(e[0].err, -ESHUTDOWN);
	assert_int_equal(vc_dtls_n_up(e[0].dtls), 0);
	start(l, 1);
	deliver(l);
	assert_int_equal(e[0].up, 3);
	link_close(l);
}

/* What is said in clear, or by somebody else, closes nothing. */
static void nobody_else_says_it(void **state)
{
	static const uint8_t alert[] = "\x15\xfe\xfd\0\0\0\0\0\0\0\x09\0\2\1";
	static const uint8_t sealed[] = "\x15\xfe\xfd\0\1\0\0\0\0\0\x09\0\x1a"
					"abcdefghijklmnopqrstuvwxyz";
	struct link *l = open_both();
	struct end *e = &l->ends[0];

	(void)state;
	start(l, 1);
	deliver(l);
	vc_dtls_put(e->dtls, &l->ends[1].addr, alert, 15, vc_mono_now());
	assert_int_equal(vc_dtls_counts(e->dtls)->alerts, 1);
	vc_dtls_put(e->dtls, &l->ends[1].addr, sealed, sizeof(sealed) - 1,
		    vc_mono_now());
	vc_dtls_put(e->dtls, &l->ends[2].addr, sealed, sizeof(sealed) - 1,
		    vc_mono_now());
	assert_int_equal(vc_dtls_n_up(e->dtls), 1);
	assert_int_equal(e->down, 0);
	link_close(l);
}

static void moved(void **state)
{
	struct link *l = open_both();
	struct end *e = l->ends;

	(void)state;
	start(l, 1);
	deliver(l);
	e[1].addr = address(50, 50);
	vc_dtls_moved(e[0].dtls, e[0].last.id, &e[1].addr);
	vc_dtls_moved(e[0].dtls, e[0].last.id + 1, &e[2].addr);
	vc_dtls_close_all(e[1].dtls);
	deliver(l);
	assert_int_equal(e[0].down, 1);
	assert_int_equal(e[0].err, -ESHUTDOWN);
	link_close(l);
}

static void no_room(void **state)
{
	struct link *l = open_both();
	struct end *e = l->ends;

	(void)state;
	e[0].refuses = -ENOSPC;
	start(l, 1);
	deliver(l);
	assert_int_equal(e[0].up, 0);
	assert_int_equal(e[0].failed, 1);
	assert_int_equal(e[0].err, -ENOSPC);
	assert_int_equal(vc_dtls_n_up(e[0].dtls), 0);
	/* He is told. */
	assert_int_equal(e[1].up, 1);
	assert_int_equal(e[1].err, -ESHUTDOWN);
	e[0].refuses = 0;
	start(l, 1);
	deliver(l);
	assert_int_equal(e[0].up, 1);
	link_close(l);
}

static void anybody(void **state)
{
	struct link *l = link_open(ALL, ALL);
	struct end *e = &l->ends[0];

	(void)state;
	vc_dtls_free(e->dtls);
	end_listen_to(e, 0, false);
	start(l, 2);
	deliver(l);
	assert_int_equal(e->up, 1);
	assert_int_equal(e->last.which, 0);
	link_close(l);
}

/* One host takes no more than its share of the places. */
static void one_host(void **state)
{
	struct link *l = link_open(ALL, ALL);
	const struct vc_dtls *d = l->ends[0].dtls;

	(void)state;
	for (unsigned int i = 1; i <= VC_DTLS_OF_HOST + 3; i++) {
		l->ends[2].addr = address(9, 2000 + (int)i);
		start(l, 2);
		for (int turn = 0; l->n && turn < 3; turn++) {
			struct datagram one = l->queue[0];

			l->n = 0;
			vc_dtls_put(l->ends[one.to].dtls, &one.from, one.p,
				    one.len, vc_mono_now());
		}
		l->n = 0;
		assert_int_equal(vc_dtls_n_pending(d),
				 i < VC_DTLS_OF_HOST ? i : VC_DTLS_OF_HOST);
	}
	assert_int_equal(vc_dtls_counts(d)->failures, 3);
	link_close(l);
}

/* Hellos over what a second allows are not answered. */
static void flood(void **state)
{
	struct link *l = link_open(ALL, ALL);
	struct end *e = &l->ends[0];
	struct datagram hello;

	(void)state;
	start(l, 1);
	hello = l->queue[0];
	l->n = 0;
	for (int i = 0; i < 3 * VC_DTLS_HELLOS; i++) {
		struct sockaddr_storage from = address(1000 + i, 1);

		vc_dtls_put(e->dtls, &from, hello.p, hello.len,
			    VC_SEC + i * VC_SEC / (3 * VC_DTLS_HELLOS));
	}
	assert_in_range(vc_dtls_counts(e->dtls)->limited,
			2 * VC_DTLS_HELLOS - VC_DTLS_HELLOS / 5,
			2 * VC_DTLS_HELLOS);
	vc_dtls_put(e->dtls, &hello.from, hello.p, hello.len, 3 * VC_SEC);
	deliver(l);
	assert_int_equal(e->up, 1);
	link_close(l);
}

/* --- certificates that are kept --- */

static void write_file(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void kept(void **state)
{
	char dir[] = "/tmp/vc-dtls-XXXXXX", path[64], bad[64];
	char pem[VC_DTLS_PEM_CAP], why[256];
	struct vc_dtls_local *local = NULL;
	struct vc_fingerprint fp;
	int len;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a.pem", dir);
	snprintf(bad, sizeof(bad), "%s/b.pem", dir);
	assert_int_equal(vc_dtls_new_pem(pem, 100, &fp), -ENOSPC);
	len = vc_dtls_new_pem(pem, sizeof(pem), &fp);
	assert_true(len > 0);
	write_file(path, pem, (size_t)len);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(vc_dtls_local_load(&local, ALL, path,
						    i ? path : NULL, why,
						    sizeof(why)),
				 0);
		assert_memory_equal(vc_dtls_local_fingerprint(local)->octets,
				    fp.octets, 32);
		vc_dtls_local_free(local);
		local = NULL;
	}
	/* Another one's key; half a file; none. */
	len = vc_dtls_new_pem(pem, sizeof(pem), &fp);
	write_file(bad, pem, (size_t)len);
	assert_int_equal(vc_dtls_local_load(&local, ALL, path, bad, why,
					    sizeof(why)),
			 -EINVAL);
	assert_non_null(strstr(why, "private key"));
	write_file(bad, pem, 100);
	assert_int_equal(vc_dtls_local_load(&local, ALL, bad, NULL, why,
					    sizeof(why)),
			 -EINVAL);
	assert_non_null(strstr(why, "certificate"));
	unlink(bad);
	assert_int_equal(vc_dtls_local_load(&local, ALL, bad, NULL, why,
					    sizeof(why)),
			 -ENOENT);
	assert_null(local);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_at_once),
		cmocka_unit_test(goodbye),
		cmocka_unit_test(nobody_else_says_it),
		cmocka_unit_test(moved),
		cmocka_unit_test(no_room),
		cmocka_unit_test(anybody),
		cmocka_unit_test(one_host),
		cmocka_unit_test(flood),
		cmocka_unit_test(kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
