# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The accelerator beside `switch.sip.scan`: plain messages, read in one pass over the octets.

Whatever is unusual (folded lines, spaces in odd places, every fault) is None here, and the reference
scanner reads it; so this module never refuses a message, and its rules are a subset of those.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.string cimport memchr, memcmp, memcpy

from switch.sip.bounds import MAX_CONTACTS, MAX_HOPS, MAX_LINE, MAX_MESSAGE, MAX_VIAS
from switch.sip.grammar import is_ipv6
from switch.sip.message import COMPACT_FORMS, KEYS, canonical

cdef enum:
    PLAIN_LINES = 96
    PLAIN_PARAMS = 12

cdef enum:
    OTHER = 0
    VIA = 1
    FROM = 2
    TO = 3
    CALL_ID = 4
    CSEQ = 5
    CONTACT = 6
    CONTENT_LENGTH = 7
    MAX_FORWARDS = 8
    CONTENT_TYPE = 9
    EXPIRES = 10
    EVENT = 11
    MIN_SE = 12
    RACK = 13
    REFER_TO = 14
    REPLACES = 15
    RSEQ = 16
    SESSION_EXPIRES = 17
    KINDS = 18

cdef tuple NAMES = (
    "", "via", "from", "to", "call-id", "cseq", "contact", "content-length", "max-forwards",
    "content-type", "expires", "event", "min-se", "rack", "refer-to", "replaces", "rseq",
    "session-expires",
)
cdef dict IDS = {name: at for at, name in enumerate(NAMES) if name}
cdef dict LETTERS = {long: ord(short) for short, long in COMPACT_FORMS.items()}
cdef dict SPELLINGS = KEYS
cdef object slow_canonical = canonical

cdef Py_ssize_t max_message = MAX_MESSAGE
cdef Py_ssize_t max_line = MAX_LINE
cdef int max_vias = MAX_VIAS
cdef int max_contacts = MAX_CONTACTS
cdef int max_hops = MAX_HOPS

cdef unsigned char IS_TOKEN = 1
cdef unsigned char IS_USER = 2
cdef unsigned char IS_HOST = 4
cdef unsigned char IS_URI_PARAM = 8
cdef unsigned char IS_VALUE = 16
cdef unsigned char IS_DIGIT = 32
cdef unsigned char IS_SCHEME = 64
cdef unsigned char CLASS[256]


cdef void _fill() noexcept:
    cdef int c
    for c in range(256):
        CLASS[c] = 0
    alnum = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    for c in alnum + b"-.!%*_+`'~":
        CLASS[c] |= IS_TOKEN
    for c in alnum + b"-_.!~*'()&=+$,;?/":
        CLASS[c] |= IS_USER
    for c in alnum + b"_.-":
        CLASS[c] |= IS_HOST
    for c in alnum + b"-_.!~*'()[]/:&+$":
        CLASS[c] |= IS_URI_PARAM
    for c in alnum + b"+.-":
        CLASS[c] |= IS_SCHEME
    for c in range(0x21, 0x7F):
        if c not in b"\";<>,\\":
            CLASS[c] |= IS_VALUE
    for c in b"0123456789":
        CLASS[c] |= IS_DIGIT


_fill()

ctypedef const unsigned char* Octets

cdef struct Line:
    unsigned short name
    unsigned short colon
    unsigned short value
    unsigned short end
    unsigned short kind

cdef struct Span:
    Octets start
    Octets end


cdef inline unsigned char lower(unsigned char c) noexcept:
    return c + 32 if 65 <= c <= 90 else c


cdef inline bint same(Octets a, const char* b, Py_ssize_t n) noexcept:
    cdef Py_ssize_t i
    for i in range(n):
        if lower(a[i]) != <unsigned char>b[i]:
            return False
    return True


cdef inline str text(Octets start, Octets end):
    return PyUnicode_DecodeUTF8(<const char*>start, end - start, "surrogateescape")


