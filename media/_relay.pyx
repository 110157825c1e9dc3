# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The native packet path: one thread on epoll that never takes the interpreter's lock.

It keeps the rules of `media.loop_path`, `media.latch`, `media.rtp.sequence` and `media.rtp.jitter`;
the contract tests hold both paths to them. The thread and the event loop share a table of slots,
allocated once, under one mutex that is held for a packet at a time. A slot's sockets are closed under
it, and a generation in the epoll data tells a late event of a former slot, so that nothing is ever
sent into a file descriptor that was used anew. The thread tells the loop of locked sources through an
eventfd.
"""

import asyncio
import os
from errno import EINVAL
from socket import if_nametoindex

from libc.errno cimport errno
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy, memset

from media.packet_path import MAX_PACKET, MAX_PACKETS_PER_SECOND, SlotState
from media.plane import StreamCounters

cdef double GRACE = 1.0
cdef double MEASURE_OVER = 1.0
cdef double LONGEST_STEP = 5.0
cdef double[RATES] CLOCK_RATES
CLOCK_RATES[:] = [8000, 16000, 32000, 44100, 48000, 90000]
cdef uint32_t[128] STATIC_RATES
cdef uint32_t PACKETS_A_SECOND = MAX_PACKETS_PER_SECOND
cdef uint64_t WAKE = <uint64_t> -1


cdef void fill_static_rates() noexcept:
    memset(STATIC_RATES, 0, sizeof(STATIC_RATES))
    for payload_type in (0, 3, 4, 5, 7, 8, 9, 12, 13, 15, 18):
        STATIC_RATES[<int> payload_type] = 8000
    STATIC_RATES[6] = 16000
    STATIC_RATES[10] = STATIC_RATES[11] = 44100
    for payload_type in (14, 25, 26, 28, 31, 32, 33, 34):
        STATIC_RATES[<int> payload_type] = 90000


fill_static_rates()
assert MAX_PACKET == BUFFER


cdef inline bint same(Source *one, Source *other) noexcept nogil:
    return one.port == other.port and memcmp(one.ip, other.ip, 16) == 0


cdef inline bint same_host(Source *one, Source *other) noexcept nogil:
    return memcmp(one.ip, other.ip, 16) == 0


# --- latch: see media.latch, whose names these are ---

cdef void latch_arm(Latch *latch, Source *signalled, Source *host, double now) noexcept nogil:
    cdef bint unchanged = (
        latch.has_signalled == (signalled != NULL)
        and (signalled == NULL or same(&latch.signalled, signalled))
    )
    if not unchanged:
        latch.has_previous = False
    elif latch.has_locked:
        latch.previous = latch.locked
        latch.has_previous = True
    latch.has_signalled = signalled != NULL
    if signalled != NULL:
        latch.signalled = signalled[0]
    latch.has_host = host != NULL
    if host != NULL:
        latch.host = host[0]
    latch.has_locked = False
    latch.has_candidate = False
    latch.is_armed = True
    latch.armed_at = now


cdef int latch_settle(Latch *latch, Source *source, int rank) noexcept nogil:
    latch.locked = source[0]
    latch.has_locked = True
    latch.has_previous = False
    latch.has_candidate = False
    latch.rank = rank
    return LOCKED


cdef bint latch_is_proven(
    Latch *latch, Source *source, int rank, uint32_t ssrc, int32_t sequence
) noexcept nogil:
    cdef bint proven
    if rank != STRANGER or not latch.has_host:
        return True
    proven = (
        latch.has_candidate
        and same(&latch.candidate, source)
        and latch.candidate_ssrc == ssrc
        and latch.candidate_sequence == sequence
    )
    latch.has_candidate = True
    latch.candidate = source[0]
    latch.candidate_ssrc = ssrc
    latch.candidate_sequence = -1 if sequence < 0 else (sequence + 1) & 0xFFFF
    return proven


cdef int latch_hear(
    Latch *latch, Source *source, double now, uint32_t ssrc, int32_t sequence
) noexcept nogil:
    cdef int rank = STRANGER
    if latch.has_locked and same(source, &latch.locked):
        return ACCEPTED
    if not latch.is_armed:
        return REFUSED
    if latch.has_signalled and same(source, &latch.signalled):
        rank = SIGNALLED
    elif (latch.has_host and same_host(source, &latch.host)) or (
        latch.has_signalled and same_host(source, &latch.signalled)
    ):
        rank = KNOWN_HOST
    if latch.has_previous and same(source, &latch.previous):
        if rank == SIGNALLED or now - latch.armed_at >= GRACE:
            return latch_settle(latch, source, rank)
        return ACCEPTED
    if latch.has_locked:
        if rank <= latch.rank:
            return REFUSED
    elif latch.has_previous and rank < latch.rank:
        return REFUSED
    if not latch_is_proven(latch, source, rank, ssrc, sequence):
        return REFUSED
    return latch_settle(latch, source, rank)


cdef Source *latch_target(Latch *latch) noexcept nogil:
    if latch.has_locked:
        return &latch.locked
    if latch.has_previous:
        return &latch.previous
    return &latch.signalled if latch.has_signalled else NULL


# --- sequence: see media.rtp.sequence ---

cdef int64_t sequence_lost(Sequence *count) noexcept nogil:
    cdef int64_t missing
    if not count.is_begun:
        return 0
    missing = count.cycles + count.highest - count.base + 1 - count.received
    return count.lost_before + (missing if missing > 0 else 0)


cdef void sequence_begin(Sequence *count, int32_t sequence, uint32_t ssrc) noexcept nogil:
    count.lost_before = sequence_lost(count)
    count.is_begun = True
    count.ssrc = ssrc
    count.base = count.highest = sequence
    count.cycles = 0
    count.bad = -1
    count.received = 1


cdef void sequence_count(Sequence *count, int32_t sequence, uint32_t ssrc) noexcept nogil:
    cdef int32_t advance
    if not count.is_begun or ssrc != count.ssrc:
        sequence_begin(count, sequence, ssrc)
        return
    advance = (sequence - count.highest) & 0xFFFF
    if advance < MAX_DROPOUT:
        if sequence < count.highest:
            count.cycles += 65536
        count.highest = sequence
    elif advance <= 65536 - MAX_MISORDER:
        if sequence != count.bad:
            count.bad = (sequence + 1) & 0xFFFF
        else:
            sequence_begin(count, sequence, ssrc)
        return
    count.received += 1


# --- jitter: see media.rtp.jitter ---

cdef void jitter_receive(
    Jitter *jitter, int payload_type, uint32_t timestamp, uint32_t ssrc, double arrival
) noexcept nogil:
    cdef double step, rate, elapsed
    cdef int index, best
    if payload_type != jitter.payload_type or ssrc != jitter.ssrc:
        jitter.payload_type = payload_type
        jitter.ssrc = ssrc
        jitter.rate = STATIC_RATES[payload_type]
        jitter.timestamp = jitter.anchor_timestamp = timestamp
        jitter.arrival = jitter.anchor_arrival = arrival
        return
    if timestamp == jitter.timestamp:
        return
    if jitter.rate == 0:
        elapsed = arrival - jitter.anchor_arrival
        if elapsed >= MEASURE_OVER:
            rate = <double> (<int32_t> (timestamp - jitter.anchor_timestamp)) / elapsed
            best = 0
            for index in range(1, RATES):
                if fabs(CLOCK_RATES[index] - rate) < fabs(CLOCK_RATES[best] - rate):
                    best = index
            jitter.rate = <uint32_t> CLOCK_RATES[best]
    else:
        step = fabs(
            arrival - jitter.arrival
            - <double> (<int32_t> (timestamp - jitter.timestamp)) / jitter.rate
        )
        if step <= LONGEST_STEP:
            jitter.seconds += (step - jitter.seconds) / 16
    jitter.timestamp = timestamp
    jitter.arrival = arrival


# --- packets ---

cdef bint send(Slot *slot, int fd, Source *target, uint8_t *packet, size_t size) noexcept nogil:
    cdef daihyo_address address
    cdef socklen_t length
    if target == NULL:
        return False
    memset(&address, 0, sizeof(address))
    if slot.family == AF_INET:
        address.v4.sin_family = AF_INET
        address.v4.sin_port = htons(target.port)
        memcpy(&address.v4.sin_addr, target.ip, 4)
        length = sizeof(address.v4)
    else:
        address.v6.sin6_family = AF_INET6
        address.v6.sin6_port = htons(target.port)
        address.v6.sin6_scope_id = target.scope
        memcpy(&address.v6.sin6_addr, target.ip, 16)
        length = sizeof(address.v6)
    return sendto(fd, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL, &address.any, length) >= 0


cdef bint is_flooded(Slot *slot, double now) noexcept nogil:
    cdef int64_t second = <int64_t> now
    if second != slot.second:
        slot.second = second
        slot.second_count = 0
    slot.second_count += 1
    return slot.second_count > PACKETS_A_SECOND


cdef void receive_rtcp(
    Table *table, Slot *slot, Source *source, uint8_t *packet, size_t size, double now
) noexcept nogil:
    cdef Slot *partner
    if (
        size < 8
        or packet[0] >> 6 != 2
        or packet[1] < 192
        or packet[1] > 223
        or latch_hear(&slot.rtcp_latch, source, now, daihyo_u32(packet + 4), -1) == REFUSED
        or is_flooded(slot, now)
    ):
        slot.packets_rejected += 1
        return
    slot.rtcp_received += 1
    if slot.partner < 0:
        return
    partner = &table.slots[slot.partner]
    if not partner.has_rtcp:
        return
    if partner.is_muxed:
        send(partner, partner.rtp, latch_target(&partner.latch), packet, size)
    else:
        send(partner, partner.rtcp, latch_target(&partner.rtcp_latch), packet, size)


cdef void notice(Table *table, Slot *slot) noexcept nogil:
    cdef uint64_t one = 1
    if slot.is_noticed:
        return
    slot.is_noticed = True
    table.notices[table.notice_count] = <int> (slot - table.slots)
    table.notice_count += 1
    c_write(table.notice, &one, sizeof(one))


cdef void receive_rtp(
    Table *table, Slot *slot, Source *source, uint8_t *packet, size_t size, double now
) noexcept nogil:
    cdef Slot *partner
    cdef uint32_t ssrc, timestamp
    cdef int32_t sequence
    cdef int verdict
    if size >= 8 and packet[0] >> 6 == 2 and 192 <= packet[1] <= 223:
        receive_rtcp(table, slot, source, packet, size, now)
        return
    if size < 12 or packet[0] >> 6 != 2 or size < <size_t> (12 + 4 * (packet[0] & 0x0F)):
        slot.packets_rejected += 1
        return
    sequence = (packet[2] << 8) | packet[3]
    timestamp = daihyo_u32(packet + 4)
    ssrc = daihyo_u32(packet + 8)
    verdict = latch_hear(&slot.latch, source, now, ssrc, sequence)
    if verdict == REFUSED:
        slot.packets_rejected += 1
        slot.refused = source[0]
        slot.has_refused = True
        return
    if verdict == LOCKED:
        notice(table, slot)
    if is_flooded(slot, now):
        slot.packets_rejected += 1
        return
    slot.last_heard = now
    slot.packets_received += 1
    slot.octets_received += size
    slot.payload_type = packet[1] & 0x7F
    sequence_count(&slot.sequence, sequence, ssrc)
    jitter_receive(&slot.jitter, slot.payload_type, timestamp, ssrc, now)
    if slot.partner < 0 or not slot.receives:
        return
    partner = &table.slots[slot.partner]
    if not partner.sends or not partner.has_rtp:
        return
    if send(partner, partner.rtp, latch_target(&partner.latch), packet, size):
        partner.packets_sent += 1
        partner.octets_sent += size


cdef void receive(Table *table, Slot *slot, bint is_rtcp) noexcept nogil:
    # One packet an event: epoll is level-triggered, so a flooded socket comes again after the
    # others had their turn, and a quiet one is spared the read that finds nothing.
    cdef daihyo_address address
    cdef socklen_t length = sizeof(address)
    cdef Source source
    cdef double now
    cdef ssize_t size = recvfrom(
        slot.rtcp if is_rtcp else slot.rtp,
        table.buffer, BUFFER, MSG_DONTWAIT | MSG_TRUNC, &address.any, &length,
    )
    if size < 0:
        return
    now = daihyo_now()
    if size > BUFFER:
        slot.packets_rejected += 1
        return
    memset(&source, 0, sizeof(source))
    if slot.family == AF_INET:
        memcpy(source.ip, &address.v4.sin_addr, 4)
        source.port = ntohs(address.v4.sin_port)
    else:
        memcpy(source.ip, &address.v6.sin6_addr, 16)
        source.port = ntohs(address.v6.sin6_port)
        source.scope = address.v6.sin6_scope_id
    if is_rtcp:
        receive_rtcp(table, slot, &source, table.buffer, <size_t> size, now)
    else:
        receive_rtp(table, slot, &source, table.buffer, <size_t> size, now)


cdef void serve(Table *table, uint64_t tag) noexcept nogil:
    cdef Slot *slot
    cdef int patience = PATIENCE
    while daihyo_load(&table.waiting) > 0 and patience > 0:
        sched_yield()
        patience -= 1
    pthread_mutex_lock(&table.lock)
    slot = &table.slots[(<uint32_t> tag) >> 1]
    if slot.is_used and slot.generation == <uint32_t> (tag >> 32):
        receive(table, slot, <bint> (tag & 1))
    pthread_mutex_unlock(&table.lock)


cdef void *run(void *argument) noexcept nogil:
    cdef Table *table = <Table *> argument
    cdef epoll_event[EVENTS] events
    cdef int count, index
    daihyo_settle_thread()
    while not daihyo_load(&table.is_stopping):
        count = epoll_wait(table.epoll, events, EVENTS, -1)
        for index in range(count):
            if events[index].data.u64 != WAKE:
                serve(table, events[index].data.u64)
    return NULL


cdef bint read_source(object address, int family, Source *source) except -1:
    """Fill a source from (host, port); false for none or one that is not of the family."""
    memset(source, 0, sizeof(Source))
    if address is None:
        return False
    host, port = address
    source.port = port
    spelled = host.encode("ascii", "replace")
    return inet_pton(family, <const char *> spelled, source.ip) == 1


cdef object spell_source(Source *source, int family):
    cdef char[64] text
    if inet_ntop(family, source.ip, text, sizeof(text)) == NULL:
        return None
    return (text.decode("ascii"), source.port)


cdef uint32_t kernel_drops(int fd) noexcept nogil:
    """Ask the kernel how many datagrams the socket's full queue has cost."""
    cdef uint32_t[16] memory
    cdef socklen_t length = sizeof(memory)
    memset(memory, 0, sizeof(memory))
    getsockopt(fd, SOL_SOCKET, DAIHYO_SO_MEMINFO, memory, &length)
    return memory[8]


