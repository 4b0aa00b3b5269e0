/* SPDX-License-Identifier: MIT */
/* The ids of RFC 9559 section 5: of wire/webm.c and wire/webmread.c only. */
#ifndef VC_WIRE_WEBM_INTERNAL_H
#define VC_WIRE_WEBM_INTERNAL_H

#define ID_EBML 0x1a45dfa3
#define ID_EBML_VERSION 0x4286
#define ID_EBML_READ_VERSION 0x42f7
#define ID_EBML_MAX_ID 0x42f2
#define ID_EBML_MAX_SIZE 0x42f3
#define ID_DOC_TYPE 0x4282
#define ID_DOC_VERSION 0x4287
#define ID_DOC_READ_VERSION 0x4285

#define ID_SEGMENT 0x18538067
#define ID_SEEK_HEAD 0x114d9b74
#define ID_SEEK 0x4dbb
#define ID_SEEK_ID 0x53ab
#define ID_SEEK_POSITION 0x53ac

#define ID_INFO 0x1549a966
#define ID_TIMESTAMP_SCALE 0x2ad7b1
#define ID_DURATION 0x4489
#define ID_MUXING_APP 0x4d80
#define ID_WRITING_APP 0x5741

#define ID_TRACKS 0x1654ae6b
#define ID_TRACK_ENTRY 0xae
#define ID_TRACK_NUMBER 0xd7
#define ID_TRACK_UID 0x73c5
#define ID_TRACK_TYPE 0x83
#define ID_FLAG_DEFAULT 0x88
#define ID_FLAG_LACING 0x9c
#define ID_NAME 0x536e
#define ID_LANGUAGE 0x22b59c
#define ID_CODEC_ID 0x86
#define ID_CODEC_PRIVATE 0x63a2
#define ID_CODEC_DELAY 0x56aa
#define ID_SEEK_PRE_ROLL 0x56bb
#define ID_VIDEO 0xe0
#define ID_PIXEL_WIDTH 0xb0
#define ID_PIXEL_HEIGHT 0xba
#define ID_AUDIO 0xe1
#define ID_SAMPLING_FREQUENCY 0xb5
#define ID_CHANNELS 0x9f
#define ID_BIT_DEPTH 0x6264

#define ID_CLUSTER 0x1f43b675
#define ID_TIMESTAMP 0xe7
#define ID_SIMPLE_BLOCK 0xa3
#define ID_BLOCK_GROUP 0xa0
#define ID_BLOCK 0xa1
#define ID_BLOCK_DURATION 0x9b
#define ID_REFERENCE_BLOCK 0xfb

#define ID_CUES 0x1c53bb6b
#define ID_CUE_POINT 0xbb
#define ID_CUE_TIME 0xb3
#define ID_CUE_TRACK_POSITIONS 0xb7
#define ID_CUE_TRACK 0xf7
#define ID_CUE_CLUSTER_POSITION 0xf1

#define ID_CRC32 0xbf
#define ID_CONTENT_ENCODINGS 0x6d80
#define ID_DEFAULT_DURATION 0x23e383

#endif
