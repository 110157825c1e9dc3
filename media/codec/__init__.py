"""Speech codecs of terminated endpoints: G.711, G.722 and Opus."""
