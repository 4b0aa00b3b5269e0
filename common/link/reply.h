/* SPDX-License-Identifier: MIT */
/*
 * The way back of a bridge (vc-recv --reply): a receiver's participants are a
 * transmitter's destinations, each by the port and to the address he came by,
 * and gets what is routed to him. The transmitter is made first.
 */
#ifndef VC_LINK_REPLY_H
#define VC_LINK_REPLY_H

#include "link/rtprx.h"
#include "link/rtptx.h"

/* For vc_rtprx_conf, 'tx' (borrowed) is whom they are told to. */
struct vc_rtprx_back vc_reply_to(struct vc_rtptx *tx);

#endif
