package org.svcshare.lock;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/// The content of an answer that comes in chunks (RFC 9112 section 7.1).
final class Chunks extends InputStream {
    private final InputStream in;
    private int left;
    private boolean begun;
    private boolean over;

    Chunks(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (left == 0 && !over) {
            next();
        }
        if (over) {
            return -1;
        }
        int count = in.read(into, from, Math.min(length, left));
        if (count < 0) {
            throw new EOFException("its answer has no end");
        }
        left -= count;
        return count;
    }

    private void next() throws IOException {
        if (begun) {
            Http.line(in);
        }
        begun = true;
        String size = Http.line(in);
        int end = size.indexOf(';');
        left = (int) Http.length((end < 0 ? size : size.substring(0, end)).strip(), 16);
        if (left == 0) {
            over = true;
            while (!Http.line(in).isEmpty()) {
                // Trailers say nothing to us.
            }
        }
    }
}
