/* SPDX-License-Identifier: MIT */
/*
 * The send chain of one source that a tool makes: encoded frames become RTP
 * packets with sequence numbers, times and audio level, announced by SR + SDES
 * before the first and once a second after (vc-stream(7)). Packets go to a
 * function of the tool, which writes them.
 */
#ifndef VC_ENGINE_TX_H
#define VC_ENGINE_TX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "session/framepack.h"
#include "session/sender.h"
#include "wire/codec.h"
#include "wire/rtpext.h"

#define VC_TX_PACKET 1200 /* RTP packets are at most this long */
/* A NAL unit so long fits into one, whatever else is in it but CSRCs. */
#define VC_TX_UNIT (VC_TX_PACKET - 50)

struct vc_tx {
	struct vc_sender sender;
	struct vc_pool *pool;
	/* One packet, RTP or RTCP; take a reference to keep it. */
	void (*send)(void *ctx, struct vc_packet *pkt, bool is_rtcp);
	void *ctx;
	uint8_t pt;
	enum vc_codec codec;
	bool has_begun;
	bool has_captured; /* t is when it was captured: each packet says so */
	/*
	 * Pictures that are a layer of simulcast say so: MID and RID (RFC 9143,
	 * RFC 8852), at most VC_RID_MAX octets each, or NULL; not copied. They
	 * are in all packets of key frames and of the first second, and in one
	 * packet every half second.
	 */
	const char *mid, *rid;
	bool has_named;
	int64_t first_t, named_at;
	/*
	 * Pictures: how they are to be turned, where that was told. The last
	 * packet says so, of key frames, of the first that differs (3GPP TS
	 * 26.114, 7.4.5), and of all while there is something to do: browsers
	 * show a picture without a word as it is. Of spatial layers each packet
	 * says it.
	 */
	bool has_orientation;
	struct vc_orientation orientation;
	uint8_t said_orientation; /* octet; 0 before the first */
	const uint32_t *csrc;	  /* mixers: who is in it, or NULL */
	unsigned int n_csrc;
	/* Of sound: how loud each of those is (RFC 6465), or NULL. */
	const uint8_t *csrc_levels;
	/*
	 * Video: how frames are cut. The owner may set is_ref, single_only and
	 * layer, before a frame that they are for; the rest is the chain's.
	 */
	struct vc_framepack_conf pack;
};

/*
 * 'purpose' tells this source from the tool's others (session/sender.h);
 * 'epoch' is the stream's beginning.
 */
void vc_tx_init(struct vc_tx *tx, const struct vc_rand *rand,
		const char *purpose, enum vc_codec codec, uint8_t pt,
		uint32_t rate_hz, int64_t epoch, const char *cname,
		const char *name);

/* SR + SDES if due at 'now' (also before the first packet). */
void vc_tx_report(struct vc_tx *tx, int64_t now);

/*
 * An encoded audio frame whose first sample is of time 't', written at 'now'.
 * 'level_dbov' of RFC 6464 (0..127), or -1: no extension. 'marker': the first
 * after silence.
 */
void vc_tx_audio(struct vc_tx *tx, int64_t now, int64_t t, const uint8_t *p,
		 size_t len, int level_dbov, bool is_voice, bool marker);

/*
 * A packet of another format among the source's, such as an event: its RTP time
 * is that of 't'.
 */
void vc_tx_other(struct vc_tx *tx, int64_t now, int64_t t, uint8_t pt,
		 bool marker, const uint8_t *p, size_t len);

/*
 * An encoded frame of 'codec', captured at 't'. 0, or an error of
 * vc_framepack_init(): then nothing of it went out.
 */
int vc_tx_video(struct vc_tx *tx, int64_t now, int64_t t, const uint8_t *p,
		size_t len, bool is_key);

/* SR + SDES + BYE. */
void vc_tx_bye(struct vc_tx *tx, int64_t now, const char *reason);

#endif