cdef object spell_state(Slot *seen, uint32_t dropped):
    return SlotState(
        StreamCounters(
            seen.packets_received,
            seen.octets_received,
            seen.packets_sent,
            seen.octets_sent,
            sequence_lost(&seen.sequence),
            seen.packets_rejected,
            seen.jitter.seconds * 1000,
            seen.rtcp_received,
            None if seen.payload_type < 0 else seen.payload_type,
            dropped,
        ),
        spell_source(&seen.latch.locked, seen.family) if seen.latch.has_locked else None,
        bool(
            seen.latch.has_locked
            and seen.latch.has_signalled
            and same(&seen.latch.locked, &seen.latch.signalled)
        ),
        spell_source(&seen.refused, seen.family) if seen.has_refused else None,
        seen.last_heard,
    )


cdef int bind_port(daihyo_address *address, int port, int tos) noexcept nogil:
    """Open a non-blocking socket on the port of an address; less than 0: minus the error."""
    cdef int on = 1, done, error
    cdef bint is_ipv6 = address.any.sa_family == AF_INET6
    cdef int fd = c_socket(address.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
    if fd < 0:
        return -errno
    if is_ipv6:
        address.v6.sin6_port = htons(port)
        done = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on))
        if done == 0:
            done = setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos))
        if done == 0:
            done = c_bind(fd, &address.any, sizeof(address.v6))
    else:
        address.v4.sin_port = htons(port)
        done = setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos))
        if done == 0:
            done = c_bind(fd, &address.any, sizeof(address.v4))
    if done < 0:
        error = errno
        c_close(fd)
        return -error
    return fd


