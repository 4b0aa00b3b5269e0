/* SPDX-License-Identifier: MIT */
/*
 * A scripted sender of SRTP, as Debian's libsrtp2 makes it by itself:
 *
 *	srtppeer PORT COMMAND[=N]... <KEYLINE
 *
 * roc=N seq=N ssrc=N: where it begins. send=N: so many packets of sound (pace=MS
 * apart). skip=N: so many are lost. wait=MS: nothing is sent. replay=N: the last ones again (at most
 * 1024). bad=N: with a bit of the tag turned. clear=N: in clear, of the same
 * SSRC. tiny=N: as long as a tag only. clearbye, bye, sdes: RTCP.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "net/srtp.h"

#define KEPT 1024
#define PAYLOAD 80
#define HEADER 12

struct pkt {
	_Alignas(8) uint8_t p[HEADER + PAYLOAD + VC_SRTP_TRAILER_MAX];
	size_t len;
};

static struct pkt kept[KEPT];

struct peer {
	int fd;
	struct vc_srtp *srtp;
	int shelf;
	uint32_t ssrc, roc;
	uint32_t seq; /* of the next; not cut to 16 bits */
	uint64_t pace_ms;
	bool has_begun;
	size_t sent;
};

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "srtppeer: %s\n", what);
	exit(1);
}

static void wait_ms(uint64_t ms)
{
	const struct timespec t = { .tv_sec = (time_t)(ms / 1000),
				    .tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

static void emit(struct peer *s, const uint8_t *p, size_t len)
{
	/* A refusal is of what was sent before. */
	if (send(s->fd, p, len, 0) < 0)
		(void)send(s->fd, p, len, 0);
	if (s->pace_ms)
		wait_ms(s->pace_ms);
}

static struct pkt next_packet(struct peer *s)
{
	struct pkt k = { .len = HEADER + PAYLOAD };

	k.p[0] = 0x80;
	k.p[1] = 111;
	vc_put_u16(k.p + 2, (uint16_t)s->seq);
	vc_put_u32(k.p + 4, s->seq * 960);
	vc_put_u32(k.p + 8, s->ssrc);
	k.p[HEADER] = 0xf8;
	s->seq++;
	return k;
}

static void seal(struct peer *s, struct pkt *k, bool is_rtcp)
{
	if (!s->has_begun && s->roc)
		need(!vc_srtp_mark(s->srtp, s->shelf, s->ssrc, s->roc), "roc");
	s->has_begun = true;
	need(!vc_srtp_protect(s->srtp, s->shelf, is_rtcp, k->p, &k->len),
	     "seal");
}

static void send_one(struct peer *s, uint8_t turn)
{
	struct pkt k = next_packet(s);

	seal(s, &k, false);
	k.p[k.len - 1] ^= turn;
	kept[s->sent++ % KEPT] = k;
	emit(s, k.p, k.len);
}

static void replay(struct peer *s, size_t n)
{
	need(n <= s->sent && n <= KEPT, "replay: not so many");
	for (size_t i = s->sent - n; i < s->sent; i++)
		emit(s, kept[i % KEPT].p, kept[i % KEPT].len);
}

static void send_rtcp(struct peer *s, const char *what)
{
	struct pkt k = { .len = 16 };

	vc_put_u32(k.p, 0x80c90001); /* RR without blocks */
	vc_put_u32(k.p + 4, s->ssrc);
	vc_put_u32(k.p + 8, 0x81cb0001); /* BYE */
	vc_put_u32(k.p + 12, s->ssrc);
	if (!strcmp(what, "sdes")) {
		vc_put_u32(k.p + 8, 0x81ca0003);
		memcpy(k.p + 16, "\1\4peer", 7);
		k.len = 24;
	}
	if (strcmp(what, "clearbye"))
		seal(s, &k, true);
	emit(s, k.p, k.len);
}

static void run(struct peer *s, const char *word)
{
	const char *eq = strchr(word, '=');
	uint64_t n = eq ? strtoull(eq + 1, NULL, 10) : 0;
	size_t len = eq ? (size_t)(eq - word) : strlen(word);
	struct pkt k;

#define IS(w) (len == strlen(w) && !memcmp(word, w, len))
	if (IS("roc"))
		s->roc = (uint32_t)n;
	else if (IS("seq"))
		s->seq = (uint32_t)n;
	else if (IS("ssrc"))
		s->ssrc = (uint32_t)n;
	else if (IS("pace"))
		s->pace_ms = n;
	else if (IS("wait"))
		wait_ms(n);
	else if (IS("replay"))
		replay(s, n);
	else if (!eq)
		send_rtcp(s, word);
	for (; n > 0 && (IS("send") || IS("bad") || IS("skip") || IS("clear") ||
			 IS("tiny"));
	     n--) {
		if (IS("send") || IS("bad")) {
			send_one(s, IS("bad"));
			continue;
		}
		k = next_packet(s);
		if (IS("skip"))
			seal(s, &k, false);
		else
			emit(s, k.p, IS("tiny") ? HEADER + 1 : k.len);
	}
#undef IS
}

int main(int argc, char **argv)
{
	struct peer s = { .ssrc = 0x11223344, .seq = 100 };
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct vc_keyline line;
	char text[VC_KEYLINE_CAP];
	const char *why = "";

	need(argc > 1 && fgets(text, sizeof(text), stdin), "PORT, and a key");
	text[strcspn(text, "\n")] = '\0';
	need(!vc_keyline_parse(&line, vc_str_c(text), &why), why);
	need(!vc_srtp_init_plain() && !vc_srtp_new(&s.srtp, &line.key, true),
	     "key");
	s.shelf = vc_srtp_shelf(s.srtp);
	vc_srtp_take(s.srtp, s.shelf);
	to.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	need(s.fd >= 0 &&
		     !connect(s.fd, (struct sockaddr *)(void *)&to, sizeof(to)),
	     "socket");
	for (int i = 2; i < argc; i++)
		run(&s, argv[i]);
	vc_srtp_free(s.srtp);
	close(s.fd);
	return 0;
}
