/* SPDX-License-Identifier: MIT */
/* PLACEs: how each form is read, how slips are answered, and opening them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "tool/place.h"

static char dir[] = "/tmp/vc-test-place-XXXXXX";

static void forms(void **state)
{
	static const struct {
		const char *text;
		enum vc_place_kind kind;
		const char *name, *path, *host;
		int port; /* or descriptor */
		bool listen;
	} rows[] = {
		{ "-", VC_PLACE_STDIO, "", "", "", 0, false },
		{ "fd:3", VC_PLACE_FD, "", "", "", 3, false },
		{ "a.vcrtp", VC_PLACE_PATH, "", "a.vcrtp", "", 0, false },
		{ "./a=b.vcrtp", VC_PLACE_PATH, "", "./a=b.vcrtp", "", 0, 0 },
		{ "a,b.vcrtp", VC_PLACE_PATH, "", "a,b.vcrtp", "", 0, false },
		{ "a:b", VC_PLACE_PATH, "", "a:b", "", 0, false },
		{ "/dev/fd/63", VC_PLACE_PATH, "", "/dev/fd/63", "", 0, 0 },
		{ "al=x", VC_PLACE_PATH, "al", "x", "", 0, false },
		{ "al=./a=b", VC_PLACE_PATH, "al", "./a=b", "", 0, false },
		{ "al=-", VC_PLACE_STDIO, "al", "", "", 0, false },
		{ "al=", VC_PLACE_PATH, "", "al=", "", 0, false },
		{ "J\xc3\xb6=x", VC_PLACE_PATH, "J\xc3\xb6", "x", "", 0, 0 },
		{ "*=x", VC_PLACE_PATH, "*", "x", "", 0, false },
		{ "unix:s", VC_PLACE_UNIX, "", "s", "", 0, false },
		{ "unix:/s,listen", VC_PLACE_UNIX, "", "/s", "", 0, true },
		{ "tcp://h:1", VC_PLACE_TCP, "", "", "h", 1, false },
		{ "tcp://:65535,listen", VC_PLACE_TCP, "", "", "", 65535, 1 },
		{ "tcp://[::1]:0,listen", VC_PLACE_TCP, "", "", "::1", 0, 1 },
		{ "tls://h:1", VC_PLACE_TLS, "", "", "h", 1, false },
		{ "a=tls://[::]:1,listen", VC_PLACE_TLS, "a", "", "::", 1, 1 },
		{ "rtp://:5004", VC_PLACE_RTP, "", "", "", 5004, false },
		{ "srtp://h:5", VC_PLACE_RTP, "", "", "h", 5, false },
		{ "dtls+rtp://h:5", VC_PLACE_RTP, "", "", "h", 5, false },
		{ "rtp://127.0.0.1:0", VC_PLACE_RTP, "", "", "127.0.0.1", 0,
		  false },
		{ "bob=rtp://[fe80::1%eth0]:5", VC_PLACE_RTP, "bob", "",
		  "fe80::1%eth0", 5, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_place p;
		char why[128];
		int err = vc_place_parse(&p, rows[i].text, true, why,
					 sizeof(why));

		if (err)
			fail_msg("%s: %s", rows[i].text, why);
		assert_int_equal(p.kind, rows[i].kind);
		assert_string_equal(p.name, rows[i].name);
		assert_string_equal(p.path, rows[i].path);
		assert_string_equal(p.host, rows[i].host);
		assert_int_equal(p.kind == VC_PLACE_FD ? p.fd : p.port,
				 rows[i].port);
		assert_int_equal(p.listen, rows[i].listen);
		assert_int_equal(p.is_srtp, rows[i].text[0] == 's');
		assert_int_equal(p.is_dtls, rows[i].text[0] == 'd');
	}
}

