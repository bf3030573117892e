package org.svcshare.journal;

import java.nio.ByteBuffer;

/// What the records up to an index came to, as the owner wrote it.
///
/// @param index of the last record that is in it, 1 or more
/// @param bytes what the owner gave, read-only
public record Snapshot(long index, ByteBuffer bytes) {}
