"""RTP, RTCP and telephone-event packets (RFC 3550, RFC 4733)."""
