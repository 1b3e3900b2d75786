"""Members proc/PID/pages (docs/bundle-format.md, section 6.4) from lines of text.

    page_bytes 4096 frames 4096 features 1
    mapping 10000-20000                      hexadecimal addresses
    frames 100+10 mapcount 1 anon swapbacked
    down 90+3 mapcount 1 anon                90, 89, 88
    again 7x3 mapcount 0 zero_page           three pages of one frame
    swap 1:50+8                              area 1, slots 50 to 57
    device 5+2
    special 1
    notread 2
    alone 9 exclusive anon swapbacked        frames without numbers
    hole 4                                   what is left of a mapping is a hole, too

What a line does not say of mapcount and flags is as in the line before of its kind; of "alone" it is 0.
"""
KINDS = {"hole": 0, "frames": 1, "down": 2, "again": 3, "swap": 4, "device": 5, "special": 6,
         "notread": 6, "alone": 6}
OTHER = {"special": 0, "notread": 1}
FLAGS = ["file", "exclusive", "anon", "swapbacked", "thp", "huge_mapped", "huge", "swapcache",
         "ksm", "zero_page", "mlocked", "hwpoison", "reserved"]


def varint(number):
    out = bytearray()
    while number > 0x7f:
        out.append(number & 0x7f | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def signed(number):
    return varint(2 * number if number >= 0 else -2 * number - 1)


def flag_bits(words):
    return sum(1 << FLAGS.index(flag) for flag in words)


class Member:
    def __init__(self):
        self.out = bytearray()
        self.page_bytes = 0
        self.mappings = self.runs = self.end = self.left = 0
        self.expected = {"frames": 0, "again": 0, "swap": 0, "device": 0}

    def head(self, words):
        told = dict(zip(words[::2], map(int, words[1::2])))
        self.page_bytes = told["page_bytes"]
        self.out += b"MTPG\1" + varint(self.page_bytes) + varint(told["features"])
        self.out += varint(told["frames"])

    def mapping(self, words):
        start, end = (int(part, 16) // self.page_bytes for part in words[1].split("-"))
        self.fill()
        self.out += varint(start - self.end) + varint(end - start)
        self.end, self.left = end, end - start
        self.mappings += 1

    def fill(self):
        if self.left:
            self.run("hole", self.left, b"", b"")

    def run(self, word, count, where, attributes):
        byte = KINDS[word] | (8 if attributes else 0)
        self.out += bytes([byte | count << 4]) if count < 16 else bytes([byte]) + varint(count - 16)
        self.out += where + attributes
        self.left -= count
        self.runs += 1
        assert self.left >= 0, "a run that is longer than its mapping"

    def alone(self, words):
        self.run("alone", int(words[1]), varint(2 + flag_bits(words[2:])), b"")

    def step(self, of, to):
        return signed(to - self.expected[of])

    def line(self, words):
        word = words[0]
        if word in OTHER:
            self.run(word, int(words[1]), varint(OTHER[word]), b"")
        elif word == "alone":
            self.alone(words)
        elif word == "hole":
            self.run(word, int(words[1]), b"", b"")
        elif word == "swap":
            area, slots = words[1].split(":")
            first, count = map(int, slots.split("+"))
            self.run(word, count, self.step("swap", first), varint(int(area)))
            self.expected["swap"] = first + count
        else:
            self.framed(word, words)

    def framed(self, word, words):
        first, count = map(int, words[1].replace("x", "+").split("+"))
        of = "frames" if word == "down" else word
        attributes = b""
        if len(words) > 4:
            attributes = varint(2 * int(words[3]) + 1) + varint(flag_bits(words[4:]))
        elif len(words) > 2:
            attributes = varint(2 * int(words[3]))
        self.run(word, count, self.step(of, first), attributes)
        after = {"frames": first + count, "device": first + count, "again": first,
                 "down": first - count + 1}
        self.expected[of] = after[word]


def encode(text):
    member = Member()
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "page_bytes":
            member.head(words)
        elif words[0] == "mapping":
            member.mapping(words)
        else:
            member.line(words)
    member.fill()
    return bytes(member.out + b"\0\0" + varint(member.mappings) + varint(member.runs))
