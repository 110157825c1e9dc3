# cython: language_level=3, boundscheck=False, wraparound=False
"""Datagrams in batches: recvmmsg and sendmmsg behind the face of `switch.transport.datagram`."""

from libc.errno cimport EAGAIN, EINTR, errno
from libc.stdint cimport uint16_t, uint32_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE

import os

cdef extern from "<sys/socket.h>" nogil:
    int AF_INET
    int AF_INET6
    int MSG_DONTWAIT
    ctypedef unsigned int socklen_t
    struct iovec:
        void *iov_base
        size_t iov_len
    struct msghdr:
        void *msg_name
        socklen_t msg_namelen
        iovec *msg_iov
        size_t msg_iovlen
        int msg_flags
    struct mmsghdr:
        msghdr msg_hdr
        unsigned int msg_len
    struct timespec:
        pass
    int recvmmsg(int, mmsghdr *, unsigned int, int, timespec *)
    int sendmmsg(int, mmsghdr *, unsigned int, int)

cdef extern from "<netinet/in.h>" nogil:
    struct in_addr:
        uint32_t s_addr
    struct in6_addr:
        unsigned char s6_addr[16]
    struct sockaddr_in:
        unsigned short sin_family
        uint16_t sin_port
        in_addr sin_addr
    struct sockaddr_in6:
        unsigned short sin6_family
        uint16_t sin6_port
        uint32_t sin6_flowinfo
        in6_addr sin6_addr
        uint32_t sin6_scope_id
    uint16_t htons(uint16_t)
    uint16_t ntohs(uint16_t)

cdef extern from "<arpa/inet.h>" nogil:
    int inet_pton(int, const char *, void *)
    const char *inet_ntop(int, const void *, char *, socklen_t)

cdef enum:
    BATCH = 64
    DATAGRAM = 65536
    NAME = 32           # sockaddr_in6 has 28 octets
    KNOWN_PEERS = 16384  # both caches are emptied when a flood of sources fills them


