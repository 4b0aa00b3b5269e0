/* SPDX-License-Identifier: MIT */
/* Gathered octets, compressed, into a file that never makes us wait. */
#ifndef VC_TOOL_GZOUT_H
#define VC_TOOL_GZOUT_H

struct iovec;
struct vc_gzout;

/* NULL when out of memory. */
struct vc_gzout *vc_gzout_new(void);
void vc_gzout_free(struct vc_gzout *z);

/* Takes all of it. 0 or -errno. */
int vc_gzout_write(struct vc_gzout *z, int fd, const struct iovec *iov, int n);

/* Writes what is left and the trailer. 0 or -errno. */
int vc_gzout_finish(struct vc_gzout *z, int fd);

#endif
