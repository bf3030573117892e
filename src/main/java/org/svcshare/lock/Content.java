package org.svcshare.lock;

import java.nio.charset.StandardCharsets;

/// What a request brings along.
public final class Content {
    public static final Content NONE = new Content("application/octet-stream", new byte[0]);

    private final String type;
    private final byte[] bytes;

    private Content(String type, byte[] bytes) {
        this.type = type;
        this.bytes = bytes;
    }

    /// @param bytes copied
    public static Content of(byte[] bytes) {
        return new Content("application/octet-stream", bytes.clone());
    }

    /// @param text a JSON document
    public static Content json(String text) {
        return new Content("application/json", text.getBytes(StandardCharsets.UTF_8));
    }

    String type() {
        return type;
    }

    byte[] bytes() {
        return bytes.clone();
    }
}
