package org.svcshare.ircd;

/// What came out of a connection's bytes.
sealed interface Frame {
    /// A line within the limits, without its end; every char is one byte.
    record Line(String text) implements Frame {}

    /// A line beyond the limits, dropped up to its end.
    record TooLong() implements Frame {}

    /// So many bytes without a line end that this is no IRC client.
    record Endless() implements Frame {}
}
