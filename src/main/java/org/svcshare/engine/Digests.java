package org.svcshare.engine;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Short names for long ones.
final class Digests {
    private static final int BYTES = 16;

    private Digests() {}

    /// The first 128 bits of SHA-256, as 32 digits: no two names that anybody can find share them.
    static String hex128(byte[] name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name);
            return HexFormat.of().formatHex(digest, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
