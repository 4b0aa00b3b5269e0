/* SPDX-License-Identifier: MIT */
/*
 * Slow readers: what is dropped, what never is, and what they are told. The
 * live tests have a clock of their own, so that a busy machine changes nothing.
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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/pool.h"
#include "base/time.h"
#include "net/clock.h"
#include "net/loop.h"
#include "tool/reader.h"
#include "wire/frame.h"

#define SIZE 1000 /* of a packet: four fill the pipe */

static int64_t clock_now; /* 0: the machine's */

/* Both stand in for those of net/clock.c, which the linker leaves out then. */
int64_t vc_wall_minus_mono(void)
{
	return 0;
}

int64_t vc_mono_now(void)
{
	struct timespec ts;

	if (clock_now)
		return clock_now;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * VC_SEC + ts.tv_nsec;
}

/* A reader whose other end is a pipe of one page. */
struct rig {
	struct vc_loop *loop;
	struct vc_pool *pool;
	struct vc_reader *reader;
	int fd; /* the other end */
	int err;
	int64_t now;
	uint8_t buf[1 << 20];
	size_t len;
	char log[4096];
};

static char *gap(void *ctx, uint32_t ssrc, int64_t from, int64_t to,
		 uint16_t seq_from, uint16_t seq_to)
{
	char *text = malloc(64);

	(void)ctx;
	assert_true(from <= to);
	snprintf(text, 64, "{gap of %u: %u-%u}", ssrc, seq_from, seq_to);
	return text;
}

static void dead(void *ctx, struct vc_reader *r, int err)
{
	struct rig *rig = ctx;

	(void)r;
	assert_int_equal(rig->err, 0);
	rig->err = err;
}

static struct rig *rig_new(bool is_virtual, bool plain)
{
	struct rig *rig = test_calloc(1, sizeof(*rig));
	struct vc_reader_conf conf = { .may_drop = true,
				       .plain = plain,
				       .gap = gap,
				       .dead = dead,
				       .ctx = rig };
	int fds[2];

	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_true(fcntl(fds[1], F_SETPIPE_SZ, 4096) >= 4096);
	rig->fd = fds[0];
	clock_now = is_virtual ? 0 : VC_SEC;
	rig->loop = vc_loop_new();
	rig->pool = vc_pool_new();
	rig->now = VC_SEC;
	conf.loop = rig->loop;
	conf.fd = fds[1];
	rig->reader = vc_reader_new(&conf);
	assert_non_null(rig->reader);
	if (is_virtual)
		vc_loop_set_virtual(rig->loop, VC_SEC);
	return rig;
}

static void rig_free(struct rig *rig)
{
	vc_reader_free(rig->reader);
	assert_int_equal(vc_pool_used(rig->pool), 0);
	vc_pool_free(rig->pool);
	vc_loop_free(rig->loop);
	close(rig->fd);
	test_free(rig);
}

/* "p" or "k" video, "a" audio, with sequence number; "d" an event that is
 * kept, "s" a state, "t" a time. */
static void put(struct rig *rig, char what, unsigned int seq)
{
	struct vc_item item = { .time = rig->now,
				.arrival = VC_TIME_NONE,
				.ssrc = what == 'a' ? 1 : 2,
				.seq = (uint16_t)seq };

	item.kind = what == 'a' ? VC_ITEM_AUDIO :
		    what == 'd' ? VC_ITEM_KEEP :
		    what == 's' ? VC_ITEM_STATE :
		    what == 't' ? VC_ITEM_TIME :
				  VC_ITEM_VIDEO;
	item.is_key = what == 'a' || what == 'k';
	rig->now += VC_MS;
	if (what == 'd' || what == 's') {
		item.text = malloc(32);
		item.len = (size_t)snprintf((char *)item.text, 32, "{%c%u}",
					    what, seq);
	} else if (what != 't') {
		item.pkt = vc_packet_new(rig->pool, SIZE);
		memset(item.pkt->data, 0, SIZE);
		item.pkt->data[0] = 0x80;
		item.pkt->data[2] = (uint8_t)(seq >> 8);
		item.pkt->data[3] = (uint8_t)seq;
		item.pkt->data[4] = (uint8_t)what;
		item.pkt->len = item.len = SIZE;
		item.is_plain = true;
	}
	vc_reader_put(rig->reader, &item);
	vc_packet_unref(item.pkt);
}

static void put_all(struct rig *rig, const char *kinds, unsigned int seq)
{
	for (; *kinds; kinds++)
		put(rig, *kinds, seq++);
}

/* The loop's clock, too, though it does not run. */
static void let_pass(struct rig *rig, int64_t ns)
{
	clock_now += ns;
	vc_loop_set_epoch(rig->loop, vc_loop_now(rig->loop) + ns);
}

/* Lets time pass while the other end is not read, then flushes. */
static void pass(struct rig *rig, int64_t ns)
{
	let_pass(rig, ns);
	vc_reader_flush(rig->reader);
}

