/* SPDX-License-Identifier: MIT */
/* AES-GCM for libsrtp2, by OpenSSL. */
#ifndef VC_NET_SRTPGCM_H
#define VC_NET_SRTPGCM_H

/*
 * Keys that libsrtp2 is given from now on are used by it. Once a process, after
 * srtp_init() and before a sandbox. 0; -EIO: one of the two does not compute
 * what the other and the tables here say.
 */
int vc_srtpgcm_install(void);

#endif
