# SPDX-License-Identifier: MIT
#
# kills.py SEED N STREAM FORMAT...: N times vc-record is fed STREAM, with a
# pause at a random place until it has read all that came, or none, and killed
# there. What is left has to open, here and (each tenth) in ffprobe, to have all
# but the last second (and what waits to be put in order), and to be mended.
import fcntl, json, os, random, subprocess, sys, termios, struct, time

import vcframes

HELD_MS = 1000  # what may be lost


# Where each frame ends, and how long the recording is then.
def frames(data):
    at, begin = 0, None
    for now, p in vcframes.timed(data):
        at += 2 + len(p)
        if vcframes.is_rtp(p):
            begin = begin or now
        yield at, now - (begin or now)


def unread(fd):
    return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4))[0]


# It has read all, and sleeps until there is more.
def settle(pid, fd):
    end, asleep = time.monotonic() + 60, 0
    while asleep < 5 and time.monotonic() < end:
        with open("/proc/%d/stat" % pid) as f:
            is_asleep = f.read().rsplit(")", 1)[1].split()[0] == "S"
        asleep = asleep + 1 if is_asleep and not unread(fd) else 0
        time.sleep(0.01)
    assert asleep == 5


def run(*args):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60)


def one(i, data, marks, fmt, rng):
    name = "k%d.%s" % (i, fmt)
    cut, ns = marks[rng.randrange(len(marks))]
    waits = rng.random() < 0.7
    fifo = "in%d" % i
    os.mkfifo(fifo)
    rec = subprocess.Popen(["vc-record", "-q", "-i", fifo, name],
                           stdout=subprocess.DEVNULL)
    fd = os.open(fifo, os.O_WRONLY)
    at = 0
    while at < cut:
        at += os.write(fd, data[at:min(cut, at + 65536)])
    if waits:
        settle(rec.pid, fd)
    rec.kill()
    rec.wait()
    os.close(fd)
    os.unlink(fifo)
    part = name + ".part"
    if not os.path.exists(part) or not os.path.getsize(part):
        assert not waits or ns / 1e6 < HELD_MS + 200, (name, ns)
        return None
    info = run("vc-record", "info", "--json", part)
    if not info.stdout:
        assert not waits or ns / 1e6 < HELD_MS + 200, (
            name, ns, info.stderr)
        return None
    got = json.loads(info.stdout)["duration_ms"]
    lost = ns / 1e6 - got
    if waits:
        assert lost <= HELD_MS, (name, ns / 1e6, got)
    if i % 10 == 0 and got > 0:
        probe = run("ffprobe", "-v", "quiet", "-show_entries",
                    "stream=codec_name", "-of", "csv=p=0", part)
        assert probe.returncode == 0 and probe.stdout.strip(), part
    mend = run("vc-record", "repair", part)
    if mend.returncode == 4:
        assert got < 1, (part, got)
        return None
    assert mend.returncode == 0, (part, mend.stderr)
    proof = run("vc-record", "verify", name)
    assert proof.returncode == 0, (name, proof.stdout)
    for f in os.listdir("."):
        if f.startswith("k%d." % i):
            os.unlink(f)
    return lost if waits else None


def main():
    seed, n, stream = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    formats = sys.argv[4:]
    rng = random.Random(seed)
    data = open(stream, "rb").read()
    marks = list(frames(data))
    lost = []
    for i in range(n):
        got = one(i, data, marks, formats[i % len(formats)], rng)
        if got is not None:
            lost.append(got)
    assert len(lost) >= 0.3 * n
    lost.sort()
    print("%d kills, seed %d: %d measured, lost %.0f ms at most, %.0f in the "
          "middle" % (n, seed, len(lost), lost[-1], lost[len(lost) // 2]))


main()
