/* SPDX-License-Identifier: MIT */
/*
 * Frames of video to RTP payloads: VP8 (RFC 7741), VP9 (RFC 9628), H.264 (RFC
 * 6184) and AV1 (AV1 RTP specification 1.0) behind one interface. A frame is
 * what an encoder gives out for one picture: of H.264 an access unit in Annex
 * B, of AV1 a temporal unit of OBUs that say their size. session/frameasm.h is
 * the way back.
 */
#ifndef VC_SESSION_FRAMEPACK_H
#define VC_SESSION_FRAMEPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/codec.h"

#define VC_FRAMEPACK_PACKET_MAX 1200 /* RTP packet, by default */
#define VC_FRAMEPACK_PAYLOAD_MIN 100 /* 'max_payload' at least */
#define VC_FRAMEPACK_LAYERS_MAX 8

/* Where a frame belongs in a stream of layers. */
struct vc_framepack_layer {
	uint8_t tid;   /* temporal, 0 is the base */
	bool is_sync;  /* may be switched up to this temporal layer */
	uint8_t sid;   /* spatial; VP9 only */
	bool is_inter; /* spatial: predicted from the layer below */
	bool has_more; /* spatial: layers of the same picture follow */
	/*
	 * In all. Temporal ones follow each other as 0, as 0 1, or as 0 2 1 2;
	 * 0: not told. Of spatial ones the sizes are told, too; 0: one.
	 */
	uint8_t n_temporal;
	uint8_t n_spatial;
	uint16_t width[VC_FRAMEPACK_LAYERS_MAX];
	uint16_t height[VC_FRAMEPACK_LAYERS_MAX];
};

struct vc_framepack_conf {
	enum vc_codec codec;
	size_t max_payload;
	uint16_t picture_id; /* VP8, VP9: its low 15 bits */
	uint8_t tl0picidx;   /* VP8, VP9: number of the base layer's frame */
	bool is_key;
	bool is_ref;	  /* others may refer to it */
	bool single_only; /* H.264: packetization-mode 0 */
	const struct vc_framepack_layer *layer; /* NULL: there are none */
};

/* A frame that is being cut. Borrows it and 'conf.layer'. */
struct vc_framepack {
	struct vc_framepack_conf conf;
	const struct vc_framepack_ops *ops;
	const uint8_t *p; /* what comes next of it */
	const uint8_t *end;
	size_t left; /* octets that are to go out */
	size_t n;    /* fragments that are left of what is being cut */
	bool is_first;
	/* H.264, AV1: the unit that is being cut, without its head. */
	uint8_t head[2];
	size_t head_len;
	const uint8_t *unit;
	size_t unit_left;
	size_t unit_at;	   /* octets of it, and its head, that went out */
	bool new_sequence; /* AV1 */
	/* VP9: of the frame. */
	bool is_inter;
	uint16_t width;
	uint16_t height;
};

/* Whether there is a payload format for 'codec' here. */
bool vc_framepack_can(enum vc_codec codec);

/*
 * Begins with a frame of a codec that there is a format for. 0; -EBADMSG: it
 * is not one of that codec; -EMSGSIZE: H.264 with 'single_only', and a NAL unit
 * is longer than a payload. After an error there are no payloads. Frames of
 * VP8 are cut as they are.
 */
int vc_framepack_init(struct vc_framepack *pk,
		      const struct vc_framepack_conf *conf,
		      const uint8_t *frame, size_t len);

/*
 * Writes the next payload (max_payload octets of room); its length, 0 after
 * the last. '*marker' on the last one of a picture.
 */
size_t vc_framepack_next(struct vc_framepack *pk, uint8_t *out, bool *marker);

#endif
