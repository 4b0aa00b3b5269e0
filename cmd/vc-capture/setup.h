/* SPDX-License-Identifier: MIT */
/* From options to people with open sources and encoders. */
#ifndef VC_CAPTURE_SETUP_H
#define VC_CAPTURE_SETUP_H

#include "capture.h"
#include "options.h"
#include "wire/sdp.h"

/* Fills c->people; ends the tool with a reason if something cannot be opened. */
void setup_open(struct capture *c, const struct own *own,
		const struct audio_config *sound);

/* A medium that began later: draws its number, describes it. */
void setup_medium(struct medium *m);

/* The stream begins at c->epoch: draws names and numbers, describes it. */
void setup_begin(struct capture *c, const struct own *own);

#endif
