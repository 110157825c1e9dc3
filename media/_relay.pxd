"""What the native packet path shares between its functions: the system's calls and its own tables."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef extern from *:
    """
    #define _GNU_SOURCE 1
    #include <arpa/inet.h>
    #include <errno.h>
    #include <math.h>
    #include <netinet/in.h>
    #include <pthread.h>
    #include <sched.h>
    #include <signal.h>
    #include <sys/epoll.h>
    #include <sys/resource.h>
    #include <sys/socket.h>
    #include <sys/syscall.h>
    #include <time.h>
    #include <unistd.h>
    #define DAIHYO_SO_MEMINFO 55
    typedef union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } daihyo_address;
    static double daihyo_now(void) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double) t.tv_sec + (double) t.tv_nsec * 1e-9;
    }
    static void daihyo_settle_thread(void) {
        /* Signals are the interpreter's. */
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, NULL);
        /* Voice before signalling where the system lets us; without the right it stays as it is. */
        setpriority(PRIO_PROCESS, (id_t) syscall(SYS_gettid), -5);
    }
    static void daihyo_add(int *counter, int by) { __atomic_add_fetch(counter, by, __ATOMIC_SEQ_CST); }
    static int daihyo_load(int *counter) { return __atomic_load_n(counter, __ATOMIC_SEQ_CST); }
    static uint32_t daihyo_u32(const unsigned char *p) {
        return ((uint32_t) p[0] << 24) | ((uint32_t) p[1] << 16) | ((uint32_t) p[2] << 8) | p[3];
    }
    """
    ctypedef struct pthread_t:
        pass
    ctypedef struct pthread_mutex_t:
        pass
    int pthread_create(pthread_t *, void *, void *(*)(void *) noexcept nogil, void *) nogil
    int pthread_join(pthread_t, void **) nogil
    int pthread_mutex_init(pthread_mutex_t *, void *) nogil
    int pthread_mutex_destroy(pthread_mutex_t *) nogil
    int pthread_mutex_lock(pthread_mutex_t *) nogil
    int pthread_mutex_unlock(pthread_mutex_t *) nogil
    int sched_yield() nogil
    double fabs(double) nogil
    ctypedef union epoll_data_t:
        uint64_t u64
    struct epoll_event:
        uint32_t events
        epoll_data_t data
    int EPOLLIN, EPOLL_CTL_ADD, EPOLL_CTL_DEL
    int epoll_create1(int) nogil
    int epoll_ctl(int, int, int, epoll_event *) nogil
    int epoll_wait(int, epoll_event *, int, int) nogil
    ctypedef struct in_addr:
        uint32_t s_addr
    ctypedef struct in6_addr:
        uint8_t s6_addr[16]
    ctypedef struct sockaddr:
        uint16_t sa_family
    struct sockaddr_in:
        uint16_t sin_family
        uint16_t sin_port
        in_addr sin_addr
    struct sockaddr_in6:
        uint16_t sin6_family
        uint16_t sin6_port
        in6_addr sin6_addr
        uint32_t sin6_scope_id
    ctypedef union daihyo_address:
        sockaddr any
        sockaddr_in v4
        sockaddr_in6 v6
    ctypedef unsigned int socklen_t
    int SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC
    int IPPROTO_IP, IP_TOS, IPPROTO_IPV6, IPV6_TCLASS, IPV6_V6ONLY
    int AF_INET, AF_INET6, SOL_SOCKET, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_TRUNC, DAIHYO_SO_MEMINFO
    ssize_t recvfrom(int, void *, size_t, int, sockaddr *, socklen_t *) nogil
    ssize_t sendto(int, const void *, size_t, int, const sockaddr *, socklen_t) nogil
    int c_socket "socket"(int, int, int) nogil
    int c_bind "bind"(int, const sockaddr *, socklen_t) nogil
    int setsockopt(int, int, int, const void *, socklen_t) nogil
    int getsockopt(int, int, int, void *, socklen_t *) nogil
    int inet_pton(int, const char *, void *) nogil
    const char *inet_ntop(int, const void *, char *, socklen_t) nogil
    uint16_t htons(uint16_t) nogil
    uint16_t ntohs(uint16_t) nogil
    int c_close "close"(int) nogil
    ssize_t c_write "write"(int, const void *, size_t) nogil
    double daihyo_now() nogil
    void daihyo_settle_thread() nogil
    void daihyo_add(int *, int) nogil
    int daihyo_load(int *) nogil
    uint32_t daihyo_u32(const uint8_t *) nogil

cdef enum:
    BUFFER = 2048
    EVENTS = 64
    PATIENCE = 50  # yields to a waiting command before the next packet
    STRANGER = 1
    KNOWN_HOST = 2
    SIGNALLED = 3
    REFUSED = 0
    ACCEPTED = 1
    LOCKED = 2
    MAX_DROPOUT = 3000
    MAX_MISORDER = 100
    RATES = 6

cdef struct Source:
    uint8_t ip[16]
    uint32_t scope
    uint16_t port

cdef struct Latch:
    Source signalled
    Source host
    Source locked
    Source previous
    Source candidate
    double armed_at
    uint32_t candidate_ssrc
    int32_t candidate_sequence
    int rank
    bint has_signalled
    bint has_host
    bint has_locked
    bint has_previous
    bint has_candidate
    bint is_armed

cdef struct Sequence:
    int64_t cycles
    int64_t received
    int64_t lost_before
    uint32_t ssrc
    int32_t base
    int32_t highest
    int32_t bad
    bint is_begun

cdef struct Jitter:
    double seconds
    double arrival
    double anchor_arrival
    uint32_t ssrc
    uint32_t timestamp
    uint32_t anchor_timestamp
    uint32_t rate
    int payload_type

cdef struct Slot:
    uint32_t generation
    bint is_used
    int family
    int rtp
    int rtcp
    int partner
    bint sends
    bint receives
    bint has_rtp
    bint has_rtcp
    bint is_muxed
    bint is_noticed
    Latch latch
    Latch rtcp_latch
    Source refused
    bint has_refused
    double last_heard
    int64_t second
    uint32_t second_count
    uint64_t packets_received
    uint64_t octets_received
    uint64_t packets_sent
    uint64_t octets_sent
    uint64_t packets_rejected
    uint64_t rtcp_received
    int payload_type
    Sequence sequence
    Jitter jitter

cdef struct Table:
    pthread_mutex_t lock
    int waiting
    int is_stopping
    int epoll
    int wake
    int notice
    int capacity
    int free_count
    int *free_slots
    int notice_count
    int *notices
    Slot *slots
    uint8_t buffer[BUFFER]