static void slips(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "empty" },
		{ "rtp://h:1?media=audio&ttl=8",
		  "did you mean the comma form rtp://h:1,media=audio,ttl=8?" },
		{ "rtp://h", "no port: rtp://HOST:PORT" },
		{ "rtp://h:", "no port: rtp://HOST:PORT" },
		{ "rtp://", "no port: rtp://HOST:PORT" },
		{ "rtp://h:65536", "not a port: it is a number, 0 to 65535" },
		{ "rtp://h:-1", "not a port: it is a number, 0 to 65535" },
		{ "rtp://h:5004/x", "not a port: it is a number, 0 to 65535" },
		{ "rtp://::1:5004",
		  "an IPv6 address needs brackets, like rtp://[::1]:5004" },
		{ "tcp://[::1]", "an IPv6 address goes like tcp://[::1]:5004" },
		{ "tcp://[::1", "an IPv6 address goes like tcp://[::1]:5004" },
		{ "tcp://[]:1", "an IPv6 address goes like tcp://[::1]:5004" },
		{ "rtp://a b:1", "not a host name or address" },
		{ "rtp://u@h:1", "not a host name or address" },
		{ "rtp://h:1,=x", "after a comma goes KEY=VALUE" },
		{ "rtp://h:1,,a=b", "after a comma goes KEY=VALUE" },
		{ "rtp:h:5004", "did you mean rtp://?" },
		{ "fd:x", "not a descriptor: fd:3" },
		{ "fd:", "not a descriptor: fd:3" },
		{ "fd:-1", "not a descriptor: fd:3" },
		{ "fd:4294967296", "not a descriptor: fd:3" },
		{ "unix:", "no path: unix:PATH" },
		{ "srtp:h:1", "did you mean srtp://?" },
		{ "srtp://h", "no port: srtp://HOST:PORT" },
		{ "dtls+rtp:h:1", "did you mean dtls+rtp://?" },
		{ "dtls+rtp://h", "no port: dtls+rtp://HOST:PORT" },
		{ "tls:h:1", "did you mean tls://?" },
		{ "tls://h", "no port: tls://HOST:PORT" },
		{ "sip:bob@h", "SIP comes in a later version" },
		{ "al=rtsp://h/x", "RTSP comes in a later version" },
		{ "whip://h/x", "WHIP comes in a later version" },
		{ "whep://h/x", "WHEP comes in a later version" },
		{ "nats://h", "NATS comes in a later version" },
		{ "h323:h", "H.323 comes in a later version" },
		{ "http://h/x", "no such scheme: http://" },
		{ "a\x1b=x", "NAME= is UTF-8 without control characters "
			     "(a path goes like ./a=b)" },
		{ "a\xff=x", "NAME= is UTF-8 without control characters "
			     "(a path goes like ./a=b)" },
		{ "=x",
		  "NAME= has 1 to 64 characters (a path goes like ./a=b)" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaa=x",
		  "NAME= has 1 to 64 characters (a path goes like ./a=b)" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_place p;
		char why[128];

		if (vc_place_parse(&p, rows[i].text, true, why, sizeof(why)) !=
		    -EINVAL)
			fail_msg("%s was taken", rows[i].text);
		assert_string_equal(why, rows[i].why);
	}
}

static void long_ones(void **state)
{
	char text[5000] = "rtp://", why[128];
	struct vc_place p;

	(void)state;
	memset(text + 6, 'h', 300);
	memcpy(text + 306, ":1", 3);
	assert_int_equal(vc_place_parse(&p, text, false, why, sizeof(why)),
			 -EINVAL);
	memcpy(text, "unix:", 5);
	memset(text + 5, 'p', 108);
	text[113] = '\0';
	assert_int_equal(vc_place_parse(&p, text, false, why, sizeof(why)),
			 -EINVAL);
	text[112] = '\0';
	assert_int_equal(vc_place_parse(&p, text, false, why, sizeof(why)), 0);
	assert_int_equal(strlen(p.path), 107);
	memset(text, '\x1b', 4096);
	text[4096] = '\0';
	assert_int_equal(vc_place_parse(&p, text, false, why, sizeof(why)),
			 -EINVAL);
	text[4095] = '\0';
	assert_int_equal(vc_place_parse(&p, text, false, why, sizeof(why)), 0);
	assert_int_equal(strlen(p.path), 4095);
	assert_null(strchr(p.text, '\x1b'));
	strcpy(text, "rtp://h:1");
	for (int i = 0; i <= VC_PLACE_KEYS; i++)
		strcat(text, ",k=v");
	assert_int_equal(vc_place_parse(&p, text, false, why, sizeof(why)),
			 -EINVAL);
	text[strlen(text) - 4] = '\0';
	assert_int_equal(vc_place_parse(&p, text, false, why, sizeof(why)), 0);
	assert_int_equal(p.n_keys, VC_PLACE_KEYS);
}