cdef class NativeDatagrams:
    """One datagram socket, read and written many datagrams a system call."""

    cdef int fd
    cdef int family
    cdef object make_flow
    cdef dict flows
    cdef dict names
    cdef char *buffers
    cdef char *sources
    cdef char *targets
    cdef iovec *vectors
    cdef mmsghdr *incoming
    cdef iovec *out_vectors
    cdef mmsghdr *outgoing

    def __cinit__(self, sock, make_flow):
        cdef int i
        self.fd = sock.fileno()
        self.family = sock.family
        self.make_flow = make_flow
        self.flows = {}
        self.names = {}
        self.buffers = <char *>malloc(BATCH * DATAGRAM)
        self.sources = <char *>calloc(BATCH, NAME)
        self.targets = <char *>calloc(BATCH, NAME)
        self.vectors = <iovec *>calloc(BATCH, sizeof(iovec))
        self.incoming = <mmsghdr *>calloc(BATCH, sizeof(mmsghdr))
        self.out_vectors = <iovec *>calloc(BATCH, sizeof(iovec))
        self.outgoing = <mmsghdr *>calloc(BATCH, sizeof(mmsghdr))
        if (self.buffers == NULL or self.sources == NULL or self.targets == NULL
                or self.vectors == NULL or self.incoming == NULL
                or self.out_vectors == NULL or self.outgoing == NULL):
            raise MemoryError
        for i in range(BATCH):
            self.vectors[i].iov_base = self.buffers + <size_t>i * DATAGRAM
            self.vectors[i].iov_len = DATAGRAM
            self.incoming[i].msg_hdr.msg_iov = &self.vectors[i]
            self.incoming[i].msg_hdr.msg_iovlen = 1
            self.incoming[i].msg_hdr.msg_name = self.sources + i * NAME
            self.outgoing[i].msg_hdr.msg_iov = &self.out_vectors[i]
            self.outgoing[i].msg_hdr.msg_iovlen = 1
            self.outgoing[i].msg_hdr.msg_name = self.targets + i * NAME

    def __dealloc__(self):
        free(self.buffers)
        free(self.sources)
        free(self.targets)
        free(self.vectors)
        free(self.incoming)
        free(self.out_vectors)
        free(self.outgoing)

    cpdef list receive(self):
        """Read what is there, at most one batch; nothing when the socket would block."""
        cdef int i, count, error
        cdef list batch = []
        for i in range(BATCH):
            self.incoming[i].msg_hdr.msg_namelen = NAME
        with nogil:
            count = recvmmsg(self.fd, self.incoming, BATCH, MSG_DONTWAIT, NULL)
            error = errno
        if count < 0:
            if error == EAGAIN or error == EINTR:
                return batch
            raise OSError(error, os.strerror(error))
        for i in range(count):
            batch.append((
                PyBytes_FromStringAndSize(self.buffers + <size_t>i * DATAGRAM, self.incoming[i].msg_len),
                self.flow(self.sources + i * NAME, self.incoming[i].msg_hdr.msg_namelen),
            ))
        return batch

    cdef object flow(self, char *name, socklen_t length):
        cdef sockaddr_in6 *six = <sockaddr_in6 *>name
        if six.sin6_family == AF_INET6:
            six.sin6_flowinfo = 0
        else:
            length = 8  # family, port and address; the rest is padding
        cdef bytes key = PyBytes_FromStringAndSize(name, length)
        known = self.flows.get(key)
        if known is None:
            if len(self.flows) >= KNOWN_PEERS:
                self.flows.clear()
            known = self.make_flow(*self.host_and_port(name))
            self.flows[key] = known
        return known

    cdef tuple host_and_port(self, char *name):
        cdef char text[64]
        cdef sockaddr_in *four = <sockaddr_in *>name
        cdef sockaddr_in6 *six = <sockaddr_in6 *>name
        if four.sin_family == AF_INET:
            inet_ntop(AF_INET, &four.sin_addr, text, 64)
            return (<bytes>text).decode("ascii"), ntohs(four.sin_port)
        inet_ntop(AF_INET6, &six.sin6_addr, text, 64)
        host = (<bytes>text).decode("ascii")
        if six.sin6_scope_id:
            host = f"{host}%{six.sin6_scope_id}"
        return host, ntohs(six.sin6_port)

    cpdef int send(self, list queue, int start) except -1:
        """Send from `queue[start]` on, at most one batch; tell how many went, 0 when it would block."""
        cdef int i, wanted, count, error
        cdef bytes octets, name
        wanted = min(<int>len(queue) - start, BATCH)
        for i in range(wanted):
            try:
                octets, flow = <tuple>queue[start + i]
                name = self.name(flow.remote)
            except (OSError, TypeError, ValueError):
                if i == 0:
                    raise
                wanted = i
                break
            memcpy(self.targets + i * NAME, PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name))
            self.outgoing[i].msg_hdr.msg_namelen = PyBytes_GET_SIZE(name)
            self.out_vectors[i].iov_base = PyBytes_AS_STRING(octets)
            self.out_vectors[i].iov_len = PyBytes_GET_SIZE(octets)
        with nogil:
            count = sendmmsg(self.fd, self.outgoing, wanted, MSG_DONTWAIT)
            error = errno
        if count < 0:
            if error == EAGAIN or error == EINTR:
                return 0
            raise OSError(error, os.strerror(error))
        return count

    cdef bytes name(self, remote):
        known = self.names.get(remote)
        if known is None:
            if len(self.names) >= KNOWN_PEERS:
                self.names.clear()
            known = self.packed(remote.host, remote.port)
            self.names[remote] = known
        return <bytes>known

    cdef bytes packed(self, str host, int port):
        cdef sockaddr_in four
        cdef sockaddr_in6 six
        cdef bytes text
        cdef int done
        if "\0" in host:
            raise OSError(22, "an address has no NUL")
        if not 0 < port < 65536:
            raise OSError(22, f"{port} is not a port")
        literal, _, scope = host.partition("%")
        text = literal.encode("utf-8", "surrogateescape")
        if self.family == AF_INET:
            memset(&four, 0, sizeof(four))
            four.sin_family = AF_INET
            four.sin_port = htons(port)
            done = inet_pton(AF_INET, PyBytes_AS_STRING(text), &four.sin_addr)
            result = PyBytes_FromStringAndSize(<char *>&four, sizeof(four))
        else:
            memset(&six, 0, sizeof(six))
            six.sin6_family = AF_INET6
            six.sin6_port = htons(port)
            done = inet_pton(AF_INET6, PyBytes_AS_STRING(text), &six.sin6_addr)
            if scope.isdigit():
                six.sin6_scope_id = int(scope)
            result = PyBytes_FromStringAndSize(<char *>&six, sizeof(six))
        if done != 1:
            raise OSError(22, f"{host} is not an address of this listener's family")
        return result