/* Reads all there is into the log: "p1 k2 {event} ", T frames as "| ". */
static void read_all(struct rig *rig)
{
	const uint8_t *p = rig->buf;
	size_t used = 0, at = strlen(rig->log);
	struct vc_frame f;
	ssize_t n;

	do {
		vc_reader_flush(rig->reader);
		n = read(rig->fd, rig->buf + rig->len,
			 sizeof(rig->buf) - rig->len);
		if (n > 0)
			rig->len += (size_t)n;
	} while (n > 0);
	while (vc_frame_next(p + used, rig->len - used, &f) == 1) {
		char *out = rig->log + at;
		size_t cap = sizeof(rig->log) - at;

		used += f.size;
		if (f.type == VC_FRAME_TIME)
			continue;
		if (f.type == VC_FRAME_EVENT)
			at += (size_t)snprintf(out, cap, "%.*s ", (int)f.len,
					       (const char *)f.payload);
		else
			at += (size_t)snprintf(out, cap, "%c%d ", f.payload[4],
					       f.payload[2] << 8 |
						       f.payload[3]);
	}
	rig->len -= used;
	memmove(rig->buf, rig->buf + used, rig->len);
}

/* What fills a pipe in no time gets a larger one; what was full once does not. */
static void test_wide(void **state)
{
	struct rig *rig = rig_new(false, false);

	(void)state;
	put_all(rig, "aaaaaaaa", 0);
	vc_reader_flush(rig->reader);
	assert_true(vc_reader_rests(rig->reader));
	assert_int_equal(fcntl(rig->fd, F_GETPIPE_SZ), 4096);
	for (unsigned int i = 8; i < 100; i++) {
		put_all(rig, "a", i);
		read_all(rig);
		rig->log[0] = '\0';
	}
	put_all(rig, "aaaaaaaa", 100);
	vc_reader_flush(rig->reader);
	assert_in_range(fcntl(rig->fd, F_GETPIPE_SZ), 4097, 1 << 20);
	let_pass(rig, 5 * VC_MS);
	assert_false(vc_reader_rests(rig->reader));
	read_all(rig);
	assert_int_equal(vc_reader_dropped(rig->reader), 0);
	rig_free(rig);
}

static void test_fast(void **state)
{
	struct rig *rig = rig_new(false, false);

	(void)state;
	for (unsigned int i = 0; i < 50; i++) {
		put_all(rig, "kpa", i);
		read_all(rig);
		rig->log[0] = '\0';
	}
	put_all(rig, "dst", 7);
	read_all(rig);
	assert_string_equal(rig->log, "{d7} {s8} ");
	assert_int_equal(vc_reader_dropped(rig->reader), 0);
	rig_free(rig);
}

/* Dropped up to the next key frame, and told before it; the fifth is cut in
 * the pipe, so it stays. */
static void test_video(void **state)
{
	struct rig *rig = rig_new(false, false);

	(void)state;
	put_all(rig, "kppppppp", 65530); /* the wrap-around row */
	vc_reader_flush(rig->reader);
	pass(rig, 25 * VC_MS);
	put_all(rig, "pp", 2);
	read_all(rig);
	put_all(rig, "pkp", 4);
	read_all(rig);
	assert_string_equal(rig->log, "k65530 p65531 p65532 p65533 p65534 "
				      "{gap of 2: 65535-4} k5 p6 ");
	assert_int_equal(vc_reader_dropped(rig->reader), 6);
	rig_free(rig);
}

/* A key frame that is young when those before it are dropped stays whole. */
static void test_young_key(void **state)
{
	struct rig *rig = rig_new(false, false);

	(void)state;
	put_all(rig, "kppppppp", 1);
	vc_reader_flush(rig->reader);
	pass(rig, 25 * VC_MS);
	/* It is blocked still: P frames of before the key frame wait. */
	put_all(rig, "kpp", 9);
	pass(rig, 25 * VC_MS);
	put_all(rig, "ppkpp", 12);
	vc_reader_flush(rig->reader);
	read_all(rig);
	assert_string_equal(rig->log, "k1 p2 p3 p4 p5 {gap of 2: 6-8} "
				      "{gap of 2: 9-13} k14 p15 p16 ");
	rig_free(rig);
}

/* The same within one go: old ones before, the key frame behind them. */
static void test_key_in_queue(void **state)
{
	struct rig *rig = rig_new(false, false);

	(void)state;
	put_all(rig, "kppppppp", 1);
	vc_reader_flush(rig->reader); /* nothing is old yet */
	let_pass(rig, 25 * VC_MS);
	put_all(rig, "kpp", 9);
	vc_reader_flush(rig->reader);
	read_all(rig);
	assert_string_equal(rig->log, "k1 p2 p3 p4 p5 {gap of 2: 6-8} "
				      "k9 p10 p11 ");
	rig_free(rig);
}

static void test_audio_later(void **state)
{
	struct rig *rig = rig_new(false, false);

	(void)state;
	put_all(rig, "kpppp", 1);
	put_all(rig, "aaa", 1);
	put_all(rig, "ppp", 6);
	vc_reader_flush(rig->reader);
	pass(rig, 25 * VC_MS);
	assert_int_equal(vc_reader_dropped(rig->reader), 3);
	pass(rig, 80 * VC_MS);
	assert_int_equal(vc_reader_dropped(rig->reader), 6);
	put_all(rig, "ak", 4);
	read_all(rig);
	assert_string_equal(rig->log, "k1 p2 p3 p4 p5 {gap of 1: 1-3} a4 "
				      "{gap of 2: 6-8} k5 ");
	rig_free(rig);
}

