# SPDX-License-Identifier: MIT
#
# SRTP as RFC 3711 has it, AES-CM with HMAC-SHA1, written a second time so that
# what ours opens was not sealed by the same library. Slow.
import base64
import hashlib
import hmac
import struct


def _tables():
    p = q = 1
    box = [0] * 256
    while True:
        p ^= (p << 1 & 255) ^ (0x1B if p & 128 else 0)
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 255
        if q & 128:
            q ^= 9
        x = q ^ _rot(q, 1) ^ _rot(q, 2) ^ _rot(q, 3) ^ _rot(q, 4)
        box[p] = x ^ 0x63
        if p == 1:
            box[0] = 0x63
            return box


def _rot(x, n):
    return (x << n | x >> 8 - n) & 255


SBOX = _tables()
TWICE = [(x << 1 & 255) ^ (0x1B if x & 128 else 0) for x in range(256)]


class Aes128:
    def __init__(self, key):
        w = [list(key[i:i + 4]) for i in range(0, 16, 4)]
        rcon = 1
        for i in range(4, 44):
            t = w[i - 1]
            if i % 4 == 0:
                t = [SBOX[x] for x in t[1:] + t[:1]]
                t[0] ^= rcon
                rcon = TWICE[rcon]
            w.append([a ^ b for a, b in zip(w[i - 4], t)])
        self.keys = [sum(w[i:i + 4], []) for i in range(0, 44, 4)]

    def block(self, data):
        s = [a ^ b for a, b in zip(data, self.keys[0])]
        for n in range(1, 11):
            s = [SBOX[s[(i + 4 * (i % 4)) % 16]] for i in range(16)]
            if n < 10:
                s = [TWICE[s[i]] ^ TWICE[s[j]] ^ s[j] ^ s[k] ^ s[m]
                     for c in range(0, 16, 4)
                     for i, j, k, m in ((c, c + 1, c + 2, c + 3),
                                        (c + 1, c + 2, c + 3, c),
                                        (c + 2, c + 3, c, c + 1),
                                        (c + 3, c, c + 1, c + 2))]
            s = [a ^ b for a, b in zip(s, self.keys[n])]
        return bytes(s)

    def stream(self, iv, n):
        out = b"".join(self.block(((iv + i) % 2**128).to_bytes(16, "big"))
                       for i in range((n + 15) // 16))
        return out[:n]


class Sealer:
    """One master key; 'tag' octets behind an RTP packet, 10 or 4."""

    def __init__(self, master, tag=10):
        self.master, self.tag = master, tag
        key, salt = Aes128(master[:16]), int.from_bytes(master[16:30], "big")
        self.rtp, self.rtcp = [
            (Aes128(key.stream((salt ^ base << 48) << 16, 16)),
             key.stream((salt ^ base + 1 << 48) << 16, 20),
             int.from_bytes(key.stream((salt ^ base + 2 << 48) << 16, 14),
                            "big")) for base in (0, 3)]
        self.index, self.count = {}, 0

    def sdes(self):
        return "AES_CM_128_HMAC_SHA1_%d inline:%s" % (
            8 * self.tag, base64.b64encode(self.master).decode())

    @staticmethod
    def _xor(aes, iv, data):
        return bytes(a ^ b for a, b in zip(data, aes.stream(iv, len(data))))

    def seal(self, p):
        return self._rtcp(p) if 192 <= p[1] <= 223 else self._rtp(p)

    def _rtp(self, p):
        aes, auth, salt = self.rtp
        seq, ssrc = struct.unpack_from(">H", p, 2)[0], p[8:12]
        last = self.index.get(ssrc, seq)
        index = last + (seq - last + 2**15) % 2**16 - 2**15
        self.index[ssrc] = max(last, index)
        iv = salt << 16 ^ int.from_bytes(ssrc, "big") << 64 ^ index << 16
        p = p[:12] + self._xor(aes, iv, p[12:])
        tag = hmac.new(auth, p + struct.pack(">I", index >> 16), hashlib.sha1)
        return p + tag.digest()[:self.tag]

    def _rtcp(self, p):
        aes, auth, salt = self.rtcp
        self.count += 1
        ssrc = int.from_bytes(p[4:8], "big")
        iv = salt << 16 ^ ssrc << 64 ^ self.count << 16
        p = p[:8] + self._xor(aes, iv, p[8:])
        p += struct.pack(">I", 1 << 31 | self.count)
        return p + hmac.new(auth, p, hashlib.sha1).digest()[:10]