static void keys(void **state)
{
	static const char *const known[] = { "media", "bind", "rtcp", NULL };
	static const char text[] = "rtp://h:1,media=audio,bind=[::1]:9,"
				   "media=video,rtcp=?,x-y";
	struct vc_place p;
	char why[64];

	(void)state;
	assert_int_equal(vc_place_parse(&p, text, true, why, sizeof(why)), 0);
	assert_int_equal(p.n_keys, 5);
	assert_string_equal(vc_place_key(&p, "media"), "video");
	assert_string_equal(vc_place_key(&p, "bind"), "[::1]:9");
	assert_string_equal(vc_place_key(&p, "rtcp"), "?");
	assert_string_equal(vc_place_key(&p, "x-y"), "");
	assert_null(vc_place_key(&p, "ttl"));
	assert_string_equal(vc_place_unknown_key(&p, known), "x-y");
	p.n_keys--;
	assert_null(vc_place_unknown_key(&p, known));
}

static void parse(struct vc_place *p, const char *text)
{
	char why[128];

	if (vc_place_parse(p, text, false, why, sizeof(why)))
		fail_msg("%s: %s", text, why);
}

static void captures(void **state)
{
	static const struct {
		const char *text;
		enum vc_filekind capture;
		const char *path;
		int fd;
	} rows[] = {
		{ "pcap:a.pcapng", VC_FILEKIND_PCAP, "a.pcapng", -1 },
		{ "pcap:-", VC_FILEKIND_PCAP, "-", -1 },
		{ "rtpdump:fd:3", VC_FILEKIND_RTPDUMP, "fd:3", 3 },
		{ "mjr:/a,b=c", VC_FILEKIND_MJR, "/a,b=c", -1 },
	};
	struct vc_place p;
	char why[256];
	int fd;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		parse(&p, rows[i].text);
		assert_int_equal(p.kind, VC_PLACE_CAPTURE);
		assert_int_equal(p.capture, rows[i].capture);
		assert_string_equal(p.path, rows[i].path);
		assert_int_equal(p.fd, rows[i].fd);
		assert_int_equal(vc_place_open_write(NULL, &p, &fd),
				 -EPROTONOSUPPORT);
	}
	assert_int_equal(vc_place_parse(&p, "pcap:", true, why, sizeof(why)),
			 -EINVAL);
	assert_int_equal(vc_place_parse(&p, "pcap:fd:x", true, why,
					sizeof(why)),
			 -EINVAL);
	assert_int_equal(
		vc_place_parse(&p, "al=pcap:x", true, why, sizeof(why)), 0);
	assert_string_equal(p.name, "al");
}

