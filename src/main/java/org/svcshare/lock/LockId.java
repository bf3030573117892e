package org.svcshare.lock;

import java.io.FileInputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HexFormat;

/// 128 random bits that name one request and then its lock. Who knows them may renew and release
/// it, so they do not show themselves.
///
/// @param text 32 hexadecimal digits
public record LockId(String text) {
    private static final int BYTES = 16;

    public LockId {
        if (text.length() != 2 * BYTES || !text.chars().allMatch(HexFormat::isHexDigit)) {
            throw new IllegalArgumentException("expected 32 hexadecimal digits");
        }
    }

    public static LockId draw() {
        return new LockId(HexFormat.of().formatHex(bytes()));
    }

    /// From where [SecureRandom] has them too; asking that takes a short command 20 ms to start.
    private static byte[] bytes() {
        try (var in = new FileInputStream("/dev/urandom")) {
            byte[] drawn = in.readNBytes(BYTES);
            if (drawn.length == BYTES) {
                return drawn;
            }
        } catch (IOException _) {
            // Not every system has it.
        }
        byte[] drawn = new byte[BYTES];
        new SecureRandom().nextBytes(drawn);
        return drawn;
    }

    @Override
    public String toString() {
        return text.substring(0, 6) + "…";
    }
}