/* What is never dropped, and what would only be said again. */
static void test_kept(void **state)
{
	struct rig *rig = rig_new(false, false);

	(void)state;
	put_all(rig, "kppppsdpdp", 1);
	vc_reader_flush(rig->reader);
	put_all(rig, "sdt", 20);
	pass(rig, 25 * VC_MS);
	read_all(rig);
	assert_string_equal(rig->log, "k1 p2 p3 p4 p5 {s6} {d7} {d9} {d21} ");
	rig_free(rig);
}

static void test_never_reads(void **state)
{
	struct rig *rig = rig_new(false, false);

	(void)state;
	put_all(rig, "kpppp", 1);
	vc_reader_flush(rig->reader);
	for (unsigned int i = 0; i < 3000000 && !rig->err; i++)
		put(rig, 'd', i % 10);
	assert_int_equal(rig->err, -ENOBUFS);
	assert_true(vc_reader_is_dead(rig->reader));
	rig_free(rig);
}

static void test_plain(void **state)
{
	struct rig *rig = rig_new(false, true);

	(void)state;
	put_all(rig, "dkppppppsdt", 1);
	vc_reader_flush(rig->reader);
	pass(rig, 25 * VC_MS);
	put(rig, 'k', 9);
	read_all(rig);
	assert_string_equal(rig->log, "k2 p3 p4 p5 p6 k9 ");
	rig_free(rig);
}

static void test_gone(void **state)
{
	struct rig *rig = rig_new(false, false);

	(void)state;
	close(rig->fd);
	rig->fd = open("/dev/null", O_RDONLY);
	put(rig, 'k', 1);
	vc_reader_flush(rig->reader);
	assert_int_equal(rig->err, -EPIPE);
	put(rig, 'p', 2);
	assert_int_equal(vc_reader_finish(rig->reader, VC_SEC), -ETIMEDOUT);
	rig_free(rig);
}

/* Reads with sizes of its own, now and then not at all; into 'out'. */
static pid_t reader_process(struct rig *rig, int out, unsigned int seed)
{
	static char buf[8192];
	pid_t pid = fork();
	ssize_t n;

	if (pid)
		return pid;
	vc_reader_free(rig->reader); /* its end of the pipe */
	fcntl(rig->fd, F_SETFL, 0);
	while ((n = read(rig->fd, buf, 1 + seed % sizeof(buf))) > 0) {
		if (write(out, buf, (size_t)n) != n)
			_exit(1);
		seed = seed * 1103515245 + 12345;
		for (volatile unsigned int i = 0; i < seed >> 16; i++)
			;
	}
	_exit(n ? 1 : 0);
}

/* On the virtual clock nothing is lost, whatever the reader's pace. */
static void test_virtual(void **state)
{
	char *octets[4];
	long len[4];

	(void)state;
	for (unsigned int round = 0; round < 4; round++) {
		struct rig *rig = rig_new(true, false);
		FILE *f = tmpfile();
		pid_t pid = reader_process(rig, fileno(f), round);
		int status;

		for (unsigned int i = 0; i < 400; i++) {
			put_all(rig, "kpapsdt", 7 * i);
			if (i % (round + 1) == 0)
				vc_reader_flush(rig->reader);
		}
		assert_int_equal(vc_reader_finish(rig->reader, 10 * VC_SEC), 0);
		assert_int_equal(vc_reader_dropped(rig->reader), 0);
		rig_free(rig);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		len[round] = lseek(fileno(f), 0, SEEK_END);
		octets[round] = test_malloc((size_t)len[round]);
		assert_int_equal(pread(fileno(f), octets[round],
				       (size_t)len[round], 0),
				 len[round]);
		fclose(f);
		assert_int_equal(len[round], len[0]);
		assert_memory_equal(octets[round], octets[0], (size_t)len[0]);
	}
	assert_true(len[0] > 400 * 4 * SIZE);
	for (unsigned int round = 0; round < 4; round++)
		test_free(octets[round]);
}

/* A writer that waits for ever stops waiting when the tool is to end. */
static void test_hurry(void **state)
{
	struct rig *rig = rig_new(true, false);
	int64_t begin = vc_mono_now();

	(void)state;
	put_all(rig, "kppppp", 1);
	vc_loop_hurry(rig->loop);
	vc_reader_flush(rig->reader);
	assert_int_equal(rig->err, -ETIMEDOUT);
	assert_true(vc_mono_now() - begin < 5 * VC_SEC);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_fast),
		cmocka_unit_test(test_video),
		cmocka_unit_test(test_young_key),
		cmocka_unit_test(test_key_in_queue),
		cmocka_unit_test(test_audio_later),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_never_reads),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_virtual),
		cmocka_unit_test(test_hurry),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
