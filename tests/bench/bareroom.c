/* SPDX-License-Identifier: MIT */
/*
 * What a room costs at least: who talks is decoded, each of them gets the others
 * and all the rest one mix, encoded once. On one thread: libopus, a look at
 * the sockets every 20 ms, sums, one sendmmsg(). No clock, no jitter buffer, no
 * names, no reports, no limiter.
 *
 *   bareroom PORT...
 *
 * Prints the ports at which it listens to those people, in one line; they hear
 * at theirs. Runs until it is killed.
 */
#include <sys/epoll.h>

#include "base/num.h"
#include "bench/bench.h"
#include "codec/opus.h"
#include "wire/rtpext.h"

#define PEOPLE_MAX 1000
#define SAMPLES 960
#define QUEUE 4
#define LEVEL_EXT 1 /* as tools of vc number it */
#define VOICE 60    /* -dBov: louder is voice */
#define HOLD 50	    /* ticks for which who fell silent keeps his own mix */
#define PACKET_MAX (VC_RTP_HEADER + VC_OPUS_PACKET_MAX)

struct mix {
	struct vc_opus_enc *enc;
	uint8_t packet[PACKET_MAX];
	size_t len;
};

struct heard {
	uint8_t p[512];
	size_t len;
};

struct person {
	int fd;
	struct sockaddr_in to;
	struct vc_opus_dec *dec;
	struct mix own;
	struct heard queue[QUEUE]; /* a ring */
	size_t head, n;
	uint32_t until; /* the tick from which he is silent */
	bool has_sound; /* in this tick */
	int16_t pcm[SAMPLES];
};

static struct person people[PEOPLE_MAX];
static size_t n_people;
static struct mix shared;
static int32_t sum[SAMPLES];
static uint32_t ticks;

/* One packet of his: the level in it tells whether it is heard. */
static void take(struct person *one, const uint8_t *p, size_t len)
{
	struct vc_audio_level level;
	struct vc_rtp rtp;
	struct heard *to;

	if (vc_demux(p, len) != VC_DEMUX_RTP || vc_rtp_parse(&rtp, p, len) ||
	    !vc_ext_audio_level(&rtp, LEVEL_EXT, &level))
		return;
	if (level.level <= VOICE)
		one->until = ticks + HOLD;
	if (ticks >= one->until || one->n == QUEUE ||
	    rtp.payload_len > sizeof(to->p))
		return;
	to = &one->queue[(one->head + one->n++) % QUEUE];
	to->len = rtp.payload_len;
	memcpy(to->p, rtp.payload, to->len);
}

/* One that is late is waited for by a tick. */
static void decode(struct person *one)
{
	const struct heard *from = &one->queue[one->head];
	int err;

	if (!one->dec && one->n < 2)
		return;
	if (!one->dec)
		one->dec = vc_opus_dec_new(48000, 1, &err);
	need(one->dec != NULL, "decoder");
	one->has_sound = one->n && vc_opus_decode(one->dec, from->p, from->len,
						  one->pcm, SAMPLES) == SAMPLES;
	one->head = (one->head + (one->n > 0)) % QUEUE;
	one->n -= one->n > 0;
}

static void listen_all(int epoll)
{
	struct epoll_event events[PEOPLE_MAX];
	uint8_t data[BENCH_CAP];
	ssize_t len;
	int n = epoll_wait(epoll, events, PEOPLE_MAX, 0);

	for (int i = 0; i < n; i++) {
		struct person *one = events[i].data.ptr;

		while ((len = recv(one->fd, data, sizeof(data), MSG_DONTWAIT)) >
		       0)
			take(one, data, (size_t)len);
	}
}

static void open_enc(struct mix *m)
{
	const struct vc_opus_enc_cfg cfg = { .rate_hz = 48000,
					     .channels = 1,
					     .ptime_ms = 20,
					     .bitrate_bps = 48000,
					     .complexity = 4 };
	int err;

	m->enc = vc_opus_enc_new(&cfg, &err);
	need(m->enc != NULL, "encoder");
}

static void encode(struct mix *m, const int16_t *minus)
{
	const struct vc_rtp rtp = { .pt = 111,
				    .seq = (uint16_t)ticks,
				    .ts = ticks * SAMPLES,
				    .ssrc = 1 };
	struct vc_wr w = vc_wr_over(m->packet, sizeof(m->packet));
	int16_t pcm[SAMPLES];
	int len;

	if (!m->enc)
		open_enc(m);
	for (size_t i = 0; i < SAMPLES; i++) {
		int32_t v = sum[i] - (minus ? minus[i] : 0);

		pcm[i] = (int16_t)(v > INT16_MAX ? INT16_MAX :
				   v < INT16_MIN ? INT16_MIN :
						   v);
	}
	vc_rtp_write(&w, &rtp);
	len = vc_opus_encode(m->enc, pcm, SAMPLES, w.p, VC_OPUS_PACKET_MAX);
	need(len > 0, "encode");
	m->len = VC_RTP_HEADER + (size_t)len;
}

static void mix_all(void)
{
	memset(sum, 0, sizeof(sum));
	for (size_t i = 0; i < n_people; i++) {
		decode(&people[i]);
		for (size_t k = 0; k < SAMPLES && people[i].has_sound; k++)
			sum[k] += people[i].pcm[k];
	}
	encode(&shared, NULL);
	for (size_t i = 0; i < n_people; i++)
		if (ticks < people[i].until)
			encode(&people[i].own,
			       people[i].has_sound ? people[i].pcm : NULL);
	ticks++;
}

static void send_all(void)
{
	static struct mmsghdr hdr[PEOPLE_MAX];
	static struct iovec iov[PEOPLE_MAX];

	for (size_t i = 0; i < n_people; i++) {
		struct person *one = &people[i];
		/* mix_all() has counted. */
		struct mix *m = ticks <= one->until ? &one->own : &shared;

		iov[i] = (struct iovec){ m->packet, m->len };
		hdr[i].msg_hdr =
			(struct msghdr){ .msg_name = &one->to,
					 .msg_namelen = sizeof(one->to),
					 .msg_iov = &iov[i],
					 .msg_iovlen = 1 };
	}
	for (size_t done = 0; done < n_people;) {
		int n = sendmmsg(people[0].fd, hdr + done,
				 (unsigned int)(n_people - done), 0);

		/* Nobody listens any more. */
		if (n < 1)
			exit(0);
		done += (size_t)n;
	}
}

int main(int argc, char **argv)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int64_t due, to;

	n_people = (size_t)argc - 1;
	need(epoll >= 0 && argc > 1 && n_people <= PEOPLE_MAX, "PORT...");
	for (size_t i = 0; i < n_people; i++) {
		struct epoll_event ev = { .events = EPOLLIN,
					  .data.ptr = &people[i] };
		uint16_t port = 0;

		need(!vc_num_i64(argv[1 + i], 1, 65535, &to), argv[1 + i]);
		people[i].to = address(INADDR_LOOPBACK, (uint16_t)to);
		people[i].fd = udp_at(INADDR_LOOPBACK, &port);
		need(!epoll_ctl(epoll, EPOLL_CTL_ADD, people[i].fd, &ev),
		     "epoll");
		printf("%u ", port);
	}
	puts("");
	fflush(stdout);
	for (due = now_ns(CLOCK_MONOTONIC);; due += 20 * VC_MS) {
		sleep_until(due);
		listen_all(epoll);
		mix_all();
		send_all();
	}
}
