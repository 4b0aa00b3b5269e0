/* SPDX-License-Identifier: MIT */
/*
 * Builds each packet in a buffer of the pool: header, one-byte extension with
 * the audio level and the time of capture where they are known, and now and then
 * which layer it is or how the picture is turned, payload. The time is in each
 * packet, as whoever measures may see but a few of them. A report goes out
 * before the first packet and, checked at each one, once a second.
 */
#include <string.h>

#include "base/time.h"
#include "engine/tx.h"
#include "wire/ntp.h"
#include "wire/rtp.h"

/* Octets of elements. */
#define TURN_LEN 2
#define EXT_MAX (12 + 2 * (1 + VC_RID_MAX) + 1 + VC_RTP_CSRC_MAX + TURN_LEN)
#define NAMES_FIRST VC_SEC /* so long in every packet */
#define NAMES_INTERVAL (500 * VC_MS)

void vc_tx_init(struct vc_tx *tx, const struct vc_rand *rand,
		const char *purpose, enum vc_codec codec, uint8_t pt,
		uint32_t rate_hz, int64_t epoch, const char *cname,
		const char *name)
{
	vc_sender_init(&tx->sender, rand, purpose, rate_hz, epoch, cname, name);
	tx->codec = codec;
	tx->pt = pt;
	tx->pack = (struct vc_framepack_conf){
		.codec = codec,
		.picture_id =
			(uint16_t)(vc_rand_u32(rand, purpose, 1) & 0x7fff),
		.is_ref = true,
	};
}

void vc_tx_report(struct vc_tx *tx, int64_t now)
{
	struct vc_packet *pkt;
	int len;

	if (now < vc_sender_next_report(&tx->sender))
		return;
	pkt = vc_packet_new(tx->pool, VC_SENDER_COMPOUND);
	if (!pkt)
		return;
	len = vc_sender_report(&tx->sender, pkt->data, pkt->cap, now);
	if (len > 0) {
		pkt->len = (size_t)len;
		pkt->arrival = now;
		tx->send(tx->ctx, pkt, true);
	}
	vc_packet_unref(pkt);
}

static void send_rtp(struct vc_tx *tx, int64_t now, int64_t t, bool marker,
		     const uint8_t *ext, size_t ext_len, const uint8_t *p,
		     size_t len)
{
	struct vc_rtp rtp = { .pt = tx->pt,
			      .marker = marker,
			      .n_csrc = tx->n_csrc };
	struct vc_packet *pkt = vc_packet_new(tx->pool, VC_PACKET_MAX / 4);
	struct vc_wr w;

	if (!pkt)
		return;
	if (rtp.n_csrc > VC_RTP_CSRC_MAX)
		rtp.n_csrc = VC_RTP_CSRC_MAX;
	for (unsigned int i = 0; i < rtp.n_csrc; i++)
		rtp.csrc[i] = tx->csrc[i];
	if (ext_len) {
		rtp.has_ext = true;
		rtp.ext_profile = VC_RTP_EXT_ONE;
		rtp.ext = ext;
		rtp.ext_len = ext_len;
	}
	vc_sender_next(&tx->sender, &rtp, vc_sender_ts(&tx->sender, t), len);
	w = vc_wr_over(pkt->data, pkt->cap);
	if (!vc_rtp_write(&w, &rtp))
		vc_wr_bytes(&w, p, len);
	if (!w.bad) {
		pkt->len = vc_wr_len(&w);
		pkt->arrival = now;
		tx->send(tx->ctx, pkt, false);
	}
	vc_packet_unref(pkt);
}

static void write_capture_time(const struct vc_tx *tx, struct vc_wr *w,
			       int64_t t)
{
	const struct vc_capture_time time = { .ntp = vc_ntp_from_ns(t) };
	uint8_t octets[16];

	if (!tx->has_captured)
		return;
	vc_ext_write(w, VC_EXT_ABS_CAPTURE_TIME, octets,
		     vc_ext_set_capture_time(octets, &time));
}

static void write_csrc_levels(const struct vc_tx *tx, struct vc_wr *w)
{
	size_t n = tx->n_csrc < VC_RTP_CSRC_MAX ? tx->n_csrc : VC_RTP_CSRC_MAX;

	if (tx->csrc_levels && n)
		vc_ext_write(w, VC_EXT_CSRC_LEVELS, tx->csrc_levels, n);
}

void vc_tx_audio(struct vc_tx *tx, int64_t now, int64_t t, const uint8_t *p,
		 size_t len, int level_dbov, bool is_voice, bool marker)
{
	uint8_t ext[EXT_MAX];
	struct vc_wr w = vc_wr_over(ext, sizeof(ext));

	vc_tx_report(tx, now);
	if (level_dbov >= 0)
		vc_ext_write_audio_level(&w, VC_EXT_AUDIO_LEVEL, is_voice,
					 (uint8_t)level_dbov);
	write_capture_time(tx, &w, t);
	write_csrc_levels(tx, &w);
	send_rtp(tx, now, t, marker || !tx->has_begun, ext, vc_wr_len(&w), p,
		 len);
	tx->has_begun = true;
}