cdef int compact_kind(unsigned char c) noexcept:
    c = lower(c)
    if c == c"v": return VIA
    if c == c"f": return FROM
    if c == c"t": return TO
    if c == c"i": return CALL_ID
    if c == c"m": return CONTACT
    if c == c"l": return CONTENT_LENGTH
    if c == c"c": return CONTENT_TYPE
    if c == c"o": return EVENT
    if c == c"r": return REFER_TO
    if c == c"x": return SESSION_EXPIRES
    return OTHER


cdef int kind_of(Octets p, Py_ssize_t n) noexcept:
    """Return which of the fields that must be checked this name is."""
    if n == 1:
        return compact_kind(p[0])
    if n == 2:
        return TO if same(p, "to", 2) else OTHER
    if n == 3:
        return VIA if same(p, "via", 3) else OTHER
    if n == 4:
        if same(p, "from", 4): return FROM
        if same(p, "cseq", 4): return CSEQ
        if same(p, "rack", 4): return RACK
        return RSEQ if same(p, "rseq", 4) else OTHER
    if n == 5:
        return EVENT if same(p, "event", 5) else OTHER
    if n == 6:
        return MIN_SE if same(p, "min-se", 6) else OTHER
    if n == 7:
        if same(p, "call-id", 7): return CALL_ID
        if same(p, "contact", 7): return CONTACT
        return EXPIRES if same(p, "expires", 7) else OTHER
    if n == 8:
        if same(p, "refer-to", 8): return REFER_TO
        return REPLACES if same(p, "replaces", 8) else OTHER
    if n == 12:
        if same(p, "max-forwards", 12): return MAX_FORWARDS
        return CONTENT_TYPE if same(p, "content-type", 12) else OTHER
    if n == 14:
        return CONTENT_LENGTH if same(p, "content-length", 14) else OTHER
    if n == 15:
        return SESSION_EXPIRES if same(p, "session-expires", 15) else OTHER
    return OTHER


cdef inline Octets skip(Octets p, Octets end, unsigned char mask) noexcept:
    while p < end and CLASS[p[0]] & mask:
        p += 1
    return p


cdef inline Octets skip_space(Octets p, Octets end) noexcept:
    while p < end and (p[0] == 32 or p[0] == 9):
        p += 1
    return p


cdef long number(Octets p, Octets end, int most) noexcept:
    """Return up to `most` digits as a number; -1 for anything else."""
    cdef long value = 0
    if p == end or end - p > most:
        return -1
    while p < end:
        if not CLASS[p[0]] & IS_DIGIT:
            return -1
        value = value * 10 + (p[0] - 48)
        p += 1
    return value


cdef bint repeats(Span* names, int count) noexcept:
    """Tell whether the last of these names is among the others."""
    cdef Py_ssize_t size = names[count - 1].end - names[count - 1].start
    cdef Py_ssize_t i
    cdef int at
    for at in range(count - 1):
        if names[at].end - names[at].start != size:
            continue
        for i in range(size):
            if lower(names[at].start[i]) != lower(names[count - 1].start[i]):
                break
        else:
            return True
    return False


cdef Octets skip_quoted(Octets p, Octets end) noexcept:
    """Return what follows the quoted string at `p`, or NULL."""
    p += 1
    while p < end:
        if p[0] == 34:
            return p + 1
        p += 2 if p[0] == 92 else 1
    return NULL


cdef bint params(Octets p, Octets end, const char* wanted, Py_ssize_t size, Span* found) noexcept:
    """Read `;name=value` up to the end; keep the value of the wanted name."""
    cdef Span names[PLAIN_PARAMS]
    cdef int count = 0
    cdef Octets value
    while p < end:
        if p[0] != 59 or count == PLAIN_PARAMS:
            return False
        p = skip_space(p + 1, end)
        names[count].start = p
        p = skip(p, end, IS_TOKEN)
        names[count].end = p
        if p == names[count].start:
            return False
        count += 1
        if count > 1 and repeats(names, count):
            return False
        if p == end or p[0] != 61:
            continue
        p += 1
        value = p
        if p < end and p[0] == 34:
            p = skip_quoted(p, end)
            if p == NULL:
                return False
        else:
            p = skip(p, end, IS_VALUE)
        if names[count - 1].end - names[count - 1].start == size and same(
            names[count - 1].start, wanted, size
        ):
            found.start = value
            found.end = p
    return True