cdef int read_place(str host, daihyo_address *address) except -1:
    """Fill in the family and address that sockets are bound to."""
    cdef void *ip
    literal, _, scope = host.partition("%")
    spelled = literal.encode("ascii", "replace")
    memset(address, 0, sizeof(daihyo_address))
    if ":" in literal:
        address.v6.sin6_family = AF_INET6
        if scope:
            address.v6.sin6_scope_id = int(scope) if scope.isdigit() else if_nametoindex(scope)
        ip = &address.v6.sin6_addr
    else:
        address.v4.sin_family = AF_INET
        ip = &address.v4.sin_addr
    if inet_pton(address.any.sa_family, <const char *> spelled, ip) != 1:
        raise OSError(EINVAL, f"{host} is not an IP address")
    return 0


cdef class NativePath:
    """Carry packets by a thread of its own; `capacity` is how many slots there may be."""

    cdef Table *_table
    cdef pthread_t _thread
    cdef bint _is_running
    cdef object _loop
    cdef object _locked

    name = "native"

    def __cinit__(self, int capacity):
        cdef Table *table = <Table *> calloc(1, sizeof(Table))
        if table == NULL:
            raise MemoryError
        self._table = table
        table.capacity = capacity
        table.slots = <Slot *> calloc(capacity, sizeof(Slot))
        table.free_slots = <int *> calloc(capacity, sizeof(int))
        table.notices = <int *> calloc(capacity, sizeof(int))
        table.epoll = table.wake = table.notice = -1
        if table.slots == NULL or table.free_slots == NULL or table.notices == NULL:
            raise MemoryError
        cdef int index
        for index in range(capacity):
            table.free_slots[index] = capacity - 1 - index
        table.free_count = capacity
        pthread_mutex_init(&table.lock, NULL)

    def __dealloc__(self):
        if self._table == NULL:
            return
        self._halt()
        free(self._table.slots)
        free(self._table.free_slots)
        free(self._table.notices)
        pthread_mutex_destroy(&self._table.lock)
        free(self._table)

    def start(self, locked):
        """Begin; `locked(slot)` is called on the running loop's thread."""
        cdef epoll_event event
        cdef Table *table = self._table
        self._loop = asyncio.get_running_loop()
        self._locked = locked
        table.epoll = epoll_create1(0o2000000)  # EPOLL_CLOEXEC
        if table.epoll < 0:
            raise OSError("epoll_create1 failed")
        table.wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        table.notice = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        event.events = EPOLLIN
        event.data.u64 = WAKE
        epoll_ctl(table.epoll, EPOLL_CTL_ADD, table.wake, &event)
        if pthread_create(&self._thread, NULL, run, table) != 0:
            raise OSError("the relay's thread could not be started")
        self._is_running = True
        self._loop.add_reader(table.notice, self._collect)

    def open(self, place, int port):
        """Open the port for RTP and the next one for RTCP, as a slot; raise `OSError`."""
        cdef Table *table = self._table
        cdef Slot *slot
        cdef epoll_event event
        cdef daihyo_address address
        cdef int number, rtp, rtcp
        cdef int tos = place.tos
        cdef uint32_t generation
        if table.free_count == 0:
            raise OverflowError("no slot is free")
        read_place(place.host, &address)
        rtp = bind_port(&address, port, tos)
        if rtp < 0:
            raise OSError(-rtp, os.strerror(-rtp))
        rtcp = bind_port(&address, port + 1, tos)
        if rtcp < 0:
            c_close(rtp)
            raise OSError(-rtcp, os.strerror(-rtcp))
        table.free_count -= 1
        number = table.free_slots[table.free_count]
        self._lock()
        slot = &table.slots[number]
        generation = slot.generation + 1
        memset(slot, 0, sizeof(Slot))
        slot.generation = generation
        slot.is_used = True
        slot.family = address.any.sa_family
        slot.rtp = rtp
        slot.rtcp = rtcp
        slot.partner = -1
        slot.payload_type = -1
        slot.jitter.payload_type = -1
        event.events = EPOLLIN
        event.data.u64 = (<uint64_t> generation << 32) | (<uint64_t> number << 1)
        epoll_ctl(table.epoll, EPOLL_CTL_ADD, slot.rtp, &event)
        event.data.u64 |= 1
        epoll_ctl(table.epoll, EPOLL_CTL_ADD, slot.rtcp, &event)
        self._unlock()
        return number

    def direct(self, int number, course):
        """Say where the far side is and open the latching window."""
        cdef Slot *slot = self._slot(number)
        cdef Source rtp, rtcp, host
        cdef double now = daihyo_now()
        cdef bint has_rtp = read_source(course.rtp, slot.family, &rtp)
        cdef bint has_rtcp = read_source(course.rtcp, slot.family, &rtcp)
        cdef bint has_host = read_source(
            None if course.host is None else (course.host, 0), slot.family, &host
        )
        cdef bint sends = course.send, receives = course.receive, is_muxed = course.is_muxed
        self._lock()
        slot.has_rtp = has_rtp
        slot.has_rtcp = has_rtcp
        slot.sends = sends
        slot.receives = receives
        slot.is_muxed = is_muxed
        slot.has_refused = False
        latch_arm(&slot.latch, &rtp if has_rtp else NULL, &host if has_host else NULL, now)
        latch_arm(&slot.rtcp_latch, &rtcp if has_rtcp else NULL, &host if has_host else NULL, now)
        self._unlock()

    def join(self, int one, int other):
        """Carry what arrives on either slot to the other."""
        cdef Slot *first = self._slot(one)
        cdef Slot *second = self._slot(other)
        self._lock()
        self._part(one)
        self._part(other)
        first.partner = other
        second.partner = one
        self._unlock()

    def part(self, int number):
        """Carry nothing to or from the slot any longer."""
        self._slot(number)
        self._lock()
        self._part(number)
        self._unlock()

    def read(self, int number):
        """Read the slot's state."""
        cdef Slot seen
        cdef uint32_t dropped
        cdef Slot *slot = self._slot(number)
        self._lock()
        seen = slot[0]
        self._unlock()
        dropped = kernel_drops(seen.rtp)
        return spell_state(&seen, dropped)

    def last_heard(self, int number):
        """Read when RTP was last accepted (monotonic), 0 for never."""
        # An aligned double: no lock is needed to read it whole.
        return self._slot(number).last_heard

    def close(self, int number):
        """Close the slot's sockets and read its final state."""
        cdef Slot seen
        cdef uint32_t dropped
        cdef Slot *slot = self._slot(number)
        # Under one lock, so that nothing is carried that the final state does not count. Closing
        # takes a socket out of the epoll set: nobody else has a descriptor of it.
        self._lock()
        self._part(number)
        seen = slot[0]
        dropped = kernel_drops(seen.rtp)
        self._discard(number)
        self._unlock()
        return spell_state(&seen, dropped)

    def stop(self):
        """Stop the thread for good and close every slot."""
        if self._table.notice >= 0:
            self._loop.remove_reader(self._table.notice)
        self._halt()

    def _collect(self):
        """Take the notices of the thread and pass them on."""
        cdef Table *table = self._table
        cdef int index
        os.eventfd_read(table.notice)
        slots = []
        self._lock()
        for index in range(table.notice_count):
            slots.append(table.notices[index])
            table.slots[table.notices[index]].is_noticed = False
        table.notice_count = 0
        self._unlock()
        for number in slots:
            self._locked(number)

    cdef Slot *_slot(self, int number) except NULL:
        if not 0 <= number < self._table.capacity or not self._table.slots[number].is_used:
            raise KeyError(number)
        return &self._table.slots[number]

    cdef void _lock(self) noexcept:
        # The thread never wants the interpreter's lock, so holding it here cannot deadlock.
        daihyo_add(&self._table.waiting, 1)
        pthread_mutex_lock(&self._table.lock)
        daihyo_add(&self._table.waiting, -1)

    cdef void _unlock(self) noexcept:
        pthread_mutex_unlock(&self._table.lock)

    cdef void _part(self, int number) noexcept:
        cdef Slot *slot = &self._table.slots[number]
        if slot.partner >= 0:
            self._table.slots[slot.partner].partner = -1
            slot.partner = -1

    cdef void _discard(self, int number) noexcept:
        """Close the sockets and drop the slot's notice, which is not for whoever has it next."""
        cdef Table *table = self._table
        cdef Slot *slot = &table.slots[number]
        cdef int index
        c_close(slot.rtp)
        c_close(slot.rtcp)
        slot.is_used = False
        if slot.is_noticed:
            for index in range(table.notice_count):
                if table.notices[index] == number:
                    table.notice_count -= 1
                    table.notices[index] = table.notices[table.notice_count]
                    break
        table.free_slots[table.free_count] = number
        table.free_count += 1

    cdef void _halt(self) noexcept:
        cdef Table *table = self._table
        cdef uint64_t one = 1
        cdef int index
        if self._is_running:
            self._is_running = False
            daihyo_add(&table.is_stopping, 1)
            c_write(table.wake, &one, sizeof(one))
            pthread_join(self._thread, NULL)
        for index in range(table.capacity):
            if table.slots[index].is_used:
                self._discard(index)
        if table.epoll >= 0:
            c_close(table.epoll)
        if table.wake >= 0:
            c_close(table.wake)
        if table.notice >= 0:
            c_close(table.notice)
        table.epoll = table.wake = table.notice = -1
