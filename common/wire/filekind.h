/* SPDX-License-Identifier: MIT */
/*
 * What a file is, by its first octets. For choosing a reader, and for saying
 * what was given where something else was due.
 */
#ifndef VC_WIRE_FILEKIND_H
#define VC_WIRE_FILEKIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As many octets of a file's beginning as are worth looking at. */
#define VC_FILEKIND_HEAD 4096

enum vc_filekind {
	VC_FILEKIND_UNKNOWN,
	VC_FILEKIND_EMPTY,
	VC_FILEKIND_TEXT,
	/* Media that vc opens. */
	VC_FILEKIND_MATROSKA, /* WebM too */
	VC_FILEKIND_MP4,      /* MOV too */
	VC_FILEKIND_OGG,
	VC_FILEKIND_WAV,
	VC_FILEKIND_AVI,
	VC_FILEKIND_FLAC,
	VC_FILEKIND_MP3,
	VC_FILEKIND_IVF,
	VC_FILEKIND_Y4M,
	/* Media and texts that it does not. */
	VC_FILEKIND_IMAGE,
	VC_FILEKIND_PLAYLIST,
	VC_FILEKIND_SDP,
	VC_FILEKIND_JSON,
	VC_FILEKIND_XML,
	VC_FILEKIND_GZIP,
	VC_FILEKIND_PCAP, /* pcapng too */
	VC_FILEKIND_RTPDUMP,
	VC_FILEKIND_MJR,
	VC_FILEKIND_VCRTP,
	VC_FILEKIND_SEALED,
	VC_FILEKIND_N
};

/* Looks at the first 'len' octets, the more (up to HEAD) the better. */
enum vc_filekind vc_filekind_of(const uint8_t *p, size_t len);

/* For a message: "a WebM or Matroska file", "text", "an empty file". */
const char *vc_filekind_name(enum vc_filekind kind);

/* The command that reads it where a vc stream was due, for a message: it goes
 * before the file's name. NULL: none does. */
const char *vc_filekind_reader(enum vc_filekind kind);

/* PCAP, RTPDUMP or MJR. */
static inline bool vc_filekind_is_capture(enum vc_filekind kind)
{
	return kind == VC_FILEKIND_PCAP || kind == VC_FILEKIND_RTPDUMP ||
	       kind == VC_FILEKIND_MJR;
}

/* Whether it is audio or video that gst/file.h can open. */
bool vc_filekind_is_media(enum vc_filekind kind);

/*
 * MP4 whose first box says that fragments are in it which know their times
 * (brand iso6): that can be read front to back. Of 32 octets at least.
 */
#define VC_FILEKIND_MP4_HEAD 32
bool vc_filekind_is_fragmented(const uint8_t *p, size_t len);

/* As many octets as vc_filekind_unit() wants to see. */
#define VC_FILEKIND_UNIT 282

/*
 * The length in octets that the outermost unit (EBML element, MP4 box, RIFF
 * chunk, Ogg page) beginning at 'p' claims, its header included: adding them up
 * from the start of the file leads to its end exactly, unless the file was cut
 * short. 0: it does not say, or 'p' is no such unit.
 */
uint64_t vc_filekind_unit(enum vc_filekind kind, const uint8_t *p, size_t len);

#endif
