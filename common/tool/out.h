/* SPDX-License-Identifier: MIT */
/*
 * Streams out: writes one stream to every -o PLACE, each with as many readers
 * as it has (a listening place serves 16), each reader with its own queue
 * (vc-stream(7), Slow readers). T frames, repeated state events and the
 * a=x-vc-control line are added here. Virtual and recorded writers block;
 * live ones drop whole RTP frames and say so with `gap` events.
 */
#ifndef VC_TOOL_OUT_H
#define VC_TOOL_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "tool/tool.h"
#include "wire/sdp.h"

struct vc_json;
struct vc_out;
struct vc_tool;

/*
 * Opens the -o places (none: stdout). NULL after saying why and setting the
 * exit code. 'keyframe' is called when a new reader needs one.
 */
struct vc_out *vc_out_new(struct vc_tool *t, void (*keyframe)(void *ctx),
			  void *ctx);

/* The same for given places (vc-probe's --pass writes to "-"). */
struct vc_out *vc_out_new_places(struct vc_tool *t,
				 const struct vc_words *places,
				 void (*keyframe)(void *ctx), void *ctx);

/* Writes out what is queued (live: at most 500 ms), closes. NULL is fine. */
void vc_out_free(struct vc_out *o);

/*
 * The description, first of all. 'clock' and 'control' in it are set here by
 * the loop's clock (virtual, unless it says recorded) and the tool's private
 * socket.
 */
void vc_out_desc(struct vc_out *o, const struct vc_sdp *sdp);

/*
 * Stream time: what follows is written at 'now'. Without it, the loop's now.
 * Also call it at least every 100 ms while nothing else is written (a timer
 * of this module does that on its own once vc_out_desc() was called).
 */
void vc_out_time(struct vc_out *o, int64_t now);

/*
 * One RTP or RTCP packet; takes a reference. pkt->arrival goes out as a T of
 * kind 1 when it differs from now and 'with_arrival' is set.
 */
void vc_out_packet(struct vc_out *o, struct vc_packet *pkt, bool with_arrival);

/* An RTCP compound that was built in a buffer. */
void vc_out_rtcp(struct vc_out *o, const uint8_t *p, size_t len);

/* An event; takes it over. Also goes to the control socket's followers. */
void vc_out_event(struct vc_out *o, struct vc_json *event);

/*
 * A state event (source, role, route): written now if it changed, repeated
 * each second and for new readers, until it is dropped. 'key' names it
 * ("source 1234"). Takes 'event' over.
 */
void vc_out_state(struct vc_out *o, const char *key, struct vc_json *event);
void vc_out_state_drop(struct vc_out *o, const char *key);

/* A whole frame with its length, as it came (pass-through): no T is added. */
void vc_out_raw(struct vc_out *o, const uint8_t *frame, size_t len);

/* No reader is left (EPIPE on stdout, the only place): an orderly end. */
bool vc_out_is_dead(const struct vc_out *o);

#endif