cdef bint ipv6(Octets start, Octets end):
    return end - start < 46 and is_ipv6(text(start, end))


cdef bint host_port(Octets p, Octets end):
    """Check `host[:port]`."""
    cdef long port
    cdef Octets start
    if p == end:
        return False
    if p[0] == 91:
        start = p + 1
        while p < end and p[0] != 93:
            p += 1
        if p == end or not ipv6(start, p):
            return False
        p += 1
    elif not CLASS[p[0]] & IS_HOST or p[0] == 46 or p[0] == 45:
        return False
    else:
        p = skip(p, end, IS_HOST)
    if p == end:
        return True
    if p[0] != 58 or p + 1 == end or p[1] == 48:
        return False
    port = number(p + 1, end, 5)
    return 0 < port <= 65535


cdef bint request_uri(Octets p, Octets end):
    """Check a SIP or SIPS URI without password and headers."""
    cdef Span names[PLAIN_PARAMS]
    cdef int count = 0
    cdef Octets at
    cdef Octets user
    if end - p < 5 or end - p > 1024 or not same(p, "sip", 3):
        return False
    p += 4 if lower(p[3]) == c"s" else 3
    if p[0] != 58:
        return False
    p += 1
    at = end - 1
    while at >= p and at[0] != 64:
        at -= 1
    if at >= p:
        user = p
        while p < at:
            if p[0] == 37:
                if at - p < 3 or not is_hex(p[1]) or not is_hex(p[2]):
                    return False
                p += 3
            elif CLASS[p[0]] & IS_USER:
                p += 1
            else:
                return False
        if p == user:
            return False
        p = at + 1
    user = p
    while p < end and p[0] != 59:
        p += 1
    if not host_port(user, p):
        return False
    while p < end:
        if p[0] != 59 or count == PLAIN_PARAMS:
            return False
        names[count].start = p + 1
        p = skip(p + 1, end, IS_URI_PARAM)
        names[count].end = p
        if p == names[count].start:
            return False
        count += 1
        if count > 1 and repeats(names, count):
            return False
        if p < end and p[0] == 61:
            p = skip(p + 1, end, IS_URI_PARAM)
    return True


cdef inline bint is_hex(unsigned char c) noexcept:
    return 48 <= c <= 57 or 65 <= c <= 70 or 97 <= c <= 102


cdef bint via(Octets p, Octets end, Span* sent_by, Span* branch):
    """Read one Via value."""
    if end - p < 10 or memcmp(p, b"SIP/2.0/", 8) != 0:
        return False
    p += 8
    sent_by.start = p
    p = skip(p, end, IS_TOKEN)
    if p == sent_by.start or p == end or (p[0] != 32 and p[0] != 9):
        return False
    p = skip_space(p, end)
    sent_by.start = p
    while p < end and p[0] != 59:
        p += 1
    sent_by.end = p
    return host_port(sent_by.start, p) and params(p, end, "branch", 6, branch)


cdef bint address(Octets p, Octets end, Span* tag) noexcept:
    """Read a name-addr or an addr-spec with its parameters."""
    cdef Octets start = p
    cdef Octets end_of_uri
    cdef bint bracketed = False
    if p < end and p[0] == 34:
        p = skip_quoted(p, end)
        if p == NULL:
            return False
        p = skip_space(p, end)
        if p == end or p[0] != 60:
            return False
        bracketed = True
    else:
        while p < end and p[0] != 60 and p[0] != 59:
            if p[0] == 34 or p[0] == 44 or p[0] == 62:
                return False
            p += 1
        bracketed = p < end and p[0] == 60
    if bracketed:
        p += 1
        start = p
        while p < end and p[0] != 62:
            if p[0] <= 32 or p[0] >= 127 or p[0] == 34 or p[0] == 60:
                return False
            p += 1
        if p == end or not has_scheme(start, p):
            return False
        p = skip_space(p + 1, end)
        return params(p, end, "tag", 3, tag)
    end_of_uri = p
    p = start
    while p < end_of_uri:
        if p[0] <= 32 or p[0] >= 127 or p[0] == 63:
            return False
        p += 1
    return has_scheme(start, p) and params(p, end, "tag", 3, tag)


