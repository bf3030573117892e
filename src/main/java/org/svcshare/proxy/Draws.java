package org.svcshare.proxy;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/// Numbers that nobody can guess, drawn from the system many at a time. For one thread.
final class Draws {
    private static final int AT_ONCE_BYTES = 4096;

    private final SecureRandom random = new SecureRandom();
    private final ByteBuffer drawn = ByteBuffer.allocate(AT_ONCE_BYTES).limit(0);

    long next() {
        if (!drawn.hasRemaining()) {
            random.nextBytes(drawn.array());
            drawn.clear();
        }
        return drawn.getLong();
    }
}