static void files(void **state)
{
	char path[64], buf[8], *text = NULL;
	struct vc_place p;
	size_t len = 0;
	int fd, back;

	(void)state;
	snprintf(path, sizeof(path), "%s/file", dir);
	parse(&p, path);
	assert_int_equal(vc_place_open_read(&p, &fd), -ENOENT);
	assert_int_equal(vc_place_open_write(NULL, &p, &fd), 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(write(fd, "hello", 5), 5);
	close(fd);
	assert_int_equal(vc_place_open_read(&p, &fd), 0);
	/* fd:N is another descriptor of the same. */
	snprintf(path, sizeof(path), "fd:%d", fd);
	parse(&p, path);
	assert_int_equal(vc_place_open_write(NULL, &p, &back), -EBADF);
	assert_int_equal(vc_place_open_read(&p, &back), 0);
	assert_true(back != fd);
	assert_int_equal(read(back, buf, 2), 2);
	assert_int_equal(read(fd, buf, 8), 3);
	assert_memory_equal(buf, "llo", 3);
	close(back);
	close(fd);
	snprintf(path, sizeof(path), "%s/file", dir);
	parse(&p, path);
	assert_int_equal(vc_place_slurp(&p, 4, &text, &len), -EFBIG);
	assert_null(text);
	assert_int_equal(vc_place_slurp(&p, 5, &text, &len), 0);
	assert_int_equal(len, 5);
	assert_string_equal(text, "hello");
	free(text);
	unlink(path);
	parse(&p, dir);
	assert_int_equal(vc_place_open_read(&p, &fd), -EISDIR);
	parse(&p, "fd:1000000");
	assert_int_equal(vc_place_open_read(&p, &fd), -EBADF);
}

static void a_fifo_does_not_wait_for_its_writer(void **state)
{
	char path[64], *text;
	struct vc_place p;
	size_t len;
	int in, out;

	(void)state;
	snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	parse(&p, path);
	assert_int_equal(vc_place_open_read(&p, &in), 0);
	assert_int_equal(fcntl(in, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(vc_place_open_write(NULL, &p, &out), 0);
	assert_int_equal(write(out, "abc", 3), 3);
	close(out);
	snprintf(path, sizeof(path), "fd:%d", in);
	parse(&p, path);
	assert_int_equal(vc_place_slurp(&p, 100, &text, &len), 0);
	assert_string_equal(text, "abc");
	free(text);
	close(in);
	snprintf(path, sizeof(path), "%s/fifo", dir);
	unlink(path);
}

static void a_terminal_is_not_read(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), fd;
	struct vc_place p;

	(void)state;
	assert_true(master >= 0);
	assert_int_equal(grantpt(master) | unlockpt(master), 0);
	parse(&p, ptsname(master));
	assert_int_equal(vc_place_open_read(&p, &fd), -ENOTTY);
	assert_int_equal(vc_place_open_write(NULL, &p, &fd), 0);
	close(fd);
	close(master);
}

static void unix_sockets(void **state)
{
	char path[80], text[96], ready[96];
	struct vc_place p, q;
	int a, b, c;
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "unix:%s/sock", dir);
	snprintf(text, sizeof(text), "%s,listen", path);
	parse(&p, text);
	parse(&q, path);
	assert_int_equal(vc_place_open_read(&q, &a), -ENOENT);
	assert_int_equal(vc_place_listen(&p, &a, ready, sizeof(ready)), 0);
	assert_string_equal(ready, path);
	assert_int_equal(stat(p.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* One in use is not taken away, a stale one is. */
	assert_int_equal(vc_place_listen(&p, &b, ready, sizeof(ready)),
			 -EADDRINUSE);
	close(a);
	assert_int_equal(vc_place_open_read(&q, &b), -ECONNREFUSED);
	assert_int_equal(vc_place_listen(&p, &a, ready, sizeof(ready)), 0);
	assert_int_equal(vc_place_open_write(NULL, &q, &b), 0);
	c = accept(a, NULL, NULL);
	assert_true(c >= 0);
	assert_int_equal(fcntl(b, F_GETFL) & O_NONBLOCK, 0);
	close(c);
	close(b);
	close(a);
	unlink(p.path);
	/* A file that is no socket stays. */
	close(open(p.path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(vc_place_listen(&p, &a, ready, sizeof(ready)),
			 -EADDRINUSE);
	assert_int_equal(unlink(p.path), 0);
}

static void tcp(void **state)
{
	struct vc_place p;
	char ready[96];
	int a, b;

	(void)state;
	parse(&p, "tcp://127.0.0.1:0,listen");
	assert_int_equal(vc_place_listen(&p, &a, ready, sizeof(ready)), 0);
	assert_int_equal(strncmp(ready, "tcp://127.0.0.1:", 16), 0);
	parse(&p, ready);
	assert_true(p.port > 0);
	assert_int_equal(vc_place_open_read(&p, &b), 0);
	close(b);
	close(a);
	assert_int_equal(vc_place_open_read(&p, &b), -ECONNREFUSED);
	parse(&p, "tcp://:1");
	assert_int_equal(vc_place_open_read(&p, &b), -EDESTADDRREQ);
	parse(&p, "rtp://127.0.0.1:1");
	assert_int_equal(vc_place_open_read(&p, &b), -EPROTONOSUPPORT);
}

static void addresses(void **state)
{
	static const struct {
		const char *host;
		int family, err;
		const char *text;
	} rows[] = {
		{ "127.0.0.1", 0, 0, "127.0.0.1:5004" },
		{ "::1", 0, 0, "[::1]:5004" },
		{ "::ffff:127.0.0.1", 0, 0, "127.0.0.1:5004" },
		{ "", AF_INET, 0, "0.0.0.0:5004" },
		{ "", AF_INET6, 0, "[::]:5004" },
		{ "127.0.0.1", AF_INET6, -EAFNOSUPPORT, "" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct sockaddr_storage sa;
		socklen_t len = 0;
		char buf[64];

		assert_int_equal(vc_place_resolve(rows[i].host, 5004,
						  rows[i].family, SOCK_DGRAM,
						  &sa, &len),
				 rows[i].err);
		if (rows[i].err)
			continue;
		assert_string_equal(vc_place_addr_text(&sa, buf, sizeof(buf)),
				    rows[i].text);
	}
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(slips),
		cmocka_unit_test(long_ones),
		cmocka_unit_test(keys),
		cmocka_unit_test(captures),
		cmocka_unit_test(files),
		cmocka_unit_test(a_fifo_does_not_wait_for_its_writer),
		cmocka_unit_test(a_terminal_is_not_read),
		cmocka_unit_test(unix_sockets),
		cmocka_unit_test(tcp),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