cdef bint has_scheme(Octets p, Octets end) noexcept:
    """Check that a scheme, a colon and something more stand here."""
    if p == end or not (65 <= p[0] <= 90 or 97 <= p[0] <= 122):
        return False
    p = skip(p, end, IS_SCHEME)
    return end - p > 1 and p[0] == 58


cdef class PlainHead:
    """A message's head as the accelerator read it: the octets, and where in them the lines are."""

    cdef readonly bytes octets
    cdef readonly bytes body
    cdef readonly str method
    cdef readonly str uri
    cdef readonly str reason
    cdef readonly str branch
    cdef readonly str call_id
    cdef readonly int status
    cdef readonly long cseq_number
    cdef int _count
    cdef Line* _lines
    cdef Span _sent_by
    cdef Span _from_tag
    cdef Span _to_tag
    cdef Span _cseq_method

    def __dealloc__(self):
        PyMem_Free(self._lines)

    @property
    def sent_by(self):
        return text(self._sent_by.start, self._sent_by.end).lower()

    @property
    def from_tag(self):
        return text(self._from_tag.start, self._from_tag.end)

    @property
    def to_tag(self):
        return text(self._to_tag.start, self._to_tag.end)

    @property
    def cseq_method(self):
        if self.method:
            return self.method
        return method_text(self._cseq_method.start, self._cseq_method.end)

    cdef inline str _value(self, Line* line):
        cdef Octets base = <Octets>PyBytes_AS_STRING(self.octets)
        return text(base + line.value, base + line.end)

    cdef inline str _name(self, Line* line):
        cdef Octets base = <Octets>PyBytes_AS_STRING(self.octets)
        return text(base + line.name, base + line.colon)

    cdef bint _is(self, Line* line, int kind, bytes key, int letter) noexcept:
        cdef Octets base
        cdef Py_ssize_t size
        if kind != OTHER or line.kind != OTHER:
            return line.kind == kind
        base = <Octets>PyBytes_AS_STRING(self.octets)
        size = line.colon - line.name
        if size == 1 and letter:
            return lower(base[line.name]) == letter
        return size == PyBytes_GET_SIZE(key) and same(base + line.name, PyBytes_AS_STRING(key), size)

    def first(self, str key not None):
        cdef int at, kind = IDS.get(key, OTHER), letter = LETTERS.get(key, 0)
        cdef bytes octets = key.encode("utf-8", "surrogateescape")
        for at in range(self._count):
            if self._is(&self._lines[at], kind, octets, letter):
                return self._value(&self._lines[at])
        return None

    def all(self, str key not None):
        cdef int at, kind = IDS.get(key, OTHER), letter = LETTERS.get(key, 0)
        cdef bytes octets = key.encode("utf-8", "surrogateescape")
        cdef list values = []
        for at in range(self._count):
            if self._is(&self._lines[at], kind, octets, letter):
                values.append(self._value(&self._lines[at]))
        return values

    def select(self, frozenset keys not None):
        cdef int at
        cdef list fields = []
        cdef str name, key
        for at in range(self._count):
            if self._lines[at].kind != OTHER:
                if NAMES[self._lines[at].kind] not in keys:
                    continue
                name = self._name(&self._lines[at])
            else:
                name = self._name(&self._lines[at])
                if (SPELLINGS.get(name) or slow_canonical(name)) not in keys:
                    continue
            fields.append((name, self._value(&self._lines[at])))
        return fields

    def fields(self):
        cdef int at
        return [
            (self._name(&self._lines[at]), self._value(&self._lines[at]))
            for at in range(self._count)
        ]


