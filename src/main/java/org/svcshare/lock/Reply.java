package org.svcshare.lock;

import java.nio.charset.StandardCharsets;

/// What a server answered.
public final class Reply {
    private final int status;
    private final String etag;
    private final byte[] content;

    Reply(int status, String etag, byte[] content) {
        this.status = status;
        this.etag = etag;
        this.content = content;
    }

    public int status() {
        return status;
    }

    /// As it came, with its quotes; empty where there is none.
    public String etag() {
        return etag;
    }

    /// As text; empty where there is none.
    public String body() {
        return new String(content, StandardCharsets.UTF_8);
    }

    /// As it came; a copy.
    public byte[] bytes() {
        return content.clone();
    }
}