void vc_tx_other(struct vc_tx *tx, int64_t now, int64_t t, uint8_t pt,
		 bool marker, const uint8_t *p, size_t len)
{
	uint8_t own = tx->pt;

	vc_tx_report(tx, now);
	tx->pt = pt;
	send_rtp(tx, now, t, marker, NULL, 0, p, len);
	tx->pt = own;
	tx->has_begun = true;
}

static void write_name(struct vc_wr *w, uint8_t id, const char *name)
{
	if (name)
		vc_ext_write(w, id, name, strlen(name));
}

/* MID and RID. True: in every packet of the frame, not just in its first. */
static bool write_names(struct vc_tx *tx, struct vc_wr *w, int64_t t,
			bool is_key)
{
	bool is_first = !tx->has_named;

	if (!tx->mid && !tx->rid)
		return false;
	if (is_first)
		tx->first_t = t;
	is_key |= t - tx->first_t < NAMES_FIRST;
	if (!is_key && t - tx->named_at < NAMES_INTERVAL)
		return false;
	tx->has_named = true;
	tx->named_at = t;
	write_name(w, VC_EXT_MID, tx->mid);
	write_name(w, VC_EXT_RID, tx->rid);
	return is_key;
}

static bool has_to_turn(const struct vc_tx *tx, bool is_key)
{
	uint8_t octet = vc_ext_orientation_octet(&tx->orientation);

	return tx->has_orientation &&
	       (is_key || octet || octet != tx->said_orientation);
}

/* Of spatial layers the upper ones may be left out on the way, and with them
 * the last packet: all of them say it. */
static bool is_spatial(const struct vc_tx *tx)
{
	return tx->pack.layer && tx->pack.layer->n_spatial > 1;
}

static void write_turn(struct vc_tx *tx, struct vc_wr *w)
{
	uint8_t octet = vc_ext_orientation_octet(&tx->orientation);

	if (!tx->pack.layer || !tx->pack.layer->has_more)
		tx->said_orientation = octet;
	vc_ext_write(w, VC_EXT_ORIENTATION, &octet, 1);
}

/* Behind 'len' octets of elements; returns how many they are then. */
static size_t append_turn(struct vc_tx *tx, uint8_t ext[static EXT_MAX],
			  size_t len)
{
	struct vc_wr w = vc_wr_over(ext + len, EXT_MAX - len);

	write_turn(tx, &w);
	return len + vc_wr_len(&w);
}

/* The frame after one that went out has other numbers. */
static void count_frame(struct vc_framepack_conf *c)
{
	const struct vc_framepack_layer *layer = c->layer;

	if (layer && layer->has_more)
		return;
	c->picture_id = (uint16_t)((c->picture_id + 1) & 0x7fff);
}

/* The number of the base layer's frame that this one depends on, or is. */
static void count_base(struct vc_framepack_conf *c)
{
	const struct vc_framepack_layer *layer = c->layer;

	if (!layer || (!layer->tid && !layer->sid))
		c->tl0picidx++;
}

int vc_tx_video(struct vc_tx *tx, int64_t now, int64_t t, const uint8_t *p,
		size_t len, bool is_key)
{
	size_t room = VC_TX_PACKET - VC_RTP_HEADER - (size_t)4 * tx->n_csrc;
	uint8_t payload[VC_TX_PACKET], ext[EXT_MAX];
	struct vc_wr w = vc_wr_over(ext, sizeof(ext));
	struct vc_framepack pack;
	bool marker, is_in_all, is_turned = has_to_turn(tx, is_key);
	size_t ext_len, all_len, most;
	size_t n;
	int err;

	vc_tx_report(tx, now);
	write_capture_time(tx, &w, t);
	if (is_turned && is_spatial(tx)) {
		write_turn(tx, &w);
		is_turned = false;
	}
	all_len = vc_wr_len(&w);
	/* Said by all packets of a picture, or by the first one. */
	is_in_all = write_names(tx, &w, t, is_key);
	ext_len = vc_wr_len(&w);
	most = ext_len + (is_turned ? TURN_LEN : 0);
	if (most)
		room -= 4 + ((most + 3) & ~(size_t)3);
	tx->pack.max_payload = room;
	tx->pack.is_key = is_key;
	count_base(&tx->pack);
	err = vc_framepack_init(&pack, &tx->pack, p, len);
	while ((n = vc_framepack_next(&pack, payload, &marker))) {
		if (marker && is_turned)
			ext_len = append_turn(tx, ext, ext_len);
		send_rtp(tx, now, t, marker, ext, ext_len, payload, n);
		if (!is_in_all)
			ext_len = all_len;
	}
	count_frame(&tx->pack);
	tx->has_begun = true;
	return err;
}

void vc_tx_bye(struct vc_tx *tx, int64_t now, const char *reason)
{
	struct vc_packet *pkt = vc_packet_new(tx->pool, VC_SENDER_COMPOUND);
	int len;

	if (!pkt)
		return;
	len = vc_sender_bye(&tx->sender, pkt->data, pkt->cap, now, reason);
	if (len > 0) {
		pkt->len = (size_t)len;
		pkt->arrival = now;
		tx->send(tx->ctx, pkt, true);
	}
	vc_packet_unref(pkt);
}