cdef str method_text(Octets start, Octets end):
    cdef Py_ssize_t size = end - start
    if size == 6 and memcmp(start, b"INVITE", 6) == 0: return "INVITE"
    if size == 3 and memcmp(start, b"ACK", 3) == 0: return "ACK"
    if size == 3 and memcmp(start, b"BYE", 3) == 0: return "BYE"
    if size == 6 and memcmp(start, b"CANCEL", 6) == 0: return "CANCEL"
    if size == 8 and memcmp(start, b"REGISTER", 8) == 0: return "REGISTER"
    if size == 7 and memcmp(start, b"OPTIONS", 7) == 0: return "OPTIONS"
    return text(start, end)


cdef struct Routing:
    Span via
    Span sent_by
    Span branch
    Span call_id
    Span cseq
    Span cseq_method
    Span from_tag
    Span to_tag
    long cseq_number
    long length


cdef bint check_line(int kind, Octets p, Octets end, Routing* r):
    """Check the value of one of the fields that must be checked, and keep what routes."""
    cdef Span ignored
    cdef Octets at
    if kind == VIA:
        if r.via.start != NULL:
            return True
        r.via.start = p
        return via(p, end, &r.sent_by, &r.branch)
    if kind == FROM:
        return address(p, end, &r.from_tag)
    if kind == TO:
        return address(p, end, &r.to_tag)
    if kind == CALL_ID:
        r.call_id.start = p
        r.call_id.end = end
        return p < end
    if kind == CSEQ:
        at = skip(p, end, IS_DIGIT)
        r.cseq_number = number(p, at, 9)
        r.cseq_method.start = skip_space(at, end)
        r.cseq_method.end = end
        return (
            r.cseq_number >= 0
            and r.cseq_method.start > at
            and r.cseq_method.start < end
            and skip(r.cseq_method.start, end, IS_TOKEN) == end
        )
    if kind == CONTACT:
        return (end - p == 1 and p[0] == 42) or address(p, end, &ignored)
    if kind == CONTENT_LENGTH:
        r.length = number(p, end, 6)
        return r.length >= 0
    if kind == MAX_FORWARDS:
        return 0 <= number(p, end, 4) <= max_hops
    return True


