/* SPDX-License-Identifier: MIT */
/* Strangers, crowds, and a peer that begins anew. */
#include "dtlslink.h"

static void wrong_certificate(void **state)
{
	struct link *l = link_open(ALL, ALL);

	(void)state;
	/* A stranger at the passive side, which then goes on as before. */
	start(l, 2);
	deliver(l);
	assert_int_equal(l->ends[0].up, 0);
	assert_int_equal(l->ends[0].err, -EKEYREJECTED);
	start(l, 1);
	deliver(l);
	assert_int_equal(l->ends[0].up, 1);
	assert_same_keys(l, VC_DTLS_GCM_128);
	/* And again, while the association is up: it stays. */
	start(l, 2);
	deliver(l);
	assert_int_equal(l->ends[0].up, 1);
	assert_int_equal(vc_dtls_n_up(l->ends[0].dtls), 1);
	assert_int_equal(vc_dtls_counts(l->ends[0].dtls)->failures, 2);
	link_close(l);
	/* A passive side that is not whom the active one wants. */
	l = link_open(ALL, ALL);
	vc_dtls_free(l->ends[1].dtls);
	end_listen(&l->ends[1], vc_dtls_local_fingerprint(l->ends[2].local),
		   true);
	start(l, 1);
	deliver(l);
	assert_int_equal(l->ends[1].up, 0);
	assert_int_equal(l->ends[1].err, -EKEYREJECTED);
	assert_int_equal(l->ends[0].up, 0);
	link_close(l);
}

/* One address' hello is another address' cookie: worth nothing. */
static void hellos_are_free(void **state)
{
	struct link *l = link_open(ALL, ALL);
	struct end *e = &l->ends[0];
	struct datagram hello, cookie;
	size_t first;

	(void)state;
	start(l, 1);
	hello = l->queue[0];
	l->n = 0;
	/* Spoofed: whoever it was gets no more than was sent. */
	for (int i = 0; i < 1000; i++) {
		struct sockaddr_storage from = address(1000 + i, 1);

		vc_dtls_put(e->dtls, &from, hello.p, hello.len,
			    (1 + i) * VC_MS);
	}
	assert_true(e->sent > 0);
	assert_true(e->sent <= 1000 * hello.len);
	assert_int_equal(vc_dtls_counts(e->dtls)->limited, 0);
	assert_true(vc_dtls_deadline(e->dtls) == VC_DTLS_NEVER);
	/* The hello with a cookie, from elsewhere. */
	vc_dtls_put(e->dtls, &hello.from, hello.p, hello.len, 2 * VC_SEC);
	l->ends[1].sent = 0;
	while (!l->ends[1].sent) {
		struct datagram d = l->queue[0];

		assert_int_equal(l->n, 1);
		l->n = 0;
		vc_dtls_put(l->ends[d.to].dtls, &d.from, d.p, d.len,
			    2 * VC_SEC);
	}
	/* On a slow machine the first one once more, before it. */
	cookie = l->queue[l->n - 1];
	l->n = 0;
	first = e->sent;
	for (int i = 0; i < 100; i++) {
		struct sockaddr_storage from = address(1000 + i, 1);

		vc_dtls_put(e->dtls, &from, cookie.p, cookie.len,
			    (3000 + 5 * i) * VC_MS);
	}
	assert_true(e->sent - first <= 100 * cookie.len);
	assert_true(vc_dtls_deadline(e->dtls) == VC_DTLS_NEVER);
	/* At one moment, however many: they spend what strangers have. */
	for (int i = 0; i < 1000; i++) {
		struct sockaddr_storage from = address(1000 + i, 1);

		vc_dtls_put(e->dtls, &from, cookie.p, cookie.len, 4 * VC_SEC);
	}
	assert_true(vc_dtls_counts(e->dtls)->limited > 500);
	/* From where it belongs it opens a handshake. */
	vc_dtls_put(e->dtls, &cookie.from, cookie.p, cookie.len, 4 * VC_SEC);
	assert_true(vc_dtls_deadline(e->dtls) != VC_DTLS_NEVER);
	link_close(l);
}

/* More who begin and fall silent than there are places. */
static void crowd(void **state)
{
	struct link *l = link_open(ALL, ALL);

	(void)state;
	for (int i = 0; i < VC_DTLS_PENDING + 3; i++) {
		int turns = 0;

		l->ends[2].addr = address(9 + i, 2000);
		start(l, 2);
		/* Up to its second hello, which has the cookie. */
		while (l->n && turns++ < 3) {
			struct datagram d = l->queue[0];

			l->n = 0;
			vc_dtls_put(l->ends[d.to].dtls, &d.from, d.p, d.len,
				    vc_mono_now());
		}
		l->n = 0;
	}
	assert_int_equal(vc_dtls_counts(l->ends[0].dtls)->failures, 3);
	assert_int_equal(l->ends[0].err, -ENOBUFS);
	start(l, 1);
	deliver(l);
	assert_int_equal(l->ends[0].up, 1);
	assert_same_keys(l, VC_DTLS_GCM_128);
	/* The others' time ends. */
	vc_dtls_tick(l->ends[0].dtls, vc_mono_now() + 11 * VC_SEC);
	assert_int_equal(l->ends[0].err, -ETIMEDOUT);
	assert_true(vc_dtls_deadline(l->ends[0].dtls) == VC_DTLS_NEVER);
	assert_int_equal(vc_dtls_n_up(l->ends[0].dtls), 1);
	link_close(l);
}

/* The peer begins anew: from the same address, or from another. */
static void again(void **state)
{
	struct link *l = link_open(ALL, ALL);
	struct vc_dtls_keys first;

	(void)state;
	/* A handshake that was broken off half-way is no obstacle. */
	start(l, 1);
	for (int i = 0; i < 3; i++) {
		struct datagram d = l->queue[0];

		l->n = 0;
		vc_dtls_put(l->ends[d.to].dtls, &d.from, d.p, d.len,
			    vc_mono_now());
	}
	l->n = 0;
	for (int i = 1; i <= 3; i++) {
		if (i == 3)
			l->ends[1].addr = address(77, 7777);
		start(l, 1);
		deliver(l);
		assert_int_equal(l->ends[0].up, i);
		assert_int_equal(l->ends[1].up, i);
		assert_same_keys(l, VC_DTLS_GCM_128);
		if (i > 1)
			assert_memory_not_equal(first.client_key,
						l->ends[0].keys.client_key, 16);
		first = l->ends[0].keys;
	}
	link_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_certificate),
		cmocka_unit_test(hellos_are_free),
		cmocka_unit_test(crowd),
		cmocka_unit_test(again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
