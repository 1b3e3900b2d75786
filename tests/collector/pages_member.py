"""A second reader of members proc/PID/pages, written from section 6.4 of docs/bundle-format.md."""
import collections

HOLE, ASCENDING, DESCENDING, REPEATED, SWAPPED, DEVICE, OTHER, FAR = range(8)
SPECIAL, NOT_READ, ALONE = range(3)  # what OTHER is; the flags of what is alone are added
HAS_MAPCOUNTS, HAS_HUGE_MAPPED = 1, 2
FLAGS = ("FILE EXCLUSIVE ANON SWAPBACKED THP HUGE_MAPPED HUGE SWAPCACHE KSM ZERO_PAGE MLOCKED "
         "HWPOISON RESERVED").split()
FILE, EXCLUSIVE, ANON, SWAPBACKED, THP, HUGE_MAPPED, HUGE, SWAPCACHE, KSM, ZERO_PAGE = (
    1 << bit for bit in range(10))

Run = collections.namedtuple("Run", "kind count number flags mapcount")
Mapping = collections.namedtuple("Mapping", "start pages runs")
STEP = {ASCENDING: 1, DESCENDING: -1, REPEATED: 0, SWAPPED: 1, DEVICE: 1, FAR: 1}


class Cut(Exception):
    """The member ends before its end."""


class Member:
    """One member, read whole; `whole` is false when its end is missing."""

    def __init__(self, data):
        self.data, self.at = data, 0
        self.contexts = {kind: [0, 0, 0] for kind in (ASCENDING, REPEATED, SWAPPED, DEVICE)}
        self.contexts[DESCENDING] = self.contexts[FAR] = self.contexts[ASCENDING]
        assert data[:5] == b"MTPG\x01", data[:5]
        self.at = 5
        self.page_bytes, self.features, self.frames = self.varint(), self.varint(), self.varint()
        assert self.frames % 512 == 0
        self.mappings, self.whole = [], False
        try:
            self.read_mappings()
        except Cut:
            pass

    def byte(self):
        if self.at == len(self.data):
            raise Cut
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        number, shift = 0, 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7f) << shift
            if byte < 0x80:
                assert number < 1 << 64
                return number
            shift += 7

    def signed(self):
        number = self.varint()
        return -(number + 1) // 2 if number & 1 else number // 2

    def whole_frame(self):
        size = max(1, ((self.frames - 1).bit_length() + 7) // 8)
        return sum(self.byte() << 8 * index for index in range(size))

    def read_mappings(self):
        end, runs = 0, 0
        while True:
            start, pages = end + self.varint(), self.varint()
            if pages == 0:
                break
            mapping = Mapping(start, pages, [])
            left = pages
            while left > 0:
                mapping.runs.append(self.run())
                left -= mapping.runs[-1].count
            assert left == 0, "runs are longer than their mapping"
            self.mappings.append(mapping)
            end, runs = start + pages, runs + len(mapping.runs)
        assert (self.varint(), self.varint()) == (len(self.mappings), runs)
        assert self.at == len(self.data), "something stands behind the end"
        self.whole = True

    def run(self):
        header = self.byte()
        kind, count = header & 7, header >> 4
        count = count or self.varint() + 16
        context = self.contexts.get(kind)
        if context is None:
            assert not header & 8
            what = self.varint() if kind == OTHER else None
            if kind == OTHER and what >= ALONE:
                return Run(kind, count, ALONE, what - ALONE, 1)
            return Run(kind, count, what, 0, 0)
        number = self.whole_frame() if kind == FAR else context[0] + self.signed()
        if header & 8 and kind == SWAPPED:
            context[1] = self.varint()
        elif header & 8:
            attributes = self.varint()
            context[2] = attributes >> 1
            if attributes & 1:
                context[1] = self.varint()
        step = STEP[kind]
        context[0] = number + step * count - (step if kind == DESCENDING else 0)
        assert 0 <= number < 1 << 55
        return Run(kind, count, number, context[1], context[2])

    def pages(self):
        """(page, run, number) of all that is no hole."""
        for mapping in self.mappings:
            at = mapping.start
            for run in mapping.runs:
                if run.kind != HOLE:
                    for index in range(run.count):
                        yield at + index, run, run.number + STEP.get(run.kind, 0) * index
                at += run.count