def scan_plain(bytes octets not None):
    """Read a plain message's head; None when the reference scanner has to read it."""
    cdef Octets base = <Octets>PyBytes_AS_STRING(octets)
    cdef Py_ssize_t size = PyBytes_GET_SIZE(octets)
    cdef Octets end = base + size
    cdef Octets p
    cdef Octets lf
    cdef Octets colon
    cdef Octets value
    cdef Octets stop
    cdef Octets start_end
    cdef Line lines[PLAIN_LINES]
    cdef int seen[KINDS]
    cdef Routing r
    cdef int count = 0, kind, at
    cdef PlainHead head

    if size > max_message or size < 16:
        return None
    lf = <Octets>memchr(base, 10, size)
    if lf == NULL or lf == base or (lf - 1)[0] != 13:
        return None
    start_end = lf - 1
    if memchr(base, 13, start_end - base) != NULL:
        return None
    for at in range(KINDS):
        seen[at] = 0
    r.via.start = NULL
    r.branch.start = r.branch.end = NULL
    r.from_tag.start = r.from_tag.end = NULL
    r.to_tag.start = r.to_tag.end = NULL
    r.call_id.start = NULL
    r.cseq_number = -1
    r.length = -1
    p = lf + 1
    while True:
        lf = <Octets>memchr(p, 10, end - p)
        if lf == NULL or lf == p or (lf - 1)[0] != 13:
            return None
        stop = lf - 1
        if stop == p:
            break
        if p[0] == 32 or p[0] == 9 or count == PLAIN_LINES or stop - p > max_line:
            return None
        if memchr(p, 13, stop - p) != NULL:
            return None
        colon = skip(p, stop, IS_TOKEN)
        if colon == p or colon == stop or colon[0] != 58:
            return None
        value = skip_space(colon + 1, stop)
        while stop > value and ((stop - 1)[0] == 32 or (stop - 1)[0] == 9):
            stop -= 1
        kind = kind_of(p, colon - p)
        if kind != OTHER:
            seen[kind] += 1
            if seen[kind] > 1 and kind != VIA and kind != CONTACT:
                return None
            if not check_line(kind, value, stop, &r):
                return None
        lines[count].name = <unsigned short>(p - base)
        lines[count].colon = <unsigned short>(colon - base)
        lines[count].value = <unsigned short>(value - base)
        lines[count].end = <unsigned short>(stop - base)
        lines[count].kind = <unsigned short>kind
        count += 1
        p = lf + 1
    p = lf + 1
    if seen[VIA] == 0 or seen[FROM] == 0 or seen[TO] == 0 or seen[CALL_ID] == 0 or seen[CSEQ] == 0:
        return None
    if seen[VIA] > max_vias or seen[CONTACT] > max_contacts:
        return None
    if r.length >= 0:
        if r.length > end - p:
            return None
        end = p + r.length

    head = PlainHead.__new__(PlainHead)
    if not read_start(head, base, start_end, &r):
        return None
    if end != base + size:
        octets = PyBytes_FromStringAndSize(<const char*>base, end - base)
        shift(&r, base, <Octets>PyBytes_AS_STRING(octets))
        p = <Octets>PyBytes_AS_STRING(octets) + (p - base)
        end = <Octets>PyBytes_AS_STRING(octets) + PyBytes_GET_SIZE(octets)
    head.octets = octets
    head.body = PyBytes_FromStringAndSize(<const char*>p, end - p)
    head.branch = text(r.branch.start, r.branch.end)
    head.call_id = text(r.call_id.start, r.call_id.end)
    head.cseq_number = r.cseq_number
    head._sent_by = r.sent_by
    head._from_tag = r.from_tag
    head._to_tag = r.to_tag
    head._cseq_method = r.cseq_method
    head._lines = <Line*>PyMem_Malloc(count * sizeof(Line))
    if head._lines == NULL:
        raise MemoryError
    memcpy(head._lines, lines, count * sizeof(Line))
    head._count = count
    return head


cdef void move(Span* span, Octets old, Octets new) noexcept:
    if span.start != NULL:
        span.start = new + (span.start - old)
        span.end = new + (span.end - old)


cdef void shift(Routing* r, Octets old, Octets new) noexcept:
    """Point into the copy that has no octets after the body."""
    move(&r.sent_by, old, new)
    move(&r.branch, old, new)
    move(&r.call_id, old, new)
    move(&r.cseq_method, old, new)
    move(&r.from_tag, old, new)
    move(&r.to_tag, old, new)


cdef bint read_start(PlainHead head, Octets p, Octets end, Routing* r):
    """Read the start line, and check the method against that of CSeq."""
    cdef Octets at
    if end - p >= 11 and memcmp(p, b"SIP/2.0 ", 8) == 0:
        head.status = number(p + 8, p + 11, 3)
        if head.status < 100 or head.status > 699 or (end - p > 11 and p[11] != 32):
            return False
        head.method = head.uri = ""
        head.reason = text(p + 12, end) if end - p > 12 else ""
        return True
    at = skip(p, end, IS_TOKEN)
    if at == p or at == end or at[0] != 32 or end - at < 10:
        return False
    if at - p != r.cseq_method.end - r.cseq_method.start:
        return False
    if memcmp(p, r.cseq_method.start, at - p) != 0 or memcmp(end - 8, b" SIP/2.0", 8) != 0:
        return False
    if not request_uri(at + 1, end - 8):
        return False
    head.status = 0
    head.method = method_text(p, at)
    head.uri = text(at + 1, end - 8)
    head.reason = ""
    return True
