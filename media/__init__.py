"""The media plane: RTP and RTCP, and nothing of SIP."""
