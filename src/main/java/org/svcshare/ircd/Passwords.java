package org.svcshare.ircd;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.svcshare.config.Secret;

/// Compares passwords without telling by the time taken how much of one was right.
final class Passwords {
    private Passwords() {}

    /// @param given wire bytes
    static boolean same(String given, Secret wanted) {
        // Hashed first: the comparison itself is constant only for equal lengths.
        return MessageDigest.isEqual(
                sha256(given.getBytes(StandardCharsets.ISO_8859_1)), sha256(wanted.revealBytes()));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
